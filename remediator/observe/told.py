"""The sum of an observation for people, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.model import Json
from remediator.observe.candidates import MEANING, ORDER, Candidate, Observation
from remediator.observe.suggest import why_suggested
from remediator.texts import plain

VERSION = 1
_WHYS = 3


def lines(observation: Observation) -> Iterator[str]:
    """For a terminal or a log."""
    yield _span(observation)
    for name in ORDER:
        here = [c for c in observation.candidates if c.last.outcome == name and not c.gone]
        if here:
            yield ""
            yield f"{len(here)} {name}: {MEANING[name]}"
            for candidate in here:
                yield from _one(candidate, observation)
    gone = [c for c in observation.candidates if c.gone]
    if gone:
        yield ""
        yield f"{len(gone)} not there any more in the last run"
        yield from (f"  {plain(c.id)}, last {c.last.at:%Y-%m-%d}" for c in gone)
    yield ""
    yield _verdict(observation)


def _span(observation: Observation) -> str:
    if not observation.runs:
        return "no run that observed was given"
    first, last = observation.runs[0], observation.runs[-1]
    days = (last - first).days
    runs = len(observation.runs)
    return (
        f"{runs} run{'' if runs == 1 else 's'} from {first:%Y-%m-%d} to {last:%Y-%m-%d} ({days} d)"
    )


def _one(candidate: Candidate, observation: Observation) -> Iterator[str]:
    where = f"{plain(candidate.file)}:{candidate.line}" if candidate.file else ""
    yield f"  {plain(candidate.id)}  {plain(candidate.address or '')}  {where}".rstrip()
    often = f"{len(candidate.seen)} of {candidate.runs} runs"
    before = [name for name in candidate.outcomes if name != candidate.last.outcome]
    also = f"; also {', '.join(before)}" if before else ""
    yield f"      seen in {often}{also}"
    yield from (f"      {plain(text, 300)}" for text in candidate.why[:_WHYS] if text)
    suggested = why_suggested(candidate, observation)
    if suggested:
        yield f"      think of an exemption: {suggested}"


def _verdict(observation: Observation) -> str:
    automatic = [c for c in observation.candidates if c.last.outcome == "merged" and not c.gone]
    unsteady = [c for c in automatic if not c.steady]
    parts = [f"enforcing now would merge {len(automatic)} changes without a person"]
    if unsteady:
        parts.append(f"{len(unsteady)} of them were decided otherwise in another run")
    if not observation.long_enough:
        parts.append("observe for two weeks before you enforce")
    return "; ".join(parts)


def document(observation: Observation) -> dict[str, Json]:
    """docs/observation.md describes every field."""
    counts: dict[str, Json] = {**observation.counts()}
    return {
        "version": VERSION,
        "runs": [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in observation.runs],
        "two_weeks": observation.long_enough,
        "counts": counts,
        "candidates": [_candidate(c, observation) for c in observation.candidates],
        "problems": [*observation.problems],
    }


def _candidate(candidate: Candidate, observation: Observation) -> Json:
    return {
        "finding": candidate.id,
        "class": candidate.finding_class,
        "resource": candidate.resource,
        "root": candidate.root,
        "address": candidate.address,
        "outcome": candidate.last.outcome,
        "disposition": candidate.last.disposition,
        "outcomes": [*candidate.outcomes],
        "steady": candidate.steady,
        "first_seen": f"{candidate.seen[0].at:%Y-%m-%dT%H:%M:%SZ}",
        "last_seen": f"{candidate.last.at:%Y-%m-%dT%H:%M:%SZ}",
        "seen": len(candidate.seen),
        "runs": candidate.runs,
        "gone": candidate.gone,
        "why": [*candidate.why],
        "suggested": why_suggested(candidate, observation),
    }
