"""Patterns as a tree: the part of Go's syntax that people use. What else it has is refused.

https://developer.hashicorp.com/terraform/language/functions/regex and
https://pkg.go.dev/regexp/syntax
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
_TOP = 0x10FFFF
_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_PERL = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "blank": ((9, 9), (32, 32)),
    "digit": _DIGIT,
    "lower": ((97, 122),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "a": 7}
_ASSERTIONS = {"A": "begin", "z": "end", "b": "word", "B": "inside"}
_MAX_REPEAT = 1000
_MAX_DEPTH = 50
_MAX_LENGTH = 5_000


class NotEvaluatedError(ValueError):
    """A pattern beyond what is understood here, or too costly."""


@dataclass(frozen=True, slots=True)
class One:
    """One character of these."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Assertion:
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """The first that leads to a match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    number: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Repeat:
    inner: Node
    least: int
    most: int | None
    greedy: bool


Node: TypeAlias = One | Assertion | Row | Either | Group | Repeat


@dataclass(frozen=True, slots=True)
class Pattern:
    """`names`: of the groups in order, None where a group has none."""

    tree: Node
    names: tuple[str | None, ...]
    ascii_only: bool


def complement(ranges: Ranges) -> Ranges:
    found: list[tuple[int, int]] = []
    at = 0
    for low, high in sorted(ranges):
        if low > at:
            found.append((at, low - 1))
        at = max(at, high + 1)
    return (*found, (at, _TOP)) if at <= _TOP else tuple(found)


def folded(ranges: Ranges) -> Ranges:
    """With the other case of each ASCII letter."""
    more = list(ranges)
    for low, high in ranges:
        for first, shift in ((65, 32), (97, -32)):
            start, end = max(low, first), min(high, first + 25)
            if start <= end:
                more.append((start + shift, end + shift))
    return tuple(more)


def nullable(node: Node) -> bool:
    """Whether it can match nothing."""
    match node:
        case One():
            return False
        case Row():
            return all(map(nullable, node.parts))
        case Either():
            return any(map(nullable, node.parts))
        case Group():
            return nullable(node.inner)
        case Repeat():
            return node.least == 0 or nullable(node.inner)
    return True


def parse(pattern: str) -> Pattern:
    if len(pattern) > _MAX_LENGTH:
        raise NotEvaluatedError("a pattern that long")
    reader = _Reader(pattern)
    tree = reader.alternatives(0)
    if reader.rest:
        raise NotEvaluatedError("a parenthesis too many")
    return Pattern(tree, tuple(reader.names), reader.fold)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.text, self.at = pattern, 0
        self.names: list[str | None] = []
        self.fold = self.dot_all = False
        while self.rest[:3] in ("(?i", "(?s"):
            self._flags()

    @property
    def rest(self) -> str:
        return self.text[self.at : self.at + 12]

    def taken(self, *words: str) -> str | None:
        """The word that comes next, if it is one of these."""
        for word in words:
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return word
        return None

    def next(self) -> str:
        if self.at >= len(self.text):
            raise NotEvaluatedError("the pattern ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def _flags(self) -> None:
        found = self.taken("(?i)", "(?s)", "(?is)", "(?si)")
        if found is None:
            raise NotEvaluatedError("flags within a pattern")
        self.fold = self.fold or "i" in found
        self.dot_all = self.dot_all or "s" in found

    # Structure ---------------------------------------------------------------------------

    def alternatives(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise NotEvaluatedError("a pattern that deep")
        parts = [self._row(depth)]
        while self.taken("|"):
            parts.append(self._row(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _row(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.rest and self.rest[0] not in "|)":
            parts.append(self._repeated(self._atom(depth)))
        return Row(tuple(parts))

    def _atom(self, depth: int) -> Node:
        char = self.next()
        match char:
            case "(":
                return self._group(depth)
            case "[":
                return self._one(self._class())
            case ".":
                return One(((0, _TOP),) if self.dot_all else complement(((10, 10),)))
            case "^":
                return Assertion("begin")
            case "$":
                return Assertion("end")
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                raise NotEvaluatedError("a repetition of nothing")
        return self._one(((ord(char), ord(char)),))

    def _one(self, ranges: Ranges) -> One:
        return One(folded(ranges) if self.fold else ranges)

    def _group(self, depth: int) -> Node:
        if self.taken("?:"):
            return self._closed(self.alternatives(depth + 1))
        name = None
        if self.taken("?P<"):
            name = self._until(">")
            word = name.isascii() and name.replace("_", "a").isalnum()
            if not word or name in self.names:
                raise NotEvaluatedError("a name of a group")
        elif self.rest[:1] == "?":
            raise NotEvaluatedError("flags within a pattern")
        self.names.append(name)
        number = len(self.names)
        return self._closed(Group(number, self.alternatives(depth + 1)))

    def _closed(self, node: Node) -> Node:
        if not self.taken(")"):
            raise NotEvaluatedError("a parenthesis is missing")
        return node

    def _until(self, end: str) -> str:
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise NotEvaluatedError(f"a {end} is missing")
        found, self.at = self.text[self.at : stop], stop + len(end)
        return found

    def _repeated(self, node: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return node
        least, most = bounds
        greedy = not self.taken("?")
        if self.rest[:1] in ("*", "+", "?", "{") and self.rest:
            raise NotEvaluatedError("a repetition of a repetition")
        if most is None and nullable(node):
            raise NotEvaluatedError("a repetition of what may be nothing")
        return Repeat(node, least, most, greedy)

    def _bounds(self) -> tuple[int, int | None] | None:
        match self.taken("*", "+", "?", "{"):
            case "*":
                return 0, None
            case "+":
                return 1, None
            case "?":
                return 0, 1
            case "{":
                return self._counted()
        return None

    def _counted(self) -> tuple[int, int | None]:
        least, comma, most = self._until("}").partition(",")
        for number in (least, most):
            if number and (not number.isdecimal() or not number.isascii() or len(number) > 4):
                raise NotEvaluatedError("a brace that is no repetition")
        low, high = int(least or -1), int(most) if most else None
        if low < 0 or max(low, high or 0) > _MAX_REPEAT or (high is not None and high < low):
            raise NotEvaluatedError("a brace that is no repetition")
        return low, high if comma else low

    # Characters --------------------------------------------------------------------------

    def _escape(self) -> Node:
        char = self.next()
        if char in _ASSERTIONS:
            return Assertion(_ASSERTIONS[char])
        return self._one(self._escaped(char))

    def _escaped(self, char: str) -> Ranges:
        if char.lower() in _PERL:
            ranges = _PERL[char.lower()]
            return complement(ranges) if char.isupper() else ranges
        if char in _CONTROLS:
            return ((_CONTROLS[char], _CONTROLS[char]),)
        if char in string.punctuation:
            return ((ord(char), ord(char)),)
        raise NotEvaluatedError(f"the escape \\{char}")

    def _class(self) -> Ranges:
        negated = bool(self.taken("^"))
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self.taken("]"):
            ranges += self._member()
            first = False
        found = folded(tuple(ranges)) if self.fold else tuple(ranges)
        return complement(found) if negated else found

    def _member(self) -> Ranges:
        if self.taken("[:"):
            name = self._until(":]")
            inner = _POSIX.get(name.removeprefix("^"))
            if inner is None:
                raise NotEvaluatedError("a class of characters")
            return complement(inner) if name.startswith("^") else inner
        low = self._class_char()
        if len(low) > 1 or low[0][0] != low[0][1]:
            return low
        if self.rest[:1] != "-" or self.rest[:2] == "-]":
            return low
        self.next()
        high = self._class_char()
        if len(high) > 1 or high[0][0] != high[0][1] or high[0][0] < low[0][0]:
            raise NotEvaluatedError("a range of characters")
        return ((low[0][0], high[0][0]),)

    def _class_char(self) -> Ranges:
        char = self.next()
        return self._escaped(self.next()) if char == "\\" else ((ord(char), ord(char)),)
