"""What people without the right to write leave on GitHub moves nothing; what reviewers say does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from changemaker import finding
from runs import World, client, world

from remediator.embedded.github.rules import Requirements
from remediator.forge.github import marks
from remediator.forge.github.dashboard import TITLE
from remediator.forge.github.payloads import DASHBOARD, PULL, SAID
from remediator.forge.github.sweep import left_over
from remediator.forge.github.there import LABEL, Branch, Command, Ending, There, Word
from remediator.model import Kind

A = "remediator/open-admin-port-a"
MERGING = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"


def stranger(w: World) -> Any:
    token = w.server.person("stranger", w.repo, role="read")
    return client(w.server, token).get_repo(w.repo.full_name)


def labelled(w: World, number: int) -> None:
    """By somebody who sorts issues, or by itself, as some repositories do it."""
    w.repo.issues[number].labels.append(LABEL)


def test_a_dashboard_that_a_stranger_wrote_is_none(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.as_pat().create_label(LABEL, "ededed")
        mark = marks.mark(DASHBOARD, {"seen": "2026-11-29T11:00:00Z"})
        box = f"- [x] <!-- box:recreate:{A} -->"
        forged = stranger(w).create_issue(TITLE, body=f"{box}\n\n{mark}")
        labelled(w, forged.number)
        w.run()
        board = next(i for i in w.repo.issues.values() if i.user.login == "remediator[bot]"
                     and i.pull is None)  # fmt: skip
        assert board.state == "open"
        assert w.repo.issues[forged.number].body == f"{box}\n\n{mark}"
        assert w.repo.issues[forged.number].state == "open"
        assert w.run().writes == ()


def test_a_closed_pull_request_of_a_stranger_ignores_nothing(tmp_path: Path) -> None:
    """Its body says that it was of our branch, and closed is ignored."""
    with world(tmp_path) as w:
        w.as_pat().create_label(LABEL, "ededed")
        w.push({"README.md": "other words\n"}, "main")
        w.git("push", "-q", "origin", "here:fork")
        w.push({"README.md": "more words\n"}, "fork")
        mark = marks.mark(PULL, {"branch": A, "head": "0" * 40, "text": "x"})
        forged = w.as_pat().create_pull("main", "fork", title="x", body=mark)
        w.repo.issues[forged.number].user = w.server.world.user("stranger")
        labelled(w, forged.number)
        forged.edit(state="closed")
        assert w.run().codes() == {"a": "review"}
        assert w.pulls()[0].head.ref == A


def test_an_answer_of_a_stranger_does_not_take_the_place_of_ours(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        w.comment(pull.number, "/remediator explain")
        asked = w.repo.issues[pull.number].comments[-1].id
        forged = marks.mark(SAID, {"answer": asked})
        stranger(w).get_issue(pull.number).create_comment(f"Nothing.\n\n{forged}")
        w.run()
        said = [c.user.login for c in w.repo.issues[pull.number].comments if forged in c.body]
        assert said == ["stranger", "remediator[bot]"]
        assert w.run().writes == ()


def no_rules(w: World) -> None:
    """The first run's merge fails."""
    w.server.faults.fail(MERGING, 405)


def rules(w: World) -> None:
    w.server.add_ruleset(w.repo, Requirements(contexts=("plan",)))


@pytest.mark.parametrize(("before", "then"), [(no_rules, "merged"), (rules, "auto-merge")])
def test_nothing_is_merged_over_a_reviewers_objection(
    tmp_path: Path, before: Any, then: str
) -> None:
    with world(tmp_path) as w:
        before(w)
        w.run(auto=["a"])
        w.repo.settings.allow_auto_merge = True
        w.server.faults.clear()
        pull = w.only()
        w.as_pat().get_pull(pull.number).create_review(body="No", event="REQUEST_CHANGES")
        ran = w.run(auto=["a"])
        assert ran.codes()["a"] not in ("merged", "auto-merge")
        assert (w.only().state, w.only().raw_data["auto_merge"]) == ("open", None)
        assert "pat asked for changes" in w.board().body
        assert w.run(auto=["a"]).writes == ()
        w.as_pat().get_pull(pull.number).create_review(body="Yes", event="APPROVE")
        assert w.run(auto=["a"]).codes()["a"] == then


