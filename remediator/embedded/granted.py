"""Which actions a principal's policies allow, read plainly: the emulated analyzer's own sums.

Independent of `remediator.access`, so that each can be held against the other. Resources and
conditions of an Allow do not count; a Deny counts where it holds for every resource, always.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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


@lru_cache(maxsize=20_000)
def granted(documents: tuple[str, ...]) -> frozenset[str]:
    """Every known action, as "s3:GetObject", that the policies together allow on something."""
    allowed: set[str] = set()
    denied: set[str] = set()
    for text in documents:
        for statement in statements(text):
            if statement.get("Effect") == "Allow":
                allowed |= actions_in(statement)
            elif "*" in listed(statement.get("Resource")) and not statement.get("Condition"):
                denied |= actions_in(statement)
    return frozenset(allowed - denied)


def statements(text: str) -> list[dict[str, Any]]:
    """Of a policy's JSON; none where it is none, for moto checks less than AWS."""
    try:
        document = json.loads(text)
    except ValueError:
        return []
    found = document.get("Statement") if isinstance(document, dict) else None
    return [s for s in listed(found) if isinstance(s, dict)]


def actions_in(statement: Mapping[str, Any]) -> frozenset[str]:
    if "NotAction" in statement:
        return matching("*") - expanded(_texts(statement["NotAction"]))
    return expanded(_texts(statement.get("Action")))


def by_service(actions: frozenset[str]) -> dict[str, list[str]]:
    """Sorted, both ways."""
    found: dict[str, list[str]] = {}
    for action in sorted(actions):
        found.setdefault(action.partition(":")[0], []).append(action)
    return found


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _texts(value: Any) -> Iterator[str]:
    return (text for text in listed(value) if isinstance(text, str))
