"""Unused credentials: a key becomes Inactive, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from policies import arn, mend, resource, role, unused

KEY_ID = "AKIAIOSFODNN7EXAMPLE"


def key(label: str = "ci", id_: str = KEY_ID, instance: object = None) -> dict[str, Any]:
    return resource("aws_iam_access_key", label, instance, id=id_, user="ci")


def found(
    kind: str = "access-key", traits: tuple[str, ...] = ("service-role",), of: str = "user"
) -> dict[str, Any]:
    finding = unused("ci", kind=of)
    evidence = {"kind": kind, "access_key_id": KEY_ID, "traits": [*traits]}
    return {**finding, "class": "unused-credentials", "evidence": evidence}


def block(inside: str = "", head: str = "") -> str:
    return f'{head}resource "aws_iam_access_key" "ci" {{\n  user = "ci"\n{inside}}}\n'


USER = resource("aws_iam_user", "ci", id="ci", name="ci", arn=arn("user", "ci"))
REWRITTEN = {
    "nothing is said": (
        block(),
        'resource "aws_iam_access_key" "ci" {\n  user   = "ci"\n  status = "Inactive"\n}\n',
    ),
    "Active": (block('  status = "Active"\n'), block('  status = "Inactive"\n')),
    "by a local": (
        block("  status = local.s\n", 'locals {\n  s = "Active"\n}\n\n'),
        block("  status = local.s\n", 'locals {\n  s = "Inactive"\n}\n\n'),
    ),
}
REFUSED: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any], str]] = {
    "a role": (
        'resource "aws_iam_role" "ci" {\n  name = "ci"\n}\n',
        [role("ci")],
        found("role", of="role"),
        "left-to-owner",
    ),
    "a password": (
        'resource "aws_iam_user_login_profile" "ci" {\n  user = "ci"\n}\n',
        [USER, resource("aws_iam_user_login_profile", "ci", id="ci", user="ci")],
        found("password"),
        "left-to-owner",
    ),
    "a status that is not known": (
        block("  status = var.s\n", 'variable "s" {}\n\n'),
        [key()],
        found(),
        "unknown-value",
    ),
    "a computed status": (
        block('  status = "${"Act"}ive"\n'),
        [key()],
        found(),
        "no-place",
    ),
    "ignored changes": (
        block("  lifecycle {\n    ignore_changes = [status]\n  }\n"),
        [key()],
        found(),
        "ignored-changes",
    ),
    "no key is named": (
        block(),
        [key()],
        {**found(), "evidence": {"kind": "access-key"}},
        "bad-evidence",
    ),
    "another kind": (block(), [key()], {**found(), "evidence": {"kind": "fob"}}, "bad-evidence"),
}


@pytest.mark.parametrize(("before", "after"), REWRITTEN.values(), ids=REWRITTEN)
def test_a_key_becomes_inactive(before: str, after: str, tmp_path: Path) -> None:
    made = mend(tmp_path, before, [key()], [found()])
    assert made.files["main.tf"] == after, made.only["reason"]
    assert (made.only["outcome"], made.only["disposition"]) == ("merged", "auto")
    assert not made.checks()


@pytest.mark.parametrize(("before", "resources", "finding", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(
    before: str, resources: list[dict[str, Any]], finding: dict[str, Any], code: str, tmp_path: Path
) -> None:
    made = mend(tmp_path, before, resources, [finding])
    assert made.files["main.tf"] == before
    assert (made.only["outcome"], made.only["reason"]["code"]) == ("refused", code), made.only


def test_a_persons_key_is_for_review(tmp_path: Path) -> None:
    made = mend(tmp_path, block(), [key()], [found(traits=("human-user",))])
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("last", "disposition"),
    [(days_ago(300), "auto"), (None, "auto"), (days_ago(2), "review"), ("lately", "review")],
    ids=["long ago", "never", "two days ago", "no date"],  # the same in every worker
)
def test_a_key_that_was_used_lately_is_for_review(
    last: str | None, disposition: str, tmp_path: Path
) -> None:
    """Whatever the finding says of it."""
    finding = found()
    finding["evidence"]["last_accessed"] = last
    made = mend(tmp_path, block(), [key()], [finding])
    assert made.only["disposition"] == disposition
    assert ("last-used" in made.checks()) is (disposition == "review")


def test_a_key_of_the_root_account_is_told_to_a_person(tmp_path: Path) -> None:
    root = {"id": "root", "type": "AWS::IAM::User", "arn": "arn:aws:iam::111122223333:root"}
    made = mend(tmp_path, block(), [key()], [{**found(), "resource": root}])
    assert made.files["main.tf"] == block()
    assert (made.only["outcome"], made.only["disposition"]) == ("refused", "review")
    assert made.only["reason"]["code"] == "root-account"


def test_another_key_of_the_same_block_is_not_deactivated_unseen(tmp_path: Path) -> None:
    before = block('  for_each = toset(["a", "b"])\n')
    keys = [key(instance="a"), key(id_="AKIAI44QH8DHBEXAMPLE", instance="b")]
    made = mend(tmp_path, before, keys, [found()])
    assert made.only["disposition"] == "review"
    assert "blast-radius" in made.checks()


@pytest.mark.parametrize(
    ("text", "resources", "outcome"),
    [
        (block('  status = "Inactive"\n'), [key()], "drifted"),
        (block(), [key(id_="AKIAI44QH8DHBEXAMPLE")], "unmanaged"),
    ],
)
def test_left_alone(
    text: str, resources: list[dict[str, Any]], outcome: str, tmp_path: Path
) -> None:
    made = mend(tmp_path, text, resources, [found()])
    assert made.files["main.tf"] == text
    assert made.only["outcome"] == outcome
