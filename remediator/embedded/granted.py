"""Which actions a principal's policies allow, read plainly: the emulated analyzer's own sums.

Independent of `remediator.access`, so that each can be held against the other. Resources and
conditions of an Allow do not count; a Deny counts where it holds for every resource, always.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from remediator.embedded.catalogue import expanded, matching


@dataclass(frozen=True, slots=True)
class Held:
    """A policy that a principal holds. `id` is a managed policy's ARN, else the inline policy's
    name; `holder` the ARN of whom it is written on: of the principal, or of a group of its."""

    id: str
    kind: Literal["inline", "customer", "aws"]
    document: str
    holder: str
    updated_at: Any = None


def granted(documents: Iterable[str]) -> frozenset[str]:
    """Every known action, as "s3:GetObject", that the policies together allow on something."""
    allowed: set[_Actions] = set()
    denied: set[_Actions] = set()
    for statement in (one for text in documents for one in statements(text)):
        if statement.get("Effect") == "Allow":
            allowed.add(_written(statement))
        elif "*" in listed(statement.get("Resource")) and not statement.get("Condition"):
            denied.add(_written(statement))
    return _granted(frozenset(allowed), frozenset(denied))


_Actions = tuple[bool, tuple[str, ...]]
"""Whether it is NotAction, and the patterns as they are written."""


def _written(statement: Mapping[str, Any]) -> _Actions:
    negated = "NotAction" in statement
    return negated, tuple(_texts(statement.get("NotAction" if negated else "Action")))


@lru_cache(maxsize=4096)
def _granted(allowed: frozenset[_Actions], denied: frozenset[_Actions]) -> frozenset[str]:
    """One set for all policies that say the same of actions: an account has thousands."""
    every, none = (frozenset[str]().union(*map(_meant, said)) for said in (allowed, denied))
    return every - none


def _meant(written: _Actions) -> frozenset[str]:
    negated, patterns = written
    found = expanded(patterns)
    return matching("*") - found if negated else found


def statements(text: str) -> list[dict[str, Any]]:
    """Of a policy's JSON; none where it is none, for moto checks less than AWS."""
    try:
        document = json.loads(text)
    except ValueError:
        return []
    found = document.get("Statement") if isinstance(document, dict) else None
    return [s for s in listed(found) if isinstance(s, dict)]


def actions_in(statement: Mapping[str, Any]) -> frozenset[str]:
    return _meant(_written(statement))


@lru_cache(maxsize=4096)
def by_service(actions: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    """Sorted, both ways."""
    found: dict[str, list[str]] = {}
    for action in sorted(actions):
        found.setdefault(action.partition(":")[0], []).append(action)
    return {service: tuple(names) for service, names in found.items()}


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _texts(value: Any) -> Iterator[str]:
    return (text for text in listed(value) if isinstance(text, str))
