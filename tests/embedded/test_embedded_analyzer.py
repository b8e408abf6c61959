"""The emulated IAM Access Analyzer over real HTTP. What it finds is in the pure tests beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from accounts import (
    REGION,
    STRANGER,
    ago,
    allow,
    client,
    details,
    document,
    findings,
    make_analyzer,
    make_role,
    trust,
    user_arn,
)
from botocore.exceptions import ClientError

from remediator.aws.session import AwsSession
from remediator.embedded.aws import ACCOUNT, EmbeddedAws
from remediator.embedded.use import SIGN_IN, Session

UNUSED, EXTERNAL = "ACCOUNT_UNUSED_ACCESS", "ACCOUNT"


@pytest.fixture
def session(embedded_aws: EmbeddedAws) -> AwsSession:
    return embedded_aws.session((REGION, "eu-west-1"), attempts=1)


def test_analyzers_are_made_listed_changed_and_deleted(session: AwsSession) -> None:
    analyzer = client(session, "accessanalyzer")
    unused, external = make_analyzer(session, UNUSED), make_analyzer(session, EXTERNAL)
    assert [a["arn"] for a in analyzer.list_analyzers()["analyzers"]] == [unused, external]
    (only,) = analyzer.list_analyzers(type=UNUSED)["analyzers"]
    assert only["configuration"] == {"unusedAccess": {"unusedAccessAge": 90}}
    analyzer.update_analyzer(
        analyzerName=only["name"], configuration={"unusedAccess": {"unusedAccessAge": 30}}
    )
    told = analyzer.get_analyzer(analyzerName=only["name"])["analyzer"]
    assert told["configuration"] == {"unusedAccess": {"unusedAccessAge": 30}}
    with pytest.raises(ClientError, match="ConflictException"):
        make_analyzer(session, UNUSED)
    analyzer.delete_analyzer(analyzerName=only["name"])
    assert [a["arn"] for a in analyzer.list_analyzers()["analyzers"]] == [external]
    assert client(session, "accessanalyzer", "eu-west-1").list_analyzers()["analyzers"] == []


def test_unused_permissions_go_when_the_policy_is_repaired(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    app = make_role(session, "app", document(allow("s3:*", "sqs:SendMessage")))
    embedded_aws.use.used(app, "s3:GetBucketPolicy", ago(days=3))
    analyzer = make_analyzer(session, UNUSED)
    (found,) = findings(session, analyzer)
    assert (found["findingType"], found["resource"]) == ("UnusedPermission", app)
    told = {
        d["unusedPermissionDetails"]["serviceNamespace"]: d["unusedPermissionDetails"]
        for d in details(session, analyzer, found["id"])
    }
    names = {a["action"] for a in told["s3"]["actions"]}
    assert {"DeleteBucket", "PutBucketPolicy"} <= names
    assert not {"GetObject", "GetBucketPolicy"} & names
    assert "actions" not in told["sqs"]
    client(session, "iam").put_role_policy(
        RoleName="app", PolicyName="p0", PolicyDocument=document(allow("s3:GetBucketPolicy"))
    )
    (resolved,) = findings(session, analyzer)
    assert (resolved["status"], resolved["id"]) == ("RESOLVED", found["id"])
    assert findings(session, analyzer, status="ACTIVE") == []


@pytest.mark.parametrize("prefixed", [False, True])
def test_actions_come_with_or_without_their_prefix(
    embedded_aws: EmbeddedAws, session: AwsSession, prefixed: bool
) -> None:
    embedded_aws.analyzer.prefixed = prefixed
    app = make_role(session, "app", document(allow("s3:DeleteBucket", "s3:ListAllMyBuckets")))
    embedded_aws.use.used(app, "s3:ListAllMyBuckets", ago(days=3))
    analyzer = make_analyzer(session, UNUSED)
    (found,) = findings(session, analyzer)
    (told,) = details(session, analyzer, found["id"])
    (action,) = told["unusedPermissionDetails"]["actions"]
    assert action["action"] == ("s3:DeleteBucket" if prefixed else "DeleteBucket")


def test_every_kind_of_unused_access(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    iam = client(session, "iam")
    make_role(session, "gone", document(allow("s3:*")))
    iam.create_user(UserName="anna")
    old = iam.create_access_key(UserName="anna")["AccessKey"]["AccessKeyId"]
    new = iam.create_access_key(UserName="anna")["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName="anna", Password="a-long-Passw0rd!")
    embedded_aws.use.key_used(new, ago(days=2))
    analyzer = make_analyzer(session, UNUSED)

    def types() -> list[str]:
        return [f["findingType"] for f in findings(session, analyzer, status="ACTIVE")]

    assert types() == ["UnusedIAMRole", "UnusedIAMUserAccessKey", "UnusedIAMUserPassword"]
    (key,) = findings(session, analyzer, findingType="UnusedIAMUserAccessKey")
    (told,) = details(session, analyzer, key["id"])
    assert told["unusedIamUserAccessKeyDetails"]["accessKeyId"] == old
    iam.update_access_key(UserName="anna", AccessKeyId=old, Status="Inactive")
    embedded_aws.use.session(Session(user_arn("anna"), ago(days=1), event=SIGN_IN))
    assert types() == ["UnusedIAMRole"]


def test_permissions_of_a_group_count_for_its_users(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    iam = client(session, "iam")
    iam.create_group(GroupName="staff")
    iam.put_group_policy(
        GroupName="staff", PolicyName="p", PolicyDocument=document(allow("sqs:PurgeQueue"))
    )
    iam.create_user(UserName="anna")
    iam.add_user_to_group(GroupName="staff", UserName="anna")
    analyzer = make_analyzer(session, UNUSED)
    assert [f["resource"] for f in findings(session, analyzer)] == [user_arn("anna")]
    embedded_aws.use.used(user_arn("anna"), "sqs:PurgeQueue", ago(days=1))
    assert findings(session, analyzer, status="ACTIVE") == []


def test_external_access_of_every_kind_of_resource(session: AwsSession) -> None:
    arns = guarded_resources(session, f"arn:aws:iam::{STRANGER}:root")
    analyzer = make_analyzer(session, EXTERNAL)
    found = findings(session, analyzer, status="ACTIVE")
    assert {f["resourceType"]: f["resource"] for f in found} == arns
    for one in found:
        (told,) = details(session, analyzer, one["id"])
        assert told["externalAccessDetails"]["principal"] == {"AWS": STRANGER}


def guarded_resources(session: AwsSession, principal: str) -> dict[str, str]:
    """One of every type, each with a policy that lets the principal in; by type, its ARN."""

    def policy(action: str, resource: str = "*") -> str:
        return document(
            {
                "Sid": "Stranger",
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": action,
                "Resource": resource,
            }
        )

    bucket = "arn:aws:s3:::example-bucket"
    s3 = client(session, "s3")
    s3.create_bucket(Bucket="example-bucket")
    s3.put_bucket_policy(Bucket="example-bucket", Policy=policy("s3:GetObject", f"{bucket}/*"))
    key = client(session, "kms").create_key(Policy=policy("kms:Decrypt"))["KeyMetadata"]["Arn"]
    sqs = client(session, "sqs")
    attributes = {"Policy": policy("sqs:SendMessage")}
    sqs.create_queue(QueueName="jobs", Attributes=attributes)
    sns = client(session, "sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy("sns:Publish", topic)
    )
    secrets = client(session, "secretsmanager")
    secret = secrets.create_secret(Name="token", SecretString="x")["ARN"]
    secrets.put_resource_policy(
        SecretId=secret, ResourcePolicy=policy("secretsmanager:GetSecretValue", secret)
    )
    ecr = client(session, "ecr")
    repository = ecr.create_repository(repositoryName="images")["repository"]["repositoryArn"]
    ecr.set_repository_policy(repositoryName="images", policyText=policy("ecr:BatchGetImage"))
    return {
        "AWS::IAM::Role": make_role(session, "shared", trusted=trust(principal)),
        "AWS::S3::Bucket": bucket,
        "AWS::KMS::Key": key,
        "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        "AWS::SNS::Topic": topic,
        "AWS::SecretsManager::Secret": secret,
        "AWS::ECR::Repository": repository,
    }


def test_a_function_that_a_stranger_may_call(session: AwsSession) -> None:
    functions = client(session, "lambda")
    role = make_role(session, "worker")
    arn = functions.create_function(
        FunctionName="work", Role=role, Code={"ZipFile": b"PK"}, Runtime="python3.12", Handler="x.y"
    )["FunctionArn"]
    functions.add_permission(
        FunctionName="work", StatementId="s", Action="lambda:InvokeFunction", Principal=STRANGER
    )
    functions.add_permission(
        FunctionName="work",
        StatementId="ours",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    analyzer = make_analyzer(session, EXTERNAL)
    (found,) = findings(session, analyzer)
    assert (found["resourceType"], found["resource"]) == ("AWS::Lambda::Function", arn)
    functions.remove_permission(FunctionName="work", StatementId="s")
    assert findings(session, analyzer, status="ACTIVE") == []


def test_external_access_goes_with_the_principal(session: AwsSession) -> None:
    make_role(session, "shared", trusted=trust(STRANGER, f"arn:aws:iam::{ACCOUNT}:root"))
    analyzer = make_analyzer(session, EXTERNAL)
    (before,) = findings(session, analyzer)
    client(session, "iam").update_assume_role_policy(
        RoleName="shared", PolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root")
    )
    (after,) = findings(session, analyzer)
    assert (after["id"], after["status"]) == (before["id"], "RESOLVED")


def test_regions_and_accounts_are_apart(session: AwsSession) -> None:
    client(session, "sqs").create_queue(
        QueueName="jobs",
        Attributes={"Policy": document({"Effect": "Allow", "Principal": "*", "Action": "sqs:*"})},
    )
    here = make_analyzer(session, EXTERNAL)
    there = make_analyzer(session, EXTERNAL, "eu-west-1")
    assert len(findings(session, here)) == 1
    elsewhere = client(session, "accessanalyzer", "eu-west-1")
    assert elsewhere.list_findings_v2(analyzerArn=there)["findings"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        elsewhere.list_findings_v2(analyzerArn=here)


def test_an_archived_finding_stays_so_until_it_is_gone(session: AwsSession) -> None:
    make_role(session, "shared", trusted=trust(STRANGER))
    analyzer = make_analyzer(session, EXTERNAL)
    (found,) = findings(session, analyzer)
    api = client(session, "accessanalyzer")
    api.update_findings(analyzerArn=analyzer, status="ARCHIVED", ids=[found["id"]])
    assert findings(session, analyzer, status="ACTIVE") == []
    assert [f["id"] for f in findings(session, analyzer, status="ARCHIVED")] == [found["id"]]
    api.update_findings(analyzerArn=analyzer, status="ACTIVE", resourceArn=found["resource"])
    assert [f["id"] for f in findings(session, analyzer, status="ACTIVE")] == [found["id"]]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.update_findings(analyzerArn=analyzer, status="ARCHIVED", ids=["none"])


def test_findings_and_details_come_in_pages(session: AwsSession) -> None:
    for number in range(7):
        make_role(session, f"role{number}", document(allow("*")))
    analyzer = make_analyzer(session, UNUSED)
    api = client(session, "accessanalyzer")
    first = api.list_findings_v2(analyzerArn=analyzer, maxResults=3)
    assert len(first["findings"]) == 3
    assert len({f["id"] for f in findings(session, analyzer)}) == 7
    with pytest.raises(ClientError, match="ValidationException"):
        api.list_findings_v2(analyzerArn=analyzer, nextToken="x")


def test_details_of_an_administrator_are_many_pages(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    app = make_role(session, "admin", document(allow("*")))
    embedded_aws.use.used(app, "s3:ListAllMyBuckets", ago(days=1))
    analyzer = make_analyzer(session, UNUSED)
    (found,) = findings(session, analyzer)
    api = client(session, "accessanalyzer")
    pages = list(api.get_paginator("get_finding_v2").paginate(analyzerArn=analyzer, id=found["id"]))
    assert len(pages) > 3
    assert len(details(session, analyzer, found["id"])) > 300


@pytest.mark.parametrize(
    ("criteria", "seen"),
    [
        ({"resourceType": {"eq": ["AWS::IAM::Role"]}}, 1),
        ({"resourceType": {"neq": ["AWS::IAM::Role"]}}, 1),
        ({"resource": {"contains": ["queue", "jobs"]}}, 1),
        ({"isPublic": {"eq": ["true"]}}, 1),
        ({"principal.AWS": {"eq": [STRANGER]}}, 1),
        ({"condition.aws:PrincipalOrgID": {"exists": False}}, 2),
        ({"status": {"eq": ["RESOLVED"]}}, 0),
    ],
)
def test_findings_are_chosen_by_criteria(
    session: AwsSession, criteria: dict[str, object], seen: int
) -> None:
    make_role(session, "shared", trusted=trust(STRANGER))
    client(session, "sqs").create_queue(
        QueueName="jobs",
        Attributes={"Policy": document({"Effect": "Allow", "Principal": "*", "Action": "sqs:*"})},
    )
    analyzer = make_analyzer(session, EXTERNAL)
    answer = client(session, "accessanalyzer").list_findings_v2(
        analyzerArn=analyzer, filter=criteria
    )
    assert len(answer["findings"]) == seen


def test_a_recommendation_is_in_progress_and_then_there(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    iam = client(session, "iam")
    app = make_role(session, "app", document(allow("s3:Get*", "s3:DeleteBucket", "sqs:*")))
    managed = iam.create_policy(
        PolicyName="queues", PolicyDocument=document(allow("sqs:SendMessage", "sqs:PurgeQueue"))
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="app", PolicyArn=managed)
    embedded_aws.use.used(app, "s3:GetBucketPolicy", ago(days=1))
    embedded_aws.analyzer.polls = 2
    analyzer = make_analyzer(session, UNUSED)
    (found,) = findings(session, analyzer)
    api = client(session, "accessanalyzer")
    asked = {"analyzerArn": analyzer, "id": found["id"]}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.get_finding_recommendation(**asked)
    api.generate_finding_recommendation(**asked)
    answers = [api.get_finding_recommendation(**asked) for _ in range(3)]
    assert [a["status"] for a in answers] == ["IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"]
    steps = [s["unusedPermissionsRecommendedStep"] for s in answers[2]["recommendedSteps"]]
    assert [(s["recommendedAction"], s["existingPolicyId"]) for s in steps] == [
        ("CREATE_POLICY", "p0"),
        ("DETACH_POLICY", "p0"),
        ("DETACH_POLICY", managed),
    ]
    assert "policyUpdatedAt" in steps[2]
    (statement,) = json.loads(steps[0]["recommendedPolicy"])["Statement"]
    assert {"s3:GetBucketPolicy", "s3:GetObject"} <= {*statement["Action"]}
    assert not {"s3:DeleteBucket", "s3:GetBucketAcl", "sqs:*"} & {*statement["Action"]}


def test_a_recommendation_may_fail(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    app = make_role(session, "app", document(allow("s3:DeleteBucket", "sqs:*")))
    embedded_aws.use.used(app, "s3:DeleteBucket", ago(days=1))
    analyzer = make_analyzer(session, UNUSED)
    (found,) = findings(session, analyzer)
    embedded_aws.analyzer.polls = 0
    embedded_aws.analyzer.failing[found["id"]] = ("SERVICE_ERROR", "an emulated failure")
    api = client(session, "accessanalyzer")
    api.generate_finding_recommendation(analyzerArn=analyzer, id=found["id"])
    answer = api.get_finding_recommendation(analyzerArn=analyzer, id=found["id"])
    assert (answer["status"], answer["error"]["code"]) == ("FAILED", "SERVICE_ERROR")


def test_only_unused_permissions_have_recommendations(session: AwsSession) -> None:
    make_role(session, "gone", document(allow("s3:*")))
    analyzer = make_analyzer(session, UNUSED)
    (found,) = findings(session, analyzer)
    with pytest.raises(ClientError, match="ValidationException"):
        client(session, "accessanalyzer").generate_finding_recommendation(
            analyzerArn=analyzer, id=found["id"]
        )


def test_it_fails_and_is_counted_as_every_service(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    make_role(session, "shared", trusted=trust(STRANGER))
    analyzer = make_analyzer(session, EXTERNAL)
    (found,) = findings(session, analyzer)
    embedded_aws.faults.throttle("access-analyzer:GetFindingV2")
    with pytest.raises(ClientError, match="ThrottlingException"):
        details(session, analyzer, found["id"])
    assert embedded_aws.calls[-2:] == (
        "access-analyzer:ListFindingsV2",
        "access-analyzer:GetFindingV2",
    )


def ticks() -> Iterator[datetime]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while True:
        yield now
        now += timedelta(hours=1)


def test_created_is_kept_and_updated_when_it_changes(aws_environment: pytest.MonkeyPatch) -> None:
    clock = ticks()
    with EmbeddedAws(clock=lambda: next(clock)) as server:
        session = server.session([REGION])
        app = make_role(session, "app", document(allow("sqs:*", "sns:*")))
        server.use.used(app, "s3:GetObject", next(clock))
        analyzer = make_analyzer(session, UNUSED)
        (first,) = findings(session, analyzer)
        (again,) = findings(session, analyzer)
        assert (again["createdAt"], again["updatedAt"]) == (first["createdAt"], first["updatedAt"])
        assert again["analyzedAt"] > first["analyzedAt"]
        client(session, "iam").put_role_policy(
            RoleName="app", PolicyName="p0", PolicyDocument=document(allow("sqs:*"))
        )
        (changed,) = findings(session, analyzer)
        assert changed["id"] == first["id"]
        assert changed["createdAt"] == first["createdAt"]
        assert changed["updatedAt"] > first["updatedAt"]


def test_ids_are_the_same_in_the_next_process(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    def made() -> list[str]:
        make_role(session, "shared", trusted=trust(STRANGER))
        return [f["id"] for f in findings(session, make_analyzer(session, EXTERNAL))]

    first = made()
    embedded_aws.reset()
    assert made() == first


def test_an_organization_is_looked_at_whole(session: AwsSession) -> None:
    organizations = client(session, "organizations")
    organizations.create_organization(FeatureSet="ALL")
    status = organizations.create_account(AccountName="sister", Email="sister@example.com")
    sister = status["CreateAccountStatus"]["AccountId"]
    make_role(session, "shared", trusted=trust(STRANGER, sister))
    whole = make_analyzer(session, "ORGANIZATION")
    alone = make_analyzer(session, EXTERNAL)
    assert len(findings(session, whole, resourceOwnerAccount=ACCOUNT)) == 1
    assert len(findings(session, alone)) == 2
    unused = make_analyzer(session, "ORGANIZATION_UNUSED_ACCESS")
    owners = {f["resourceOwnerAccount"] for f in findings(session, unused)}
    assert owners == {ACCOUNT, sister}


def test_enforcement_covers_it(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    iam = client(session, "iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(
        UserName="reader",
        PolicyName="p",
        PolicyDocument=document(allow("access-analyzer:List*", "access-analyzer:GetFinding")),
    )
    keys = iam.create_access_key(UserName="reader")["AccessKey"]
    import boto3

    reader = boto3.client(
        "accessanalyzer",
        REGION,
        endpoint_url=embedded_aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    make_role(session, "shared", trusted=trust(STRANGER))
    make_analyzer(session, EXTERNAL)
    embedded_aws.enforce_iam()
    (analyzer,) = [a["arn"] for a in reader.list_analyzers()["analyzers"]]
    (found,) = reader.list_findings_v2(analyzerArn=analyzer, maxResults=10)["findings"]
    assert reader.get_finding_v2(analyzerArn=analyzer, id=found["id"])["findingDetails"]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        reader.create_analyzer(analyzerName="mine", type="ACCOUNT")
