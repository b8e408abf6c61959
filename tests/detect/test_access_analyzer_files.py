"""Access Analyzer's findings in a file: as the AWS CLI prints them, Security Hub's, events."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from analyzerfiles import (
    ID,
    ROLE,
    access_event,
    config_event,
    event,
    external,
    hub,
    service,
    summary,
    unused,
    unused_event,
)
from hypothesis import given as drawn
from hypothesis import settings, strategies
from reportfiles import GROUP, given

from remediator.detect.access_analyzer.findings import last_name
from remediator.detect.events import wake_up
from remediator.detect.reports.reported import Live
from remediator.model import Finding, Resource, SourceError


def only(folder: Path, document: Any) -> Finding:
    found = given(folder, document)
    assert (found.problems, found.notes, found.reported) == ((), (), ())
    (finding,) = found.findings
    return finding


WHOLE = unused(
    service("sqs"),
    service("s3", "DeleteBucket", ("s3:CreateBucket", "2026-05-01T00:00:00+00:00")),
)


@pytest.mark.parametrize(
    "wrap",
    [lambda f: f, lambda f: [f], lambda f: {"findings": [f]}],
    ids=["one", "array", "findings"],
)
def test_get_finding_v2_in_every_wrapping(tmp_path: Path, wrap: Any) -> None:
    finding = only(tmp_path, wrap(WHOLE))
    assert (finding.id, finding.finding_class) == (f"access-analyzer:{ID}", "unused-permissions")
    assert finding.source == "access-analyzer"
    assert finding.resource == Resource(
        "AWS::IAM::Role", "orders", ROLE, "111122223333", None, "orders", None
    )
    assert finding.created_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert finding.observed_at == datetime(2026, 11, 29, 9, tzinfo=UTC)
    assert finding.evidence["unused"] == [
        {"service": "sqs", "last_accessed": None, "actions": None},
        {
            "service": "s3",
            "last_accessed": None,
            "actions": [
                {"action": "s3:DeleteBucket", "last_accessed": None},
                {"action": "s3:CreateBucket", "last_accessed": "2026-05-01T00:00:00Z"},
            ],
        },
    ]
    assert finding.evidence["removable"] is None
    assert finding.evidence["live"] is None


@pytest.mark.parametrize(
    "wrap", [lambda f: f, lambda f: {"findings": f}], ids=["array", "findings"]
)
def test_the_pages_of_one_finding_are_joined(tmp_path: Path, wrap: Any) -> None:
    details = WHOLE["findingDetails"]
    pages = [
        {**WHOLE, "findingDetails": details[:1], "nextToken": "more"},
        {**WHOLE, "findingDetails": details[1:]},
    ]
    assert only(tmp_path, wrap(pages)) == only(tmp_path, WHOLE)
    other = {**WHOLE, "id": "another"}
    found = given(tmp_path, [pages[0], other, pages[1], pages[1]]).findings
    assert [f.id for f in found] == [f"access-analyzer:{ID}", "access-analyzer:another"]
    assert len(found[0].evidence["unused"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"analyzedAt": "2026-11-28T09:00:00+00:00"},
        {"status": "RESOLVED"},
        {"resource": f"{ROLE}-2"},
        {"error": "INTERNAL_ERROR"},
    ],
)
def test_two_answers_of_different_days_are_no_pages(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    """What was unused then may be in use now."""
    with pytest.raises(SourceError, match=f"{ID}.*with another {next(iter(changes))}"):
        given(tmp_path, [WHOLE, {**WHOLE, **changes}])


def test_an_empty_list_of_actions_is_not_the_whole_service(tmp_path: Path) -> None:
    empty = {"unusedPermissionDetails": {"serviceNamespace": "s3", "actions": []}}
    (found,) = only(tmp_path, unused(empty)).evidence["unused"]  # type: ignore[misc]
    assert found == {"service": "s3", "last_accessed": None, "actions": []}


def test_times_of_an_older_aws_cli_are_numbers(tmp_path: Path) -> None:
    finding = only(tmp_path, unused(service("sqs"), createdAt=1767323045.5, analyzedAt=1767323045))
    assert finding.observed_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_external_access(tmp_path: Path) -> None:
    finding = only(tmp_path, external())
    assert finding.finding_class == "external-access"
    evidence = dict(finding.evidence)
    assert evidence.pop("analyzer") == {
        "status": "ACTIVE",
        "analyzed_at": "2026-11-29T09:00:00Z",
        "updated_at": "2026-11-02T08:00:00Z",
        "id": ID,
        "arn": None,
        "unused_days": None,
    }
    assert evidence == {
        "principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "accounts": ["444455556666"],
        "actions": ["sts:AssumeRole"],
        "condition": {},
        "is_public": False,
        "sources": ["POLICY"],
        "live": None,
    }


@pytest.mark.parametrize(
    ("principal", "accounts"),
    [
        ({"AWS": "444455556666"}, ["444455556666"]),
        ({"AWS": "arn:aws-cn:iam::444455556666:user/x"}, ["444455556666"]),
        ({"AWS": "*"}, []),
        ({"Federated": "cognito-identity.amazonaws.com"}, []),
        ({"AWS": "arn:aws:iam::4444555566667:root"}, []),
        ({"AWS": "444455556666x"}, []),
        ({}, []),
    ],
)
def test_the_accounts_of_a_principal(
    tmp_path: Path, principal: dict[str, str], accounts: list[str]
) -> None:
    finding = only(tmp_path, external(details={"principal": principal}))
    assert finding.evidence["accounts"] == accounts


@pytest.mark.parametrize(
    ("kind", "details", "evidence"),
    [
        (
            "UnusedIAMUserAccessKey",
            {"unusedIamUserAccessKeyDetails": {"accessKeyId": "AKIAEXAMPLE"}},
            {"kind": "access-key", "access_key_id": "AKIAEXAMPLE", "last_accessed": None},
        ),
        (
            "UnusedIAMUserPassword",
            {"unusedIamUserPasswordDetails": {"lastAccessed": "2026-01-02T03:04:05Z"}},
            {
                "kind": "password",
                "access_key_id": None,
                "last_accessed": "2026-01-02T03:04:05Z",
            },
        ),
        (
            "UnusedIAMRole",
            {"unusedIamRoleDetails": {}},
            {"kind": "role", "access_key_id": None, "last_accessed": None},
        ),
    ],
)
def test_unused_credentials(
    tmp_path: Path, kind: str, details: Any, evidence: dict[str, Any]
) -> None:
    finding = only(tmp_path, summary(findingType=kind) | {"findingDetails": [details]})
    assert finding.finding_class == "unused-credentials"
    assert {k: v for k, v in finding.evidence.items() if k != "analyzer"} == evidence


def test_a_list_has_no_details_and_its_findings_are_findings(tmp_path: Path) -> None:
    rows = [summary(id="a"), summary(id="b", findingType="UnusedIAMRole")]
    found = given(tmp_path, {"findings": rows, "nextToken": "more"})
    assert [f.id for f in found.findings] == ["access-analyzer:a", "access-analyzer:b"]
    assert found.findings[0].evidence["unused"] == []
    assert "holds a nextToken" in found.notes[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "ARCHIVED"}, "status ARCHIVED"),
        ({"status": "RESOLVED"}, "status RESOLVED"),
        ({"findingType": "InternalAccess"}, "findingType InternalAccess"),
        ({"error": "ACCESS_DENIED"}, "error ACCESS_DENIED"),
        ({"resource": None}, "no resource is named"),
    ],
)
def test_what_is_left_out_is_counted(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    found = given(tmp_path, [summary(**changes)])
    assert (found.findings, found.problems) == ((), ())
    assert reason in found.notes[0]
    assert "(1)" in found.notes[0]


def test_a_bad_entry_harms_no_other(tmp_path: Path) -> None:
    odd = unused({"unusedPermissionDetails": {"serviceNamespace": 7}})
    found = given(tmp_path, [{**odd, "id": "odd"}, unused(service("sqs"))])
    assert len(found.findings) == 1
    assert "entry 1 is left out" in found.problems[0]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (ROLE, "orders"),
        ("arn:aws:iam::111122223333:user/alice", "alice"),
        ("arn:aws:s3:::reports.example.com", "reports.example.com"),
        ("arn:aws:sqs:eu-west-1:111122223333:jobs", "jobs"),
        ("arn:aws:sns:eu-west-1:111122223333:alarms", "alarms"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:nightly", "nightly"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:nightly:live", "nightly"),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/team/app", "team/app"),
        ("arn:aws:kms:eu-west-1:111122223333:key/1234abcd", "1234abcd"),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", "db-AbCdEf"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("", ""),
    ],
)
def test_the_name_at_the_end_of_an_arn(arn: str, name: str) -> None:
    assert last_name(arn) == name


# Security Hub -------------------------------------------------------------------------------


def test_a_finding_that_security_hub_wraps(tmp_path: Path) -> None:
    finding = only(tmp_path, {"Findings": [hub()]})
    assert (finding.id, finding.source) == (
        f"access-analyzer:{ID}",
        "securityhub:access-analyzer",
    )
    assert finding.resource.type == "AWS::S3::Bucket"
    assert finding.resource.id == "reports.example.com"
    assert finding.evidence["principal"] == {"AWS": "444455556666"}
    assert finding.evidence["accounts"] == ["444455556666"]
    assert finding.evidence["actions"] == ["s3:GetObject", "s3:GetObjectVersion"]
    assert finding.evidence["condition"] == {}


def test_a_wrapped_unused_permission_does_not_say_which(tmp_path: Path) -> None:
    kind = "Software and Configuration Checks/AWS Security Best Practices/Unused Permission"
    role = [{"Type": "AwsIamRole", "Id": ROLE}]
    finding = only(tmp_path, hub(Types=[kind], Resources=role, SourceUrl=None))
    assert finding.finding_class == "unused-permissions"
    assert finding.evidence["unused"] == []
    assert finding.resource.region is None
    assert finding.id == hub()["Id"]


def test_controls_and_wrapped_findings_in_one_file(tmp_path: Path) -> None:
    control = hub(
        ProductArn="arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        GeneratorId="security-control/EC2.13",
        Compliance={"Status": "FAILED", "SecurityControlId": "EC2.13"},
        Resources=[{"Type": "AwsEc2SecurityGroup", "Id": GROUP}],
    )
    found = given(tmp_path, {"Findings": [hub(), control]})
    assert (len(found.findings), len(found.reported)) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"RecordState": "ARCHIVED"}, "RecordState ARCHIVED"),
        ({"Workflow": {"Status": "SUPPRESSED"}}, "Workflow.Status SUPPRESSED"),
    ],
)
def test_wrapped_and_inactive(tmp_path: Path, changes: dict[str, Any], where: str) -> None:
    found = given(tmp_path, hub(**changes))
    assert found.findings == ()
    assert where in found.notes[0]


def test_a_wrapped_finding_of_a_new_type_is_told(tmp_path: Path) -> None:
    found = given(tmp_path, hub(Types=["Software/New"]))
    assert found.findings == ()
    assert "name no finding of Access Analyzer" in found.problems[0]


# AWS Config ---------------------------------------------------------------------------------


def result(rule: str, resource: str, kind: str = "AWS::EC2::SecurityGroup") -> dict[str, Any]:
    qualifier = {"ConfigRuleName": rule, "ResourceType": kind, "ResourceId": resource}
    return {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier},
        "ComplianceType": "NON_COMPLIANT",
        "ResultRecordedTime": "2026-11-29T09:00:00+00:00",
    }


def test_compliance_details_of_a_config_rule(tmp_path: Path) -> None:
    late = result("restricted-ssh", GROUP) | {"ComplianceType": "COMPLIANT"}
    rows = [result("restricted-ssh", GROUP), result("my-own", "AROAEXAMPLE", "AWS::IAM::Role")]
    found = given(tmp_path, {"EvaluationResults": [*rows, late], "NextToken": "x"})
    assert [(r.tool, r.check) for r in found.reported] == [
        ("config", "restricted-ssh"),
        ("config", "my-own"),
    ]
    at = found.reported[0].at
    assert isinstance(at, Live)
    assert at.resource.id == GROUP
    assert any("COMPLIANT (1)" in note for note in found.notes)
    assert any("NextToken" in note for note in found.notes)


def test_a_known_rule_about_no_group_is_told(tmp_path: Path) -> None:
    found = given(tmp_path, {"EvaluationResults": [result("restricted-ssh", "i-1")]})
    assert "no sg- id" in found.problems[0]


# Events -------------------------------------------------------------------------------------


def test_an_event_of_external_access(tmp_path: Path) -> None:
    finding = only(tmp_path, access_event())
    assert finding.id == f"access-analyzer:{ID}"
    assert finding.evidence["accounts"] == ["444455556666"]
    found = wake_up(access_event(), (finding,))
    assert (found.analyzer_ids, found.regions) == ({ID}, {"eu-west-1"})
    assert found.accounts == {"111122223333"}


def test_an_event_of_unused_access_names_no_action(tmp_path: Path) -> None:
    finding = only(tmp_path, unused_event())
    assert finding.finding_class == "unused-permissions"
    assert finding.evidence["unused"] == []
    assert wake_up(unused_event(), (finding,)).analyzer_ids == {ID}


def test_an_event_of_a_config_rule(tmp_path: Path) -> None:
    found = given(tmp_path, config_event("restricted-ssh", GROUP))
    (entry,) = found.reported
    assert entry.check == "restricted-ssh"
    assert wake_up(config_event("restricted-ssh", GROUP), found.reported).groups == {GROUP}


def test_an_event_of_security_hub(tmp_path: Path) -> None:
    document = event("Security Hub Findings - Imported", "aws.securityhub", {"findings": [hub()]})
    finding = only(tmp_path, document)
    assert wake_up(document, (finding,)).analyzer_ids == {ID}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda e: {"action": "finding", "client_payload": e, "repository": {"id": 1}},
        lambda e: {"client_payload": {"event": e}},
        lambda e: [e],
    ],
    ids=["payload", "event in it", "a list"],
)
def test_the_payload_of_a_repository_dispatch(tmp_path: Path, wrap: Any) -> None:
    assert only(tmp_path, wrap(access_event())).id == f"access-analyzer:{ID}"


def test_a_deletion_does_not_change_the_status(tmp_path: Path) -> None:
    found = given(tmp_path, access_event(isDeleted=True))
    assert found.findings == ()
    assert "isDeleted (1)" in found.notes[0]


def test_an_event_that_resolves(tmp_path: Path) -> None:
    assert given(tmp_path, access_event(status="RESOLVED")).findings == ()
    resolved = given(tmp_path, config_event("restricted-ssh", GROUP, "COMPLIANT"))
    assert resolved.reported == ()


ANY = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=9),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.sampled_from([*summary(), "detail", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@drawn(
    ANY,
    strategies.sampled_from([WHOLE, external(), access_event(), unused_event(), hub()]),
    strategies.integers(0, 40),
)
def test_no_value_anywhere_ends_in_an_exception(
    tmp_path_factory: pytest.TempPathFactory, value: Any, document: dict[str, Any], place: int
) -> None:
    changed = json.loads(json.dumps(document))
    targets = [changed, *(v for v in changed.values() if isinstance(v, dict))]
    for target in targets:
        keys = sorted(target)
        target[keys[place % len(keys)]] = value
    folder = tmp_path_factory.mktemp("any")
    with suppress(SourceError):
        given(folder, changed)
