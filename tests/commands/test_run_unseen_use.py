"""`run` on wildcards of services that were used by what AWS does not track, or no catalogue has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from commandline import REGION, Ran, SmallStage, main_head, one_root, run, show
from identityworld import ago

from remediator.embedded.aws import ACCOUNT

USED, NEW = "s3:ListAllMyBuckets", "s3:NewerThanEveryCatalogue"
TRUST = """\
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
"""


def role(name: str, *actions: str) -> str:
    return f"""\
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
{inline(name, name, *actions)}"""


def inline(label: str, of: str, *actions: str) -> str:
    return f"""
resource "aws_iam_role_policy" "{label}" {{
  name = "{label}"
  role = aws_iam_role.{of}.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = {json.dumps(actions)}, Resource = "*" }}]
  }})
}}
"""


ROLES = one_root(
    TRUST,
    role("tracked", "s3:*"),
    role("unexplained", "s3:*"),
    role("unseen", "s3:Get*"),
    role("listed", USED, "s3:DeleteBucket", "s3:GetObject"),
    role("newest", "s3:*") + inline("newest_more", "newest", NEW),
)
DID = {
    "tracked": {USED: 5, NEW: 6},
    "unexplained": {USED: 5, NEW: 3},
    "unseen": {"s3:GetObject": 3},
    "listed": {USED: 5, "s3:GetObject": 3},
    "newest": {USED: 5, NEW: 3},
}


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), ROLES) as stage:
        stage.configure(sources="{aws_config: null, live_rules: true, access_analyzer: {}}")
        stage.aws.make_older(timedelta(days=200))
        for name, actions in DID.items():
            for action, days in actions.items():
                stage.aws.use.used(arn(name), action, ago(days=days))
        make: Any = stage.session.client
        kind = "ACCOUNT_UNUSED_ACCESS"
        make("accessanalyzer", REGION).create_analyzer(analyzerName="unused", type=kind)
        yield stage


@pytest.fixture(scope="module")
def ran(world: SmallStage) -> Ran:
    return run(world)


def of(ran: Ran, name: str) -> dict[str, Any]:
    (found,) = [o for o in ran.outcomes if o["finding"]["resource"] == arn(name)]
    return found


def unseen(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c["verdict"], c["detail"]) for c in found["checks"] if c["name"] == "unseen-use"]


def test_a_last_use_that_is_a_tracked_action_s_may_not_have_been_the_only_one(ran: Ran) -> None:
    found = of(ran, "tracked")
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    ((verdict, detail),) = unseen(found)
    assert verdict == "unknown"
    assert "perhaps by more than AWS tracks" in detail


def test_a_later_use_of_something_else_may_be_of_what_nobody_knows(
    world: SmallStage, ran: Ran
) -> None:
    found = of(ran, "unexplained")
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    (told,) = unseen(found)
    day = f"{ago(days=3):%Y-%m-%d}"
    why = f"s3:* (used on {day}, later than any action that AWS tracks)"
    assert told == ("unknown", f"{why} would be written out, and may grant what is in use")
    merged = show(world, main_head(world), "live/prod/main.tf")
    assert inline("unexplained", "unexplained", "s3:*") in merged


def test_without_a_tracked_action_in_use_a_narrower_wildcard_waits_too(ran: Ran) -> None:
    found = of(ran, "unseen")
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    ((verdict, detail),) = unseen(found)
    assert verdict == "unknown"
    assert "s3:Get* (used on" in detail
    assert "and no action that AWS tracks" in detail


def test_actions_that_are_named_one_by_one_need_no_explanation(ran: Ran) -> None:
    found = of(ran, "listed")
    assert (found["outcome"], found["disposition"]) == ("merged", "auto"), found["reason"]
    assert unseen(found) == []


def test_an_action_in_use_that_no_catalogue_has_is_written_out(world: SmallStage, ran: Ran) -> None:
    found = of(ran, "newest")
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    after = show(world, found["branch"], "live/prod/main.tf")
    own = after.partition('"aws_iam_role_policy" "newest" {')[2].partition('"newest_more"')[0]
    assert f'"{NEW}"' in own
    assert '"s3:*"' not in own
