"""Marks in foreign text, and pull requests of our branches that strangers opened, move nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from runs import World, world

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


# Who opened it ------------------------------------------------------------------------------


def by_a_stranger(w: World, number: int) -> None:
    """Whoever may read a repository can open a pull request of a branch that is there, on
    github.com; the stand-in lets nobody, as GitHub's API does."""
    w.server.person("stranger", w.repo, role="read")
    w.repo.issues[number].user = w.server.world.user("stranger")


def test_a_stranger_does_not_open_again_what_a_person_closed(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.run()
        closed = w.only()
        closed.edit(state="closed")
        again = w.as_pat().create_pull("main", closed.head.ref, title="x", body="x")
        by_a_stranger(w, again.number)
        ran = w.run(auto=["a"])
        assert (ran.codes(), ran.problems) == ({"a": "ignored"}, ())
        assert (w.only().number, w.base_file("a")) == (again.number, "open")


def test_what_a_stranger_opened_is_not_merged_in_our_name(tmp_path: Path) -> None:
    """Its branch is ours: the run died before it had opened it."""
    with world(tmp_path) as w:
        w.server.faults.fail("POST /repos/{owner}/{repo}/pulls", 403)
        w.run(auto=["a"])
        w.server.faults.clear()
        (branch,) = (b.name for b in w.as_pat().get_branches() if b.name != "main")
        opened = w.as_pat().create_pull("main", branch, title="x", body="x")
        by_a_stranger(w, opened.number)
        ran = w.run(auto=["a"])
        assert ran.codes() == {"a": "not-allowed"}
        assert "by somebody who may not write" in ran.outcomes[0].text
        assert w.base_file("a") == "open"
        w.as_pat().get_pull(opened.number).edit(state="closed")
        assert w.run(auto=["a"]).codes() == {"a": "merged"}
