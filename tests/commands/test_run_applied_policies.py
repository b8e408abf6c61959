"""Merged policies: applied is what is live, and only where it is the record's after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from commandline import SmallStage, bot_branches, main_head, one_root, refs, run, somebody_pushes
from identityworld import REGION, STRANGER, World, allow, document
from test_run_applied import _merged_on_new_years_day
from test_run_policies import APP, PARTNER, SOURCES, role

from remediator.embedded.aws import ACCOUNT

NOTES = "refs/notes/remediator"
FILE = "live/prod/main.tf"
SHARED = """\
resource "aws_iam_policy" "jobs" {
  name = "jobs"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:ListAllMyBuckets", "sns:*"]
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::reports-of-acme/*"
      },
    ]
  })
}

resource "aws_iam_role" "jobs" {
  name = "jobs"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "jobs" {
  role       = aws_iam_role.jobs.name
  policy_arn = aws_iam_policy.jobs.arn
}
"""
BUCKET = f"""\
resource "aws_s3_bucket" "reports" {{
  bucket = "reports-of-acme"
}}

resource "aws_s3_bucket_policy" "reports" {{
  bucket = aws_s3_bucket.reports.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Effect    = "Allow"
        Principal = {{ AWS = "{ACCOUNT}" }}
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::reports-of-acme/*"
      }},
      {{
        Effect    = "Allow"
        Principal = {{ AWS = "arn:aws:iam::{STRANGER}:root" }}
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::reports-of-acme/*"
      }},
    ]
  }})
}}
"""


def staged(folder: Path, used: dict[str, Sequence[str]], *texts: str) -> SmallStage:
    made = SmallStage(folder, one_root(*texts))
    made.__enter__()
    made.configure(mode="enforce", sources=SOURCES)
    world = World(made.aws, made.aws.session((REGION,)))
    world.aged()
    for name, actions in used.items():
        world.used(f"arn:aws:iam::{ACCOUNT}:role/{name}", *actions)
    world.analyzers()
    return made


@pytest.fixture
def four(tmp_path: Path) -> Iterator[SmallStage]:
    """An inline policy, a trust, a managed policy and a bucket's."""
    used = {"app": ["s3:ListAllMyBuckets"], "partner": ["s3:GetObject"],
            "jobs": ["s3:ListAllMyBuckets", "s3:GetObject"]}  # fmt: skip
    made = staged(tmp_path, used, APP, PARTNER, SHARED, BUCKET)
    yield made
    made.__exit__(None, None, None)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SmallStage]:
    """One inline policy, whose change is merged by the first run."""
    made = staged(tmp_path, {"app": ["s3:ListAllMyBuckets"]}, APP)
    assert [o["outcome"] for o in run(made).outcomes] == ["merged"]
    yield made
    made.__exit__(None, None, None)


def notes(stage: SmallStage) -> dict[str, dict[str, str]]:
    """By the commit that each is on."""
    if NOTES not in refs(stage.remote):
        return {}
    listed = stage.git("notes", "--ref=remediator", "list", folder=stage.remote).splitlines()
    found = {}
    for line in listed:
        commit = line.split(" ")[1]
        text = stage.git("notes", "--ref=remediator", "show", commit, folder=stage.remote)
        found[commit] = dict(pair.split(": ", 1) for pair in text.splitlines())
    return found


def live(stage: SmallStage, *actions: str) -> None:
    """Somebody changes the policy by hand."""
    stage.client("iam").put_role_policy(
        RoleName="app", PolicyName="own", PolicyDocument=document(allow(*actions))
    )


def test_each_is_noted_when_it_is_applied_once(four: SmallStage) -> None:
    first = run(four)
    ends = [(o["finding"]["class"], o["outcome"], o["reason"]["text"]) for o in first.outcomes]
    assert [outcome for _, outcome, _ in ends] == ["merged"] * 4, ends
    second = run(four)
    assert second.document is not None
    waiting = second.document["awaiting_apply"]
    assert {a for w in waiting for a in w["addresses"]} == {
        "live/prod:aws_iam_role_policy.app",
        "live/prod:aws_iam_role.partner",
        "live/prod:aws_iam_policy.jobs",
        "live/prod:aws_s3_bucket_policy.reports",
    }
    assert [w["overdue"] for w in waiting] == [False] * 4
    assert notes(four) == {}
    four.apply()
    third = run(four)
    assert (third.status, third.err) == (0, "noted what became of merged changes: 4\n")
    assert third.document is not None
    assert third.document["awaiting_apply"] == []
    found = notes(four)
    keys = {"Remediator-Note", "Applied", "Applied-How", "Resolved", "Resolved-How"}
    assert [note.keys() for note in found.values()] == [keys] * 4
    assert {note["Applied-How"] for note in found.values()} == {
        f"the live policy of live/prod:{name} is the record's after"
        for name in ("aws_iam_role_policy.app", "aws_iam_role.partner", "aws_iam_policy.jobs",
                     "aws_s3_bucket_policy.reports")
    }  # fmt: skip
    before = refs(four.remote)
    again = run(four)
    assert again.status == 0
    assert refs(four.remote) == before
    assert notes(four) == found


def test_a_live_policy_that_is_something_else_is_not_applied(stage: SmallStage) -> None:
    live(stage, "s3:GetObject", "s3:ListAllMyBuckets", "s3:PutObject")
    assert run(stage).document["awaiting_apply"] != []  # type: ignore[index]
    assert all("Applied" not in note for note in notes(stage).values())
    stage.configure(limits="{apply_within_hours: 1}")
    stage.git("fetch", "--quiet", "origin")
    _merged_on_new_years_day(stage)
    ran = run(stage)
    assert "and not applied: live/prod:aws_iam_role_policy.app; what is live is neither" in (
        ran.err
    )
    assert all("Applied" not in note for note in notes(stage).values())


def test_a_live_policy_that_later_code_made_is_nobodys_fault(stage: SmallStage) -> None:
    """The files are not as the record left them: whether it is applied, nobody can tell."""
    text = stage.git("show", f"{main_head(stage)}:{FILE}", folder=stage.remote)
    somebody_pushes(stage, FILE, text.replace('"s3:GetObject"', '"s3:GetObject", "s3:PutObject"'))
    stage.apply()
    assert run(stage).document["awaiting_apply"] == []  # type: ignore[index]
    assert all("Applied" not in note for note in notes(stage).values())


def test_what_waits_too_long_is_reported(stage: SmallStage) -> None:
    stage.configure(limits="{apply_within_hours: 1}")
    stage.git("fetch", "--quiet", "origin")
    _merged_on_new_years_day(stage)
    ran = run(stage)
    assert "ago and not applied: live/prod:aws_iam_role_policy.app; apply it" in ran.err
    assert notes(stage) == {}


@pytest.mark.parametrize("fault", ["deny", "state"])
def test_unknown_is_never_applied(stage: SmallStage, fault: str) -> None:
    stage.apply()
    if fault == "deny":
        stage.aws.faults.deny("iam:GetAccountAuthorizationDetails")
    else:
        stage.client("s3").delete_object(Bucket="example-terraform-states", Key="live/prod.tfstate")
    ran = run(stage)
    assert ran.status == (3 if fault == "deny" else 0), ran.err
    assert ran.document is not None
    assert ran.document["awaiting_apply"] == []
    assert all("Applied" not in note for note in notes(stage).values())


def test_a_policy_that_went_as_a_whole(tmp_path: Path) -> None:
    idle = role("idle", '["sqs:*"]').replace('"own"', '"idle"')
    stage = staged(tmp_path, {"app": ["s3:ListAllMyBuckets"]}, APP, idle)
    try:
        # The role itself is unused too: of that only its policy is looked at here.
        world = World(stage.aws, stage.aws.session((REGION,)))
        world.used(f"arn:aws:iam::{ACCOUNT}:role/idle", "s3:ListAllMyBuckets")
        run(stage)
        code = stage.git("show", f"{main_head(stage)}:{FILE}", folder=stage.remote)
        assert 'resource "aws_iam_role_policy" "idle"' not in code
        assert len(run(stage).document["awaiting_apply"]) == 2  # type: ignore[index]
        stage.apply()
        run(stage)
        assert ["Applied" in note for note in notes(stage).values()] == [True, True]
    finally:
        stage.__exit__(None, None, None)


def test_observing_notes_nothing(stage: SmallStage) -> None:
    stage.apply()
    before = refs(stage.remote)
    ran = run(stage, "--observe")
    assert (ran.status, ran.document["awaiting_apply"]) == (0, [])  # type: ignore[index]
    assert refs(stage.remote) == before


# What a file says -----------------------------------------------------------------------------

OPEN = BUCKET.replace(f'{{ AWS = "arn:aws:iam::{STRANGER}:root" }}', '"*"')
ALONE = OPEN[: OPEN.index("      {\n")] + OPEN[OPEN.rindex("      {\n") :]
FOUND = {
    "class": "open-to-world-policy",
    "address": "aws_s3_bucket_policy.reports",
    "file": FILE,
    "evidence": {"argument": "policy", "statement": "#1"},
}


def seen_in_code(stage: SmallStage, **finding: Any) -> str:
    """The change of a finding from a file, which a person merges. Answers the code after it."""
    stage.configure(sources="{aws_config: null, live_rules: true}")
    file = stage.folder / "findings.json"
    file.write_text(json.dumps({"version": 1, "findings": [finding]}))
    ran = run(stage, "--findings", file)
    assert [o["outcome"] for o in ran.outcomes] == ["proposed"], ran.outcomes
    person = stage.folder / "person"
    stage.git("clone", "--quiet", str(stage.remote), str(person), folder=stage.folder)
    (branch,) = bot_branches(stage)
    stage.git("merge", "--quiet", "--no-ff", "-m", "Merge it", f"origin/{branch}", folder=person)
    stage.git("push", "--quiet", "origin", "main", f":{branch}", folder=person)
    return stage.git("show", f"{main_head(stage)}:{FILE}", folder=stage.remote)


@pytest.mark.parametrize(
    ("text", "statement", "stays", "how"),
    [
        (OPEN, "#1", True, "the live policy of live/prod:{} is the record's after"),
        (ALONE, "#0", False, "no state has live/prod:{} any more"),
    ],
    ids=["a statement", "all of it"],
)
def test_a_finding_of_the_code_is_followed_by_the_state(
    text: str, statement: str, stays: bool, how: str, tmp_path: Path
) -> None:
    stage = staged(tmp_path, {}, text)
    try:
        evidence = {"argument": "policy", "statement": statement}
        code = seen_in_code(stage, **(FOUND | {"evidence": evidence}))
        assert ("aws_s3_bucket_policy" in code) is stays
        address = "aws_s3_bucket_policy.reports"
        (told,) = run(stage).document["awaiting_apply"]  # type: ignore[index]
        assert told["addresses"] == [f"live/prod:{address}"]
        assert notes(stage) == {}
        stage.apply()
        assert run(stage).document["awaiting_apply"] == []  # type: ignore[index]
        (note,) = notes(stage).values()
        assert note["Applied-How"] == how.format(address)
        before = refs(stage.remote)
        run(stage)
        assert refs(stage.remote) == before
    finally:
        stage.__exit__(None, None, None)
