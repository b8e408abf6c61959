"""Security Hub's findings, in the four wrappings that they come in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reportfiles import ARN, GROUP, given

from remediator.detect.reports.reported import Live, Reported
from remediator.model import Resource, SourceError

ID = "arn:aws:securityhub:us-east-1:123456789012:security-control/EC2.13/finding/0a1b2c3d"


def resource(**changes: Any) -> dict[str, Any]:
    return {"Type": "AwsEc2SecurityGroup", "Id": ARN, "Region": "us-east-1"} | changes


def finding(**changes: Any) -> dict[str, Any]:
    """A finding of a control as the service writes it, with consolidated findings on."""
    known: dict[str, Any] = {
        "SchemaVersion": "2018-10-08",
        "Id": ID,
        "ProductArn": "arn:aws:securityhub:us-east-1::product/aws/securityhub",
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": "us-east-1",
        "GeneratorId": "security-control/EC2.13",
        "AwsAccountId": "123456789012",
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": "2026-01-02T03:04:05.678Z",
        "LastObservedAt": "2026-11-24T10:00:00.000Z",
        "CreatedAt": "2026-01-02T03:05:00.000Z",
        "UpdatedAt": "2026-11-24T10:01:00.000Z",
        "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "HIGH"},
        "Title": "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 22",
        "Description": "This control checks …",
        "ProductFields": {"aws/securityhub/ProductName": "Security Hub"},
        "Resources": [resource()],
        "Compliance": {"Status": "FAILED", "SecurityControlId": "EC2.13"},
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
    return {k: v for k, v in (known | changes).items() if v is not None}


def only(folder: Path, document: Any) -> Reported:
    found = given(folder, document)
    assert found.problems == found.notes == ()
    (entry,) = found.reported
    return entry


def resource_of(folder: Path, document: Any) -> Resource:
    at = only(folder, document).at
    assert isinstance(at, Live)
    return at.resource


@pytest.mark.parametrize(
    "wrapped",
    [
        {"Findings": [finding()]},
        [finding()],
        finding(),
        {
            "version": "0",
            "detail-type": "Security Hub Findings - Imported",
            "source": "aws.securityhub",
            "detail": {"findings": [finding()]},
        },
    ],
    ids=["get-findings", "list", "one", "event"],
)
def test_the_four_wrappings(tmp_path: Path, wrapped: Any) -> None:
    entry = only(tmp_path, wrapped)
    assert (entry.tool, entry.check, entry.id) == ("securityhub", "EC2.13", ID)
    assert entry.source == f"securityhub:EC2.13 {ID}"
    assert entry.created_at == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert entry.observed_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert isinstance(entry.at, Live)
    assert entry.at.resource == Resource(
        "AWS::EC2::SecurityGroup", GROUP, ARN, "123456789012", "us-east-1", tags=None
    )


def test_no_findings(tmp_path: Path) -> None:
    assert given(tmp_path, {"Findings": []}).reported == ()


def test_an_answer_that_is_cut_short_is_said(tmp_path: Path) -> None:
    found = given(tmp_path, {"Findings": [finding()], "NextToken": "x"})
    assert len(found.reported) == 1
    assert found.notes == (
        f"{tmp_path / 'report'}: holds a NextToken: only the first of the findings are in it",
    )


@pytest.mark.parametrize(
    ("changes", "tool", "check"),
    [
        ({"Compliance": {"SecurityControlId": "EC2.19"}}, "securityhub", "EC2.19"),
        (
            {"Compliance": {"Status": "FAILED"}, "ProductFields": {"ControlId": "EC2.14"}},
            "securityhub",
            "EC2.14",
        ),
        (
            {
                "Compliance": None,
                "GeneratorId": "aws-foundational-security-best-practices/v/1.0.0/EC2.18",
            },
            "securityhub",
            "EC2.18",
        ),
        (
            {"Compliance": None, "GeneratorId": "prowler-ec2_x_port_22"},
            "prowler",
            "ec2_x_port_22",
        ),
        ({"Compliance": None, "GeneratorId": "cis/rule/4.1"}, "securityhub", "4.1"),
        ({"Compliance": None, "GeneratorId": "odd/"}, "securityhub", "odd/"),
    ],
)
def test_the_check(tmp_path: Path, changes: dict[str, Any], tool: str, check: str) -> None:
    entry = only(tmp_path, finding(**changes))
    assert (entry.tool, entry.check) == (tool, check)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"RecordState": "ARCHIVED"}, "RecordState ARCHIVED"),
        ({"Workflow": {"Status": "SUPPRESSED"}}, "Workflow.Status SUPPRESSED"),
        ({"Workflow": {"Status": "RESOLVED"}}, "Workflow.Status RESOLVED"),
        ({"Compliance": {"Status": "PASSED"}}, "Compliance.Status PASSED"),
        ({"Compliance": {"Status": "NOT_AVAILABLE"}}, "Compliance.Status NOT_AVAILABLE"),
    ],
)
def test_what_is_not_active_is_left_out_with_its_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    found = given(tmp_path, [finding(), finding(**changes), finding(**changes)])
    assert len(found.reported) == 1
    assert found.notes == (f"{tmp_path / 'report'}: entries left out as not active: {reason} (2)",)


@pytest.mark.parametrize(
    "changes",
    [
        {"Workflow": {"Status": "NOTIFIED"}},
        {"Workflow": None},
        {"RecordState": None},
        {"Compliance": {"Status": "WARNING", "SecurityControlId": "EC2.13"}},
        {"Compliance": {"SecurityControlId": "EC2.13"}},
    ],
)
def test_what_is_active_stays(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert only(tmp_path, finding(**changes)).check == "EC2.13"


# The resource ------------------------------------------------------------------------------


def test_the_arns_own_account_and_region_are_the_groups(tmp_path: Path) -> None:
    """An aggregating account's file holds other accounts' and regions' groups."""
    arn = ARN.replace("us-east-1", "eu-central-1").replace("123456789012", "210987654321")
    found = resource_of(tmp_path, finding(Resources=[resource(Id=arn)]))
    assert (found.account, found.region) == ("210987654321", "eu-central-1")


