"""Whether all that one pattern matches is matched by others: exact, by automata.

The patterns with wildcards are a tree (a nondeterministic automaton, shared prefixes once), and
its subset construction visits the sets of nodes that a text within the pattern can reach.
Characters that no pattern names behave alike, so one stands for all of them. Of the sets, one
that includes another is left out ("antichains", De Wulf and others 2006): where a text is in
fewer patterns, a text in more need not be looked at. Beyond a bound it is TooLargeError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from remediator.access.iam.budget import Budget
from remediator.access.iam.patterns import Pattern, Tokens, matches
from remediator.access.iam.trees import Nodes, Row, Tree

_SPARE = "xyzwvutsrqponmlkjihgfedcba0123456789"


@dataclass(frozen=True, slots=True)
class Atom:
    """A text, and the patterns that it matches, a bit each."""

    signature: int
    text: str


class Cutter:
    """Patterns that cut others into atoms. `fewest` are those of which a text matters that
    matches as few as there can be; of `each`, every combination matters."""

    def __init__(
        self, fewest: Mapping[int, Pattern], each: Mapping[int, Pattern], budget: Budget
    ) -> None:
        """By the number of their bit. Raises TooLargeError, as all that follows."""
        self.fewest, self.each = Tree(budget), Tree(budget)
        self._budget = budget
        self._points: dict[str, int] = {}
        self._end = 1 + max((*fewest, *each), default=0)
        for number, one in fewest.items():
            if one.literal:
                self._points[one.plain] = self._points.get(one.plain, 0) | 1 << number
            else:
                self.fewest.add(one.tokens, 1 << number)
        for number, one in each.items():
            self.each.add(one.tokens, 1 << number)
        named = self.fewest.tokens | self.each.tokens
        self._named = named.union(*self._points)
        self._told: set[str] = set()
        self._tell("")

    def atoms(self, inside: Sequence[Pattern]) -> list[Atom]:
        """The atoms of what all of `inside` match: for every text of it there is one that
        matches no more of the fewest, and the same of the others.

        The empty text is no text: nothing in IAM is named so. Variables are letters that only `*`
        and the same variable match.
        """
        literal = next((one for one in inside if one.literal), None)
        if literal is not None:
            text = literal.plain
            self._budget.spend(len(text))
            fits = text and all(matches(one, text) for one in inside)
            return [self._point(text)] if fits else []
        while True:
            search = _Search(self, inside, self._budget)
            clashes = search.run()
            if not clashes:
                return [*search.found, *self._told_within(inside)]
            # The shortest text of a set is a point, a pattern itself. The tree is told of it, and
            # answers with another text, or with none where the points are all there is.
            for text in clashes:
                self._tell(text)

    def _tell(self, text: str) -> None:
        self.fewest.add(tuple(text), 1 << (self._end + len(self._told)))
        self._told.add(text)

    def _told_within(self, inside: Sequence[Pattern]) -> Iterator[Atom]:
        for text in sorted(self._told - {""}):
            if all(matches(one, text) for one in inside):
                yield self._point(text)

    def _point(self, text: str) -> Atom:
        bits = self._points.get(text, 0) | self.fewest.matching(text) | self.each.matching(text)
        return Atom(bits & ((1 << self._end) - 1), text)

    def clashes(self, text: str) -> bool:
        return text in self._points and text not in self._told

    def spare(self, inside: Sequence[Tree]) -> str:
        """A character that no pattern names."""
        used = self._named.union(*(tree.tokens for tree in inside))
        spare = next((c for c in _SPARE if c not in used), None)
        return spare or next(c for c in map(chr, range(0xA1, 0x110000)) if c not in used)

    def mine(self, bits: int) -> int | None:
        """The bits of the patterns; None at a point that the tree was told of."""
        return None if bits >> self._end else bits


_Held = tuple[Nodes, ...]


@dataclass
class _Search:
    """One subset construction. `held` are the nodes in which a set differs from any other."""

    cutter: Cutter
    patterns: Sequence[Pattern]
    budget: Budget
    found: list[Atom] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inside = [
            self.budget.kept(one.tokens, partial(self._tree, one.tokens)) for one in self.patterns
        ]

    def _tree(self, tokens: Tokens) -> Tree:
        made = Tree(self.budget)
        made.add(tokens, 1)
        return made

    def run(self) -> list[str]:
        """The points that were in the way."""
        queue = list(self._start())
        smallest: dict[_Held, list[Nodes]] = {held: [nodes] for held, nodes, _ in queue}
        clashes: list[str] = []
        signatures: set[int] = set()
        spare = self.cutter.spare(self.inside)
        fewest, trees = self.cutter.fewest, (*self.inside, self.cutter.each)
        for held, nodes, text in queue:
            self.budget.spend(3 + len(trees))
            rows = [tree.row(some) for tree, some in zip(trees, held, strict=True)]
            row = fewest.row(nodes)
            if all(one.signature for one in rows[:-1]):
                bits = self.cutter.mine(row.signature | rows[-1].signature)
                if bits is not None and self.cutter.clashes(text):
                    clashes.append(text)
                elif bits is not None and bits not in signatures:
                    signatures.add(bits)
                    self.found.append(Atom(bits, text))
            for token, next_held in self._moves(rows, row, spare):
                reached = row.step(token)
                known = smallest.setdefault(next_held, [])
                self.budget.spend(2 + len(reached) + len(known))
                if not any(other <= reached for other in known):
                    known[:] = [other for other in known if not reached <= other]
                    known.append(reached)
                    queue.append((next_held, reached, text + token))
        return clashes

    def _start(self) -> Iterator[tuple[_Held, Nodes, str]]:
        """After what all texts within the patterns begin with, if there are any."""
        trees = (*self.inside, self.cutter.each, self.cutter.fewest)
        held = tuple(tree.start() for tree in trees)
        text = max((one.prefix for one in self.patterns), key=len)
        for character in text:
            pairs = zip(trees, held, strict=True)
            held = tuple(tree.row(some).step(character) for tree, some in pairs)
        self.budget.spend(len(text) * len(trees))
        if all(held[:-2]):
            yield held[:-1], held[-1], text

    def _moves(self, rows: Sequence[Row], row: Row, spare: str) -> Iterator[tuple[str, _Held]]:
        """Each character or variable that makes a difference, and stays within the patterns."""
        tokens = {spare}.union(row.named, *(one.named for one in rows))
        for token in sorted(tokens):
            reached = tuple(one.step(token) for one in rows)
            if all(reached[:-1]):
                yield token, reached
