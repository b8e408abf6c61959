"""Sets of whole numbers as sorted, disjoint, non-adjacent closed intervals: exact and small."""

from __future__ import annotations

from collections.abc import Iterable

Intervals = tuple[tuple[int, int], ...]


def normal(pairs: Iterable[tuple[int, int]]) -> Intervals:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(p for p in pairs if p[0] <= p[1]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def union(a: Intervals, b: Intervals) -> Intervals:
    return normal((*a, *b))


def difference(a: Intervals, b: Intervals) -> Intervals:
    left: list[tuple[int, int]] = []
    for start, high in a:
        low = start
        for cut_low, cut_high in b:
            if cut_high < low or cut_low > high:
                continue
            if low < cut_low:
                left.append((low, cut_low - 1))
            low = cut_high + 1
        if low <= high:
            left.append((low, high))
    return tuple(left)


def intersection(a: Intervals, b: Intervals) -> Intervals:
    return difference(a, difference(a, b))