@pytest.mark.parametrize("name", [GROUP, ARN.replace("us-east-1:123456789012", "us-east-1:")])
def test_what_the_name_does_not_say_the_finding_does(tmp_path: Path, name: str) -> None:
    found = resource_of(tmp_path, finding(Resources=[resource(Id=name)]))
    assert (found.id, found.account, found.region) == (GROUP, "123456789012", "us-east-1")


def test_other_partitions(tmp_path: Path) -> None:
    arn = ARN.replace("arn:aws:", "arn:aws-us-gov:")
    assert resource_of(tmp_path, finding(Resources=[resource(Id=arn)])).arn == arn


def test_name_and_tags_where_it_has_them(tmp_path: Path) -> None:
    details = {"AwsEc2SecurityGroup": {"GroupName": "bastion", "GroupId": GROUP}}
    told = resource(Details=details, Tags={"Role": "bastion", "A": "b"})
    found = resource_of(tmp_path, finding(Resources=[told]))
    assert (found.name, found.tags) == ("bastion", (("A", "b"), ("Role", "bastion")))


def test_the_group_among_other_resources(tmp_path: Path) -> None:
    account = {"Type": "AwsAccount", "Id": "AWS::::Account:123456789012"}
    second = resource(Id=ARN[:-1] + "1")
    found = given(tmp_path, finding(Resources=[account, resource(), second]))
    assert [str(r.at) for r in found.reported] == [ARN, ARN[:-1] + "1"]


def test_an_unknown_check_of_another_resource_is_kept(tmp_path: Path) -> None:
    bucket = {"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::mine"}
    compliance = {"Status": "FAILED", "SecurityControlId": "S3.1"}
    entry = only(tmp_path, finding(Resources=[bucket], Compliance=compliance))
    assert entry.check == "S3.1"
    assert str(entry.at) == "arn:aws:s3:::mine"
    entry = only(tmp_path, finding(Resources=[], Compliance=compliance))
    assert str(entry.at) == ""


@pytest.mark.parametrize("time", ["soon", "", "0000-00-00T00:00:00Z", "9999-99-99"])
def test_a_time_that_is_none_is_not_known(tmp_path: Path, time: str) -> None:
    entry = only(tmp_path, finding(FirstObservedAt=time, LastObservedAt=time))
    assert entry.observed_at is None or entry.observed_at.year == 2026


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (finding(Resources=[resource(Id="sg-*")]), "none of its Resources is a security group"),
        (finding(Resources=[resource(Id=ARN + "\n")]), "none of its Resources"),
        (finding(Resources=[resource(Id="sg-XYZ")]), "none of its Resources"),
        (finding(Resources=[]), "none of its Resources"),
        (finding(Resources={}), "Resources"),
        (finding(Id=7), "$.Id"),
        (finding(Id="x" * 5000), "length <= 4096"),
        (finding(GeneratorId=None), "GeneratorId"),
        (finding(Compliance="FAILED"), "Compliance"),
        ({"Id": "x"}, "missing required field"),
        ("a text", "Expected `object`"),
    ],
)
def test_an_entry_that_is_none_is_left_out_and_the_others_go_on(
    tmp_path: Path, bad: Any, words: str
) -> None:
    found = given(tmp_path, {"Findings": [bad, finding()]})
    assert len(found.reported) == 1
    assert len(found.problems) == 1
    assert "entry 1 is left out: " in found.problems[0]
    assert words in found.problems[0]


@pytest.mark.parametrize("found", [{}, None, "x", 7])
def test_an_answer_without_a_list_stops_it(tmp_path: Path, found: Any) -> None:
    with pytest.raises(SourceError, match='report:1:1: is an answer of Security Hub whose "Find'):
        given(tmp_path, {"Findings": found})
