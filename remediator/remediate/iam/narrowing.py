"""An action pattern without the actions that may go: the smallest text that keeps all others.

`s3:Get*` less one action becomes the others, with a narrower wildcard only where all that it
matches today is kept. What a wildcard of the result matches, the pattern matched before, also of
the actions that AWS adds tomorrow.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, groupby

from remediator.access.iam.budget import Budget
from remediator.access.iam.inclusion import within
from remediator.access.iam.patterns import pattern as pattern_of
from remediator.remediate.iam.catalogue import (
    actions_of,
    among,
    matching,
    service_of,
)
from remediator.remediate.iam.removable import Removable

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|.")


@lru_cache(1 << 14)
def narrowed(pattern: str, removable: Removable) -> tuple[str, ...] | None:
    """What is left of an action pattern: None where it stays as it is, () where all of it goes."""
    if not removable.granted_by(pattern):
        return None
    if service_of(pattern) in removable.services:
        return ()
    known = matching(pattern)
    kept = [action for action in known if not removable.takes(action)]
    if len(kept) == len(known):
        return None  # what no catalogue knows is kept
    new = among(pattern, removable.new)
    return tuple(sorted((*_smallest(pattern, kept), *new)))


def kept_of(pattern: str, removable: Removable) -> frozenset[str]:
    """The known actions that must be left of a pattern, in small letters."""
    return frozenset(a.lower() for a in matching(pattern) if not removable.takes(a))


def _smallest(pattern: str, kept: Iterable[str]) -> Iterator[str]:
    by_service = groupby(sorted(kept), service_of)
    for service, actions in by_service:
        yield from sorted(_of_service(pattern, service, tuple(actions)))


def _of_service(pattern: str, service: str, kept: tuple[str, ...]) -> list[str]:
    clean = _Clean(pattern, service, kept)
    chosen: list[str] = []
    for action in kept:
        if not any(_is_in(action, c) for c in chosen):
            chosen.append(clean.widest(action))
    return [c for c in chosen if not any(c != o and _is_in(c, o) for o in chosen)]


def _is_in(one: str, other: str) -> bool:
    return other.endswith("*") and one.lower().startswith(other[:-1].lower())


class _Clean:
    """Which prefixes match nothing but what is kept."""

    def __init__(self, pattern: str, service: str, kept: Iterable[str]) -> None:
        self.pattern = pattern
        self.all = _by_small_letters(actions_of(service))
        self.kept = [small for small, _ in _by_small_letters(tuple(kept))]

    def widest(self, action: str) -> str:
        """A wildcard for the action and others; the action itself where none is clean."""
        for prefix in _prefixes(action):
            small = prefix.lower()
            first, end = (bisect_left(self.all, (text,)) for text in (small, f"{small}\uffff"))
            count = end - first
            if count > 1 and count == self._kept_with(small):
                made = f"{_common([name for _, name in self.all[first:end]], prefix)}*"
                if _within(made, self.pattern):
                    return made
        return action

    def _kept_with(self, prefix: str) -> int:
        return bisect_left(self.kept, f"{prefix}\uffff") - bisect_left(self.kept, prefix)


@lru_cache(1024)
def _by_small_letters(actions: tuple[str, ...]) -> list[tuple[str, str]]:
    return sorted((action.lower(), action) for action in actions)


@lru_cache(1 << 14)
def _prefixes(action: str) -> tuple[str, ...]:
    """By whole words, the shortest first: `s3:`, `s3:Get`, `s3:GetObject`."""
    service, _, name = action.partition(":")
    return tuple(accumulate(_WORD.findall(name), initial=f"{service}:"))


def _common(actions: Iterable[str], least: str) -> str:
    """The longest prefix by whole words that all have: it promises least of tomorrow."""
    rows = [_prefixes(action) for action in actions]
    return max(least, *set(rows[0]).intersection(*rows[1:]), key=len)


@lru_cache(1 << 14)
def _within(inner: str, outer: str) -> bool:
    small, large = (pattern_of(text, variables=False, fold=True) for text in (inner, outer))
    return within(small, large, Budget())
