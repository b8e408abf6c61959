"""The two alignments of `terraform fmt`: the `=` and the trailing comments of adjacent lines.

The rules are hclwrite's (formatCells in hclwrite/format.go of hashicorp/hcl): lines that
follow each other and have the cell form a chain, and the widest of them sets the column. An `=`
with a bracket behind it that does not close on its line, or opened on one before, is aligned with
none; nor is a comment alone on its line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from remediator.model import Edit
from remediator.terraform.grammar import COMMENT, HEREDOC, STRING, TEMPLATE
from remediator.terraform.syntax import SourceFile

_WHOLE = frozenset(("legacy_index",))  # its digit is no node of its own
_STEP = 8
"""Rows that are read at once, to begin with."""
_BRACKETS = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where the text before a cell ends, and where the cell starts."""

    lead: int
    start: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as fmt sees it: a heredoc belongs to the line that it starts on. Rows from 0."""

    start: int
    first_row: int
    last_row: int
    assign: _Cell | None
    comment: _Cell | None
    single: _Cell | None = None

    @property
    def chained(self) -> bool:
        return bool(self.assign or self.comment)


def misaligned(file: SourceFile, first_row: int, last_row: int) -> list[Edit]:
    """What `terraform fmt` would change in the chains that touch these rows."""
    lines = _around(file, first_row, last_row)
    fixes: dict[int, Edit] = {}
    for line in lines:
        if line.single and first_row <= line.last_row and line.first_row <= last_row:
            fixes |= _aligned(file, [(line, line.single)], {})
    for chain in _chains(lines, lambda line: line.assign, first_row, last_row):
        fixes |= _aligned(file, chain, {})
    shifts = {start: len(e.text) - (e.end - e.start) for start, e in fixes.items()}
    for chain in _chains(lines, lambda line: line.comment, first_row, last_row):
        fixes |= _aligned(file, chain, shifts)
    wrong = [e for e in fixes.values() if file.data[e.start : e.end] != e.text]
    return sorted(wrong)


def _aligned(
    file: SourceFile, chain: list[tuple[_Line, _Cell]], shifts: dict[int, int]
) -> dict[int, Edit]:
    """The spaces before each cell; `shifts` is by how much a line grows before its comment."""
    widths = []
    for line, cell in chain:
        equals = line.assign or line.single
        shift = shifts.get(equals.start, 0) if equals else 0
        widths.append(_columns(file.data[line.start : cell.lead]) + shift)
    widest = max(widths)
    return {
        cell.start: Edit(file.path, cell.lead, cell.start, b" " * (widest - width + 1))
        for (_, cell), width in zip(chain, widths, strict=True)
    }


def _columns(text: bytes) -> int:
    return sum(1 for c in text.decode() if not unicodedata.combining(c) and c != "\ufeff")


def _chains(
    lines: list[_Line], cell_of: Callable[[_Line], _Cell | None], first_row: int, last_row: int
) -> Iterator[list[tuple[_Line, _Cell]]]:
    """The chains that touch these rows; what else is in `lines` may be cut off at its ends."""
    chain: list[tuple[_Line, _Cell]] = []
    chains = [chain]
    for line in lines:
        cell = cell_of(line)
        if chain and (cell is None or line.first_row != chain[-1][0].last_row + 1):
            chain = []
            chains.append(chain)
        if cell:
            chain.append((line, cell))
    for found in chains:
        if found and found[0][0].first_row <= last_row and found[-1][0].last_row >= first_row:
            yield found


def _around(file: SourceFile, first_row: int, last_row: int) -> list[_Line]:
    """The lines of these rows, and outwards to the ends of the chains that touch them."""
    bottom, step = file.data.count(b"\n"), _STEP
    low, high = max(first_row - step, 0), min(last_row + step, bottom)
    while True:
        lines = _lines(file, low, high)
        if not lines:
            return lines
        step *= 2
        above = [(-line.last_row, -line.first_row, line.chained) for line in reversed(lines)]
        below = [(line.first_row, line.last_row, line.chained) for line in lines]
        if lines[0].first_row < low:
            low = lines[0].first_row
        elif low > 0 and not _ends(above, -first_row, -low):
            low = max(low - step, 0)
        elif high < bottom and not _ends(below, last_row, high):
            high = min(max(lines[-1].last_row, high) + step, bottom)
        else:
            return lines


def _ends(spans: Iterable[tuple[int, int, bool]], row: int, edge: int) -> bool:
    """Whether the chain at a row ends before or at the edge of what was read. `spans` are lines
    in the direction of the edge: the rows where each begins and ends, and whether it chains."""
    expected = row
    for begin, end, chained in spans:
        if end < row:
            continue
        if begin > expected:
            return True  # nothing stands between them
        if end > edge:
            return False  # it is not read as a whole
        if not chained:
            return True
        expected = end + 1
    return expected <= edge


def _lines(file: SourceFile, low: int, high: int) -> list[_Line]:
    lines: list[_Line] = []
    tokens: list[Node] = []
    for leaf in _leaves(file.tree.root_node, file.line_start(low + 1), file.line_start(high + 2)):
        if tokens and leaf.start_point.row > tokens[-1].end_point.row:
            lines.append(_line(file, tokens))
            tokens = []
        tokens.append(leaf)
    return [*lines, _line(file, tokens)] if tokens else lines


def _line(file: SourceFile, tokens: list[Node]) -> _Line:
    first, last = tokens[0].start_point.row, tokens[-1].end_point.row
    start = file.line_start(first + 1)
    comment = None
    if len(tokens) > 1 and _is_line_comment(file, tokens[-1]):
        comment = _Cell(tokens[-2].end_byte, tokens[-1].start_byte)
        tokens = tokens[:-1]
    at = next((n for n, token in enumerate(tokens) if n and token.type == "="), None)
    if at is None:
        return _Line(start, first, last, None, comment)
    equals = _Cell(tokens[at - 1].end_byte, tokens[at].start_byte)
    if _closes(tokens[at:]):
        return _Line(start, first, last, equals, comment)
    return _Line(start, first, last, None, comment, equals)


def _is_line_comment(file: SourceFile, node: Node) -> bool:
    return node.kind_id == COMMENT and not file.data.startswith(b"/*", node.start_byte)


def _closes(tokens: list[Node]) -> bool:
    """Whether every bracket that opens here closes here."""
    if any(t.kind_id == TEMPLATE and t.start_point.row < t.end_point.row for t in tokens):
        return False
    return sum(_BRACKETS.get(t.type, 0) for t in tokens) == 0


def _leaves(root: Node, start: int, end: int) -> Iterator[Node]:
    """The tokens that overlap these bytes; a string, template or heredoc is one."""
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is None or node.start_byte >= end:
            return
        whole = node.kind_id in (STRING, TEMPLATE, HEREDOC, COMMENT) or node.type in _WHOLE
        if not whole and cursor.goto_first_child_for_byte(start) is not None:
            continue
        if (
            node.end_byte > start
            and (whole or node.child_count == 0)
            and node.end_byte > node.start_byte
        ):
            yield node
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
