"""The evaluated access before and after, as rows that a reviewer compares at a glance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.model import Json, Proof

MAX_ROWS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """ "" where one of the sides does not have it."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AccessTable:
    rows: tuple[Row, ...]
    more: int


def access_table(proof: Proof, limit: int = MAX_ROWS) -> AccessTable:
    """What goes, then what comes, then what stays. Where the access is no list of rules, what the
    proof says has gone."""
    rows = [*_rows(proof)]
    return AccessTable(tuple(rows[:limit]), max(0, len(rows) - limit))


def _rows(proof: Proof) -> Iterator[Row]:
    before, after = _items(proof.before), _items(proof.after)
    if before is None or after is None:
        yield from (Row(line, "") for line in proof.removed)
        yield from (Row("", line) for line in proof.left)
        return
    stays = Counter(before) & Counter(after)
    yield from (Row(item, "") for item in (Counter(before) - stays).elements())
    yield from (Row("", item) for item in (Counter(after) - stays).elements())
    yield from (Row(item, item) for item in stays.elements())


def _items(text: str) -> list[str] | None:
    """`{"ingress": [{…}, …]}`: the entries of its lists, each as a sentence."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    found: list[str] = []
    for name, entries in value.items():
        if not isinstance(entries, list):
            return None
        found += [_sentence(name, entry) for entry in entries]
    return found


_RULE = {"protocol", "from_port", "to_port", "source"}


def _sentence(name: str, entry: Json) -> str:
    if isinstance(entry, dict) and entry.keys() == _RULE:
        return f"{name}: {entry['protocol']} {_ports(entry)} from {entry['source']}"
    if isinstance(entry, dict):
        return f"{name}: " + ", ".join(f"{key} {_value(value)}" for key, value in entry.items())
    return f"{name}: {_value(entry)}"


def _ports(entry: dict[str, Json]) -> str:
    first, last = entry["from_port"], entry["to_port"]
    if first in (None, -1) or (first, last) == (0, 65535):
        return "all"
    return f"{first}" if first == last else f"{first}-{last}"


def _value(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
