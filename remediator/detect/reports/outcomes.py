"""How an entry of a report ends without a finding, and how a finding names its reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from remediator.detect.aws_config import SECURITY_GROUP
from remediator.detect.reports.reported import Live, Reported
from remediator.model import (
    NO_EVIDENCE,
    UNOBSERVED,
    Finding,
    Kind,
    Outcome,
    Refusal,
    Resource,
)
from remediator.texts import listed

_MOST_SOURCES = 5
"""Of one finding, in a commit's trailer."""


def refused(entry: Reported, finding_class: str, why: Refusal) -> Outcome:
    return Outcome(as_reported(entry, finding_class), Kind.REFUSED, why.code, why.text)


def as_reported(entry: Reported, finding_class: str) -> Finding:
    """What the report alone says. The scanner's own id is kept, for people to find it by."""
    if isinstance(entry.at, Live):
        resource, place = entry.at.resource, None
    else:
        resource, place = Resource(SECURITY_GROUP, "", tags=None), entry.at
    return Finding(
        id=entry.id or f"{entry.source}/{entry.at}",
        finding_class=finding_class,
        source=entry.source,
        resource=resource,
        evidence=NO_EVIDENCE,
        created_at=entry.created_at,
        observed_at=entry.observed_at or UNOBSERVED,
        address=(place.address or str(place)) if place else None,
        file=place.files[0] if place and place.files else None,
        line=place.line if place else 0,
    )


def named(finding: Finding, entries: Sequence[Reported]) -> Finding:
    """With the reports among its sources. Its id stays: every run knows it by that again, with
    the report or without."""
    if not entries:
        return finding
    times = [finding.created_at, *(e.created_at for e in entries)]
    sources = dict.fromkeys([finding.source, *(e.source for e in entries)])
    return replace(
        finding,
        source=listed([*sources], _MOST_SOURCES),
        created_at=min((t for t in times if t), default=None),
    )


def merged(found: Iterable[tuple[Finding, Reported]]) -> tuple[Finding, ...]:
    """Each finding once, whatever number of entries select it."""
    findings: dict[str, Finding] = {}
    entries: dict[str, list[Reported]] = {}
    for finding, entry in found:
        findings.setdefault(finding.id, finding)
        entries.setdefault(finding.id, []).append(entry)
    return tuple(named(finding, entries[i]) for i, finding in findings.items())
