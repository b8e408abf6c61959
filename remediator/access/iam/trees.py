"""Patterns as a tree of tokens: a nondeterministic automaton that shares their beginnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remediator.access.iam.budget import Budget
from remediator.access.iam.patterns import ANY, STAR

Nodes = frozenset[int]


@dataclass(frozen=True, slots=True)
class Row:
    """Where a set of nodes leads: by character or variable where that makes a difference, and
    with any other one. `signature` are the patterns that end here."""

    named: Mapping[str, Nodes]
    character: Nodes
    variable: Nodes
    signature: int

    def step(self, token: str) -> Nodes:
        found = self.named.get(token)
        if found is not None:
            return found
        return self.character if len(token) == 1 else self.variable


class Tree:
    """Nodes by number. `_following` has a child by token. A node after a `*` is a loop, and
    `_above` has the nodes on the way to it. `_owners` are the patterns that go through a node."""

    def __init__(self, budget: Budget) -> None:
        self.tokens: set[str] = set()
        self._budget = budget
        self._following: list[dict[str, int]] = []
        self._above: dict[int, Nodes] = {}
        self._accepted: list[int] = []
        self._owners: list[int] = []
        self._rows: dict[Nodes, Row] = {}
        self._node()

    def _node(self) -> int:
        self._following.append({})
        self._accepted.append(0)
        self._owners.append(0)
        return len(self._owners) - 1

    def add(self, tokens: Sequence[str], bit: int) -> None:
        """Raises TooLargeError, as all that follows."""
        self._budget.spend(len(tokens) * (1 + tokens.count(STAR)))
        at, path = 0, [0]
        self._owners[at] |= bit
        for token in tokens:
            found = self._following[at].get(token)
            if found is None:
                found = self._following[at][token] = self._node()
                if token is STAR:
                    self._above[found] = frozenset(path)
            at = found
            path.append(at)
            self._owners[at] |= bit
        self._accepted[at] |= bit
        self.tokens.update(tokens)
        self._rows.clear()

    def start(self) -> Nodes:
        return self._closed({0})

    def row(self, nodes: Nodes) -> Row:
        found = self._rows.get(nodes)
        if found is None:
            found = self._rows[nodes] = self._row(nodes)
        return found

    def _row(self, nodes: Nodes) -> Row:
        stay = nodes & self._above.keys()
        following = [self._following[n] for n in nodes]
        any_one = stay | {children[ANY] for children in following if ANY in children}
        named: dict[str, set[int]] = {}
        for children in following:
            for token, child in children.items():
                if token is not ANY and token is not STAR:
                    named.setdefault(token, set()).add(child)
        self._budget.spend(len(nodes) + sum(map(len, following)) + len(any_one) * len(named))
        others = self._closed(any_one)
        return Row(
            {t: self._closed(c | (any_one if len(t) == 1 else stay)) for t, c in named.items()},
            others,
            others if any_one == stay else self._closed(stay),
            self._signature(nodes),
        )

    def _closed(self, nodes: Iterable[int]) -> Nodes:
        """With the nodes that are reached without a character: there is no `**`, so one step.

        What a pattern still takes after a later `*` includes all that it takes before it, so a
        node that all its patterns are past is left out. Without that the sets would be too many.
        """
        found = {*nodes}
        found.update([self._following[n][STAR] for n in found if STAR in self._following[n]])
        loops = found & self._above.keys()
        if not loops or len(found) == 1:
            return frozenset(found)
        past: dict[int, int] = {}
        for loop in loops:
            for node in self._above[loop] & found:
                past[node] = past.get(node, 0) | self._owners[loop]
        return frozenset(found - {n for n, mask in past.items() if not self._owners[n] & ~mask})

    def _signature(self, nodes: Iterable[int]) -> int:
        found = 0
        for node in nodes:
            found |= self._accepted[node]
        return found

    def matching(self, text: str) -> int:
        """The patterns that match a text, a bit each."""
        nodes = self.start()
        for character in text:
            nodes = self.row(nodes).step(character)
            if not nodes:
                return 0
        return self.row(nodes).signature
