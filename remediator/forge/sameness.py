"""Whether two records are of one decision, made at two times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

Pairs = Iterable[tuple[str, str]]

_NUMBERS = re.compile(r"[0-9]+")
_AGE = re.compile(r"(freshness: [a-z]+: observed # h # min ago)(?: \(.*\))?")
"""Of several findings it is told once where their ages are the same, and else of each."""


def differing(one: Pairs, other: Pairs) -> tuple[str, ...]:
    """The keys of trailers that only one of the two has so, sorted: without what each run says
    anew, which is the time, the program's version, and how long ago a check saw something."""
    left, right = Counter(_steady(one)), Counter(_steady(other))
    return tuple(sorted({key for key, _ in (left - right) + (right - left)}))


def _steady(pairs: Pairs) -> list[tuple[str, str]]:
    found = [(key, _value(key, value)) for key, value in pairs]
    ages = {pair for pair in found if _AGE.fullmatch(pair[1])}
    return [pair for pair in found if pair not in ages] + [*ages]


def _value(key: str, value: str) -> str:
    if key in ("Evaluated-At", "Remediator-Program"):
        return ""
    if key not in ("Check", "Proof"):
        return value
    text = _NUMBERS.sub("#", value)
    age = _AGE.fullmatch(text)
    return age[1] if age else text
