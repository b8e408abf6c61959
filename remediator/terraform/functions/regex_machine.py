"""Matching in time that grows with the text alone: all alternatives are followed at once, the
preferred ones first. https://swtch.com/~rsc/regexp/regexp2.html, and so Go does it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from remediator.terraform.functions.regex_syntax import (
    Assertion,
    Either,
    Group,
    Node,
    NotEvaluatedError,
    One,
    Pattern,
    Ranges,
    Repeat,
    Row,
)

MAX_STEPS = 500_000
_MAX_PROGRAM = 2_000
Spans: TypeAlias = tuple[int, ...]
"""Start and end of the match, then of each group; -1 where a group has none."""


@dataclass(frozen=True, slots=True)
class _Consume:
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def takes(self, code: int) -> bool:
        at = bisect_right(self.starts, code) - 1
        return at >= 0 and code <= self.ends[at]


@dataclass(slots=True)
class _Split:
    """Goes on at both places, the first being preferred."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class _Save:
    slot: int


@dataclass(frozen=True, slots=True)
class _Accept:
    pass


_Instruction: TypeAlias = _Consume | _Split | _Save | _Accept | Assertion
_Thread: TypeAlias = tuple[int, Spans]


def _consume(ranges: Ranges) -> _Consume:
    merged: list[list[int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    return _Consume(tuple(low for low, _ in merged), tuple(high for _, high in merged))


class _Compiler:
    def __init__(self, tree: Node) -> None:
        self.program: list[_Instruction] = []
        self.add(Group(0, tree))
        self.emit(_Accept())

    def emit(self, instruction: _Instruction) -> int:
        if len(self.program) >= _MAX_PROGRAM:
            raise NotEvaluatedError("a pattern that large")
        self.program.append(instruction)
        return len(self.program) - 1

    def add(self, node: Node) -> None:
        match node:
            case One():
                self.emit(_consume(node.ranges))
            case Assertion():
                self.emit(node)
            case Row():
                for part in node.parts:
                    self.add(part)
            case Either():
                self._either(node.parts)
            case Group():
                self.emit(_Save(2 * node.number))
                self.add(node.inner)
                self.emit(_Save(2 * node.number + 1))
            case Repeat():
                self._repeat(node)

    def _either(self, parts: tuple[Node, ...]) -> None:
        exits = []
        for part in parts[:-1]:
            choice = _Split(len(self.program) + 1, 0)
            self.emit(choice)
            self.add(part)
            leave = _Split(0, 0)
            exits.append(leave)
            choice.second = self.emit(leave) + 1
        self.add(parts[-1])
        for leave in exits:
            leave.first = leave.second = len(self.program)

    def _repeat(self, node: Repeat) -> None:
        for _ in range(node.least):
            self.add(node.inner)
        if node.most is None:
            self._loop(node)
            return
        choices = []
        for _ in range(node.most - node.least):
            choice = _Split(0, 0)
            choices.append((choice, self.emit(choice) + 1))
            self.add(node.inner)
        for choice, inside in choices:
            self._aim(choice, inside, len(self.program), node.greedy)

    def _loop(self, node: Repeat) -> None:
        choice = _Split(0, 0)
        start = self.emit(choice)
        self.add(node.inner)
        self.emit(_Split(start, start))
        self._aim(choice, start + 1, len(self.program), node.greedy)

    @staticmethod
    def _aim(choice: _Split, inside: int, behind: int, greedy: bool) -> None:
        choice.first, choice.second = (inside, behind) if greedy else (behind, inside)


class Machine:
    """A pattern on one text, with all the steps that it may take together."""

    def __init__(self, pattern: Pattern, text: str) -> None:
        if pattern.ascii_only and not text.isascii():
            raise NotEvaluatedError("letters of either case in such a text")
        self.program = _Compiler(pattern.tree).program
        self.text, self.steps = text, 0
        self.slots = 2 * (len(pattern.names) + 1)

    def search(self, start: int) -> Spans | None:
        """The leftmost match from there on."""
        found: Spans | None = None
        threads: list[_Thread] = []
        seen: set[int] = set()
        for at in range(start, len(self.text) + 1):
            if found is None:
                self._follow(0, (-1,) * self.slots, at, threads, seen)
            elif not threads:
                break
            following: list[_Thread] = []
            following_seen: set[int] = set()
            for where, spans in threads:
                instruction = self.program[where]
                if isinstance(instruction, _Accept):
                    found = spans
                    break
                assert isinstance(instruction, _Consume)  # no other waits for a character
                if at < len(self.text) and instruction.takes(ord(self.text[at])):
                    self._follow(where + 1, spans, at + 1, following, following_seen)
            threads, seen = following, following_seen
        return found

    def _follow(
        self, where: int, spans: Spans, at: int, threads: list[_Thread], seen: set[int]
    ) -> None:
        """To every place that is reached without a character, in the order of preference."""
        stack = [(where, spans)]
        while stack:
            where, spans = stack.pop()
            if where in seen:
                continue
            seen.add(where)
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise NotEvaluatedError("a pattern that takes so long")
            match self.program[where]:
                case _Split(first=first, second=second):
                    stack += [(second, spans), (first, spans)]
                case _Save(slot=slot):
                    stack.append((where + 1, (*spans[:slot], at, *spans[slot + 1 :])))
                case Assertion(kind=kind):
                    if self._holds(kind, at):
                        stack.append((where + 1, spans))
                case _:
                    threads.append((where, spans))

    def _holds(self, kind: str, at: int) -> bool:
        if kind == "begin":
            return at == 0
        if kind == "end":
            return at == len(self.text)
        beside = self._is_word(at - 1) != self._is_word(at)
        return beside if kind == "word" else not beside

    def _is_word(self, at: int) -> bool:
        if not 0 <= at < len(self.text):
            return False
        char = self.text[at]
        return char.isascii() and (char.isalnum() or char == "_")

    def all(self) -> Iterator[Spans]:
        """Matches that do not overlap; an empty one not right behind another."""
        at, last = 0, -1
        while at <= len(self.text):
            spans = self.search(at)
            if spans is None:
                return
            empty_behind = spans[1] == at and spans[0] == last
            at = spans[1] + 1 if spans[1] == at else spans[1]
            last = spans[1]
            if not empty_behind:
                yield spans
