"""What AWS Config flags, read over real HTTP from the embedded AWS."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber
from estates import Estate, tcp

from remediator.detect.aws_config import RULES, read_compliance
from remediator.embedded.aws import ACCOUNT, REGION
from remediator.model import UpstreamError

SSH, COMMON, PORTS = RULES
DETAILS = "config:GetComplianceDetailsByConfigRule"


def test_rules_are_found_by_identifier_whatever_their_name(estate: Estate) -> None:
    estate.rule("our very own name", SSH)
    estate.rule("restricted-rdp", COMMON)
    ssh, rdp = estate.group("ssh", tcp(22)), estate.group("rdp", tcp(3389))
    estate.group("web", tcp(443))
    found = read_compliance(estate.config, ACCOUNT, (SSH, COMMON))
    assert {(f.group_id, f.rule_name, f.identifier) for f in found.flags} == {
        (ssh, "our very own name", SSH),
        (rdp, "restricted-rdp", COMMON),
    }
    assert {(f.account, f.region) for f in found.flags} == {(ACCOUNT, REGION)}
    assert found.rules == ("our very own name", "restricted-rdp")
    assert found.notes == ()


def test_rules_are_found_by_name(estate: Estate) -> None:
    estate.rule("team-a", SSH)
    estate.rule("team-b", SSH)
    group = estate.group("ssh", tcp(22))
    found = read_compliance(estate.config, ACCOUNT, ("name:team-b",))
    assert [(f.group_id, f.rule_name, f.identifier) for f in found.flags] == [
        (group, "team-b", "name:team-b")
    ]


def test_a_rule_wanted_twice_is_asked_once(estate: Estate) -> None:
    estate.rule("ssh", SSH)
    estate.group("ssh", tcp(22))
    found = read_compliance(estate.config, ACCOUNT, (SSH, "name:ssh"))
    assert len(found.flags) == 1
    assert estate.aws.calls.count(DETAILS) == 1
    assert found.notes == ()


def test_an_identifier_is_not_taken_for_a_name_nor_a_name_for_an_identifier(estate: Estate) -> None:
    estate.rule(SSH, "S3_BUCKET_VERSIONING_ENABLED")
    estate.rule("ssh", SSH)
    assert read_compliance(estate.config, ACCOUNT, (SSH,)).rules == ("ssh",)
    assert read_compliance(estate.config, ACCOUNT, ("ssh",)).rules == ()


def test_since_is_a_time_in_utc(estate: Estate) -> None:
    estate.rule("ssh", SSH)
    estate.group("ssh", tcp(22))
    since = read_compliance(estate.config, ACCOUNT, (SSH,)).flags[0].since
    assert since is not None
    assert since.tzinfo is UTC
    assert since.utcoffset() == timedelta(0)


def test_a_rule_that_this_region_lacks_is_a_note(estate: Estate) -> None:
    estate.rule("ssh", SSH)
    found = read_compliance(estate.config, ACCOUNT, (SSH, COMMON, "name:mine"))
    assert found.flags == ()
    assert found.notes == (
        f"no AWS Config rule for {COMMON} in {REGION}",
        f"no AWS Config rule for name:mine in {REGION}",
    )


def test_none_of_the_rules_is_said_as_such(estate: Estate) -> None:
    estate.group("ssh", tcp(22))
    found = read_compliance(estate.config, ACCOUNT)
    assert found.flags == found.rules == ()
    assert len(found.notes) == 1
    assert found.notes[0].startswith(f"none of the configured AWS Config rules exists in {REGION}")


def test_all_pages_are_read(estate: Estate) -> None:
    estate.rule("ssh", SSH)
    groups = sorted(estate.group(f"g{n}", tcp(22)) for n in range(7))
    estate.aws.faults.page(DETAILS, 2)
    found = read_compliance(estate.config, ACCOUNT, (SSH,))
    assert sorted(f.group_id for f in found.flags) == groups
    assert estate.aws.calls.count(DETAILS) == 4


def test_all_pages_of_rules_are_read(estate: Estate) -> None:
    for n in range(27):
        estate.rule(f"rule-{n:02}", SSH)
    assert len(read_compliance(estate.config, ACCOUNT, (SSH,)).rules) == 27


@pytest.mark.parametrize("operation", ["config:DescribeConfigRules", DETAILS])
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("deny", "needs the permission"),
        ("throttle", "throttled after 2 attempts"),
        ("garble", "not what AWS answers"),
    ],
)
def test_no_answer_is_never_no_finding(
    estate: Estate, operation: str, fault: str, says: str
) -> None:
    estate.rule("ssh", SSH)
    getattr(estate.aws.faults, fault)(operation)
    with pytest.raises(UpstreamError, match=says) as caught:
        read_compliance(estate.config, ACCOUNT, (SSH,))
    assert caught.value.what == f"{operation} in {REGION}"


def test_a_truncated_answer_is_an_error(estate: Estate) -> None:
    estate.rule("ssh", SSH)
    for n in range(3):
        estate.group(f"g{n}", tcp(22))
    estate.aws.faults.truncate(DETAILS)
    with pytest.raises(UpstreamError, match="failed on its side"):
        read_compliance(estate.config, ACCOUNT, (SSH,))


def test_a_rule_deleted_in_between_is_a_note(estate: Estate) -> None:
    estate.rule("ssh", SSH)
    estate.aws.faults.fail(DETAILS, "NoSuchConfigRuleException")
    found = read_compliance(estate.config, ACCOUNT, (SSH,))
    assert found.flags == ()
    assert "'ssh' was deleted" in found.notes[0]


def evaluation(kind: str, resource: str, compliance: str = "NON_COMPLIANT") -> dict[str, Any]:
    qualifier = {"ConfigRuleName": "r", "ResourceType": kind, "ResourceId": resource}
    return {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier},
        "ComplianceType": compliance,
    }


def test_only_security_groups_that_fail_count(estate: Estate) -> None:
    """Moto cannot hold these rules and results: botocore's own stub answers with AWS's shapes."""
    client = estate.session.client("config", "us-east-1")
    lambda_source = {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": SSH}
    rules = [
        {"ConfigRuleName": "r", "Source": {"Owner": "AWS", "SourceIdentifier": SSH}},
        {"ConfigRuleName": "custom", "Source": lambda_source},
        {
            "ConfigRuleName": "going",
            "Source": {"Owner": "AWS", "SourceIdentifier": SSH},
            "ConfigRuleState": "DELETING",
        },
    ]
    results = [
        evaluation("AWS::EC2::SecurityGroup", "sg-11111111"),
        evaluation("AWS::EC2::Instance", "i-1"),
        evaluation("AWS::EC2::SecurityGroup", "sg-22222222", "COMPLIANT"),
        {"ComplianceType": "NON_COMPLIANT"},
    ]
    with Stubber(client) as stub:
        stub.add_response("describe_config_rules", {"ConfigRules": rules})
        stub.add_response("get_compliance_details_by_config_rule", {"EvaluationResults": results})
        found = read_compliance(client, ACCOUNT, (SSH,))
        stub.assert_no_pending_responses()
    assert [(f.group_id, f.since, f.region) for f in found.flags] == [
        ("sg-11111111", None, "us-east-1")
    ]
