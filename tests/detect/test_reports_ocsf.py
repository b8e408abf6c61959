"""Prowler's findings in OCSF (its prowler/lib/outputs/ocsf, and its example output)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reportfiles import ARN, GROUP, given

from remediator.detect.reports.reported import Live, Reported
from remediator.model import Resource

CHECK = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22"
UID = f"prowler-aws-{CHECK}-123456789012-us-east-1-{ARN}"


def finding(**changes: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "message": f"Security group web ({GROUP}) has Microsoft SSH port 22 open to the Internet.",
        "metadata": {
            "event_code": CHECK,
            "product": {"name": "Prowler", "uid": "prowler", "vendor_name": "Prowler"},
            "profiles": ["cloud", "datetime"],
            "version": "1.5.0",
        },
        "severity_id": 4,
        "severity": "High",
        "status": "New",
        "status_code": "FAIL",
        "status_id": 1,
        "unmapped": {"compliance": {"CIS-3.0": ["5.2"]}},
        "activity_name": "Create",
        "activity_id": 1,
        "finding_info": {
            "created_time": 1767322800,
            "created_time_dt": "2026-01-02T03:00:00",
            "title": "…",
            "uid": UID,
        },
        "resources": [
            {
                "cloud_partition": "aws",
                "region": "us-east-1",
                "data": {"details": "web", "metadata": {"arn": ARN}},
                "group": {"name": "ec2"},
                "labels": ["Role:web"],
                "name": "web",
                "type": "AwsEc2SecurityGroup",
                "uid": ARN,
            }
        ],
        "category_uid": 2,
        "class_name": "Detection Finding",
        "class_uid": 2004,
        "cloud": {
            "account": {"name": "", "type": "AWS Account", "uid": "123456789012"},
            "provider": "aws",
            "region": "us-east-1",
        },
        "time": 1767322800,
        "time_dt": "2026-01-02T03:00:00",
        "type_uid": 200401,
    }
    return {k: v for k, v in (known | changes).items() if v is not None}


def only(folder: Path, document: Any) -> Reported:
    found = given(folder, document)
    assert found.problems == found.notes == ()
    (entry,) = found.reported
    return entry


@pytest.mark.parametrize("wrapped", [[finding()], finding()], ids=["list", "one"])
def test_prowlers_own(tmp_path: Path, wrapped: Any) -> None:
    entry = only(tmp_path, wrapped)
    assert (entry.tool, entry.check, entry.id) == ("prowler", CHECK, UID)
    assert entry.created_at == entry.observed_at == datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
    assert entry.at == Live(
        Resource("AWS::EC2::SecurityGroup", GROUP, ARN, "123456789012", "us-east-1", tags=None)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata": {}},
        {"metadata": {"event_code": None}, "finding_info": {"uid": UID}},
        {"metadata": {}, "finding_info": {"uid": "x", "analytic": {"uid": CHECK}}},
    ],
)
def test_the_check_from_elsewhere(tmp_path: Path, changes: dict[str, Any]) -> None:
    entry = only(tmp_path, [finding(**changes)])
    assert (entry.tool, entry.check) == ("ocsf", CHECK)


@pytest.mark.parametrize(
    ("times", "when"),
    [
        ({"time": 1767322800000}, datetime(2026, 1, 2, 3, 0, tzinfo=UTC)),
        (
            {"time": None, "time_dt": "2026-01-02T04:00:00+01:00"},
            datetime(2026, 1, 2, 3, tzinfo=UTC),
        ),
        ({"time": None, "time_dt": None}, None),
        ({"time": 10**18, "time_dt": None}, None),
        ({"time": -(10**18), "time_dt": "never"}, None),
    ],
)
def test_when_it_was_seen(tmp_path: Path, times: dict[str, Any], when: datetime | None) -> None:
    assert only(tmp_path, [finding(**times)]).observed_at == when


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status_code": "PASS"}, "status_code PASS"),
        ({"status_code": "MANUAL"}, "status_code MANUAL"),
        ({"status_id": 3, "status": "Suppressed"}, "status Suppressed"),
        ({"status_id": 4}, "status Resolved"),
    ],
)
def test_what_is_not_active_is_left_out_with_its_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    found = given(tmp_path, [finding(**changes), finding()])
    assert len(found.reported) == 1
    assert found.notes == (f"{tmp_path / 'report'}: entries left out as not active: {reason} (1)",)


def test_an_unknown_check_of_another_resource_is_kept(tmp_path: Path) -> None:
    told = {"metadata": {"event_code": "iam_root_mfa_enabled"}}
    root = {"uid": "arn:aws:iam::123456789012:root", "type": "AwsIamUser"}
    entry = only(tmp_path, [finding(**told, resources=[root])])
    assert (entry.check, str(entry.at)) == ("iam_root_mfa_enabled", root["uid"])
    assert str(only(tmp_path, [finding(**told, resources=[])]).at) == ""


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (finding(metadata={}, finding_info={"uid": "x"}), "it names no check"),
        (finding(resources=[]), "none of its resources is a security group"),
        (finding(resources=[{"uid": "sg-*"}]), "none of its resources"),
        (finding(resources="x"), "resources"),
        (finding(finding_info=None), "finding_info"),
        (finding(metadata={"event_code": "x" * 600}), "length <= 512"),
        (finding(finding_info={"uid": "x" * 5000}), "length <= 4096"),
        (finding(time="today"), "$.time"),
        (7, "Expected `object`"),
    ],
)
def test_an_entry_that_is_none_is_left_out_and_the_others_go_on(
    tmp_path: Path, bad: Any, words: str
) -> None:
    found = given(tmp_path, [bad, finding()])
    assert len(found.reported) == 1
    assert len(found.problems) == 1
    assert "entry 1 is left out: " in found.problems[0]
    assert words in found.problems[0]
