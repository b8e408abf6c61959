"""The table of use replayed against moto's IAM enforcement, and held against real calls."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from accounts import ACCOUNT, REGION, ago, allow, client, document, make_role, role_arn, user_arn
from botocore.exceptions import ClientError

from remediator.aws.session import AwsSession
from remediator.embedded.aws import EmbeddedAws
from remediator.embedded.replay import denied, replay
from remediator.embedded.use import Use

BUCKET = "arn:aws:s3:::example-bucket"


@pytest.fixture
def session(embedded_aws: EmbeddedAws) -> AwsSession:
    return embedded_aws.session([REGION], attempts=1)


def use(principal: str, action: str, resource: str = "*") -> Use:
    return Use(principal, action, ago(days=1), resource)


def test_what_the_policies_allow_is_allowed_and_the_rest_is_denied(session: AwsSession) -> None:
    app = make_role(
        session,
        "app",
        document(
            allow("s3:GetObject", resource=f"{BUCKET}/*"),
            allow("sqs:*"),
            {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"},
        ),
    )
    asked = {
        use(app, "s3:GetObject", f"{BUCKET}/key"): True,
        use(app, "s3:GetObject", "arn:aws:s3:::other/key"): False,
        use(app, "s3:PutObject", f"{BUCKET}/key"): False,
        use(app, "sqs:SendMessage"): True,
        use(app, "sqs:PurgeQueue"): False,
        use(role_arn("removed"), "sqs:SendMessage"): None,
        use(f"arn:aws:iam::{ACCOUNT}:root", "sqs:SendMessage"): None,
    }
    assert {one.use: one.allowed for one in replay(asked)} == asked
    assert set(denied(asked)) == {one for one, allowed in asked.items() if not allowed}


def test_a_users_groups_and_managed_policies_count(session: AwsSession) -> None:
    iam = client(session, "iam")
    iam.create_user(UserName="anna", Path="/staff/")
    anna = f"arn:aws:iam::{ACCOUNT}:user/staff/anna"
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="anna")
    asked = [use(anna, "sqs:SendMessage"), use(anna, "sns:Publish"), use(anna, "s3:GetObject")]
    assert denied(asked) == tuple(asked)
    iam.put_group_policy(
        GroupName="staff", PolicyName="p", PolicyDocument=document(allow("sqs:SendMessage"))
    )
    policy = iam.create_policy(PolicyName="n", PolicyDocument=document(allow("sns:Publish")))
    iam.attach_group_policy(GroupName="staff", PolicyArn=policy["Policy"]["Arn"])
    assert denied(asked) == (asked[2],)
    iam.put_user_policy(
        UserName="anna", PolicyName="p", PolicyDocument=document(allow("s3:GetObject"))
    )
    assert denied(asked) == ()


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_moto_takes_every_condition_as_met(session: AwsSession, effect: str) -> None:
    """The limit that the module speaks of."""
    condition = {"StringEquals": {"aws:RequestedRegion": "nowhere"}}
    statement = allow("sqs:*", Condition=condition) | {"Effect": effect}
    app = make_role(session, "app", document(allow("sns:*"), statement))
    assert bool(denied([use(app, "sqs:SendMessage")])) is (effect == "Deny")


def test_real_calls_are_answered_as_the_replay_says(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    iam = client(session, "iam")
    iam.create_user(UserName="anna")
    iam.put_user_policy(
        UserName="anna",
        PolicyName="p",
        PolicyDocument=document(allow("sqs:ListQueues", "iam:ListRoles", "s3:ListAllMyBuckets")),
    )
    key = iam.create_access_key(UserName="anna")["AccessKey"]
    calls = {
        "sqs:ListQueues": "list_queues",
        "sns:ListTopics": "list_topics",
        "iam:ListRoles": "list_roles",
        "iam:ListUsers": "list_users",
    }
    embedded_aws.enforce_iam()
    for action, method in calls.items():
        (said,) = replay([use(user_arn("anna"), action)])
        assert _goes(embedded_aws, key, action.partition(":")[0], method) is said.allowed


def _goes(aws: EmbeddedAws, key: dict[str, Any], service: str, method: str) -> bool:
    made = boto3.client(
        service,
        REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    try:
        getattr(made, method)()
    except ClientError as error:
        return "AccessDenied" not in error.response["Error"]["Code"]
    return True
