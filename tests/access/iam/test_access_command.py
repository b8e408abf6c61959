"""`remediator access compare`, from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commandline import Ran, remediator
from iam_policies import S3, allow, bucket, policy, trust, when

from remediator.cli import main

RUN = "from remediator.cli import main; main()"
LESS, MORE = policy(allow("s3:GetObject", f"{S3}b/*")), policy(allow("s3:Get*", f"{S3}b/*"))


def compared(folder: Path, before: Any, after: Any) -> Ran:
    for name, document in (("before.json", before), ("after.json", after)):
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / name).write_text(text)
    return remediator("access", "compare", folder / "before.json", folder / "after.json")


@pytest.mark.parametrize(
    ("before", "after", "verdict", "status"),
    [
        (MORE, MORE, "same", 0),
        (MORE, LESS, "narrower", 0),
        (LESS, MORE, "wider", 1),
        (LESS, "nonsense", "unknown", 1),
        (LESS, policy(trust("*")), "unknown", 1),
    ],
)
def test_the_verdict_is_the_first_line_and_the_status(
    tmp_path: Path, before: Any, after: Any, verdict: str, status: int
) -> None:
    ran = compared(tmp_path, before, after)
    assert (ran.status, ran.out.splitlines()[0], ran.err) == (status, verdict, "")


def test_a_witness_is_told_line_by_line(tmp_path: Path) -> None:
    before = policy(bucket("*", **when("Bool", "aws:SecureTransport", True)))
    assert compared(tmp_path, before, policy(bucket("*"))).out.splitlines() == [
        "wider",
        "  because    only the policy after allows this request",
        "  principal  *",
        "  action     s3:GetObject",
        f"  resource   {S3}b/any",
        "  with       aws:securetransport = false",
    ]


def test_a_trust_policy_has_no_resource(tmp_path: Path) -> None:
    before = policy(trust({"AWS": "111122223333"}))
    out = compared(tmp_path, before, policy(trust("*"))).out
    assert "resource" not in out
    assert "sts:AssumeRole" in out


def test_hostile_text_stays_on_its_line(tmp_path: Path) -> None:
    resource = f"{S3}b\n::set-output name=x::y\x1b[31m"
    ran = compared(tmp_path, LESS, policy(allow(resource=resource)))
    assert ran.out.splitlines()[0] == "wider"
    assert "\x1b" not in ran.out
    assert not any(line.startswith("::") for line in ran.out.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [[], ["before.json"], ["--jsonl", "before.json"], ["nowhere.json", "nowhere.json"], ["--json"]],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "before.json").write_text("{}")
    ran = remediator("access", "compare", *arguments, folder=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert "Error: " in ran.err


def test_a_file_that_cannot_be_read_is_status_2(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert remediator("access", "compare", tmp_path / "a", tmp_path / "a").status == 2


# Lines ---------------------------------------------------------------------------------------


def answered(*lines: str | bytes) -> tuple[int, list[dict[str, Any]]]:
    given = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    done = subprocess.run(
        [sys.executable, "-c", RUN, "access", "compare", "--jsonl"],
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def line(name: Any, before: Any, after: Any) -> str:
    return json.dumps({"id": name, "before": before, "after": after})


def test_each_line_is_answered_in_order() -> None:
    status, answers = answered(
        line("a", MORE, LESS), line(2, json.dumps(LESS), json.dumps(MORE)), line("c", MORE, MORE)
    )
    assert status == 1
    assert [(a["id"], a["verdict"]) for a in answers] == [
        ("a", "narrower"),
        (2, "wider"),
        ("c", "same"),
    ]
    assert all(a.keys() == {"id", "verdict", "witness", "reason"} for a in answers)
    assert [bool(a["witness"]) for a in answers] == [False, True, False]
    assert answers[1]["witness"].keys() == {"principal", "action", "resource"}
    assert answers[1]["witness"]["resource"] == f"{S3}b/any"


def test_all_that_allows_nothing_new_is_status_0() -> None:
    assert answered(line(1, MORE, LESS), "", line(2, LESS, LESS))[0] == 0
    assert answered() == (0, [])


BAD = [
    ("nonsense", None, "not JSON"),
    ("[]", None, "JSON object"),
    ("{}", None, "no id"),
    ('{"id": [1], "before": {}, "after": {}}', None, "no id"),
    ('{"id": true, "before": {}, "after": {}}', None, "no id"),
    ('{"id": 1e999, "before": {}, "after": {}}', None, "no id"),
    ('{"id": 1, "id": 2, "before": {}, "after": {}}', None, "written twice"),
    ('{"id": "x", "before": {}}', "x", "no after"),
    ('{"id": "x", "before": 1, "after": {}}', "x", "no before"),
    ('{"id": "x", "before": {}, "after": {}}', "x", "before is malformed"),
    ('{"id": "x", "before": {"a": 1, "a": 2}, "after": {}}', "x", "'a' is written twice"),
    (b'{"id": "\xff"}', None, "UTF-8"),
    ("[" * 50_000, None, "nested"),
    (json.dumps({"id": "x" * 5_000_000}), None, "longer"),
]


def test_a_bad_line_is_unknown_and_the_others_go_on() -> None:
    good = line("good", MORE, LESS)
    status, answers = answered(*(bad for bad, _, _ in BAD), good)
    assert status == 1
    assert [a["id"] for a in answers] == [*(name for _, name, _ in BAD), "good"]
    assert [a["verdict"] for a in answers] == [*("unknown" for _ in BAD), "narrower"]
    for answer, (_, _, says) in zip(answers, BAD, strict=False):
        assert says in answer["reason"]
        assert answer["witness"] is None


def test_help_teaches_the_verdicts_and_shows_valid_calls() -> None:
    out = remediator("access", "compare", "--help").out
    for word in ("same", "narrower", "wider", "unknown", "Exit status: 0", "docs/access.md"):
        assert word in out
    examples = [text.strip() for text in out.splitlines() if "remediator access compare" in text]
    assert len(examples) == 2
    assert "compare" in main.commands["access"].commands  # type: ignore[attr-defined]
