"""What was made last, kept up to a weight: a bounded memory for what is dear to make again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The least lately asked for goes first. What weighs more than half of `most` is not kept:
    it would push out all the others."""

    def __init__(self, most: int) -> None:
        self._most, self.weight = most, 0
        self._found: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K, make: Callable[[], V], weight: Callable[[V], int]) -> V:
        """Made where it is not kept; what `make` raises is raised, and nothing is kept of it."""
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key][0]
        made = make()
        size = weight(made)
        if size * 2 <= self._most:
            self._found[key] = (made, size)
            self.weight += size
            while self.weight > self._most:
                self.weight -= self._found.popitem(last=False)[1][1]
        return made
