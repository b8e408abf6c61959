"""Unused credentials: a key becomes Inactive, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from policies import arn, mend, resource, role, unused

KEY_ID = "AKIAIOSFODNN7EXAMPLE"


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def key(label: str = "ci", id_: str = KEY_ID, instance: object = None) -> dict[str, Any]:
    return resource("aws_iam_access_key", label, instance, id=id_, user="ci")


def found(
    kind: str = "access-key", traits: tuple[str, ...] = ("service-role",), of: str = "user"
) -> dict[str, Any]:
    finding = unused("ci", kind=of)
    evidence = {"kind": kind, "access_key_id": KEY_ID, "traits": [*traits]}
    evidence |= {"last_accessed": None, "created_at": days_ago(400)}
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
    "another user's key": (
        block(),
        [key()],
        {**found(), "resource": {**found()["resource"], "arn": arn("user", "deploy")}},
        "another-user",
    ),
    "no ARN": (
        block(),
        [key()],
        {**found(), "resource": {**found()["resource"], "arn": None}},
        "no-arn",
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


@pytest.mark.parametrize("traits", [("program-user",), ("service-role",)])
def test_a_programs_key_that_was_never_used_needs_no_person(
    traits: tuple[str, ...], tmp_path: Path
) -> None:
    made = mend(tmp_path, block(), [key()], [found(traits=traits)])
    assert (made.only["outcome"], made.only["disposition"]) == ("merged", "auto")
    (check,) = [c for c in made.only["checks"] if c["name"] == "last-used"]
    assert check["verdict"] == "pass"
    assert "never used since it was made" in check["detail"]


def test_whose_key_it_is_must_be_known(tmp_path: Path) -> None:
    made = mend(tmp_path, block(), [key()], [found(traits=())])
    assert made.only["disposition"] == "review"
    assert "identity" in made.checks()


@pytest.mark.parametrize(
    "evidence",
    [
        {"last_accessed": days_ago(300)},
        {"last_accessed": days_ago(2)},
        {"last_accessed": "lately"},
        {"last_accessed": None, "created_at": days_ago(20)},
        {"last_accessed": None, "created_at": None},
        {"last_accessed": None, "created_at": "2015"},
        {"created_at": days_ago(80), "analyzer": {"unused_days": 90}},
    ],
    ids=["long ago", "two days ago", "no date", "young", "no age", "no zone", "the analyzer's"],
)
def test_a_key_that_was_ever_used_or_is_young_is_for_review(
    evidence: dict[str, Any], tmp_path: Path
) -> None:
    """A job that runs once a year has not used its key for long."""
    finding = found()
    finding["evidence"] |= evidence
    made = mend(tmp_path, block(), [key()], [finding])
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    assert [*made.checks()] == ["last-used"]


@pytest.mark.parametrize("missing", ["last_accessed", "created_at"])
def test_a_finding_that_does_not_tell_of_the_key_s_use_is_for_review(
    missing: str, tmp_path: Path
) -> None:
    finding = found()
    del finding["evidence"][missing]
    made = mend(tmp_path, block(), [key()], [finding])
    assert made.only["disposition"] == "review"
    assert [*made.checks()] == ["last-used"]


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
