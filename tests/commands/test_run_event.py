"""`remediator run --event`, and the most changes that a run may make."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    WORLD,
    Ran,
    SmallStage,
    bot_branches,
    group,
    ingress,
    main_head,
    one_root,
    run,
)

TWO = one_root(group("web", ingress("10.0.0.0/8", WORLD)), group("jobs", ingress(WORLD)))
ANALYZER = "arn:aws:access-analyzer:us-east-1:123456789012:analyzer/outside"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), TWO) as stage:
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


def event(kind: str, source: str, detail: dict[str, Any], *resources: str) -> dict[str, Any]:
    return {
        "version": "0",
        "detail-type": kind,
        "source": source,
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [*resources],
        "detail": detail,
    }


def ssh_event(group_id: str, compliance: str = "NON_COMPLIANT") -> dict[str, Any]:
    detail = {
        "resourceId": group_id,
        "resourceType": "AWS::EC2::SecurityGroup",
        "awsRegion": "us-east-1",
        "awsAccountId": "123456789012",
        "configRuleName": "restricted-ssh",
        "newEvaluationResult": {"complianceType": compliance},
    }
    return event("Config Rules Compliance Change", "aws.config", detail)


def run_with(stage: SmallStage, document: Any, *arguments: str) -> Ran:
    file = stage.folder / "event.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return run(stage, "--event", file, *arguments)


def test_only_what_the_event_names_is_looked_at_and_closed(stage: SmallStage) -> None:
    before = main_head(stage)
    ran = run_with(stage, ssh_event(stage.id_of("web")))
    assert ran.status == 0
    outcome = ran.only()
    assert outcome["outcome"] == "merged"
    assert outcome["terraform"]["address"] == "aws_security_group.web"
    assert "config:restricted-ssh" in outcome["finding"]["source"]
    assert main_head(stage) != before
    assert ran.document is not None
    calls = ran.document["aws_calls"]
    assert "config:DescribeConfigRules" not in calls
    assert calls["ec2:DescribeSecurityGroupRules"] == 1


def test_the_payload_of_a_repository_dispatch_on_standard_input(
    stage: SmallStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from remediator.cli import main

    payload = {"action": "finding", "client_payload": ssh_event(stage.id_of("jobs"))}
    arguments = ["run", "--config", str(stage.config), "--event", "-", "--observe"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    result = CliRunner().invoke(main, arguments, input=json.dumps(payload))
    assert result.exit_code == 0, result.output
    assert "aws_security_group.jobs" in result.output
    assert "aws_security_group.web" not in result.output
    assert sys.stdin is not None


def test_an_event_of_what_complies_again_does_nothing(stage: SmallStage) -> None:
    before = main_head(stage)
    ran = run_with(stage, ssh_event(stage.id_of("web"), "COMPLIANT"))
    assert (ran.status, ran.outcomes) == (0, [])
    assert "COMPLIANT (1)" in ran.err
    assert main_head(stage) == before


def test_an_event_that_is_late(stage: SmallStage) -> None:
    """The rules are read anew: the group is closed by now, or never was."""
    ran = run_with(stage, ssh_event("sg-0123456789abcdef0"))
    (outcome,) = ran.outcomes
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("resolved", "not-live")


def test_an_event_of_an_analyzer_s_finding_that_is_gone(stage: SmallStage) -> None:
    detail = {
        "id": "0f5c5f8a-7e0d-4e5e-9a58-1d2f3a4b5c6d",
        "status": "ACTIVE",
        "resourceType": "AWS::IAM::Role",
        "resource": "arn:aws:iam::123456789012:role/gone",
        "accountId": "123456789012",
        "analyzedAt": "2026-11-29T09:00:00Z",
        "principal": {"AWS": "444455556666"},
        "action": ["sts:AssumeRole"],
        "condition": {},
        "isPublic": False,
    }
    ran = run_with(stage, event("Access Analyzer Finding", "aws.access-analyzer", detail, ANALYZER))
    (outcome,) = ran.outcomes
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("resolved", "not-live")
    assert "no analyzer finds it any more" in outcome["reason"]["text"]


HOSTILE = "web\n::error::forged\n\nFinding-Id: forged"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "not json",
        json.dumps({"detail-type": "Something Else", "detail": {}}),
        json.dumps({"client_payload": {"x": 1}}),
        json.dumps({"detail-type": "Access Analyzer Finding", "detail": 7}),
    ],
)
def test_what_is_no_event_ends_with_a_sentence(stage: SmallStage, text: str) -> None:
    ran = run_with(stage, text)
    assert ran.status == 2
    assert "event.json:1:1: is not a findings file" in ran.err


def test_a_hostile_event_stays_in_its_line(stage: SmallStage) -> None:
    ran = run_with(stage, ssh_event(HOSTILE))
    assert ran.status == 2
    assert "\n::error::" not in ran.out + ran.err
    assert "\nFinding-Id" not in ran.out + ran.err


def test_an_event_that_is_larger_than_any(stage: SmallStage) -> None:
    ran = run_with(stage, json.dumps(ssh_event("sg-1") | {"x": "y" * 2**20}))
    assert ran.status == 2
    assert "is larger than any event" in ran.err


# The most changes of a run ------------------------------------------------------------------


def limited(stage: SmallStage, value: str) -> Ran:
    stage.configure(limits=f"{{max_changes: {value}}}")
    return run(stage)


def test_beyond_the_limit_nothing_is_changed(stage: SmallStage) -> None:
    before = main_head(stage)
    ran = limited(stage, "1")
    assert [(o["outcome"], o["reason"]["code"]) for o in ran.outcomes] == [
        ("refused", "max-changes"),
        ("refused", "max-changes"),
    ]
    assert "2 changes would be made, and limits.max_changes is 1" in ran.out
    assert main_head(stage) == before
    assert bot_branches(stage) == {}


def test_within_the_limit_the_run_goes_on(stage: SmallStage) -> None:
    assert [o["outcome"] for o in limited(stage, "2").outcomes] == ["merged", "merged"]


def test_a_share_of_the_identities_says_nothing_of_security_groups(stage: SmallStage) -> None:
    assert [o["outcome"] for o in limited(stage, '"1%"').outcomes] == ["merged", "merged"]


def test_no_file_is_left_behind(stage: SmallStage) -> None:
    run_with(stage, ssh_event(stage.id_of("web")), "--observe")
    assert not list(Path(stage.checkout).glob("**/event*"))
