"""`remediator run`: a policy that a break-glass role has, too, is left as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from commandline import REGION, Ran, SmallStage, main_head, one_root, run, show
from identityworld import ago

from remediator.embedded.aws import ACCOUNT

FILE = "live/prod/main.tf"
USED = "s3:ListAllMyBuckets"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def role(name: str, more: str = "") -> str:
    return f"""\
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Service = "lambda.amazonaws.com" }}
      Action    = "sts:AssumeRole"
    }}]
  }})
{more}}}
"""


def policy(name: str, unused: str, *roles: str) -> str:
    attached = "".join(
        f"""\
resource "aws_iam_role_policy_attachment" "{name}_{one}" {{
  role       = aws_iam_role.{one}.name
  policy_arn = aws_iam_policy.{name}.arn
}}
"""
        for one in roles
    )
    return f"""\
resource "aws_iam_policy" "{name}" {{
  name = "{name}"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["{USED}", "{unused}"], Resource = "*" }}]
  }})
}}
{attached}"""


ROOT = one_root(
    role("by_hand"),
    policy("by_hand", "s3:DeleteBucket", "by_hand"),
    role("in_code"),
    role("rescue", '  tags = { Purpose = "break-glass" }\n'),
    policy("in_code", "s3:CreateBucket", "in_code", "rescue"),
    role("partly"),
    policy("kept", "s3:PutBucketVersioning", "partly", "rescue"),
    policy("own", "s3:PutBucketAcl", "partly"),
    role("alone"),
    policy("alone", "s3:PutBucketLogging", "alone"),
)
NAMES = ("by_hand", "in_code", "partly", "alone")


def arn(name: str, kind: str = "role") -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallStage, Ran]]:
    with SmallStage(tmp_path_factory.mktemp("world"), ROOT) as stage:
        stage.configure(sources="{aws_config: null, live_rules: true, access_analyzer: {}}")
        make: Any = stage.session.client
        iam = make("iam", REGION)
        iam.create_role(
            RoleName="zoe",
            AssumeRolePolicyDocument=TRUST,
            Tags=[{"Key": "BreakGlass", "Value": "true"}],
        )
        iam.attach_role_policy(RoleName="zoe", PolicyArn=arn("by_hand", "policy"))
        stage.aws.make_older(timedelta(days=200))
        for name in (*NAMES, "rescue", "zoe"):
            stage.aws.use.used(arn(name), USED, ago(days=5))
        make("accessanalyzer", REGION).create_analyzer(
            analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS"
        )
        yield stage, run(stage)


def of(world: tuple[SmallStage, Ran], name: str) -> dict[str, Any]:
    (found,) = [o for o in world[1].outcomes if o["finding"]["resource"] == arn(name)]
    return found


@pytest.mark.parametrize(("name", "whose"), [("by_hand", arn("zoe")), ("in_code", arn("rescue"))])
def test_a_policy_of_a_break_glass_role_is_exempt(
    world: tuple[SmallStage, Ran], name: str, whose: str
) -> None:
    """By the tags of a role that somebody made by hand, or of one in the code."""
    found = of(world, name)
    assert (found["outcome"], found["disposition"]) == ("exempted", "exempt"), found["reason"]
    assert found["reason"]["code"] == "who-else"
    assert f"{arn(name, 'policy')} (of {whose}" in found["reason"]["text"]
    assert not found["edits"]


def test_only_the_policy_that_is_its_own_is_proposed(world: tuple[SmallStage, Ran]) -> None:
    found = of(world, "partly")
    assert (found["outcome"], found["disposition"]) == ("proposed", "review"), found["reason"]
    stage = world[0]
    after = show(stage, found["branch"], FILE)
    assert "s3:PutBucketVersioning" in after
    assert "s3:PutBucketAcl" not in after


def test_the_others_are_closed(world: tuple[SmallStage, Ran]) -> None:
    assert of(world, "alone")["outcome"] == "merged"
    after = show(world[0], main_head(world[0]), FILE)
    assert "s3:PutBucketLogging" not in after
    for kept in ("s3:DeleteBucket", "s3:CreateBucket", "s3:PutBucketVersioning", "s3:PutBucketAcl"):
        assert kept in after
