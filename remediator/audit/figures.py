"""What the audit page counts: exposure against the article's fourteen days, dispositions, what is
still open. From the rows of a report alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from remediator.model import Json

DAY = 86_400
TARGET_DAYS = 14
"""How long a finding stays open on average where it becomes a ticket (the Lacework Cloud Threat
Report 2023, as the article behind this program quotes it)."""
_BUCKETS = (
    ("under 1 hour", 3600),
    ("under 1 day", DAY),
    ("under 3 days", 3 * DAY),
    ("under 7 days", 7 * DAY),
    ("under 14 days", TARGET_DAYS * DAY),
    ("14 days and more", None),
)
Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many findings were closed within it: in the code, and live. `late`: beyond the target."""

    name: str
    merged: int
    resolved: int
    late: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """Seconds. `unknown`: changes whose source does not say since when it was wrong."""

    buckets: tuple[Bucket, ...]
    most: int
    unknown: int
    median: int | None
    longest: int | None
    beyond: int


def exposure(rows: Sequence[Row]) -> Exposure:
    merged = [s for row in rows if (s := _seconds(row, "open_seconds")) is not None]
    resolved = [s for row in rows if (s := _seconds(row, "open_to_resolved_seconds")) is not None]
    first, second = (_counted(some) for some in (merged, resolved))
    buckets = tuple(
        Bucket(name, first[name], second[name], limit is None) for name, limit in _BUCKETS
    )
    return Exposure(
        buckets,
        max((n for b in buckets for n in (b.merged, b.resolved)), default=0),
        len(rows) - len(merged),
        int(median(merged)) if merged else None,
        max(merged, default=None),
        sum(s >= TARGET_DAYS * DAY for s in merged),
    )


def _counted(seconds: Iterable[int]) -> Counter[str]:
    return Counter(
        next(name for name, limit in _BUCKETS if limit is None or s < limit) for s in seconds
    )


def _seconds(row: Row, name: str) -> int | None:
    value = row.get(name)
    return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy row as changes were decided by it, and who approved it as it was."""

    disposition: str
    row: str
    digest: str
    count: int
    approved: str


def rules(rows: Iterable[Row]) -> list[Rule]:
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        merged = row.get("policy_merged_by")
        approved = f"{merged}, {row.get('policy_merged_at')}" if merged else ""
        key = (_text(row, "disposition"), _text(row, "policy_row"), _text(row, "policy_digest"))
        found[(*key, approved)] += 1
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0]))
    return [Rule(d, r, digest, count, approved) for (d, r, digest, approved), count in ordered]


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else "unknown"


def state(row: Row) -> str:
    """How far a change has come."""
    if row.get("resolved_at"):
        return "resolved"
    return "applied" if row.get("applied_at") else "merged"


# Access, line by line ------------------------------------------------------------------------

_RULE = {"protocol", "from_port", "to_port", "source"}
_DEEPEST = 12


def access_lines(value: Json, at: str = "", depth: int = 0) -> list[str]:
    """What a record's Before or After says, one line each, comparable."""
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return [f"{at}{value}"]
    if isinstance(value, dict):
        if value.keys() >= _RULE:
            return [f"{at}{_rule(value)}"]
        if value.get("Effect") in ("Allow", "Deny"):
            return [f"{at}{line}" for line in _statement(value)]
        pairs = sorted(value.items())
        return [line for k, v in pairs for line in access_lines(v, f"{at}{k}: ", depth + 1)]
    return [line for item in value for line in access_lines(item, at, depth + 1)]


def _rule(rule: Mapping[str, Json]) -> str:
    low, high = rule["from_port"], rule["to_port"]
    ports = "" if low in (None, -1) else f" {low}" if low == high else f" {low}-{high}"
    protocol = "all traffic" if rule["protocol"] == "-1" else rule["protocol"]
    return f"{protocol}{ports} from {rule['source']}"


def _statement(statement: Mapping[str, Json]) -> list[str]:
    """A policy's statement, an action a line; what is negated stays together."""
    said = [f"on {_all(statement, 'Resource', 'NotResource')}"] * _has(statement, "Resource")
    said += [f"by {_all(statement, 'Principal', 'NotPrincipal')}"] * _has(statement, "Principal")
    if statement.get("Condition"):
        said.append(f"if {json.dumps(statement['Condition'], sort_keys=True)}")
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [_all(statement, "Action", "NotAction")]
    return [" ".join([f"{statement['Effect']} {action}", *said]) for action in listed]


def _has(statement: Mapping[str, Json], name: str) -> int:
    return int(name in statement or f"Not{name}" in statement)


def _all(statement: Mapping[str, Json], name: str, negated: str) -> str:
    value = statement.get(name, statement.get(negated))
    texts = value if isinstance(value, list) else [value]
    text = ", ".join(t if isinstance(t, str) else json.dumps(t, sort_keys=True) for t in texts)
    return text if name in statement else f"all but {text}"


def compared(before: Json, after: Json) -> list[tuple[str, str]]:
    """("-", line) goes, ("+", line) comes, (" ", line) stays."""
    was, now = ([] if v is None else access_lines(v) for v in (before, after))
    left, kept = set(now), set(was)
    lines = [(" " if line in left else "-", line) for line in dict.fromkeys(was)]
    return lines + [("+", line) for line in dict.fromkeys(now) if line not in kept]
