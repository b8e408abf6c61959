"""What runs that only observed would have done, by finding: from their `--json` documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from remediator.evaluate.exemptions import WARNING_DAYS

TWO_WEEKS = timedelta(days=WARNING_DAYS)
AUTOMATIC = "merged"
_MAX_LINE = 64 * 1024 * 1024
# What a person has to look at first.
ORDER = (
    *("merged", "proposed", "refused", "drifted", "unmanaged", "alerted", "exempted", "resolved"),
)
MEANING = {
    "merged": "would have been merged without a person",
    "proposed": "would have waited for a review",
    "refused": "would have been left, with the reason",
    "drifted": "is open in AWS and not in the code",
    "unmanaged": "is in no Terraform state",
    "alerted": "would only have been told",
    "exempted": "is exempt",
    "resolved": "is reported, and not open any more",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding in one run."""

    at: datetime
    outcome: str
    disposition: str | None
    reason: str
    lowered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One finding over all runs. `seen` in the order of the runs; `runs` is how many there were
    since it was first seen."""

    id: str
    finding_class: str
    resource: str
    account: str | None
    root: str | None
    address: str | None
    file: str | None
    line: int | None
    seen: tuple[Seen, ...]
    runs: int
    gone: bool

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Each way in which it ended, latest first."""
        return tuple(dict.fromkeys(s.outcome for s in reversed(self.seen)))

    @property
    def steady(self) -> bool:
        """Whether it was decided in the same way every time."""
        return len({(s.outcome, s.disposition) for s in self.seen}) == 1

    @property
    def why(self) -> tuple[str, ...]:
        """What lowered it, in any run; for what was automatic every time, why it was."""
        reasons = dict.fromkeys(text for s in reversed(self.seen) for text in s.lowered)
        return tuple(reasons) or (self.last.reason,)


@dataclass(frozen=True, slots=True)
class Observation:
    """`problems` are documents that could not be used."""

    candidates: tuple[Candidate, ...]
    runs: tuple[datetime, ...]
    problems: tuple[str, ...] = ()

    @property
    def long_enough(self) -> bool:
        return bool(self.runs) and self.runs[-1] - self.runs[0] >= TWO_WEEKS

    def counts(self) -> dict[str, int]:
        found = Counter(c.last.outcome for c in self.candidates if not c.gone)
        return {name: found[name] for name in ORDER if found[name]}


def documents(name: str, data: bytes) -> Iterator[tuple[str, Any]]:
    """Each document of a file: JSON, or JSON a line. A line that was torn is its text."""
    try:
        yield name, json.loads(data)
        return
    except (ValueError, RecursionError):
        pass
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                yield f"{name}:{number}", json.loads(line[:_MAX_LINE])
            except (ValueError, RecursionError):
                yield f"{name}:{number}", None


def observation(found: Iterable[tuple[str, Any]]) -> Observation:
    """Of runs that observed. What is no document of such a run is a problem, and passed over."""
    runs: dict[datetime, Sequence[Any]] = {}
    problems: list[str] = []
    for name, document in found:
        problem = _problem(document)
        if problem:
            problems.append(f"{name}: {problem}")
        else:
            at = _time(document["started_at"])
            assert at is not None
            runs[at] = document["outcomes"]
    times = tuple(sorted(runs))
    seen: dict[str, list[Seen]] = {}
    latest: dict[str, Mapping[str, Any]] = {}
    for at in times:
        for outcome in runs[at]:
            if one := _seen(outcome, at):
                seen.setdefault(outcome["finding"]["id"], []).append(one)
                latest[outcome["finding"]["id"]] = outcome
    made = [_candidate(latest[name], its, times) for name, its in seen.items()]
    ordered = sorted(made, key=lambda c: (c.gone, ORDER.index(c.last.outcome), c.id))
    return Observation(tuple(ordered), times, tuple(problems))


def _problem(document: Any) -> str | None:
    if not isinstance(document, dict):
        return "it is no JSON document of a run; a line that was cut short is passed over"
    if document.get("version") != 1 or not isinstance(document.get("outcomes"), list):
        return "it is no `--json` document of version 1"
    if document.get("mode") != "observe":
        return f"its mode is {str(document.get('mode'))[:20]!r}, and only observing runs count"
    if _time(document.get("started_at")) is None:
        return "it does not say when it began"
    return None


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else None


def _seen(outcome: Any, at: datetime) -> Seen | None:
    """None for what has not the form of an outcome."""
    finding = outcome.get("finding") if isinstance(outcome, dict) else None
    if not isinstance(finding, dict) or not isinstance(finding.get("id"), str):
        return None
    kind = outcome.get("outcome")
    if kind not in ORDER:
        return None
    reason = outcome.get("reason")
    reason = reason if isinstance(reason, dict) else {}
    if reason.get("code") == "awaiting-apply":
        return None  # merged before, and nothing would be done
    checks = outcome.get("checks")
    lowered = tuple(
        f"{c.get('name')}: {c.get('detail')}"
        for c in (checks if isinstance(checks, list) else [])
        if isinstance(c, dict) and c.get("verdict") in ("lowers", "unknown")
    )
    disposition = outcome.get("disposition")
    return Seen(
        at,
        kind,
        disposition if isinstance(disposition, str) else None,
        str(reason.get("text") or ""),
        lowered,
    )


def _candidate(
    outcome: Mapping[str, Any], seen: Sequence[Seen], times: Sequence[datetime]
) -> Candidate:
    finding = outcome["finding"]
    place = outcome.get("terraform")
    place = place if isinstance(place, dict) else {}
    since = [time for time in times if time >= seen[0].at]

    def text(values: Mapping[str, Any], key: str) -> str | None:
        value = values.get(key)
        return value if isinstance(value, str) else None

    line = place.get("line")
    return Candidate(
        finding["id"],
        text(finding, "class") or "",
        text(finding, "resource") or "",
        text(finding, "account"),
        text(place, "root"),
        text(place, "address"),
        text(place, "file"),
        line if isinstance(line, int) else None,
        tuple(seen),
        len(since),
        seen[-1].at != times[-1],
    )
