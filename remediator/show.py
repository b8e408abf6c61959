"""Outcomes for a person at a terminal. All foreign text goes through `plain`."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import click

from remediator.model import Change, Kind, Outcome
from remediator.texts import plain, visible

_MAX_ADVICE = 4000
"""Of one line: what is pasted must be whole."""
WAITING = "waiting"
"""A change that is proven and has no room: nothing is wrong with it."""
_COLOURS = {
    Kind.MERGED: "green",
    Kind.RESOLVED: "green",
    Kind.PROPOSED: "cyan",
    Kind.ALERTED: "yellow",
    Kind.EXEMPTED: "bright_black",
    Kind.REFUSED: "red",
    Kind.DRIFTED: "magenta",
    Kind.UNMANAGED: "magenta",
}


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """What it is, where it stands in the Terraform, how it ended and why."""
    finding, owner = outcome.finding, outcome.owner
    r = finding.resource
    named = f"{r.id} ({r.name})" if r.id and r.name else r.id or finding.address or ""
    colour = "cyan" if word(outcome) == WAITING else _COLOURS[outcome.kind]
    styled = click.style(f"{word(outcome):<9}", fg=colour, bold=True)
    yield f"{styled} {plain(finding.finding_class)}  {plain(named)}"
    if owner is not None:
        place = f"{owner.block.file}:{owner.block.line}"
        yield f"          {plain(owner.address)}  {click.style(plain(place), dim=True)}"
    if outcome.text:
        yield f"          {plain(outcome.text, 600)}"
    for reason in _lowered(outcome):
        yield f"          - {reason}"
    yield from (f"            {plain(line, _MAX_ADVICE)}".rstrip() for line in outcome.advice)


def _lowered(outcome: Outcome) -> Iterator[str]:
    if outcome.kind is Kind.PROPOSED and outcome.decision is not None:
        for check in outcome.decision.checks:
            if check.verdict.value not in ("pass", "skipped"):
                yield plain(f"{check.name}: {check.detail}", 400)


def word(outcome: Outcome) -> str:
    """The kind, but for what was written to a folder, would be merged by a run that acts, or waits
    for room, which only the JSON counts among what is refused."""
    waits = outcome.kind is Kind.REFUSED and outcome.code == "limited"
    return outcome.word or (WAITING if waits else outcome.kind.value)


def summary(outcomes: Sequence[Outcome], unseen: str = "") -> str:
    """`unseen` is what could not be looked at: then nothing found is not nothing to do."""
    counts = Counter(word(o) for kind in Kind for o in outcomes if o.kind is kind)
    waiting = counts.pop(WAITING, 0)
    parts = [f"{count} {named}" for named, count in counts.items()]
    parts += [f"{waiting} {WAITING} for room"] if waiting else []
    plural = "" if len(outcomes) == 1 else "s"
    parts += [unseen] if unseen else []
    return f"{len(outcomes)} finding{plural}: {', '.join(parts) or 'nothing to do'}"


def diffs(changes: Iterable[Change]) -> Iterator[str]:
    """Unified diffs, as `git apply` reads them, of changes made one on top of the other."""
    first: dict[str, bytes] = {}
    last: dict[str, bytes] = {}
    for change in changes:
        for path in change.patch.files:
            first.setdefault(path, change.before[path])
            last[path] = change.after[path]
    for path in sorted(first):
        yield from unified(path, first[path], last[path])


def unified(path: str, before: bytes, after: bytes) -> Iterator[str]:
    old, new = (_lines(data) for data in (before, after))
    for line in difflib.unified_diff(old, new, _quoted(f"a/{path}"), _quoted(f"b/{path}")):
        if line.endswith("\n"):
            yield line
        else:
            yield f"{line}\n\\ No newline at end of file\n"


def _quoted(path: str) -> str:
    """As git writes a path with odd characters."""
    if visible(path, len(path)) == path and not {'"', "\\"} & {*path}:
        return path
    data = path.encode("utf-8", "surrogateescape")
    odd = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in data)
    return f'"{odd}"'


def _lines(data: bytes) -> list[str]:
    text = data.decode(errors="replace")
    return [line + "\n" for line in text.split("\n")[:-1]] + (
        [text.rsplit("\n", 1)[-1]] if not text.endswith("\n") and text else []
    )
