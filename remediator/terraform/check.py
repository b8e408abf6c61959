"""What makes a file one that must not be edited: the first problem in it, and where.

tree-sitter recovers from errors by guessing, and accepts more than Terraform does. Refused
here is what would make an edit ambiguous: any error node, a redefined argument, two
definitions on one line, a block header over several lines, a lone carriage return.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from remediator.terraform.grammar import ATTRIBUTE, BLOCK, COMMENT, anatomy, attribute_name

Problem = tuple[int, str]
"""The byte where it is, and a sentence."""

_COMMENTS = re.compile(rb"(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_LONE_CR = re.compile(rb"\r(?!\n)")
_UNREADABLE = "cannot be read as Terraform from here; `terraform fmt` may say more"


def problem_in_bytes(data: bytes) -> Problem | None:
    """What is wrong before there is anything to parse."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start, "not UTF-8; save the file as UTF-8"
    if b"\r" in data and (lone := _LONE_CR.search(data)):
        return lone.start(), "a carriage return without a newline; use LF or CRLF line ends"
    return None


def problem_in_tree(data: bytes, root: Node) -> Problem | None:
    """The first syntax error, or else the first thing that Terraform would refuse as well."""
    if root.has_error:
        return _first_error(root)
    stack = [root]
    while stack:
        owner = stack.pop()
        brace_end, found = anatomy(owner)
        children = [n for n in found if n.kind_id != COMMENT]
        for problem in _problems_in_body(data, owner, brace_end, children):
            return problem
        stack += [n for n in reversed(children) if n.kind_id == BLOCK]
    return None


def _first_error(root: Node) -> Problem:
    node = root
    while True:
        broken = (n for n in node.children if n.has_error or n.is_error or n.is_missing)
        below = next(broken, None)
        if below is None:
            break
        node = below
    if node.is_missing:
        return node.start_byte, f"`{node.type}` is missing here"
    if node.parent is None and node.children:
        # the whole file is the error: its last piece is what was never closed
        return node.children[-1].start_byte, _UNREADABLE
    return node.start_byte, _UNREADABLE


def _problems_in_body(
    data: bytes, owner: Node, brace_end: int | None, children: list[Node]
) -> Iterator[Problem]:
    if brace_end is not None:
        if data.find(b"\n", owner.start_byte, brace_end) >= 0:
            yield owner.start_byte, "a block's labels and `{` belong on the line of its type"
        if children and not _breaks(data, brace_end, children[0].start_byte):
            yield from _problems_on_one_line(data, owner, children)
            return
    seen: dict[bytes, int] = {}
    end = -1
    for node in children:
        start = node.start_byte
        if end >= 0 and not _breaks(data, end, start):
            yield start, "a newline is missing before this"
        end = node.end_byte
        if node.kind_id == ATTRIBUTE:
            name = attribute_name(data, node)
            if name in seen:
                line = data.count(b"\n", 0, seen[name]) + 1
                yield start, f"`{name.decode()}` is already set on line {line}"
            seen[name] = start
    if brace_end is not None and end >= 0 and not _breaks(data, end, owner.end_byte - 1):
        yield owner.end_byte - 1, "a newline is missing before this"


def _problems_on_one_line(data: bytes, owner: Node, children: list[Node]) -> Iterator[Problem]:
    only = children[0]
    if only.kind_id != ATTRIBUTE:
        yield only.start_byte, "a block inside a block starts on its own line"
    elif len(children) > 1:
        yield children[1].start_byte, "a block on one line holds only one argument"
    elif _breaks(data, only.end_byte, owner.end_byte - 1):
        yield only.end_byte, "a block that starts on one line ends on it"


def _breaks(data: bytes, start: int, end: int) -> bool:
    """Whether a line ends between the two; a newline inside a comment ends none."""
    if data.find(b"\n", start, end) < 0:
        return False
    gap = data[start:end]
    return b"/*" not in gap or b"\n" in _COMMENTS.sub(b"", gap)
