"""Which merged changes of identities and policies are resolved, by their analyzer's own word. Pure.

A finding that is absent says nothing: its analyzer may be new, or may not have looked yet. Whether
a change was applied is not told here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import datetime

from remediator.audit.follow import RESOLVED, RESOLVED_HOW
from remediator.model import Record

SOURCE = "access-analyzer"
MOST = 50
"""Findings that are asked for in one run; the oldest merges first."""


def unresolved(
    records: Iterable[Record], noted: Callable[[str, str], bool], active: Set[str]
) -> dict[str, tuple[str, ...]]:
    """By the commit of a merge: the analyzer's ids of what it closes, where none of them is still
    active and it is not noted yet. `records` are latest first."""
    found: dict[str, tuple[str, ...]] = {}
    left = MOST
    for record in reversed(tuple(records)):
        commit, ids = record.merge or record.commit, record.all("Finding-Id")
        own = tuple(i.removeprefix(f"{SOURCE}:") for i in ids if i.startswith(f"{SOURCE}:"))
        if not own or len(own) < len(ids) or noted(commit, RESOLVED) or active & {*ids}:
            continue
        if len(own) > left:
            break
        left -= len(own)
        found[commit] = own
    return found


def resolved_notes(
    wanted: Mapping[str, tuple[str, ...]], resolved: Set[str], at: datetime
) -> dict[str, tuple[tuple[str, str], ...]]:
    when = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    how = f"{SOURCE} says of it that it is resolved"
    return {
        commit: ((RESOLVED, when), (RESOLVED_HOW, how))
        for commit, ids in wanted.items()
        if resolved >= {*ids}
    }
