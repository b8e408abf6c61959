"""The loop over policies: what the embedded analyzer finds is merged, and awaits its apply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from commandline import SmallStage, main_head, one_root, run, show, subjects
from identityworld import REGION, STRANGER, World

from remediator.embedded.aws import ACCOUNT

SOURCES = "{aws_config: null, live_rules: false, access_analyzer: {}}"
ROOT = f"arn:aws:iam::{STRANGER}:root"


def role(name: str, actions: str, principal: str = '{ Service = "lambda.amazonaws.com" }') -> str:
    return f"""\
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {principal}
      Action    = "sts:AssumeRole"
    }}]
  }})
}}

resource "aws_iam_role_policy" "{name}" {{
  name = "own"
  role = aws_iam_role.{name}.name
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = {actions}
      Resource = "*"
    }}]
  }})
}}
"""


APP = role("app", '["s3:GetObject", "s3:ListAllMyBuckets", "s3:DeleteBucket", "sqs:*"]')
PARTNER = role(
    "partner",
    '"s3:GetObject"',
    f'{{ AWS = ["arn:aws:iam::{ACCOUNT}:root", "{ROOT}"] }}',
)
FILE = "live/prod/main.tf"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SmallStage]:
    with SmallStage(tmp_path, one_root(APP, PARTNER)) as made:
        made.configure(mode="enforce", sources=SOURCES)
        world = World(made.aws, made.aws.session((REGION,)))
        world.aged()
        for name in ("app", "partner"):
            arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
            world.used(arn, "s3:ListAllMyBuckets" if name == "app" else "s3:GetObject")
        world.analyzers()
        yield made


def test_what_is_found_is_merged_and_awaits_its_apply(stage: SmallStage) -> None:
    ran = run(stage)
    told = {(o["finding"]["class"], o["outcome"], o["disposition"]) for o in ran.outcomes}
    assert told == {
        ("unused-permissions", "merged", "auto"),
        ("external-access", "merged", "auto"),
    }, ran.outcomes
    after = show(stage, main_head(stage), FILE)
    expected = (APP + "\n" + PARTNER).replace(', "s3:DeleteBucket", "sqs:*"', "")
    assert after.endswith(expected.replace(f', "{ROOT}"', ""))
    assert {s for s in subjects(stage) if s.startswith("fix(iam)")} == {
        "fix(iam): remove unused permissions on app",
        f"fix(iam): remove access of {STRANGER} on partner",
    }
    again = run(stage)
    assert {(o["outcome"], o["reason"]["code"]) for o in again.outcomes} == {
        ("merged", "awaiting-apply")
    }
    assert show(stage, main_head(stage), FILE) == after


def test_a_policy_that_was_changed_by_hand_is_drifted(stage: SmallStage) -> None:
    iam = stage.client("iam")
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",'
        '"Action":["s3:GetObject","s3:ListAllMyBuckets","s3:DeleteBucket","sns:*"]}]}'
    )
    iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=text)
    stage.aws.make_older(timedelta(days=200))
    before = show(stage, main_head(stage), FILE)
    outcomes = {o["finding"]["resource"]: o for o in run(stage).outcomes}
    mine = outcomes[f"arn:aws:iam::{ACCOUNT}:role/app"]
    assert mine["outcome"] == "drifted", mine["reason"]
    kept = before.partition("partner")[0]
    assert show(stage, main_head(stage), FILE).startswith(kept)
