"""Policies that the code itself shows to be too wide, through `fix` without any findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import remediator

BUCKET = """\
resource "aws_s3_bucket_policy" "site" {{
  bucket = "site"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Effect    = "Allow"
        Principal = "arn:aws:iam::111122223333:root"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::site/*"
      }},
{}    ]
  }})
}}
"""
STATEMENT = """\
      {{
        Sid       = "Everybody"
        Effect    = "Allow"
        Principal = {}
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::site/*"{}
      }},
"""


def bucket(principal: str = '"*"', more: str = "") -> str:
    text = BUCKET.format(STATEMENT.format(principal, f"\n{more}" if more else ""))
    return text.replace('"arn:aws:iam::111122223333:root"', '{ AWS = "111122223333" }')


def condition(test: str, key: str, value: str) -> str:
    return f'        Condition = {{ {test} = {{ "{key}" = "{value}" }} }}'


def fixed(folder: Path, text: str, *arguments: str) -> tuple[str, list[dict[str, Any]]]:
    top = folder / "checkout"
    top.mkdir()
    (top / "main.tf").write_text(text)
    out = folder / "out.json"
    ran = remediator("fix", top, "--json", out, *arguments)
    assert out.exists(), ran.err
    found: list[dict[str, Any]] = json.loads(out.read_text())["outcomes"]
    return (top / "main.tf").read_text(), found


CLOSED = BUCKET.format("").replace('"arn:aws:iam::111122223333:root"', '{ AWS = "111122223333" }')
DOCUMENT = """\
data "aws_iam_policy_document" "q" {{
  statement {{
    actions   = ["sqs:ReceiveMessage"]
    resources = ["*"]

    principals {{
      type        = "AWS"
      identifiers = ["111122223333"]
    }}
  }}
{}}}

resource "aws_sqs_queue_policy" "q" {{
  queue_url = aws_sqs_queue.q.id
  policy    = data.aws_iam_policy_document.q.json
}}
"""
OPEN = """\

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.q.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
"""
WORLD = {
    "a statement": (bucket(), CLOSED),
    "of AWS": (bucket('{ AWS = "*" }'), CLOSED),
    "in a list with others": (
        bucket('{ AWS = ["*", "444455556666"] }'),
        bucket('{ AWS = ["444455556666"] }'),
    ),
    "a condition that restricts nobody": (
        bucket(more=condition("Bool", "aws:SecureTransport", "true")),
        CLOSED,
    ),
    "a condition that all can meet": (
        bucket(more=condition("IpAddress", "aws:SourceIp", "0.0.0.0/0")),
        CLOSED,
    ),
    "a condition on a key that may lack": (
        bucket(more=condition("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")),
        CLOSED,
    ),
    "a policy document": (DOCUMENT.format(OPEN), DOCUMENT.format("")),
    "a Lambda permission": (
        (
            'resource "aws_lambda_permission" "all" {\n  function_name = "f"\n'
            '  action        = "lambda:InvokeFunction"\n  principal     = "*"\n}\n'
        ),
        "",
    ),
}
CLOSED_ALREADY = {
    "an account": bucket('{ AWS = "111122223333" }'),
    "an organisation": bucket(more=condition("StringEquals", "aws:PrincipalOrgID", "o-1")),
    "an endpoint": bucket(more=condition("StringEquals", "aws:SourceVpce", "vpce-1")),
    "a value that is not known": bucket(
        more='        Condition = { StringEquals = { "aws:SourceArn" = aws_sns_topic.t.arn } }'
    ),
    "a condition that is not known": bucket(more="        Condition = var.condition"),
    "a Deny": bucket().replace(
        '"Everybody"\n        Effect    = "Allow"', '"Everybody"\n        Effect    = "Deny"'
    ),
    "a permission for one source": (
        'resource "aws_lambda_permission" "all" {\n  function_name  = "f"\n'
        '  action         = "lambda:InvokeFunction"\n  principal      = "*"\n'
        '  source_account = "111122223333"\n}\n'
    ),
    "a policy that is not known": (
        'resource "aws_s3_bucket_policy" "b" {\n  bucket = "b"\n  policy = var.p\n}\n'
    ),
}
TRUST = """\
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }]
  })
}
"""


@pytest.mark.parametrize(("before", "after"), WORLD.values(), ids=WORLD)
def test_the_world_is_closed_out_for_review(before: str, after: str, tmp_path: Path) -> None:
    made, outcomes = fixed(tmp_path, before, "--review")
    told = [(o["finding"]["class"], o["outcome"], o["reason"]) for o in outcomes]
    assert made == after, told
    (outcome,) = outcomes
    assert outcome["finding"]["class"] == "open-to-world-policy"
    assert (outcome["outcome"], outcome["disposition"]) == ("proposed", "review")


@pytest.mark.parametrize("text", CLOSED_ALREADY.values(), ids=CLOSED_ALREADY)
def test_what_is_no_finding(text: str, tmp_path: Path) -> None:
    made, outcomes = fixed(tmp_path, text, "--review")
    assert (made, outcomes) == (text, [])


def test_nothing_is_changed_without_a_review(tmp_path: Path) -> None:
    made, (outcome,) = fixed(tmp_path, bucket())
    assert made == bucket()
    assert outcome["outcome"] == "proposed"


def test_a_trust_that_only_lets_in_everybody_is_refused(tmp_path: Path) -> None:
    made, (outcome,) = fixed(tmp_path, TRUST, "--review")
    assert made == TRUST
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("refused", "empty-policy")


def test_one_value_of_many_policies_is_one_change(tmp_path: Path) -> None:
    each = BUCKET.replace('bucket = "site"', 'for_each = toset(["a", "b"])\n  bucket = each.key')
    before = each.format(STATEMENT.format('"*"', "")).replace(
        '"arn:aws:iam::111122223333:root"', '{ AWS = "111122223333" }'
    )
    made, outcomes = fixed(tmp_path, before, "--review")
    assert "Everybody" not in made
    assert [o["outcome"] for o in outcomes] == ["proposed", "proposed"]


# Wildcards ---------------------------------------------------------------------------------


def granting(actions: str) -> str:
    return (
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({\n    Version = "2012-10-17"\n'
        f'    Statement = [{{ Effect = "Allow", Action = {actions}, Resource = "*" }}]\n  }})\n}}\n'
    )


@pytest.mark.parametrize("actions", ['"*"', '["ec2:RunInstances", "s3:*"]', '"iam:*"'])
def test_a_wildcard_is_an_alert_and_no_more(actions: str, tmp_path: Path) -> None:
    made, (outcome,) = fixed(tmp_path, granting(actions), "--review")
    assert made == granting(actions)
    assert outcome["finding"]["class"] == "wildcard-grant"
    assert outcome["outcome"] == "alerted"


@pytest.mark.parametrize("actions", ['"s3:Get*"', '["s3:GetObject"]', "var.actions"])
def test_a_narrow_grant_is_none(actions: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, granting(actions))[1] == []


def test_a_policy_row_that_wants_a_rewriting_is_told_that_there_is_none(tmp_path: Path) -> None:
    rows = [
        f"  - {{id: {n}, class: {n}, disposition: review, rationale: Ours., source: Ours}}"
        for n in (
            *("open-admin-port", "open-web-port", "open-port", "open-egress", "wildcard-grant"),
            *("unused-permissions", "external-access", "open-to-world-policy"),
            *("unused-credentials",),
        )
    ]
    (tmp_path / "policy.yaml").write_text("version: 1\nrows:\n" + "\n".join(rows) + "\n")
    (tmp_path / "remediator.yaml").write_text("version: 1\nexemptions: []\npolicy: policy.yaml\n")
    config = str(tmp_path / "remediator.yaml")
    made, (outcome,) = fixed(tmp_path, granting('"*"'), "--review", "--config", config)
    assert made == granting('"*"')
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("refused", "not-rewritten")
