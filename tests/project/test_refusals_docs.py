"""docs/refusals.md has every refusal that the source can make, at its stage, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import code, page, rows, section
from sourcecode import calls

TEXT = page("docs/refusals.md")
STAGES = re.findall(r"^## (\S+)$", TEXT, re.MULTILINE)


def in_source() -> set[tuple[str, str]]:
    return {
        (stage, name)
        for call in calls("Refusal")
        for stage in call.texts(0, "stage")
        for name in call.texts(1, "code")
    }


def on_page() -> list[tuple[str, str]]:
    return [
        (stage, code(name)) for stage in STAGES for name, *_ in rows(section(TEXT, f"## {stage}"))
    ]


def test_every_refusal_is_on_the_page() -> None:
    assert in_source() - {*on_page()} == set()


def test_the_page_has_no_other() -> None:
    assert {*on_page()} - in_source() == set()


def test_each_is_told_once_with_a_meaning_and_a_next_step() -> None:
    assert len(on_page()) == len({*on_page()})
    for stage in STAGES:
        for row in rows(section(TEXT, f"## {stage}")):
            assert len(row) == 3, row
            assert all(len(cell) > 2 for cell in row), row


# The search itself ---------------------------------------------------------------------------

HELPER = """
def _no(code, text):
    return Refusal("prove", code, text)

def f(x):
    if x:
        return _no("first", "…")
    return _no(code="second", text="…")
"""
CHOICE = """
def f(x):
    code, why = ("third", "…") if x else ("fourth", "…")
    return Refusal(stage="locate", code=code, text=why)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('R = Refusal("deliver", "plain", "…")\n', {"plain"}),
        (HELPER, {"first", "second"}),
        (CHOICE, {"third", "fourth"}),
        ('def f(x):\n    return Refusal("a", "one" if x else "two", "…")\n', {"one", "two"}),
    ],
    ids=["at the top", "through a helper", "by a condition", "in place"],
)
def test_codes_are_found(tmp_path: Path, source: str, expected: set[str]) -> None:
    (tmp_path / "some.py").write_text(source)
    found = {c for call in calls("Refusal", below=tmp_path) for c in call.texts(1, "code")}
    assert found == expected


@pytest.mark.parametrize(
    "source",
    [
        'def f(x):\n    return Refusal("a", x.code, "…")\n',
        'def helper(code):\n    return Refusal("a", code, "…")\n',
        'def f():\n    return Refusal("a", CODE, "…")\n',
    ],
    ids=["an attribute", "a helper that nobody calls", "a constant from elsewhere"],
)
def test_what_the_source_does_not_plainly_say_fails(tmp_path: Path, source: str) -> None:
    (tmp_path / "some.py").write_text(source)
    (call,) = calls("Refusal", below=tmp_path)
    with pytest.raises(pytest.fail.Exception):
        call.texts(1, "code")