def waiting(w: World) -> Any:
    """An automatic change whose pull request merges when the base's rules are met."""
    rules(w)
    w.repo.settings.allow_auto_merge = True
    assert w.run(auto=["a"]).codes() == {"a": "auto-merge"}
    return w.only()


def pass_checks(w: World) -> None:
    """All that the base asks for is there: with auto-merge on, GitHub merges."""
    w.as_pat().get_commit(w.only().head.sha).create_status("success", context="plan")


def asks_for_changes(w: World, number: int) -> None:
    w.as_pat().get_pull(number).create_review(body="No", event="REQUEST_CHANGES")


def switches_it_off(w: World, number: int) -> None:
    w.as_pat().get_pull(number).disable_automerge()


@pytest.mark.parametrize(
    ("objects", "why", "writes"),
    [
        (asks_for_changes, "pat asked for changes", 2),
        (switches_it_off, "pat switched auto-merge off", 1),
    ],
)
def test_auto_merge_is_switched_off_once_somebody_objects(
    tmp_path: Path, objects: Any, why: str, writes: int
) -> None:
    with world(tmp_path) as w:
        number = waiting(w).number
        objects(w, number)
        ran = w.run(auto=["a"])
        assert ran.codes() == {"a": "blocked"}
        assert why in ran.outcomes[0].text
        assert len(ran.writes) == writes  # off, where it is on; and the dashboard
        assert w.only().raw_data["auto_merge"] is None
        assert why in w.board().body
        again = w.run(auto=["a"])
        assert (again.writes, again.codes()) == ((), {"a": "blocked"})
        pass_checks(w)
        assert w.run(auto=["a"]).codes() == {"a": "blocked"}
        assert (w.only().state, "open" in w.base_file("a")) == ("open", True)


def test_an_objection_that_is_taken_back_lets_it_merge_by_itself_again(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        number = waiting(w).number
        asks_for_changes(w, number)
        w.run(auto=["a"])
        w.as_pat().get_pull(number).create_review(body="Yes", event="APPROVE")
        assert w.run(auto=["a"]).codes() == {"a": "auto-merge"}
        assert w.run(auto=["a"]).writes == ()
        pass_checks(w)
        assert w.base_file("a") == "shut"


def test_auto_merge_that_a_person_switched_on_again_stays(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        number = waiting(w).number
        switches_it_off(w, number)
        w.run(auto=["a"])
        w.as_pat().get_pull(number).enable_automerge("MERGE")
        ran = w.run(auto=["a"])
        assert ran.codes() == {"a": "auto-merge"}
        assert w.only().raw_data["auto_merge"]["enabled_by"]["login"] == "pat"


def test_auto_merge_that_we_switched_off_is_no_objection(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        waiting(w)
        w.run([], complete=False)  # nothing was looked at
        assert w.only().raw_data["auto_merge"] is None
        assert w.run(auto=["a"]).codes() == {"a": "auto-merge"}


def test_objections_of_all_that_wait_take_one_read(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    with world(tmp_path, *names) as w:
        rules(w)
        w.repo.settings.allow_auto_merge = True
        w.run(auto=names)
        ran = w.run(auto=names)
        assert ran.writes == ()
        assert [r for r in ran.reads if "graphql" in r] == ["POST /graphql nodes"]


def test_an_objection_of_somebody_who_may_not_write_is_none(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        no_rules(w)
        w.run(auto=["a"])
        w.server.faults.clear()
        number = w.only().number
        stranger(w).get_pull(number).create_review(body="No", event="REQUEST_CHANGES")
        assert w.run(auto=["a"]).codes()["a"] == "merged"


def test_what_a_refusal_says_is_escaped_in_an_answer() -> None:
    """It has names in it that anybody may give."""
    name = "@everyone [x](https://example.com) <b>"
    found = finding(1)
    branch = Branch(A, "1" * 40, findings=(found.id,))
    asked = Command(Word.REBASE, A, "pat", 5, 7)
    there = There((), {A: branch}, (asked,))
    ending = {found.id: Ending(Kind.REFUSED, f"{name} has no owner")}
    (group,) = left_over(set(), there, ending, True).groups
    text = group[-1].text  # type: ignore[union-attr]
    assert "@everyone" not in text
    assert "[x](" not in text
    assert "<b>" not in text
