"""Wildcards of services that were used by what nobody tracks: by a finding's own evidence, and by
that of others who have the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from policies import allow, arn, attached, customer, live, mend, policy, role, unused

NEW, WHY = "s3:NewerThanAnyCatalogue", "used on 2026-11-28, later than any action that AWS tracks"


def source(*actions: str) -> str:
    listed = ", ".join(f'"{a}"' for a in actions)
    return f"""\
resource "aws_iam_policy" "shared" {{
  name = "shared"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = [{listed}], Resource = "*" }}]
  }})
}}
"""


STATE = [
    *(role("app"), role("job"), customer("shared")),
    *(attached("a", "app", "shared"), attached("j", "job", "shared")),
]
ROLES = [arn("role", n) for n in ("app", "job")]


def finding(name: str, *actions: str, **removable: Any) -> dict[str, Any]:
    document = policy(allow(*actions))
    found = unused(name, [], [], [live(arn("policy", "shared"), document, "customer", ROLES)])
    goes = found["evidence"]["removable"] | {"actions": ["s3:DeleteBucket"]} | removable
    found["evidence"] = {**found["evidence"], "removable": goes}
    return found


UNEXPLAINED = [{"service": "S3", "why": WHY}]


@pytest.mark.parametrize("pattern", ["s3:*", "s3:Delete*", "S3:*Bucket"])
def test_a_wildcard_of_an_unexplained_service_is_for_review(pattern: str, tmp_path: Path) -> None:
    given = [finding(n, pattern, unexplained=UNEXPLAINED) for n in ("app", "job")]
    made = mend(tmp_path, source(pattern), STATE, given)
    assert {(o["outcome"], o["disposition"]) for o in made.outcomes} == {("proposed", "review")}
    assert f"{pattern} ({WHY}) would be written out" in made.checks()["unseen-use"]


@pytest.mark.parametrize("why", ["", None, 7, [WHY]], ids=repr)
def test_so_is_one_without_a_reason(why: object, tmp_path: Path) -> None:
    given = [
        finding(n, "s3:*", unexplained=[{"service": "s3", "why": why}]) for n in ("app", "job")
    ]
    made = mend(tmp_path, source("s3:*"), STATE, given)
    assert {(o["outcome"], o["disposition"]) for o in made.outcomes} == {("proposed", "review")}
    assert "s3:* (no reason is told) would be written out" in made.checks()["unseen-use"]


def test_where_nobody_tells_which_services_are_in_use_any_wildcard_is(tmp_path: Path) -> None:
    given = [finding(n, "s3:*") for n in ("app", "job")]
    for one in given:
        del one["evidence"]["removable"]["unexplained"]
    made = mend(tmp_path, source("s3:*"), STATE, given)
    assert {(o["outcome"], o["disposition"]) for o in made.outcomes} == {("proposed", "review")}
    assert "which services are in use is not told" in made.checks()["unseen-use"]


@pytest.mark.parametrize(
    ("actions", "unexplained"),
    [
        (["s3:*"], []),
        (["s3:*"], [{"service": "sqs", "why": WHY}]),
        (["s3:DeleteBucket", "s3:GetObject"], UNEXPLAINED),
        (["s3:DeleteBucket", "s3:Get*"], UNEXPLAINED),  # that one stays as it is
    ],
)
def test_what_stays_automatic(actions: list[str], unexplained: Any, tmp_path: Path) -> None:
    given = [finding(n, *actions, unexplained=unexplained) for n in ("app", "job")]
    made = mend(tmp_path, source(*actions), STATE, given)
    assert {(o["outcome"], o["disposition"]) for o in made.outcomes} == {("merged", "auto")}


def test_what_somebody_else_used_of_a_shared_policy_counts(tmp_path: Path) -> None:
    """Their traits differ, so that each change is one of its own."""
    mine, theirs = finding("app", "s3:*"), finding("job", "s3:*", unexplained=UNEXPLAINED)
    mine["evidence"]["traits"] = ["service-role", "known-account"]
    made = mend(tmp_path, source("s3:*"), STATE, [mine, theirs])
    assert "merged" not in {o["outcome"] for o in made.outcomes}
    first = next(o for o in made.outcomes if o["finding"]["id"].endswith("app"))
    assert (first["outcome"], first["disposition"]) == ("proposed", "review"), first["reason"]
    assert "unseen-use" in [c["name"] for c in first["checks"]]


@pytest.mark.parametrize("who", [("app",), ("job",), ("app", "job")], ids=str)
def test_what_no_catalogue_has_and_anybody_uses_is_written_out(
    who: tuple[str, ...], tmp_path: Path
) -> None:
    given = [finding(n, "s3:*", used=[NEW] * (n in who)) for n in ("app", "job")]
    made = mend(tmp_path, source("s3:*"), STATE, given)
    assert {(o["outcome"], o["disposition"]) for o in made.outcomes} == {("merged", "auto")}
    assert f'"{NEW}"' in made.files["main.tf"]
    assert '"s3:*"' not in made.files["main.tf"]


@pytest.mark.parametrize(
    "removable",
    [
        {"used": ["s3:*"]},
        {"used": [7]},
        {"used": "s3:New"},
        {"unexplained": [{"why": "no service"}]},
        {"unexplained": [{"service": "s3\n::error::x"}]},
        *({"unexplained": form} for form in (["s3"], "s3", {"s3": WHY}, [UNEXPLAINED], 0, False)),
        *({"kept": form} for form in ([NEW], NEW, {"action": NEW}, [[{"action": NEW}]])),
    ],
)
def test_evidence_of_another_form_is_refused(removable: dict[str, Any], tmp_path: Path) -> None:
    made = mend(tmp_path, source("s3:*"), STATE, [finding("app", "s3:*", **removable)])
    assert made.files["main.tf"] == source("s3:*")
    assert made.only["reason"]["code"] == "bad-evidence"


@pytest.mark.parametrize(
    ("removable", "said"),
    [
        ({"kept": [{"action": "S3:deletebucket", "why": WHY}]}, "S3:deletebucket"),
        ({"kept": [{"action": "s3:*", "why": WHY}]}, "s3:*"),
        ({"services": ["s3"], "actions": [], "kept": [{"action": "s3:GetObject"}]}, "s3:GetObject"),
        ({"services": ["s3"], "actions": [], "kept": [{"action": "S3:*"}]}, "S3:*"),
        ({"used": ["S3:deletebucket"]}, "S3:deletebucket"),
        ({"services": ["s3"], "actions": [], "used": ["s3:GetObject"]}, "s3:GetObject"),
        ({"services": ["s3"], "actions": [], "unexplained": [{"service": "S3"}]}, "S3:*"),
    ],
)
def test_what_is_said_to_stay_does_not_go(
    removable: dict[str, Any], said: str, tmp_path: Path
) -> None:
    made = mend(tmp_path, source("s3:*"), STATE, [finding("app", "s3:*", **removable)])
    assert made.files["main.tf"] == source("s3:*")
    assert made.only["reason"]["code"] == "bad-evidence"
    assert f"lets go of {said}, and keeps it" in made.only["reason"]["text"]
