"""How much work one comparison may be, so that no input makes it hang."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

STEPS = 1_000_000
"""About as many set operations: a second or two."""

_T = TypeVar("_T")


class TooLargeError(Exception):
    """The policies need more work than the bound."""


class Budget:
    """What may still be done, and what was found. Not a value: one comparison has one."""

    def __init__(self, steps: int = STEPS) -> None:
        self._left = steps
        self._kept: dict[Hashable, Any] = {}

    def spend(self, steps: int) -> None:
        """Raises TooLargeError when there is nothing left."""
        self._left -= steps
        if self._left < 0:
            raise TooLargeError

    def kept(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What was made for the key before, or is made now."""
        if key not in self._kept:
            self._kept[key] = make()
        found: _T = self._kept[key]
        return found
