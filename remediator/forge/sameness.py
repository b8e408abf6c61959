"""Whether two records are of one decision, made at two times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

Pairs = Iterable[tuple[str, str]]

_NUMBERS = re.compile(r"[0-9]+")


def differing(one: Pairs, other: Pairs) -> tuple[str, ...]:
    """The keys of trailers that only one of the two has so, sorted: without what each run says
    anew, which is the time, the program's version, and how long ago a check saw something."""
    left, right = (Counter(map(_steady, pairs)) for pairs in (one, other))
    return tuple(sorted({key for key, _ in ((left - right) + (right - left))}))


def _steady(pair: tuple[str, str]) -> tuple[str, str]:
    key, value = pair
    if key in ("Evaluated-At", "Remediator-Program"):
        return key, ""
    return key, _NUMBERS.sub("#", value) if key in ("Check", "Proof") else value
