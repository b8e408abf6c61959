"""docs/json.md has every key of the document, and every word of its closed lists."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import WORLD, group, ingress, one_root, remediator
from documents import TOP, code, page, rows, section
from sourcecode import calls

from remediator.config import Mode
from remediator.model import Disposition, Kind, Verdict
from remediator.outcomes import VERSION

TEXT = page("docs/json.md")
PROVING = [
    TOP / "remediator" / name
    for name in (
        *("prove.py", "prove_evaluated.py", "proof_steps.py"),
        *("planning.py", "terraform/judge.py", "commands/judge.py"),
    )
]
CHECKS = ("Check.passed", "Check.lowers", "Check.unknown", "Check.skipped")


def first_column(heading: str) -> list[str]:
    return [code(row[0]) for row in rows(section(TEXT, heading))]


def keys(value: Any, prefix: str = "") -> Iterator[str]:
    """`a`, `a.b`, `a[].b`: every key of every object in it, but the names of stages."""
    if isinstance(value, list):
        for item in value:
            yield from keys(item, f"{prefix.removesuffix('.')}[].")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield prefix + key
            if key != "timings":
                yield from keys(inner, f"{prefix}{key}.")


def test_every_key_is_told_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(one_root(group("web", ingress(WORLD)))["live/prod/main.tf"])
    file = tmp_path / "outcomes.json"
    remediator("fix", "--diff", tmp_path, "--json", file)
    written = json.loads(file.read_text())
    (outcome,) = written["outcomes"]
    assert first_column("## The document") == [*written]
    assert {*first_column("## An outcome")} == {*keys(outcome)}


def test_the_version_is_told() -> None:
    assert f"version {VERSION}" in TEXT
    assert f"| `version` | `{VERSION}`. |" in TEXT


def test_the_modes() -> None:
    fixing = {
        name
        for call in calls("document", below=TOP / "remediator" / "commands" / "fix.py")
        for name in call.texts(0, "mode")
    }
    assert {*first_column("## Modes")} == {m.value for m in Mode} | fixing


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("## Outcomes", [kind.value for kind in Kind]),
        ("## Verdicts", [verdict.value for verdict in Verdict]),
    ],
)
def test_closed_lists(heading: str, words: Iterable[str]) -> None:
    assert first_column(heading) == [*words]


def test_the_dispositions() -> None:
    told = re.findall(r"`(\w+)`", section(TEXT, "## Dispositions"))
    assert told == [d.word for d in Disposition]


def names(*where: str) -> set[str]:
    made = calls(*CHECKS)
    chosen = [c for c in made if (c.path in PROVING) == ("prove" in where)]
    return {name for call in chosen for name in call.texts(0, "name")}


def test_the_checks() -> None:
    told = {name for name in first_column("## Checks") if not name.startswith("proof:")}
    assert told == names()


def test_the_proofs() -> None:
    assert {*first_column("## Proofs")} == names("prove")


def told_codes() -> set[tuple[str, str]]:
    return {(code(o), c.strip("`")) for o, c, _ in rows(section(TEXT, "## Reason codes"))}


def test_the_codes_that_need_no_delivery() -> None:
    ends = [(c.argument(1, "kind"), c.argument(2, "code")) for c in calls("Outcome")]
    made = {
        (ast.unparse(kind).removeprefix("Kind.").lower(), word.value)
        for kind, word in ends
        if isinstance(word, ast.Constant) and word.value
    }
    assert len(made) >= 4
    assert made <= told_codes()


def test_the_codes_of_what_is_delivered() -> None:
    told = told_codes()
    made = {c for call in calls("Delivered") for c in call.texts(1, "code")}
    written = {c for outcome, c in told if outcome in ("merged", "proposed")}
    would = {c for c in written if c.startswith("would-be-")}
    assert written - would - {"awaiting-apply"} == made - {"would-be-*"}
    assert would == {"would-be-merged", "would-be-proposed"}
    assert {outcome for outcome, _ in told} == {kind.value for kind in Kind}
