"""How long to wait for what AWS makes in the background: short at first, and never for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_AT_ONCE = 8
T = TypeVar("T")
R = TypeVar("R")

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0)
"""Seconds: 15 in all, and a twelfth look after the last."""


def attempts(sleep: Callable[[float], None]) -> Iterator[int]:
    """Counts the looks, and sleeps between them."""
    yield 0
    for number, pause in enumerate(PAUSES, 1):
        sleep(pause)
        yield number


def polled(waiting: Sequence[T], look: Callable[[T], R], sleep: Callable[[float], None]) -> list[R]:
    """What became of each, in order: all are looked at, and after a pause those that are not ready.
    `look` answers None for one that is not, and raises nothing; None for what never was."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        answers = [*pool.map(look, waiting)]
        for pause in PAUSES:
            left = [n for n, answer in enumerate(answers) if answer is None]
            if not left:
                break
            sleep(pause)
            for n, answer in zip(left, pool.map(look, [waiting[n] for n in left]), strict=True):
                answers[n] = answer
    return answers
