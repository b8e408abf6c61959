"""Scanners' reports in the commands: what they select in the code, once there is a code to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from remediator.access.doors import Door
from remediator.detect import events
from remediator.detect.evaluated_code import all_findings_in
from remediator.detect.events import WakeUp
from remediator.detect.findings_file import load
from remediator.detect.given_tags import given_in
from remediator.detect.groups import Evidence
from remediator.detect.reports.checks import about
from remediator.detect.reports.expand import Answer, Code, Owned, of_group, of_place
from remediator.detect.reports.outcomes import merged, refused
from remediator.detect.reports.recognise import (
    FindingsFile,
    decoded,
    read_findings_file,
    recognised,
)
from remediator.detect.reports.reported import Place, Reported
from remediator.estate import Estate
from remediator.model import Finding, Outcome, Refusal, SourceError
from remediator.remediate.grants import OWNER_TYPES
from remediator.terraform.syntax import Block

MAX_EVENT = 1024 * 1024
"""Bytes. EventBridge's own limit is a quarter of it."""


@dataclass(frozen=True, slots=True)
class Expanded:
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What an event says by itself, and what it tells to look at."""

    file: FindingsFile
    wake: WakeUp


def read_event(path: Path, standard_input: Callable[[], bytes]) -> Event:
    """Of a file, or of standard input for `-`: an EventBridge event, or the payload of a
    repository_dispatch that carries one. Raises SourceError for what is neither."""
    where = Path("standard input") if str(path) == "-" else path
    data = standard_input() if str(path) == "-" else load(path)
    if len(data) > MAX_EVENT:
        raise SourceError(str(where), 1, 1, f"is larger than any event ({MAX_EVENT // 1024} KiB)")
    file = recognised(data, where)
    document = events.unwrapped(decoded(data, where))
    return Event(file, events.wake_up(document, (*file.findings, *file.reported)))


def read_files(paths: Sequence[Path], event: Event | None = None) -> FindingsFile:
    """All files as one, and the event's. Raises SourceError for one that is of no known form."""
    files = [read_findings_file(path) for path in paths]
    files += [event.file] if event else []
    return FindingsFile(
        findings=tuple(f for file in files for f in file.findings),
        reported=tuple(r for file in files for r in file.reported),
        problems=tuple(p for file in files for p in file.problems),
        notes=tuple(n for file in files for n in file.notes),
    )


def expand(
    entries: Sequence[Reported],
    estate: Estate,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    now: datetime,
    *,
    live_unread: bool = False,
) -> Expanded:
    """`live_unread`: AWS was to be asked about the live groups and did not answer for these."""

    def look() -> Sequence[Finding]:
        return all_findings_in(estate.configurations, class_name, evidence, now)[0]

    given_of = given_in(estate.configurations)
    code = Code(estate.sources, look, class_name, evidence, now, given_of)
    found: list[tuple[Finding, Reported]] = []
    outcomes: list[Outcome] = []
    for entry in dict.fromkeys(entries):
        answer = _answer(entry, estate, code, live_unread)
        if isinstance(answer, Outcome):
            outcomes.append(answer)
        else:
            found += ((finding, entry) for finding in answer)
    return Expanded(merged(found), tuple(outcomes))


def _answer(entry: Reported, estate: Estate, code: Code, live_unread: bool) -> Answer:
    check = about(entry.check)
    if check is None:
        return refused(
            entry,
            entry.check,
            Refusal(
                "detect",
                "unknown-class",
                f"{entry.tool}'s check {entry.check} belongs to no finding class of this version: "
                f"nothing is done about {entry.at}",
            ),
        )
    if isinstance(entry.at, Place):
        return of_place(entry, check, entry.at, code)
    group = entry.at.resource
    seen = None if live_unread else entry.observed_at
    return of_group(entry, check, group, _owned(group.id, estate), code, seen)


def _owned(group: str, estate: Estate) -> Owned:
    """What makes the group's rules, of what the states and the code know."""
    known = [(r, s.address) for r, s in estate.states.index.of_group(group)]
    joined = [(root, address) for root, address in known if address.type in OWNER_TYPES]
    blocks: dict[tuple[str, int], Block] = {}
    for root, address in joined:
        directory = estate.modules.descend(root, address.module_names)
        found = None if isinstance(directory, Refusal) else estate.block(directory, address.block)
        if isinstance(found, Block):
            blocks.setdefault((found.file.path, found.start), found)
    return Owned(tuple(blocks.values()), frozenset((root, str(a)) for root, a in joined))
