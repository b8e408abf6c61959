"""The one issue that lists everything, and whose boxes the next run obeys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from remediator.forge.github import marks
from remediator.forge.github.commands import box
from remediator.forge.github.payloads import DASHBOARD
from remediator.forge.github.reconcile import Fate, Plan, Settled
from remediator.forge.github.severity import WORDS, severity
from remediator.forge.github.texts import objected
from remediator.forge.github.there import Pull, Word
from remediator.forge.markdown import Markdown, code, escaped, without_tick
from remediator.forge.message import templates
from remediator.model import Kind, Outcome, place

if TYPE_CHECKING:
    from jinja2 import Environment

TITLE = "Remediator dashboard"
MAX_BODY = 65_536
_ROOM = MAX_BODY - 512
# Lines in a part, and characters in a text: from the usual down to what fits whatever is said.
_SIZES = ((60, 300), (25, 160), (10, 80), (3, 24))
_UNTIL = re.compile(r" until (\d{4}-\d{2}-\d{2}),")
_DELIVERY = {"limited", "ignored", "foreign-branch"}
"""Refusals that have a part of their own."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that the dashboard tells. `blocked`: by branch, what was not allowed."""

    outcomes: tuple[Outcome, ...]
    plan: Plan
    titles: Mapping[str, str]
    pulls: Mapping[str, Pull]
    blocked: Mapping[str, str]
    advice: tuple[str, ...]
    today: date
    ticked: Set[tuple[Word, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    hint: Markdown
    lines: tuple[Markdown, ...]
    count: int


def dashboard_body(content: Content, seen: datetime) -> str:
    mark = marks.mark(DASHBOARD, {"seen": seen.strftime("%Y-%m-%dT%H:%M:%SZ")})
    for lines, limit in _SIZES:
        text = _rendered(content, lines, limit)
        if len(text) <= _ROOM:
            return f"{text.rstrip()}\n\n{mark}\n"
    raise AssertionError("the smallest size fits whatever is said")


def _rendered(content: Content, lines: int, limit: int) -> str:
    parts = [
        Part(title, Markdown(hint), tuple(found[:lines]), len(found))
        for title, hint, found in _parts(content, limit)
    ]
    counts = [f"{p.count} {p.title[:1].lower()}{p.title[1:]}" for p in parts if p.count]
    summary = Markdown(f"**{'; '.join(counts)}.**" if counts else "**Nothing to do.**")
    return _environment().get_template("dashboard.md.j2").render(summary=summary, parts=parts)


def _parts(content: Content, limit: int) -> Iterator[tuple[str, str, list[Markdown]]]:
    fates = {
        fate: [s for s in content.plan.settled if _stands(s, content) is fate] for fate in Fate
    }

    def listed(fate: Fate, word: Word | None) -> list[Markdown]:
        return [_change(s, content, word, limit) for s in fates[fate]]

    again = "A ticked box makes it again, from the base as it is."
    lowered = (Fate.REVIEW, Fate.BLOCKED, Fate.OBJECTED)
    people = [line for fate in lowered for line in listed(fate, Word.RECREATE)]
    yield "Wait for a person", again, people
    waits = listed(Fate.WAITS, Word.RECREATE) + listed(Fate.MERGE, Word.RECREATE)
    yield "Merge by themselves", again, waits
    mine = "Somebody else pushed to the branch. A ticked box throws that away and starts again."
    yield "Left to whoever pushed to them", mine, listed(Fate.FOREIGN, Word.RECREATE)
    kept = [_kept(branch, why, content, limit) for branch, why in content.plan.kept.items()]
    yield "Open, but not made again in this run", "", kept
    room = "The limits of open and of new pull requests. A ticked box opens it now."
    yield "Wait for room", room, listed(Fate.LIMITED, Word.OPEN_NOW)
    closed = "Their pull requests were closed. A ticked box opens a new one."
    yield "Ignored", closed, listed(Fate.IGNORED, Word.REOPEN)
    yield "Exempt", "", sorted(_endings(content, {Kind.EXEMPTED}, limit))
    yield "Not changed: what to do", "", sorted(_endings(content, {Kind.REFUSED}, limit))
    live = {Kind.DRIFTED, Kind.UNMANAGED}
    yield "Open in AWS, not in the code", "", sorted(_endings(content, live, limit))
    yield "Merged, not applied yet", "", sorted(_applying(content, limit))
    yield "Reported only", "", sorted(_endings(content, {Kind.ALERTED}, limit))
    advice = [Markdown(f"- {escaped(text, 2 * limit)}") for text in dict.fromkeys(content.advice)]
    yield "Settings in the way", "", advice


def _stands(settled: Settled, content: Content) -> Fate:
    """What was not allowed to merge by itself waits for a person."""
    merges = settled.fate in (Fate.WAITS, Fate.MERGE)
    return Fate.BLOCKED if merges and settled.branch in content.blocked else settled.fate


def _change(settled: Settled, content: Content, word: Word | None, limit: int) -> Markdown:
    branch = settled.branch
    start = box(word, branch, ticked=(word, branch) in content.ticked) if word else "-"
    title, pull = content.titles.get(branch, branch), content.pulls.get(branch)
    shown = escaped(title.partition(": ")[2] or title, limit)
    named = f"[{shown}](../pull/{pull.number})" if pull else shown
    rest = without_tick(Markdown(f"{named}{_about(settled, content, limit)}"))
    return Markdown(f"{start} {rest}")


def _about(settled: Settled, content: Content, limit: int) -> str:
    parts = []
    findings = [o.finding for o in content.outcomes if o.branch == settled.branch]
    if findings:
        parts.append(WORDS[max(severity(f.finding_class) for f in findings)])
    if settled.fate is Fate.IGNORED:
        parts.append(_ignored(settled, limit))
    if settled.fate is Fate.OBJECTED and settled.pull is not None:
        parts.append(escaped(objected(settled.pull.objections), 2 * limit))
    if settled.branch in content.blocked:
        parts.append(escaped(content.blocked[settled.branch], 2 * limit))
    return f": {'; '.join(parts)}" if parts else ""


def _ignored(settled: Settled, limit: int) -> str:
    about = settled.ignored
    if about is None or not about.reason:
        return "no reason and no end was given; write an exemption"
    by = f", says {code(about.by, 60)}" if about.by else ""
    return f"{escaped(about.reason, limit)}{by}, until {about.until or 'it is opened again'}"


def _kept(branch: str, why: str, content: Content, limit: int) -> Markdown:
    pull = content.pulls.get(branch)
    title = escaped(pull.title.partition(": ")[2] or pull.title, limit) if pull else code(branch)
    named = f"[{title}](../pull/{pull.number})" if pull else title
    return Markdown(f"- {named}: {escaped(why, limit)}")


def _endings(content: Content, kinds: Set[Kind], limit: int) -> Iterator[Markdown]:
    for outcome in content.outcomes:
        if outcome.kind in kinds and outcome.code not in _DELIVERY:
            yield Markdown(f"- {_what(outcome, limit)}: {_why(outcome, content.today, limit)}")


def _applying(content: Content, limit: int) -> Iterator[Markdown]:
    for outcome in content.outcomes:
        if outcome.kind is Kind.MERGED:
            merged = f": {code(outcome.commit[:12])}" if outcome.commit else ""
            # The owner is not known any more once the rule is gone: it is left out from the start.
            yield Markdown(f"- {_what(replace(outcome, owner=None), limit)}{merged}")


def _what(outcome: Outcome, limit: int) -> str:
    finding, owner = outcome.finding, outcome.owner
    named = finding.resource.name or finding.resource.id or finding.address or "?"
    text = f"{code(finding.finding_class, 60)} on {code(named, limit)}"
    if owner is not None:
        where = f"{place(owner.root, owner.address)} at {owner.block.file}:{owner.block.line}"
        text += f", {code(where, limit)}"
    return text


def _why(outcome: Outcome, today: date, limit: int) -> str:
    text: str = escaped(outcome.text, 2 * limit)
    if outcome.kind is Kind.REFUSED:
        return f"{text} ({code(outcome.code, 60)})"
    if outcome.advice:
        text += f" {code(f'remediator explain {outcome.finding.id}', limit)} prints it."
    found = _UNTIL.search(outcome.text) if outcome.kind is Kind.EXEMPTED else None
    return f"{_days(found[1], today)}; {text}" if found else text


def _days(until: str, today: date) -> str:
    try:
        days = (date.fromisoformat(until) - today).days
    except ValueError:
        return f"until {until}"
    return f"**{days} day{'' if days == 1 else 's'} left**"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Markdown, not HTML: what is no Markdown already is escaped.
        autoescape=False,  # noqa: S701
        finalize=lambda value: escaped(value) if isinstance(value, str) else value,
    )
