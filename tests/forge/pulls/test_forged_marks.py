"""Marks in foreign text, and pull requests of our branches that strangers opened, move nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from runs import world

from remediator.forge.github import marks
from remediator.forge.github.payloads import PULL
from remediator.model import Change

IGNORED_ONCE = '<!-- remediator:ignored {"by":"","reason":"x","until":"2020-01-01"} -->'
ELSEWHERE = f'<!-- remediator:pull {{"branch":"remediator/z","head":"{"0" * 40}","text":"x"}} -->'


def named(text: str) -> Callable[[Change], Change]:
    """Whoever names a resource in AWS or in the code."""

    def edit(made: Change) -> Change:
        (found,) = made.findings
        found = replace(found, resource=replace(found.resource, name=text))
        return replace(made, findings=(found,), trail=(text,))

    return edit


def test_a_name_is_no_mark_of_a_pull_request(tmp_path: Path) -> None:
    hostile = named(ELSEWHERE)
    with world(tmp_path) as w:
        w.run(a=hostile)
        pull = w.only()
        assert ELSEWHERE in pull.body
        mark = marks.read(PULL, pull.body)
        assert (marks.word(mark, "branch"), marks.word(mark, "head")) == (
            pull.head.ref,
            pull.head.sha,
        )
        assert w.run(a=hostile).writes == ()


def test_a_name_does_not_say_until_when_it_is_ignored(tmp_path: Path) -> None:
    """A closed pull request would be ignored until a day that is over, and be merged again."""
    hostile = named(IGNORED_ONCE)
    with world(tmp_path) as w:
        w.run(a=hostile)
        w.only().edit(state="closed")
        assert w.run(auto=["a"], a=hostile).codes() == {"a": "ignored"}
        assert w.base_file("a") == "open"


def test_a_mark_is_a_line_of_its_own() -> None:
    mark = marks.mark(PULL, {"branch": "remediator/a"})
    assert marks.read(PULL, f"text\r\n{mark}\r\nmore") == {"branch": "remediator/a"}
    for text in (f"`{mark}`", f" {mark}", f"> {mark}", f"{mark} and more"):
        assert marks.read(PULL, text) is None
