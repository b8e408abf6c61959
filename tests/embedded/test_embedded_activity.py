"""What the embedded AWS tells of activity: CloudTrail, last accessed, last used, and the table."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPConnection

import pytest
from accounts import (
    NOW,
    REGION,
    STRANGER,
    ago,
    allow,
    client,
    document,
    make_role,
    role_arn,
    trust,
    user_arn,
)
from botocore.exceptions import ClientError

from remediator.aws.session import AwsSession
from remediator.embedded.aws import ACCOUNT, EmbeddedAws
from remediator.embedded.use import SIGN_IN, Session, TableOfUse, Use
from remediator.embedded.use_endpoint import PATH

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(embedded_aws: EmbeddedAws) -> AwsSession:
    return embedded_aws.session((REGION, "eu-west-1"), attempts=1)


# CloudTrail ---------------------------------------------------------------------------------


def looked_up(session: AwsSession, region: str = REGION, **asked: object) -> list[dict]:
    pages = client(session, "cloudtrail", region).get_paginator("lookup_events")
    return [event for page in pages.paginate(**asked) for event in page["Events"]]


def named(event: str) -> list[dict[str, str]]:
    return [{"AttributeKey": "EventName", "AttributeValue": event}]


def test_sessions_of_the_scenario_are_events(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    app = role_arn("app")
    embedded_aws.use.session(Session(app, ago(hours=30), by="lambda.amazonaws.com"))
    embedded_aws.use.session(Session(user_arn("anna"), ago(hours=2), event=SIGN_IN))
    embedded_aws.use.session(Session(ROOT, ago(hours=3), event=SIGN_IN))
    signed, root, assumed = looked_up(session)[:3]
    assert signed["Username"] == "anna"
    assert json.loads(root["CloudTrailEvent"])["userIdentity"]["type"] == "Root"
    assert assumed["Resources"][0] == {"ResourceType": "AWS::IAM::Role", "ResourceName": app}
    detail = json.loads(assumed["CloudTrailEvent"])
    assert detail["requestParameters"]["roleArn"] == app
    assert detail["userIdentity"]["invokedBy"] == "lambda.amazonaws.com"
    assert looked_up(session, "eu-west-1") == []


def test_events_are_looked_up_by_one_attribute_and_times(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    for hours in (1, 47, 53, 24 * 91):
        embedded_aws.use.session(Session(role_arn("app"), ago(hours=hours)))
    embedded_aws.use.session(Session(user_arn("anna"), ago(hours=1), event=SIGN_IN))
    assert len(looked_up(session)) == 4  # no more than 90 days
    assert len(looked_up(session, LookupAttributes=named("AssumeRole"))) == 3
    recent = looked_up(
        session, LookupAttributes=named("AssumeRole"), StartTime=ago(hours=52), EndTime=NOW
    )
    assert len(recent) == 2
    by_name = [{"AttributeKey": "ResourceName", "AttributeValue": role_arn("app")}]
    assert len(looked_up(session, LookupAttributes=by_name)) == 3
    with pytest.raises(ClientError, match="InvalidLookupAttributesException"):
        looked_up(session, LookupAttributes=named("AssumeRole") + named("ConsoleLogin"))
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        client(session, "cloudtrail").lookup_events(NextToken="x")
    with pytest.raises(ClientError, match="InvalidMaxResultsException"):
        client(session, "cloudtrail").lookup_events(MaxResults=51)


def test_events_come_fifty_a_page(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    for minutes in range(120):
        embedded_aws.use.session(Session(role_arn("app"), ago(minutes=minutes)))
    pages = client(session, "cloudtrail").get_paginator("lookup_events").paginate()
    sizes = [len(page["Events"]) for page in pages]
    assert sizes == [50, 50, 20]
    assert len({event["EventId"] for event in looked_up(session)}) == 120


def test_assume_role_is_an_event_in_both_accounts(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    sts = client(session, "sts")
    sts.assume_role(RoleArn=make_role(session, "app"), RoleSessionName="ours")
    theirs = role_arn("remote", STRANGER)
    sts.assume_role(RoleArn=theirs, RoleSessionName="theirs")
    events = looked_up(session, LookupAttributes=named("AssumeRole"))
    roles = {event["Resources"][0]["ResourceName"] for event in events}
    assert roles == {role_arn("app"), theirs}


def test_changes_of_iam_are_events_and_can_be_made_older(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    make_role(session, "app", document(allow("s3:GetObject")))
    (put,) = looked_up(session, LookupAttributes=named("PutRolePolicy"))
    detail = json.loads(put["CloudTrailEvent"])
    assert detail["requestParameters"] == {"roleName": "app", "policyName": "p0"}
    assert looked_up(session, "eu-west-1") == []
    assert looked_up(session, LookupAttributes=named("GetRole")) == []
    embedded_aws.make_older(timedelta(days=30))
    (older,) = looked_up(session, LookupAttributes=named("PutRolePolicy"))
    assert put["EventTime"] - older["EventTime"] == timedelta(days=30)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client(session, "iam").delete_role_policy(RoleName="nobody", PolicyName="p")
    assert looked_up(session, LookupAttributes=named("DeleteRolePolicy")) == []


def test_lookup_is_throttled_when_told_so(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    embedded_aws.faults.throttle("cloudtrail:LookupEvents", times=1)
    with pytest.raises(ClientError, match="ThrottlingException"):
        looked_up(session)
    assert looked_up(session) == []


# Service last accessed ----------------------------------------------------------------------


def accessed(session: AwsSession, arn: str, granularity: str = "ACTION_LEVEL") -> dict[str, dict]:
    iam = client(session, "iam")
    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity=granularity)["JobId"]
    first = iam.get_service_last_accessed_details(JobId=job)
    assert (first["JobStatus"], first["ServicesLastAccessed"]) == ("IN_PROGRESS", [])
    answer = iam.get_service_last_accessed_details(JobId=job)
    assert (answer["JobStatus"], answer["JobType"]) == ("COMPLETED", granularity)
    return {one["ServiceNamespace"]: one for one in answer["ServicesLastAccessed"]}


def test_actions_are_last_accessed_as_the_table_says(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    app = make_role(
        session, "app", document(allow("s3:PutBucketPolicy", "s3:GetObject", "sqs:SendMessage"))
    )
    embedded_aws.use.used(app, "s3:PutBucketPolicy", ago(days=10))
    embedded_aws.use.used(app, "s3:GetObject", ago(days=3))
    found = accessed(session, app)
    assert found.keys() == {"s3", "sqs"}
    assert found["s3"]["ServiceName"] == "Amazon S3"
    assert abs(found["s3"]["LastAuthenticated"] - ago(days=3)) < SECOND
    (tracked,) = found["s3"]["TrackedActionsLastAccessed"]  # GetObject is not tracked
    assert tracked["ActionName"] == "PutBucketPolicy"
    assert abs(tracked["LastAccessedTime"] - ago(days=10)) < SECOND
    assert "LastAuthenticated" not in found["sqs"]
    services = accessed(session, app, "SERVICE_LEVEL")
    assert "TrackedActionsLastAccessed" not in services["s3"]


def test_a_policy_and_a_group_are_accessed_by_those_who_have_them(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    iam = client(session, "iam")
    policy = iam.create_policy(PolicyName="q", PolicyDocument=document(allow("sqs:PurgeQueue")))
    arn = policy["Policy"]["Arn"]
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
    iam.create_user(UserName="anna")
    iam.add_user_to_group(GroupName="staff", UserName="anna")
    app = make_role(session, "app")
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    for principal in (user_arn("anna"), app):
        embedded_aws.use.used(principal, "sqs:PurgeQueue", ago(days=1))
    assert accessed(session, arn)["sqs"]["TotalAuthenticatedEntities"] == 2
    group = f"arn:aws:iam::{ACCOUNT}:group/staff"
    assert accessed(session, group)["sqs"]["TotalAuthenticatedEntities"] == 1


def test_a_job_has_pages_and_belongs_to_its_account(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    iam = client(session, "iam")
    admin = make_role(session, "admin", document(allow("*")))
    job = iam.generate_service_last_accessed_details(Arn=admin)["JobId"]
    iam.get_service_last_accessed_details(JobId=job)
    first = iam.get_service_last_accessed_details(JobId=job, MaxItems=10)
    assert (len(first["ServicesLastAccessed"]), first["IsTruncated"]) == (10, True)
    second = iam.get_service_last_accessed_details(JobId=job, Marker=first["Marker"])
    namespaces = [s["ServiceNamespace"] for a in (first, second) for s in a["ServicesLastAccessed"]]
    assert len(set(namespaces)) == len(namespaces) == 110
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_service_last_accessed_details(JobId="0" * 36)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.generate_service_last_accessed_details(Arn=role_arn("nobody"))


def test_the_details_of_an_account_come_in_pages(session: AwsSession) -> None:
    for number in range(120):
        make_role(session, f"role{number}")
    iam = client(session, "iam")
    iam.create_user(UserName="anna")
    pages = list(iam.get_paginator("get_account_authorization_details").paginate())
    assert [len(p["UserDetailList"]) + len(p["RoleDetailList"]) for p in pages] == [100, 21]
    roles = {role["RoleName"] for page in pages for role in page["RoleDetailList"]}
    assert len(roles) == 120
    with pytest.raises(ClientError, match="ValidationError"):
        iam.get_account_authorization_details(Marker="x")


def test_everybody_who_has_a_policy_is_told(session: AwsSession) -> None:
    """Moto itself looks through a hundred roles."""
    iam = client(session, "iam")
    policy = iam.create_policy(PolicyName="q", PolicyDocument=document(allow("sqs:PurgeQueue")))
    arn = policy["Policy"]["Arn"]
    for number in range(110):
        make_role(session, f"role{number}")
    iam.create_user(UserName="anna")
    iam.attach_user_policy(UserName="anna", PolicyArn=arn)
    for name in ("role5", "role109"):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    told = iam.list_entities_for_policy(PolicyArn=arn)
    assert {r["RoleName"] for r in told["PolicyRoles"]} == {"role5", "role109"}
    assert [u["UserName"] for u in told["PolicyUsers"]] == ["anna"]
    only = iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Role")
    assert only["PolicyUsers"] == []
    pages = iam.get_paginator("list_entities_for_policy").paginate(
        PolicyArn=arn, PaginationConfig={"PageSize": 1}
    )
    assert len(list(pages)) == 3
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.list_entities_for_policy(PolicyArn=f"{arn}-none")


# Last used ----------------------------------------------------------------------------------


def test_a_role_was_last_used_as_the_table_says(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    app, idle = make_role(session, "app"), make_role(session, "idle")
    embedded_aws.use.used(app, "s3:GetObject", ago(days=3), region="eu-west-1")
    iam = client(session, "iam")
    told = iam.get_role(RoleName="app")["Role"]["RoleLastUsed"]
    assert abs(told["LastUsedDate"] - ago(days=3)) < SECOND
    assert told["Region"] == "eu-west-1"
    everything = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    by_arn = {role["Arn"]: role.get("RoleLastUsed", {}) for role in everything}
    assert abs(by_arn[app]["LastUsedDate"] - ago(days=3)) < SECOND
    assert "LastUsedDate" not in by_arn[idle]


def test_a_users_keys_and_password(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    iam = client(session, "iam")
    iam.create_user(UserName="anna")
    key = iam.create_access_key(UserName="anna")["AccessKey"]["AccessKeyId"]
    embedded_aws.use.key_used(key, ago(days=4))
    embedded_aws.use.session(Session(user_arn("anna"), ago(days=5), event=SIGN_IN))
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]["LastUsedDate"]
    assert abs(used - ago(days=4)) < SECOND
    signed = iam.get_user(UserName="anna")["User"]["PasswordLastUsed"]
    assert abs(signed - ago(days=5)) < SECOND
    iam.generate_credential_report()
    report = iam.get_credential_report()["Content"].decode()
    assert ago(days=4).strftime("%Y-%m-%dT%H") in report


def test_what_there_is_can_be_made_older(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    iam = client(session, "iam")
    make_role(session, "app")
    policy = iam.create_policy(PolicyName="q", PolicyDocument=document(allow("sqs:PurgeQueue")))
    embedded_aws.make_older(timedelta(days=200))
    made = iam.get_role(RoleName="app")["Role"]["CreateDate"]
    assert abs(made - ago(days=200)) < timedelta(minutes=30)
    arn = policy["Policy"]["Arn"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert abs(version["CreateDate"] - ago(days=200)) < timedelta(minutes=30)
    assert make_role(session, "younger")
    younger = iam.get_role(RoleName="younger")["Role"]["CreateDate"]
    assert younger > ago(days=1)


def test_a_policy_of_aws_is_known_when_it_is_asked_for(session: AwsSession) -> None:
    iam = client(session, "iam")
    make_role(session, "app")
    arn = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
    assert iam.list_policies(Scope="AWS")["Policies"] == []
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    held = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert held["Statement"][0]["Action"] == ["sqs:*"]
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.attach_role_policy(RoleName="app", PolicyArn=f"{arn}Nobody")


# The table itself ---------------------------------------------------------------------------


def called(aws: EmbeddedAws, method: str, body: object = None) -> tuple[int, object]:
    host = aws.endpoint.removeprefix("http://")
    connection = HTTPConnection(host, timeout=10)
    connection.request(method, PATH, None if body is None else json.dumps(body))
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_table_over_http(embedded_aws: EmbeddedAws) -> None:
    one = {
        "principal": role_arn("app"),
        "action": "s3:GetObject",
        "at": NOW.isoformat(),
        "resource": "arn:aws:s3:::x/y",
        "region": "eu-west-1",
    }
    table = {
        "uses": [one],
        "sessions": [
            {
                "principal": user_arn("anna"),
                "at": NOW.isoformat(),
                "region": REGION,
                "event": SIGN_IN,
                "by": "",
            }
        ],
        "keys": {"AKIAEXAMPLE": NOW.isoformat()},
    }
    assert called(embedded_aws, "POST", table) == (200, {})
    assert called(embedded_aws, "GET") == (200, table)
    assert embedded_aws.use.last(role_arn("app")) == NOW
    assert called(embedded_aws, "DELETE") == (200, {})
    assert called(embedded_aws, "GET") == (200, {"uses": [], "sessions": [], "keys": {}})
    assert called(embedded_aws, "PUT")[0] == 405


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"uses": [{}]},
        {"uses": [{"principal": "x", "action": "s3:*", "at": "2026-01-01T00:00:00+00:00"}]},
        {"uses": [{"principal": "x", "action": "s3:GetObject", "at": "2026-01-01T00:00:00"}]},
        {"sessions": [{"principal": "x", "at": "soon"}]},
        {"keys": ["x"]},
    ],
)
def test_what_is_no_table_is_refused(embedded_aws: EmbeddedAws, body: object) -> None:
    status, said = called(embedded_aws, "POST", body)
    assert status == 400
    assert "no table of use" in str(said)
    assert embedded_aws.use.uses == ()


def test_the_latest_use_of_an_action_counts() -> None:
    table = TableOfUse()
    for days in (3, 1, 2):
        table.used("p", "s3:GetObject" if days != 2 else "S3:GETOBJECT", ago(days=days))
    assert [use.at for use in table.of("p")] == [ago(days=1)]
    table.used("p", "s3:GetObject", ago(days=9), resource="arn:aws:s3:::x")
    assert len(table.of("p")) == 2
    assert table.last("p") == ago(days=1)
    assert table.last("nobody") is None
    assert table.uses[0] == Use("p", "s3:GetObject", ago(days=1))


def test_a_real_use_of_a_role_counts_too(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    import boto3

    app = make_role(session, "app", trusted=trust(ACCOUNT))
    keys = client(session, "sts").assume_role(RoleArn=app, RoleSessionName="real")["Credentials"]
    boto3.client(
        "sqs",
        REGION,
        endpoint_url=embedded_aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ).list_queues()
    told = client(session, "iam").get_role(RoleName="app")["Role"]["RoleLastUsed"]
    assert told["LastUsedDate"] > ago(hours=1)
