"""The embedded AWS over real HTTP: the operations added to moto, and the faults."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from remediator.aws.session import AwsSession
from remediator.embedded.aws import REGION, EmbeddedAws

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

SSH_FROM_ANYWHERE: Any = [
    {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
]


@pytest.fixture
def session(embedded_aws: EmbeddedAws) -> AwsSession:
    return embedded_aws.session((REGION, "us-east-1"))


def config_of(aws: AwsSession, region: str = REGION) -> ConfigServiceClient:
    return aws.client("config", region)


def open_group(aws: AwsSession, name: str, region: str = REGION) -> str:
    ec2 = aws.client("ec2", region)
    group = ec2.create_security_group(GroupName=name, Description="d")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=SSH_FROM_ANYWHERE)
    return group


def repair(aws: AwsSession, group: str) -> None:
    aws.client("ec2", REGION).revoke_security_group_ingress(
        GroupId=group, IpPermissions=SSH_FROM_ANYWHERE
    )


def put_rule(aws: AwsSession, name: str = "ssh", region: str = REGION) -> None:
    source: Any = {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}
    config_of(aws, region).put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source})


def flagged(aws: AwsSession, region: str = REGION) -> list[str]:
    answer = config_of(aws, region).get_compliance_details_by_config_rule(
        ConfigRuleName="ssh", ComplianceTypes=["NON_COMPLIANT"], Limit=100
    )
    return [
        r["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]
        for r in answer["EvaluationResults"]
    ]


def summary(aws: AwsSession) -> Any:
    answer = config_of(aws).describe_compliance_by_config_rule(ConfigRuleNames=["ssh"])
    return answer["ComplianceByConfigRules"][0].get("Compliance")


def test_compliance_follows_the_groups(session: AwsSession) -> None:
    put_rule(session)
    assert flagged(session) == []
    assert summary(session) == {"ComplianceType": "COMPLIANT"}
    group = open_group(session, "a")
    assert flagged(session) == [group]
    assert summary(session) == {
        "ComplianceType": "NON_COMPLIANT",
        "ComplianceContributorCount": {"CappedCount": 1, "CapExceeded": False},
    }
    repair(session, group)
    config_of(session).start_config_rules_evaluation(ConfigRuleNames=["ssh"])
    assert flagged(session) == []


def test_regions_are_apart(session: AwsSession) -> None:
    put_rule(session)
    put_rule(session, region="us-east-1")
    there = open_group(session, "a", "us-east-1")
    assert flagged(session) == []
    assert flagged(session, "us-east-1") == [there]


def test_accounts_are_apart(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    import boto3

    put_rule(session)
    open_group(session, "a")
    keys = boto3.client("sts", REGION, endpoint_url=embedded_aws.endpoint).assume_role(
        RoleArn="arn:aws:iam::210987654321:role/other", RoleSessionName="session"
    )["Credentials"]
    other = boto3.client(
        "config",
        REGION,
        endpoint_url=embedded_aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert other.describe_config_rules()["ConfigRules"] == []
    with pytest.raises(ClientError, match="NoSuchConfigRuleException"):
        other.get_compliance_details_by_config_rule(ConfigRuleName="ssh")


def test_pages_and_limits(session: AwsSession) -> None:
    put_rule(session)
    groups = {open_group(session, f"g{n}") for n in range(12)}
    config = config_of(session)
    first = config.get_compliance_details_by_config_rule(ConfigRuleName="ssh", Limit=5)
    assert len(first["EvaluationResults"]) == 5
    assert first["NextToken"]
    paginator = config.get_paginator("get_compliance_details_by_config_rule")
    pages = list(paginator.paginate(ConfigRuleName="ssh", ComplianceTypes=["NON_COMPLIANT"]))
    assert [len(p["EvaluationResults"]) for p in pages] == [10, 2]
    seen = {
        r["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]
        for p in pages
        for r in p["EvaluationResults"]
    }
    assert seen == groups
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        config.get_compliance_details_by_config_rule(ConfigRuleName="ssh", Limit=101)
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        config.get_compliance_details_by_config_rule(ConfigRuleName="ssh", NextToken="x")


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.get_compliance_details_by_config_rule(ConfigRuleName="gone"),
        lambda c: c.describe_compliance_by_config_rule(ConfigRuleNames=["gone"]),
        lambda c: c.start_config_rules_evaluation(ConfigRuleNames=["gone"]),
    ],
)
def test_a_rule_that_is_not_there(session: AwsSession, ask: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchConfigRuleException"):
        ask(config_of(session))


def test_a_rule_that_is_not_emulated_has_no_data(session: AwsSession) -> None:
    config_of(session).put_config_rule(
        ConfigRule={
            "ConfigRuleName": "ssh",
            "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
        }
    )
    open_group(session, "a")
    assert flagged(session) == []
    assert summary(session) == {"ComplianceType": "INSUFFICIENT_DATA"}


def test_rules_of_a_group_come_in_pages(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    open_group(session, "a")
    ec2 = session.client("ec2", REGION)
    whole = ec2.describe_security_group_rules()["SecurityGroupRules"]
    embedded_aws.faults.page("ec2:DescribeSecurityGroupRules", 1)
    pages = list(ec2.get_paginator("describe_security_group_rules").paginate())
    assert len(pages) == len(whole) > 1
    assert [r for p in pages for r in p["SecurityGroupRules"]] == whole


def test_config_may_be_late(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    put_rule(session)
    group = open_group(session, "a")
    embedded_aws.faults.keep_flagging(group)
    repair(session, group)
    assert flagged(session) == [group]


def test_a_fault_lasts_as_long_as_it_is_told_to(embedded_aws: EmbeddedAws) -> None:
    config = embedded_aws.session(attempts=1).client("config", REGION)
    embedded_aws.faults.fail("config:DescribeConfigRules", "Odd", after=1, times=2)
    outcomes = []
    for _ in range(4):
        try:
            config.describe_config_rules()
            outcomes.append("ok")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])
    assert outcomes == ["ok", "Odd", "Odd", "ok"]


def test_reset_forgets_everything(embedded_aws: EmbeddedAws, session: AwsSession) -> None:
    put_rule(session)
    open_group(session, "a")
    embedded_aws.faults.deny("ec2:DescribeVpcs")
    embedded_aws.enforce_iam()
    embedded_aws.reset()
    assert embedded_aws.calls == ()
    assert config_of(session).describe_config_rules()["ConfigRules"] == []
    assert session.client("ec2", REGION).describe_vpcs()["Vpcs"]


def ticks() -> Iterator[datetime]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while True:
        yield now
        now += timedelta(hours=1)


def test_since_is_when_it_was_first_seen(aws_environment: pytest.MonkeyPatch) -> None:
    """And being repaired starts it anew. A server of its own, for a clock of its own."""
    clock = ticks()
    with EmbeddedAws(clock=lambda: next(clock)) as server:
        aws = server.session()
        put_rule(aws)
        group = open_group(aws, "a")

        def since() -> datetime:
            answer = config_of(aws).get_compliance_details_by_config_rule(
                ConfigRuleName="ssh", ComplianceTypes=["NON_COMPLIANT"]
            )
            return answer["EvaluationResults"][0]["ResultRecordedTime"]

        first = since()
        assert since() == first
        repair(aws, group)
        assert flagged(aws) == []
        aws.client("ec2", REGION).authorize_security_group_ingress(
            GroupId=group, IpPermissions=SSH_FROM_ANYWHERE
        )
        assert since() > first


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns after a microsecond: what is not safe between them shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_many_at_once_are_answered_as_one_after_the_other(embedded_aws: EmbeddedAws) -> None:
    ec2 = embedded_aws.session((REGION,), attempts=1).client("ec2", REGION)

    def made(number: int) -> str:
        return ec2.create_security_group(GroupName=f"g{number}", Description="d")["GroupId"]

    with ThreadPoolExecutor(16) as pool:
        groups = set(pool.map(made, range(300)))
    assert len(groups) == 300
