"""The read-only role is exactly what the program calls, and AWS's own check agrees."""

from __future__ import annotations

import json

import pytest

from remediator.aws import session as aws_session
from remediator.aws.permissions import Permission, action_of, read_only_policy
from remediator.aws.session import AwsSession, Credentials
from remediator.detect import aws_config, live
from remediator.embedded.aws import REGION, EmbeddedAws
from remediator.model import UpstreamError

DECLARED = (*aws_session.PERMISSIONS, *aws_config.PERMISSIONS, *live.PERMISSIONS)


def read_everything(session: AwsSession) -> None:
    account = session.account()
    aws_config.read_compliance(session.client("config", REGION), account)
    live.read_groups(session.client("ec2", REGION))
    live.read_rules(session.client("ec2", REGION))


def with_rule(aws: EmbeddedAws) -> None:
    aws.session().client("config", REGION).put_config_rule(
        ConfigRule={
            "ConfigRuleName": "ssh",
            "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
        }
    )


def caller_with(aws: EmbeddedAws, permissions: tuple[Permission, ...]) -> AwsSession:
    """A session of an IAM user who has these permissions, and from now on they are enforced."""
    import boto3

    iam = boto3.client("iam", region_name=REGION, endpoint_url=aws.endpoint)
    iam.create_user(UserName="bot")
    document = json.dumps(read_only_policy(permissions))
    iam.put_user_policy(UserName="bot", PolicyName="reads", PolicyDocument=document)
    key = iam.create_access_key(UserName="bot")["AccessKey"]
    aws.enforce_iam()
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return AwsSession([REGION], endpoint_url=aws.endpoint, credentials=credentials)


def test_what_is_called_is_what_is_declared(embedded_aws: EmbeddedAws) -> None:
    with_rule(embedded_aws)
    before = len(embedded_aws.calls)
    read_everything(embedded_aws.session())
    called = {action_of(*call.split(":")) for call in embedded_aws.calls[before:]}
    assert called == {p.action for p in DECLARED}


def test_the_declared_permissions_are_enough(embedded_aws: EmbeddedAws) -> None:
    with_rule(embedded_aws)
    read_everything(caller_with(embedded_aws, DECLARED))


@pytest.mark.parametrize("missing", DECLARED[1:], ids=lambda p: p.action)
def test_none_of_them_is_too_much_and_each_is_named_when_missing(
    embedded_aws: EmbeddedAws, missing: Permission
) -> None:
    with_rule(embedded_aws)
    session = caller_with(embedded_aws, tuple(p for p in DECLARED if p != missing))
    with pytest.raises(UpstreamError, match=f"needs the permission {missing.action} "):
        read_everything(session)


def test_the_policy_only_reads() -> None:
    policy = read_only_policy(DECLARED)
    assert policy["Version"] == "2012-10-17"
    with pytest.raises(ValueError, match="does more than read"):
        read_only_policy((Permission("ec2:RevokeSecurityGroupIngress", "never"),))
