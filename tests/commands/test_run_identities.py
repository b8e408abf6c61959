"""`remediator run` on unused permissions and on access from outside, from AWS to the merge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from commandline import REGION, Ran, SmallStage, bot_branches, main_head, one_root, run, show
from identityworld import STRANGER, ago

from remediator.embedded.aws import ACCOUNT
from remediator.embedded.use import Session

FILE = "live/prod/main.tf"


def role(name: str, *actions: str, trust: str = '{ Service = "lambda.amazonaws.com" }') -> str:
    listed = ",\n          ".join(json.dumps(a) for a in actions)
    return f"""\
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {trust}
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
      Effect = "Allow"
      Action = [
          {listed}
      ]
      Resource = "*"
    }}]
  }})
}}
"""


USED = "s3:ListAllMyBuckets"
TABLES = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/*"
OUTSIDE = f'{{ AWS = ["arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::{STRANGER}:root"] }}'
ROLES = one_root(
    role("orders", USED, "s3:DeleteBucket", "s3:GetObject", "sqs:SendMessage"),
    role("active", USED, "s3:DeleteBucket"),
    role("emergency-access", USED, "s3:DeleteBucket"),
    role("orders-prod", USED, "rds:DescribeDBInstances"),
    role("inventory", USED, "rds:DescribeDBInstances"),
    role("tables", USED, "dynamodb:DescribeTable").replace('"*"', f'"{TABLES}"'),
    role("partner", USED, trust=OUTSIDE),
    role("reader-prod", "rds:DescribeDBInstances", trust=OUTSIDE),
    role("reader", "rds:DescribeDBInstances", trust=OUTSIDE),
)
NAMES = ("orders", "active", "emergency-access", "orders-prod", "inventory", "tables", "partner")
NAMES += ("reader-prod", "reader")


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), ROLES) as stage:
        stage.configure(sources="{aws_config: null, live_rules: true, access_analyzer: {}}")
        stage.aws.make_older(timedelta(days=200))
        for name in NAMES:
            stage.aws.use.used(arn(name), USED, ago(days=5))
        stage.aws.use.session(Session(arn("active"), ago(hours=3), REGION))
        make: Any = stage.session.client
        for kind in ("ACCOUNT", "ACCOUNT_UNUSED_ACCESS"):
            make("accessanalyzer", REGION).create_analyzer(analyzerName=kind.lower(), type=kind)
        stage.keep()
        yield stage


@pytest.fixture(scope="module")
def ran(world: SmallStage) -> Ran:
    return run(world)


def outcome(ran: Ran, name: str, finding_class: str = "unused-permissions") -> dict[str, Any]:
    (found,) = [
        o
        for o in ran.outcomes
        if o["finding"]["resource"] == arn(name) and o["finding"]["class"] == finding_class
    ]
    return found


def checks(found: dict[str, Any]) -> dict[str, str]:
    return {c["name"]: c["verdict"] for c in found["checks"]}


def test_nothing_failed(ran: Ran) -> None:
    assert (ran.status, ran.err) == (0, "")


def test_unused_permissions_of_a_service_role_are_merged(world: SmallStage, ran: Ran) -> None:
    found = outcome(ran, "orders")
    assert found["outcome"] == "merged", found["reason"]
    assert found["disposition"] == "auto"
    order = [c["name"] for c in found["checks"]]
    gates = ["policy", "exemption", "markers", "freshness", "principal", "session", "analysis"]
    gates += ["use", "production-databases", "reversible"]
    assert [name for name in order if name in gates] == gates
    after = show(world, main_head(world), FILE)
    assert after.count("s3:DeleteBucket") == 2  # the other two roles'
    assert "s3:GetObject" in after  # nobody tracks it
    assert "sqs:SendMessage" not in after  # the whole service is unused


@pytest.mark.parametrize(
    ("name", "check"), [("active", "session"), ("orders-prod", "production-databases")]
)
def test_gates_that_lower_to_review(ran: Ran, name: str, check: str) -> None:
    found = outcome(ran, name)
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    assert checks(found)[check] == "lowers"


@pytest.mark.parametrize(("name", "said"), [("inventory", "by * ("), ("tables", f"by {TABLES} (")])
def test_what_may_be_production_s_database_is_for_review(ran: Ran, name: str, said: str) -> None:
    found = outcome(ran, name)
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    (check,) = [c for c in found["checks"] if c["name"] == "production-databases"]
    assert check["verdict"] == "unknown"
    assert said in check["detail"]


def test_break_glass_is_exempt(ran: Ran) -> None:
    found = outcome(ran, "emergency-access")
    assert (found["outcome"], found["disposition"]) == ("exempted", "exempt")


@pytest.mark.parametrize(
    ("name", "row", "verdict"),
    [
        ("reader-prod", "external-access-production-database", "lowers"),
        ("reader", "external-access-unknown", "unknown"),
    ],
)
def test_who_reads_a_production_database_from_outside_is_a_person_s_to_shut_out(
    ran: Ran, name: str, row: str, verdict: str
) -> None:
    found = outcome(ran, name, "external-access")
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    assert checks(found)["production-databases"] == verdict
    assert row in next(c["detail"] for c in found["checks"] if c["name"] == "policy")


def test_an_unknown_account_is_shut_out(world: SmallStage, ran: Ran) -> None:
    found = outcome(ran, "partner", "external-access")
    assert found["outcome"] == "merged", found["reason"]
    assert checks(found)["trust"] == "pass"
    after = show(world, main_head(world), FILE)
    assert STRANGER not in after.partition('"partner" {')[2].partition("resource ")[0]
    assert f"arn:aws:iam::{ACCOUNT}:root" in after


def test_calls_are_counted(ran: Ran) -> None:
    assert ran.document is not None
    assert ran.document["aws_calls"]["iam:GetAccountAuthorizationDetails"] == 1


def test_reviews_have_their_branches(world: SmallStage, ran: Ran) -> None:
    proposed = [o for o in ran.outcomes if o["outcome"] == "proposed"]
    assert {o["branch"] for o in proposed} <= {*bot_branches(world)}
