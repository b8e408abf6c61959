"""Comment commands are obeyed once, and answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from runs import World, world

MERGING = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"


def first_comment(w: World, number: int) -> Any:
    return next(iter(w.as_pat().get_issue(number).get_comments()))


def answers(w: World, number: int) -> list[str]:
    return [c.body for c in w.repo.issues[number].comments if c.user.login == "remediator[bot]"]


@pytest.mark.parametrize("days", [0, 3, 40])
def test_an_old_command_that_is_edited_is_not_obeyed_again(tmp_path: Path, days: int) -> None:
    """GitHub lists the comment as changed, and the answer below it not."""
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        w.comment(pull.number, "/remediator recreate\n\nplese")
        w.run()
        assert len(answers(w, pull.number)) == 1
        for _ in range(2):
            w.later(days=days)
            w.run()
        mine = w.push({"README.md": "mine\n"}, pull.head.ref)
        assert w.run().codes() == {"a": "foreign-branch"}
        w.later(minutes=11)
        first_comment(w, pull.number).edit("/remediator recreate\n\nplease")
        for _ in range(2):
            w.later(minutes=1)
            assert w.run().codes() == {"a": "foreign-branch"}
        assert w.only().head.sha == mine


def test_what_another_of_our_names_has_answered_is_answered(tmp_path: Path) -> None:
    """A workflow's own token opened it, or a person's; an App goes on."""
    with world(tmp_path) as w:
        w.run()
        number = w.only().number
        w.repo.issues[number].user = w.server.world.user("github-actions[bot]")
        w.repo.issues[number].user.type = "Bot"
        w.comment(number, "/remediator recreate")
        w.run()
        assert len(answers(w, number)) == 1
        mine = w.push({"README.md": "mine\n"}, w.only().head.ref)
        assert w.run().codes() == {"a": "foreign-branch"}
        assert w.only().head.sha == mine


def test_a_bot_is_nobody_who_asks(tmp_path: Path) -> None:
    """It may say what somebody else has written, such as a title."""
    with world(tmp_path) as w:
        w.run()
        number = w.only().number
        other = w.server.app("echo", "example-org")
        w.repo.collaborators[other.user.login] = "write"
        w.comment(number, "/remediator ignore me until 2027-03-31", w.server.app_token(other))
        assert w.run().writes == ()
        assert answers(w, number) == []


def test_a_dashboard_of_tomorrow_hides_no_command(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.run()
        board = w.board()
        board.edit(body=re.sub(r'"seen":"[^"]*"', '"seen":"2199-01-01T00:00:00Z"', board.body))
        w.comment(w.only().number, "/remediator explain")
        w.run()
        assert len(answers(w, w.only().number)) == 1


def test_an_old_comment_that_becomes_a_command_is_obeyed_once(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.run()
        number = w.only().number
        w.comment(number, "Hm.")
        for _ in range(2):
            w.later(days=20)
            w.run()
        first_comment(w, number).edit("/remediator explain")
        w.later(minutes=1)
        w.run()
        assert len(answers(w, number)) == 1
        w.later(minutes=1)
        assert w.run().writes == ()


@pytest.mark.parametrize("word", ["explain", "rebase"])
def test_it_is_answered_where_the_merge_is_not_allowed(tmp_path: Path, word: str) -> None:
    with world(tmp_path) as w:
        w.server.faults.fail(MERGING, 405, times=None)
        w.run(auto=["a"])
        number = w.only().number
        w.comment(number, f"/remediator {word}")
        assert w.run(auto=["a"]).codes() == {"a": "blocked"}
        assert len(answers(w, number)) == 1
        again = w.run(auto=["a"])
        assert again.writes == (MERGING,)


@pytest.mark.parametrize("word", ["explain", "rebase"])
def test_it_is_answered_where_somebody_objects(tmp_path: Path, word: str) -> None:
    with world(tmp_path) as w:
        w.server.faults.fail(MERGING, 405)
        w.run(auto=["a"])
        w.server.faults.clear()
        number = w.only().number
        w.as_pat().get_pull(number).create_review(body="Why?", event="REQUEST_CHANGES")
        w.comment(number, f"/remediator {word}")
        assert w.run(auto=["a"]).codes() == {"a": "blocked"}
        assert len(answers(w, number)) == 1
        assert w.run(auto=["a"]).writes == ()


def test_ignoring_what_somebody_else_pushed_to_is_answered_as_it_is(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        w.push({"README.md": "mine\n"}, pull.head.ref)
        w.comment(pull.number, "/remediator ignore we wait until 2027-03-31")
        assert w.run().codes() == {"a": "foreign-branch"}
        assert "Not done: somebody else pushed" in answers(w, pull.number)[-1]
        assert w.only().number == pull.number


@pytest.mark.parametrize("days", [0, 2])
def test_a_command_on_a_branch_that_could_not_be_pushed_is_obeyed_later(
    tmp_path: Path, days: int
) -> None:
    """Also where the dashboard's word of what was seen is old, and is written anew."""
    with world(tmp_path) as w:
        w.run()
        number = w.only().number
        w.later(days=days, minutes=1)
        w.push({"README.md": "moved\n"})
        w.comment(number, "/remediator rebase")
        others: list[str] = []

        def hook(asked: Any) -> None:
            if asked.route == "GIT push" and not others:
                others.append(w.only().head.ref)
                w.push({"README.md": "theirs\n"}, others[0])

        w.server.traffic.before.append(hook)
        w.later(minutes=40)
        w.run()
        assert others
        assert answers(w, number) == []
        w.server.traffic.before.clear()
        for _ in range(3):
            w.later(minutes=20)
            w.run()
        assert [a for a in answers(w, number) if "recreate" in a and "Not done" in a]
