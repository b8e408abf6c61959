"""How long to wait for what AWS makes in the background: short at first, and never for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0)
"""Seconds: 15 in all, and a twelfth look after the last."""


def attempts(sleep: Callable[[float], None]) -> Iterator[int]:
    """Counts the looks, and sleeps between them."""
    yield 0
    for number, pause in enumerate(PAUSES, 1):
        sleep(pause)
        yield number
