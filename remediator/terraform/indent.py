"""The indentation of `terraform fmt`, of one top-level block or argument.

The rules are hclwrite's (formatIndent in hclwrite/format.go of hashicorp/hcl): a line that opens
more brackets than it closes is one step for what follows, however many they are, and ends where
as many have closed. In a heredoc, only the lines inside an interpolation are lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from remediator.model import Edit
from remediator.terraform.grammar import ATTRIBUTE, BLOCK, COMMENT
from remediator.terraform.place import line_start
from remediator.terraform.syntax import SourceFile

_OPENS = ("{", "[", "(", "template_interpolation_start", "template_directive_start")
_CLOSES = ("}", "]", ")", "template_interpolation_end", "template_directive_end")
_CHANGES = {**dict.fromkeys(_OPENS, 1), **dict.fromkeys(_CLOSES, -1)}
_TEXT_BEFORE = frozenset(
    (
        "template_literal",
        "template_interpolation_start",
        "template_directive_start",
        "quoted_template_end",
        "heredoc_identifier",
    )
)
"""What stands before these is text: a newline there ends no line."""


def may_move(data: bytes, edit: Edit) -> bool:
    """Whether an edit can change the indentation of lines outside it. It cannot where the brackets
    of what goes and of what comes are balanced on each line, or go with their own lines."""
    gone = data[edit.start : edit.end]
    if b"\n" not in gone and b"\n" not in edit.text:
        return _change(gone) != _change(edit.text)
    whole_lines = edit.start == 0 or data[edit.start - 1 : edit.start] == b"\n"
    if edit.text or not whole_lines or not gone.endswith(b"\n"):
        return True
    levels: list[int] = []
    for line in gone.split(b"\n"):
        change = _change(line)
        if change + sum(levels) < 0:
            return True
        _enter(levels, change)
    return bool(levels)


def _change(text: bytes) -> int:
    """Brackets within strings count too, which is enough to know where nothing moves."""
    return sum(text.count(o) for o in (b"{", b"[", b"(")) - sum(
        text.count(c) for c in (b"}", b"]", b")")
    )


def definition(file: SourceFile, start: int, end: int) -> Node | None:
    """The top-level block or argument that holds these bytes and more."""
    node = file.tree.root_node.descendant_for_byte_range(start, end)
    while node is not None and not _is_top(node):
        node = node.parent
    return node


def _is_top(node: Node) -> bool:
    above = node.parent.parent if node.parent else None
    return node.kind_id in (ATTRIBUTE, BLOCK) and above is not None and above.parent is None


def unindented(file: SourceFile, top: Node) -> list[Edit]:
    """What `terraform fmt` would change of the white space that its lines begin with."""
    levels: list[int] = []
    edits = []
    for line in _lines(file, top):
        before = len(levels)
        _enter(levels, line.change)
        wanted = b"  " * min(before, len(levels))
        if file.data[line.start : line.first] != wanted:
            edits.append(Edit(file.path, line.start, line.first, wanted))
    return edits


def _enter(levels: list[int], change: int) -> None:
    """Goes past a line. Each level is as many brackets as one line has opened."""
    if change > 0:
        levels.append(change)
    closed = -change
    while closed > 0 and levels:
        step = min(closed, levels[-1])
        levels[-1] -= step
        closed -= step
        if levels[-1] == 0:
            levels.pop()


@dataclass(slots=True)
class _Line:
    """`first` is the byte of its first token; `change` by how many brackets are open behind it."""

    start: int
    first: int
    change: int = 0
    in_heredoc: bool = False


def _lines(file: SourceFile, top: Node) -> Iterator[_Line]:
    line: _Line | None = None
    end = top.start_byte
    for leaf in _leaves(top):
        breaks = b"\n" in file.data[end : leaf.start_byte] and leaf.type not in _TEXT_BEFORE
        if line is None or breaks:
            if line is not None:
                yield line
            line = _Line(line_start(file, leaf.start_byte), leaf.start_byte)
        if leaf.type in ("<<", "<<-"):
            line.in_heredoc = True
        if not line.in_heredoc:
            line.change += _CHANGES.get(leaf.type, 0)
        end = leaf.end_byte
    if line is not None:
        yield line


def _leaves(top: Node) -> Iterator[Node]:
    stack = [top]
    while stack:
        node = stack.pop()
        if node.kind_id != COMMENT and node.child_count:
            stack += reversed(node.children)
        elif node.end_byte > node.start_byte:
            yield node
