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


COUNTED = SHARED.replace('  name = "shared"\n', '  count = 1\n  name = "shared"\n')
KEYED = SHARED.replace('  name = "shared"\n', '  for_each = toset(["a"])\n  name = "shared"\n')
MODULE = {
    "p/main.tf": SHARED + 'output "arn" {\n  value = aws_iam_policy.shared.arn\n}\n',
}
CALL = 'module "p" {\n  source = "./p"\n}\n'
IN_MODULE = [role("app"), {**customer("shared"), "module": "module.p"}, STATE[2]]


def attaching(label: str, policy_arn: str, for_each: str = "") -> str:
    each = f"  for_each = {for_each}\n" if for_each else ""
    return (
        f'resource "aws_iam_role_policy_attachment" "{label}" {{\n{each}  role = "app"\n'
        f"  policy_arn = {policy_arn}\n}}\n"
    )


def at_key(key: object) -> list[dict[str, Any]]:
    one = customer("shared")
    policy_ = {**one, "instances": [{**one["instances"][0], "index_key": key}]}
    return [role("app"), policy_, keyed("a", "app")]


LOCAL = "locals {\n  arns = { a = aws_iam_policy.shared.arn, b = aws_iam_policy.more.arn }\n}\n"
FAR: dict[str, tuple[dict[str, str], list[dict[str, Any]], str]] = {
    "by an output": (
        {"main.tf": CALL + attaching("a", "module.p.arn") + attaching("z", "module.p.arn")}
        | MODULE,
        IN_MODULE,
        "aws_iam_role_policy_attachment.z",
    ),
    "by an output of several": (
        {
            "main.tf": CALL
            + attaching("a", "module.p.arn")
            + 'module "zed" {\n  source = "example.com/x/y"\n  arns = [module.p.arn]\n}\n'
        }
        | MODULE,
        IN_MODULE,
        "hands it on",
    ),
    "the one of a count": (
        {
            "main.tf": COUNTED
            + attaching("a", "aws_iam_policy.shared[0].arn", 'toset(["app", "zed"])')
        },
        at_key(0),
        'aws_iam_role_policy_attachment.a["zed"]',
    ),
    "by each value's key": (
        {
            "main.tf": KEYED
            + attaching("a", "aws_iam_policy.shared[each.value].arn", '{ app = "a", zed = "a" }')
        },
        at_key("a"),
        'aws_iam_role_policy_attachment.a["zed"]',
    ),
    "all of a count": (
        {
            "main.tf": COUNTED
            + 'resource "aws_iam_role" "z" {\n  name = "z"\n'
            + "  managed_policy_arns = aws_iam_policy.shared[*].arn\n}\n"
        },
        at_key(0),
        "aws_iam_role.z",
    ),
    "in JSON syntax": (
        {
            "main.tf": SHARED,
            "z.tf.json": '{"resource": {"aws_iam_role_policy_attachment": {"z": '
            '{"role": "zed", "policy_arn": "${aws_iam_policy.shared.arn}"}}}}',
        },
        STATE,
        "aws_iam_role_policy_attachment.z",
    ),
    "by a module that is called in JSON syntax": (
        {
            "main.tf": SHARED,
            "z.tf.json": '{"module": {"q": {"source": "./q", "arn": '
            '"${aws_iam_policy.shared.arn}"}}}',
            "q/main.tf": 'variable "arn" {}\n' + attaching("z", "var.arn"),
        },
        STATE,
        "module.q.aws_iam_role_policy_attachment.z",
    ),
    "by its ARN": (
        {"main.tf": SHARED + attaching("z", f'"{arn("policy", "shared")}"')},
        STATE,
        "aws_iam_role_policy_attachment.z",
    ),
    "by its ARN, but for the account": (
        {"main.tf": SHARED + attaching("z", '"arn:aws:iam::${data.a.b.c}:policy/shared"')},
        STATE,
        "aws_iam_role_policy_attachment.z",
    ),
    "as data": (
        {
            "main.tf": SHARED
            + 'data "aws_iam_policy" "d" {\n  name = "shared"\n}\n'
            + attaching("z", "data.aws_iam_policy.d.arn")
        },
        STATE,
        "aws_iam_role_policy_attachment.z",
    ),
    "where a condition chooses": (
        {
            "main.tf": SHARED
            + MORE
            + attaching(
                "z", 'aws_iam_policy.more.id == "" ? aws_iam_policy.shared.arn : local.none'
            )
        },
        [*STATE, customer("more")],
        "aws_iam_role_policy_attachment.z",
    ),
    "instances that nobody can count": (
        {
            "main.tf": SHARED.replace("  name =", "  for_each = var.names\n  name =")
            + 'variable "names" {}\n'
        },
        at_key("a"),
        "stands for policies that nobody can count",
    ),
}
NEAR: dict[str, tuple[dict[str, str], list[dict[str, Any]]]] = {
    "by an output": ({"main.tf": CALL + attaching("a", "module.p.arn")} | MODULE, IN_MODULE),
    "the one of a count": (
        {"main.tf": COUNTED + attaching("a", "aws_iam_policy.shared[0].arn", 'toset(["app"])')},
        at_key(0),
    ),
    "another of a local's": (
        {
            "main.tf": SHARED
            + MORE
            + LOCAL
            + attaching("a", 'local.arns["a"]')
            + attaching("b", 'local.arns["b"]')
        },
        [*STATE, customer("more"), attached("b", "x", "more")],
    ),
}


@pytest.mark.parametrize(("files", "states", "why"), FAR.values(), ids=FAR)
def test_it_may_be_given_from_afar(
    files: dict[str, str], states: list[dict[str, Any]], why: str, tmp_path: Path
) -> None:
    made = mend(tmp_path, files, states, [found([arn("role", "app")])])
    assert made.only["disposition"] == "review"
    assert why in made.checks()["who-else"]


@pytest.mark.parametrize(("files", "states"), NEAR.values(), ids=NEAR)
def test_what_is_evaluated_is_told_apart(
    files: dict[str, str], states: list[dict[str, Any]], tmp_path: Path
) -> None:
    made = mend(tmp_path, files, states, [found([arn("role", "app")])])
    assert (made.only["disposition"], made.checks()) == ("auto", {})
