"""`run --event` with a finding of Access Analyzer: from the event to the pushed merge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from commandline import REGION, Ran, SmallStage, bot_branches, main_head, one_root, run, show
from identityworld import STRANGER, ago

from remediator.embedded.aws import ACCOUNT

FILE = "live/prod/main.tf"
USED = "s3:ListAllMyBuckets"


def role(name: str, *actions: str, trusted: str = '{ Service = "lambda.amazonaws.com" }') -> str:
    return f"""\
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {trusted}, Action = "sts:AssumeRole" }}]
  }})
}}

resource "aws_iam_role_policy" "{name}" {{
  name = "own"
  role = aws_iam_role.{name}.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = {json.dumps([*actions])}, Resource = "*" }}]
  }})
}}
"""


PARTNER = f'{{ AWS = ["arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::{STRANGER}:root"] }}'
ROLES = one_root(
    role("orders", USED, "s3:DeleteBucket"),
    role("invoices", USED, "s3:DeleteBucket"),
    role("partner", USED, trusted=PARTNER),
    role("repaired", USED, trusted=PARTNER),
)


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), ROLES) as stage:
        stage.configure(sources="{aws_config: null, live_rules: true, access_analyzer: {}}")
        stage.aws.make_older(timedelta(days=200))
        for name in ("orders", "invoices", "partner", "repaired"):
            stage.aws.use.used(arn(name), USED, ago(days=5))
        for kind in ("ACCOUNT", "ACCOUNT_UNUSED_ACCESS"):
            api(stage).create_analyzer(analyzerName=kind.lower(), type=kind)
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


def api(stage: SmallStage) -> Any:
    make: Any = stage.session.client
    return make("accessanalyzer", REGION)


def found(stage: SmallStage, name: str, kind: str = "UnusedPermission") -> tuple[str, str]:
    """The analyzer's ARN, and its id of the finding."""
    client = api(stage)
    for analyzer in client.list_analyzers()["analyzers"]:
        for one in client.list_findings_v2(analyzerArn=analyzer["arn"])["findings"]:
            if (one["resource"], one["findingType"]) == (arn(name), kind):
                return analyzer["arn"], one["id"]
    raise AssertionError(f"no {kind} of {name}")


def event(kind: str, analyzer: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "2f3b4c5d-0000-4000-8000-000000000000",
        "detail-type": kind,
        "source": "aws.access-analyzer",
        "account": ACCOUNT,
        "time": f"{ago(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [analyzer],
        "detail": detail,
    }


def common(name: str) -> dict[str, Any]:
    return {
        "version": "1.0",
        "status": "ACTIVE",
        "resourceType": "AWS::IAM::Role",
        "resource": arn(name),
        "accountId": ACCOUNT,
        "createdAt": "2026-11-01T09:00:00Z",
        "analyzedAt": "2026-11-01T09:00:00Z",
        "updatedAt": "2026-11-01T09:00:00Z",
    }


def unused(stage: SmallStage, name: str, said: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html"""
    analyzer, number = found(stage, name)
    detail = common(said or name) | {
        "findingId": number,
        "findingType": "UnusedPermission",
        "numberOfUnusedServices": 0,
        "numberOfUnusedActions": 1,
    }
    return event("Unused Access Finding for IAM entities", analyzer, detail)


def external(stage: SmallStage, name: str, principal: str) -> dict[str, Any]:
    analyzer, number = found(stage, name, "ExternalAccess")
    detail = common(name) | {
        "id": number,
        "principal": {"AWS": principal},
        "action": ["sts:AssumeRole"],
        "condition": {},
        "isPublic": False,
        "isDeleted": False,
    }
    return event("Access Analyzer Finding", analyzer, detail)


def told(stage: SmallStage, document: dict[str, Any]) -> Ran:
    file = stage.folder / "event.json"
    file.write_text(json.dumps(document))
    return run(stage, "--event", file)


SHAPES = {
    "EventBridge": lambda e: e,
    "repository_dispatch": lambda e: {"action": "finding", "client_payload": e},
    "repository_dispatch, nested": lambda e: {"action": "finding", "client_payload": {"event": e}},
    "the payload alone": lambda e: {"event": e},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_unused_permissions_are_merged_from_their_event(stage: SmallStage, shape: Any) -> None:
    before = main_head(stage)
    ran = told(stage, shape(unused(stage, "orders")))
    outcome = ran.only()
    assert (ran.status, outcome["outcome"]) == (0, "merged"), outcome["reason"]
    assert outcome["finding"]["resource"] == arn("orders")
    assert outcome["disposition"] == "auto"
    after = show(stage, main_head(stage), FILE)
    assert main_head(stage) != before
    assert after == show(stage, before, FILE).replace(
        json.dumps([USED, "s3:DeleteBucket"]), json.dumps([USED]), 1
    )
    assert ran.document is not None
    calls = ran.document["aws_calls"]
    assert "accessanalyzer:ListFindingsV2" not in calls
    assert calls["iam:GenerateServiceLastAccessedDetails"] == 1


def without_the_stranger(text: str) -> str:
    """In the first role that lets them in."""
    return text.replace(f', "arn:aws:iam::{STRANGER}:root"', "", 1)


def test_access_from_outside_is_merged_from_its_event(stage: SmallStage) -> None:
    before = main_head(stage)
    outcome = told(stage, external(stage, "partner", STRANGER)).only()
    assert (outcome["outcome"], outcome["finding"]["class"]) == ("merged", "external-access")
    assert show(stage, main_head(stage), FILE) == without_the_stranger(show(stage, before, FILE))


def test_the_finding_is_believed_and_not_its_event(stage: SmallStage) -> None:
    """The event names another role; what the analyzer has under that id is what changes."""
    outcome = told(stage, unused(stage, "orders", said="invoices")).only()
    assert outcome["finding"]["resource"] == arn("orders")
    assert outcome["terraform"]["address"] == "aws_iam_role_policy.orders"
    assert outcome["outcome"] == "merged"
    after = show(stage, main_head(stage), FILE)
    assert role("invoices", USED, "s3:DeleteBucket") in after


def test_an_event_cannot_name_who_goes(stage: SmallStage) -> None:
    """It says that the account itself is the stranger."""
    before = main_head(stage)
    outcome = told(stage, external(stage, "partner", ACCOUNT)).only()
    assert outcome["outcome"] == "merged"
    assert show(stage, main_head(stage), FILE) == without_the_stranger(show(stage, before, FILE))


def test_an_event_of_a_finding_that_is_repaired_changes_nothing(stage: SmallStage) -> None:
    document = external(stage, "repaired", STRANGER)
    make: Any = stage.session.client
    iam = make("iam", REGION)
    trust = iam.get_role(RoleName="repaired")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Principal"] = {"Service": "lambda.amazonaws.com"}
    iam.update_assume_role_policy(RoleName="repaired", PolicyDocument=json.dumps(trust))
    before, branches = main_head(stage), bot_branches(stage)
    ran = told(stage, document)
    outcome = ran.only()
    assert (ran.status, outcome["outcome"]) == (0, "resolved")
    assert outcome["reason"]["code"] == "not-live"
    assert outcome["disposition"] is None
    assert outcome["edits"] == []
    assert (main_head(stage), bot_branches(stage)) == (before, branches)


def test_an_event_that_cannot_be_confirmed_is_never_automatic(stage: SmallStage) -> None:
    document = unused(stage, "orders")
    stage.aws.faults.deny("access-analyzer:GetFindingV2")
    before = main_head(stage)
    ran = told(stage, document)
    assert ran.status == 3
    assert ran.only()["disposition"] != "auto"
    assert main_head(stage) == before
