"""A policy that the code gives to somebody who has it in no state yet, or not live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from policies import allow, arn, attached, customer, live, mend, policy, role, unused

DOCUMENT = policy(allow("s3:GetObject", "s3:DeleteBucket"))
SHARED = """\
resource "aws_iam_policy" "shared" {
  name = "shared"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:DeleteBucket"]
      Resource = "*"
    }]
  })
}

"""


def keyed(label: str, key: str) -> dict[str, Any]:
    one = attached(label, "app", "shared")
    return {**one, "instances": [{**one["instances"][0], "index_key": key}]}


STATE = [role("app"), customer("shared"), attached("a", "app", "shared")]
MORE = SHARED.replace('"shared"', '"more"')
MAP = """\
resource "aws_iam_role_policy_attachment" "each" {
  for_each   = { read = aws_iam_policy.shared.arn, more = aws_iam_policy.more.arn }
  role       = "app"
  policy_arn = each.value
}
"""
NEW = {
    "an attachment": (
        (
            'resource "aws_iam_role_policy_attachment" "z" {\n  role       = "zed"\n'
            "  policy_arn = aws_iam_policy.shared.arn\n}\n"
        ),
        "main.tf:13 attaches it, and no state has aws_iam_role_policy_attachment.z",
    ),
    "a boundary": (
        (
            'resource "aws_iam_role" "z" {\n  name                 = "z"\n'
            "  permissions_boundary = aws_iam_policy.shared.arn\n}\n"
        ),
        "no state has aws_iam_role.z",
    ),
    "by a local": (
        (
            "locals {\n  arns = [aws_iam_policy.shared.arn]\n}\n\n"
            'resource "aws_iam_role" "z" {\n  name                = "z"\n'
            "  managed_policy_arns = local.arns\n}\n"
        ),
        "no state has aws_iam_role.z",
    ),
    "another key of an attachment": (
        (
            'resource "aws_iam_role_policy_attachment" "a" {\n  for_each   = toset(["app", "zed"])'
            "\n"
            "  role       = each.key\n  policy_arn = aws_iam_policy.shared.arn\n}\n"
        ),
        'no state has aws_iam_role_policy_attachment.a["zed"]',
    ),
    "a module's": (
        'module "zed" {\n  source = "./zed"\n  policy = aws_iam_policy.shared.arn\n}\n',
        "main.tf:13 hands it on, and no state has what attaches it there",
    ),
}
THERE: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "the attachment that the state has": (
        (
            'resource "aws_iam_role_policy_attachment" "a" {\n  role       = "app"\n'
            "  policy_arn = aws_iam_policy.shared.arn\n}\n"
        ),
        STATE,
    ),
    "another policy at another key": (
        f"{MORE}{MAP}",
        [
            *(role("app"), customer("shared"), customer("more")),
            keyed("each", "read"),
        ],
    ),
    "a module's that the state has": (
        NEW["a module's"][0],
        [*STATE, {**attached("p", "app", "shared"), "module": "module.zed"}],
    ),
    "its name alone": ('output "name" {\n  value = aws_iam_policy.shared.name\n}\n', STATE),
}


def found(attached_to: list[str]) -> dict[str, Any]:
    text = live(arn("policy", "shared"), DOCUMENT, "customer", attached_to)
    return unused("app", ["s3:DeleteBucket"], (), [text])


@pytest.mark.parametrize(("more", "why"), NEW.values(), ids=NEW)
def test_who_is_to_have_it_may_need_it(more: str, why: str, tmp_path: Path) -> None:
    files = {"main.tf": SHARED + more}
    files |= {"zed/main.tf": 'variable "policy" {}\n'} if "./zed" in more else {}
    states = [*STATE[:2], keyed("a", "app")] if "for_each" in more else STATE
    made = mend(tmp_path, files, states, [found([arn("role", "app")])])
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    assert why in made.checks()["who-else"]


@pytest.mark.parametrize(("more", "states"), THERE.values(), ids=THERE)
def test_who_has_it_is_known_by_the_states(
    more: str, states: list[dict[str, Any]], tmp_path: Path
) -> None:
    files = {"main.tf": SHARED + more}
    files |= {"zed/main.tf": 'variable "policy" {}\n'} if "./zed" in more else {}
    made = mend(tmp_path, files, states, [found([arn("role", "app")])])
    assert "who-else" not in made.checks()
    assert "s3:DeleteBucket" not in made.files["main.tf"].split("\n}\n")[0]


def test_a_list_of_those_who_have_it_has_the_one_that_is_meant(tmp_path: Path) -> None:
    made = mend(tmp_path, SHARED, STATE, [found([])])
    assert made.only["disposition"] == "review"
    assert "is told without role app" in made.checks()["who-else"]
