"""Which bytes go with an item of a list or an entry of an object: its comma, its line, its
comments.

A comment goes with the item whose line it ends, or which it stands before on the line. One on
lines of its own heads the items that follow it up to a blank line, the next such comment or
the end; it goes when every item that it heads goes, so that no heading is lost and none is
left to speak of a neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from remediator.model import Edit
from remediator.terraform.grammar import COMMENT, EXPRESSION, OBJECT_ELEM, comment_end, solid
from remediator.terraform.syntax import Expression

_INDENTED_BRACKET = re.compile(rb"([ \t]*)[]})]")
_PUNCTUATION = {
    "tuple_start": "[",
    ",": ",",
    "tuple_end": "]",
    "object_start": "[",
    "object_end": "]",
}


@dataclass(slots=True)
class _Token:
    """A piece of a list: `[`, an item, `,`, a comment or `]`."""

    kind: str
    start: int
    end: int
    dead: bool = False


def item_edits(tuple_expr: Expression, indexes: Collection[int]) -> list[Edit]:
    """The deletions that take these items or entries out; all of them leave `[]` or `{}`.

    Raises ValueError for what is no tuple or object, IndexError for an item that it has not.
    """
    is_object = tuple_expr.kind == "object"
    count = len(tuple_expr.entries if is_object else tuple_expr.items)
    if any(not 0 <= i < count for i in indexes):
        raise IndexError(f"the list on line {tuple_expr.line} has {count} items, not {indexes}")
    path = tuple_expr.file.path
    if not indexes:
        return []
    if len(set(indexes)) == count:
        return [Edit(path, tuple_expr.start, tuple_expr.end, b"{}" if is_object else b"[]")]
    tokens = _tokens(tuple_expr)
    _kill_items(tokens, set(indexes))
    _kill_comments(tuple_expr.file.data, tokens)
    spans = _spans(tuple_expr.file.data, tokens)
    return [Edit(path, start, end, b"") for start, end in spans] + _outdented(tuple_expr, tokens)


def _outdented(tuple_expr: Expression, tokens: list[_Token]) -> list[Edit]:
    """`}, {` ... `}]` without its last object: the `}` before it gets the place of the last."""
    data = tuple_expr.file.data
    last, bracket = next(t for t in reversed(tokens[:-1]) if not t.dead), tokens[-1]
    here, there = data.rfind(b"\n", 0, last.end) + 1, data.rfind(b"\n", 0, bracket.start) + 1
    moves = tokens[-2].dead and b"\n" not in data[tokens[-2].end : bracket.start]
    if not moves or last.kind != "item" or here <= last.start or there <= last.end:
        return []
    old, new = _indented_bracket(data, here), _indented_bracket(data, there)
    if old is None or new is None or old == new:
        return []
    return [Edit(tuple_expr.file.path, here, here + len(old), new)]


def _indented_bracket(data: bytes, line_start: int) -> bytes | None:
    """The white space before a closing bracket that starts a line."""
    match = _INDENTED_BRACKET.match(data, line_start)
    return match.group(1) if match else None


def _tokens(tuple_expr: Expression) -> list[_Token]:
    data = tuple_expr.file.data
    inner = solid(tuple_expr.node)[0]
    nodes = inner.children if inner.type == "object" else inner.children[0].children
    return [_Token(_kind(n), n.start_byte, _end(data, n)) for n in nodes]


def _kind(node: Node) -> str:
    if node.kind_id == COMMENT:
        return "comment"
    return "item" if node.kind_id in (EXPRESSION, OBJECT_ELEM) else _PUNCTUATION[node.type]


def _end(data: bytes, node: Node) -> int:
    return comment_end(data, node) if node.kind_id == COMMENT else node.end_byte


def _kill_items(tokens: list[_Token], indexes: set[int]) -> None:
    """The items, each one's comma, and the comma that a list without a last comma gets last."""
    solids = [t for t in tokens if t.kind != "comment"]
    items = [n for n, t in enumerate(solids) if t.kind == "item"]
    for index in indexes:
        at = items[index]
        solids[at].dead = True
        if solids[at + 1].kind == ",":
            solids[at + 1].dead = True
    alive = max(n for n in items if not solids[n].dead)
    if alive != items[-1] and solids[items[-1] + 1].kind != ",":
        solids[alive + 1].dead = True


def _kill_comments(data: bytes, tokens: list[_Token]) -> None:
    for n, token in enumerate(tokens):
        if token.kind == "comment":
            token.dead = _comment_goes(data, tokens, n)


def _comment_goes(data: bytes, tokens: list[_Token], n: int) -> bool:
    begins = _newlines(data, tokens[n - 1], tokens[n]) > 0
    ends = _newlines(data, tokens[n], tokens[n + 1]) > 0
    if begins and ends:
        headed = _headed(data, tokens, n)
        return bool(headed) and all(t.dead for t in headed)
    if ends or tokens[n + 1].kind in (",", "]"):
        return _line_goes(data, tokens, n)
    return _next_item(tokens, n).dead


def _line_goes(data: bytes, tokens: list[_Token], n: int) -> bool:
    """Whether every item on the line before this token goes; there must be one."""
    items = []
    for at in range(n - 1, 0, -1):
        if _newlines(data, tokens[at], tokens[at + 1]):
            break
        if tokens[at].kind == "item":
            items.append(tokens[at])
        if tokens[n + 1].kind == "," and items:
            break  # a comment between an item and its comma is that item's alone
    return bool(items) and all(t.dead for t in items)


def _next_item(tokens: list[_Token], n: int) -> _Token:
    return next((t for t in tokens[n:] if t.kind == "item"), tokens[n])


def _headed(data: bytes, tokens: list[_Token], n: int) -> list[_Token]:
    """The items that a comment on lines of its own heads."""
    headed: list[_Token] = []
    for at in range(n + 1, len(tokens)):
        breaks = _newlines(data, tokens[at - 1], tokens[at])
        own_line = tokens[at].kind == "comment" and breaks > 0
        if breaks > 1 or tokens[at].kind == "]" or (own_line and headed):
            break
        if tokens[at].kind == "item":
            headed.append(tokens[at])
    return headed


def _newlines(data: bytes, first: _Token, second: _Token) -> int:
    return data.count(b"\n", first.end, second.start)


def _spans(data: bytes, tokens: list[_Token]) -> Iterator[tuple[int, int]]:
    """Each run of dead tokens; the brackets at both ends are alive."""
    first = 1
    while first < len(tokens):
        stop = first
        while tokens[stop].dead:
            stop += 1
        if stop > first:
            yield _span(data, tokens, first, stop)
        first = stop + 1


def _span(data: bytes, tokens: list[_Token], first: int, stop: int) -> tuple[int, int]:
    """The bytes of the dead tokens [first, stop), and the white space that goes with them."""
    before, after = tokens[first - 1], tokens[stop]
    start, end = tokens[first].start, tokens[stop - 1].end
    first_on_line = b"\n" in data[before.end : start]
    last_on_line = b"\n" in data[end : after.start]
    if first_on_line and last_on_line:
        return data.rfind(b"\n", 0, start) + 1, data.find(b"\n", end) + 1
    if first_on_line and after.kind == "]" and before.kind != "comment":
        return before.end, end  # the bracket moves up, where no comment can swallow it
    if first_on_line:
        return start, end if after.kind == "]" else after.start
    if last_on_line or (after.kind in ("]", "comment") and before.kind != "["):
        return before.end, end
    return start, after.start
