"""Runs against the stand-in: the states that there are, each twice. The second writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from changemaker import finding
from runs import Ran, World, world

from remediator.embedded.github.rules import Requirements
from remediator.forge.github.there import LABEL, Limits
from remediator.model import Change, Check, Disposition, Kind, Outcome

A = "remediator/open-admin-port-a"


def exempt(name: str) -> Outcome:
    text = "partner until 2027-02-27, owned by x: y"
    return Outcome(finding(1, name=name), Kind.EXEMPTED, "exemption", text)


def reviewed(change: Change) -> Change:
    """The same change, which may not be automatic any more."""
    lowered = Check.lowers("activity", Disposition.REVIEW, "a session 3 h ago")
    return replace(change, decision=change.decision.after(lowered))


def reworded(change: Change) -> Change:
    return replace(change, trail=("a variable in live/prod/vars.tf:3",))


@dataclass(frozen=True)
class Case:
    """`before` makes the state, `run` is done twice, `codes` is how the findings end, `pulls`
    how the pull requests stand then: `state +label -auto`, in the order of their numbers."""

    name: str
    codes: dict[str, str]
    pulls: list[str]
    before: Callable[[World], Any] = lambda w: None
    run: Callable[[World], Ran] = lambda w: w.run()
    after: Callable[[World], Any] = lambda w: None


def shown(pull: Any) -> str:
    labels = {label.name for label in pull.labels} - {LABEL}
    state = "merged" if pull.merged else pull.state
    auto = " auto" if pull.raw_data["auto_merge"] and pull.state == "open" else ""
    return state + auto + "".join(f" +{label.rpartition(':')[2]}" for label in sorted(labels))


def protect(w: World, **more: Any) -> None:
    w.server.add_ruleset(w.repo, Requirements(contexts=("plan",), **more))
    w.repo.settings.allow_auto_merge = True


def hidden_rules(w: World) -> None:
    """The classic protection, which only an administrator can read."""
    w.server.protect(w.repo, "main", Requirements(pull_request=True))
    w.repo.settings.allow_auto_merge = True


def auto(w: World) -> Ran:
    return w.run(auto=["a"])


def then(*steps: Callable[[World], Any]) -> Callable[[World], Any]:
    return lambda w: [step(w) for step in steps]


def proposed(w: World) -> None:
    w.run()


def close(w: World) -> None:
    w.only().edit(state="closed")


def says(text: str) -> Callable[[World], None]:
    return lambda w: w.comment(w.pulls("all")[-1].number, text)


def merge(w: World) -> None:
    w.only().merge()


def has_comment(text: str) -> Callable[[World], None]:
    def check(w: World) -> None:
        bodies = [c.body for p in w.pulls("all") for c in p.get_issue_comments()]
        assert len([b for b in bodies if text in b]) == 1, bodies

    return check


def shut(w: World) -> None:
    assert w.base_file("a") == "shut"


def still_open(w: World) -> None:
    assert "open" in w.base_file("a")


def no_branch(w: World) -> None:
    assert not any("remediator/" in b for b in w.state()["branches"])


def foreign_head(w: World) -> None:
    assert w.git("ls-remote", "origin", A).split()[0] == w.git("rev-parse", "HEAD")


def on_board(text: str) -> Callable[[World], None]:
    def check(w: World) -> None:
        assert text in w.board().body, w.board().body

    return check


def made_on_base(w: World) -> None:
    head = w.only().head.sha
    w.git("fetch", "-q", "origin")
    assert w.git("rev-parse", f"{head}^") == w.git("rev-parse", "origin/main")


def pass_checks(w: World) -> None:
    """The required check passes, and GitHub merges by itself."""
    w.as_pat().get_commit(w.only().head.sha).create_status("success", context="plan")


CASES = [
    Case("nothing there", {"a": "review"}, ["open"], after=on_board("1 wait for a person")),
    Case("no finding", {}, [], run=lambda w: w.run([]), after=on_board("Nothing to do")),
    Case("a review is there", {"a": "waiting"}, ["open"], proposed),
    Case(
        "automatic, no rules",
        {"a": "merged"},
        ["merged"],
        run=auto,
        after=then(shut, no_branch),
    ),
    Case("automatic, with rules", {"a": "auto-merge"}, ["open auto"], protect, auto, still_open),
    Case(
        "automatic, rules that are met already",
        {"a": "merged"},
        ["merged"],
        hidden_rules,
        auto,
        shut,
    ),
    Case(
        "its checks passed",
        {"a": "awaiting-apply"},
        ["merged"],
        then(protect, auto, pass_checks),
        auto,
        then(shut, no_branch),
    ),
    Case(
        "auto-merge is not allowed",
        {"a": "blocked"},
        ["open"],
        lambda w: w.server.add_ruleset(w.repo, Requirements(contexts=("plan",))),
        auto,
        then(still_open, on_board("Allow auto-merge")),
    ),
    Case(
        "automatic no more",
        {"a": "review"},
        ["open"],
        then(protect, auto),
        lambda w: w.run(auto=["a"], a=reviewed),
    ),
    Case(
        "the base moved elsewhere",
        {"a": "waiting"},
        ["open"],
        then(proposed, lambda w: w.push({"README.md": "more\n"})),
    ),
    Case(
        "the base moved under it",
        {"a": "review"},
        ["open"],
        then(proposed, lambda w: w.push({"live/prod/a.tf": "more\nopen\n"})),
        after=made_on_base,
    ),
    Case("what is said changed", {"a": "review"}, ["open"], proposed, lambda w: w.run(a=reworded)),
    Case(
        "somebody else pushed",
        {"a": "foreign-branch"},
        ["open +stopped"],
        then(proposed, lambda w: w.push({"live/prod/a.tf": "mine\n"}, A)),
        after=then(has_comment("Somebody else pushed"), foreign_head),
    ),
    Case(
        "somebody else pushed to an automatic one",
        {"a": "foreign-branch"},
        ["open +stopped"],
        then(protect, auto, lambda w: w.push({"live/prod/a.tf": "mine\n"}, A)),
        auto,
        still_open,
    ),
    Case(
        "recreate throws it away",
        {"a": "review"},
        ["open"],
        then(
            proposed,
            lambda w: w.push({"live/prod/a.tf": "mine\n"}, A),
            proposed,
            says("/remediator recreate"),
        ),
        after=then(has_comment("made again"), made_on_base),
    ),
    Case(
        "gone",
        {},
        ["closed +closed-by-bot"],
        proposed,
        lambda w: w.run([]),
        then(has_comment("the finding is gone"), no_branch),
    ),
    Case(
        "perhaps gone",
        {},
        ["open"],
        proposed,
        lambda w: w.run([], complete=False),
        on_board("not everything could be looked at"),
    ),
    Case(
        "perhaps gone, automatic",
        {},
        ["open"],
        then(protect, auto),
        lambda w: w.run([], complete=False),
    ),
    Case(
        "exempt now",
        {"a": "exemption"},
        ["closed +closed-by-bot"],
        proposed,
        lambda w: w.run([], also=[exempt("a")]),
        then(has_comment("it is exempt now"), on_board("**90 days left**")),
    ),
    Case(
        "gone and back",
        {"a": "review"},
        ["closed +closed-by-bot", "open"],
        then(proposed, lambda w: w.run([])),
    ),
    Case(
        "a person closed it",
        {"a": "ignored"},
        ["closed"],
        then(proposed, close),
        after=on_board("no reason and no end was given"),
    ),
    Case(
        "a person closed it, and took its label and mark away",
        {"a": "ignored"},
        ["closed"],
        then(
            proposed,
            lambda w: w.only().edit(state="closed", body=""),
            lambda w: w.pulls("all")[0].remove_from_labels(LABEL),
        ),
    ),
    Case(
        "ignored by a comment",
        {"a": "ignored"},
        ["closed"],
        then(proposed, says("/remediator ignore the vendor moves until 2026-12-31")),
        after=then(has_comment("Ignored until 2026-12-31"), on_board("the vendor moves")),
    ),
    Case(
        "its time is over",
        {"a": "review"},
        ["closed", "open"],
        then(
            proposed,
            says("/remediator ignore soon until 2026-11-30"),
            proposed,
            lambda w: w.later(days=2),
        ),
    ),
    Case(
        "opened again by a box",
        {"a": "review"},
        ["closed", "open"],
        then(proposed, close, proposed, lambda w: w.tick(f"reopen:{A}")),
    ),
    Case(
        "merged by a person",
        {"a": "awaiting-apply"},
        ["merged"],
        then(proposed, merge),
        after=then(shut, no_branch),
    ),
    Case(
        "merged, and back",
        {"a": "review"},
        ["merged", "open"],
        then(proposed, merge, lambda w: w.push({"live/prod/a.tf": "open\n"})),
        auto,
        lambda w: on_text(w, "**It is back.**"),
    ),
    Case(
        "rebase",
        {"a": "review"},
        ["open"],
        then(proposed, lambda w: w.push({"README.md": "x\n"}), says("/remediator rebase")),
        after=then(made_on_base, has_comment("made again")),
    ),
    Case(
        "explain",
        {"a": "review"},
        ["open"],
        then(proposed, says("/remediator explain")),
        after=has_comment("proof `subset` pass"),
    ),
    Case(
        "a command of somebody without rights",
        {"a": "waiting"},
        ["open"],
        then(proposed, lambda w: outsider(w, "/remediator recreate")),
    ),
    Case(
        "a command that is none",
        {"a": "review"},
        ["open"],
        then(proposed, says("/remediator x")),
        after=has_comment("I know `rebase`"),
    ),
    Case(
        "no room",
        {"a": "limited"},
        [],
        run=lambda w: w.run(limits=Limits(0, 5)),
        after=on_board(f"box:open-now:{A}"),
    ),
    Case(
        "no room, and a ticked box",
        {"a": "review"},
        ["open"],
        then(lambda w: w.run(limits=Limits(0, 5)), lambda w: w.tick(f"open-now:{A}")),
        lambda w: w.run(limits=Limits(0, 5)),
    ),
]


def outsider(w: World, text: str) -> None:
    reader = w.server.person("stranger", w.repo, role="read")
    w.comment(w.only().number, text, reader)


def on_text(w: World, text: str) -> None:
    assert text in w.only().body


def second_codes(codes: dict[str, str]) -> dict[str, str]:
    later = {"review": "waiting", "merged": "awaiting-apply"}
    return {name: later.get(code, code) for name, code in codes.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_table(tmp_path: Path, case: Case) -> None:
    with world(tmp_path) as w:
        case.before(w)
        first = case.run(w)
        assert first.problems == ()
        assert first.codes() == case.codes
        assert [shown(p) for p in w.pulls("all")] == case.pulls
        case.after(w)
        second = case.run(w)
        assert second.codes() == second_codes(case.codes)
        assert second.writes == ()
        assert [shown(p) for p in w.pulls("all")] == case.pulls
        case.after(w)


def test_rules_that_are_hidden_let_one_be_merged_on_top_of_the_other(tmp_path: Path) -> None:
    """GitHub says of each that nothing is missing; each is made on the base as it is then."""
    with world(tmp_path, "a", "b", "c") as w:
        hidden_rules(w)
        first = w.run(auto=["a", "b"])
        assert first.codes() == {"a": "merged", "b": "merged", "c": "review"}
        second = w.run(auto=["a", "b"])
        assert second.codes() == {"a": "awaiting-apply", "b": "awaiting-apply", "c": "waiting"}
        assert second.writes == ()


def test_a_protection_beside_rules_that_are_seen_is_waited_for(tmp_path: Path) -> None:
    """Rules that ask for nothing do not mean that nothing asks."""
    with world(tmp_path) as w:
        w.server.add_ruleset(w.repo, Requirements())
        w.server.protect(w.repo, "main", Requirements(contexts=("plan",)))
        w.repo.settings.allow_auto_merge = True
        assert w.run(auto=["a"]).codes() == {"a": "auto-merge"}
        assert "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge" not in w.server.traffic.writes
        assert w.run(auto=["a"]).writes == ()
