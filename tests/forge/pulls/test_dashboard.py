"""The dashboard: everything listed, short enough, inert, and its boxes read back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from changemaker import NOW, change, finding
from test_pull_text import HOSTILE, as_github, assert_inert, rendered

from remediator.forge.github.commands import ticks
from remediator.forge.github.dashboard import MAX_BODY, Content, dashboard_body
from remediator.forge.github.reconcile import Fate, Plan, Settled
from remediator.forge.github.there import Ignored, Pull, State, Word
from remediator.model import Kind, Outcome

TODAY = NOW.date()
BRANCH = "remediator/open-admin-port-a"
EXEMPT = "partner-transfer until 2026-12-04, owned by x@example.com: it moves"


def content(text: str, count: int = 1) -> Content:
    """Each part has `count` lines, and every foreign value is `text`."""
    found = finding(name=text)
    owner = replace(change().owners[0], address=text)
    outcomes = tuple(
        Outcome(found, kind, text, text, owner, advice=("x",))
        for kind in (Kind.EXEMPTED, Kind.REFUSED, Kind.DRIFTED, Kind.ALERTED, Kind.MERGED)
        for _ in range(count)
    )
    settled, titles, pulls = [], {}, {}
    for fate in Fate:
        for number in range(count):
            branch = f"{BRANCH}-{fate}-{number}"
            settled.append(Settled(branch, fate, (), None, Ignored(text, TODAY, text)))
            titles[branch] = text
            pulls[branch] = Pull(7, branch, State.OPEN, NOW, title=text)
    kept = {f"{BRANCH}-kept-{n}": text for n in range(count)}
    plan = Plan(tuple(settled), (), kept)
    blocked = {s.branch: text for s in settled}
    return Content(outcomes, plan, titles, pulls, blocked, (text,), TODAY)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_foreign_does_anything(text: str) -> None:
    body = dashboard_body(content(text), NOW)
    boxes = body.count("\n- [ ] ")
    assert_inert(re.sub(r"<!-- [^`\n]* -->", "", body), {"../pull/7"}, boxes)
    branches = {branch for _, branch in ticks(body.replace("- [ ]", "- [x]"))}
    assert all(b.startswith(f"{BRANCH}-") for b in branches)
    assert len(branches) == len(Fate)


@pytest.mark.parametrize("text", ["x" * 5000, "@" * 5000, "`|" * 2000])
def test_it_fits_whatever_is_in_it(text: str) -> None:
    body = dashboard_body(content(text, 300), NOW)
    assert len(body) < MAX_BODY
    assert "more: see the run's" in body


def test_a_tick_that_was_not_obeyed_stays() -> None:
    branch = f"{BRANCH}-limited-0"
    told = replace(content("x"), ticked=frozenset([(Word.OPEN_NOW, branch)]))
    assert [*ticks(dashboard_body(told, NOW))] == [(Word.OPEN_NOW, branch)]


@pytest.mark.parametrize(
    "text", [*HOSTILE, "[x]", "`[X]`", "x", "X", "\\[x]", "[[x]]", "[x](y)", "` [x] `"]
)
def test_nothing_that_is_foreign_shows_a_box_as_ticked(text: str) -> None:
    html = as_github(dashboard_body(content(text), NOW))
    assert html.count('type="checkbox"') == len(Fate)
    assert "checked" not in re.sub(r"<code>.*?</code>", "", html)
    told = replace(content(text), ticked=frozenset([(Word.OPEN_NOW, f"{BRANCH}-limited-0")]))
    assert as_github(dashboard_body(told, NOW)).count('checked=""') == 1


def test_days_to_the_end_of_an_exemption() -> None:
    outcome = Outcome(finding(), Kind.EXEMPTED, "exemption", EXEMPT)
    told = replace(content("x"), outcomes=(outcome,), plan=Plan((), (), {}), advice=())
    assert "**5 days left**" in dashboard_body(told, NOW)
    told = replace(told, today=date(2026, 12, 3))
    assert "**1 day left**" in dashboard_body(told, NOW)


def test_the_same_in_the_same_order_whatever_the_run_found_first() -> None:
    made = content("x", 3)
    other = replace(made, outcomes=made.outcomes[::-1])
    assert dashboard_body(made, NOW) == dashboard_body(other, NOW)
    assert rendered(dashboard_body(made, NOW)).count("<h3>") >= 8
