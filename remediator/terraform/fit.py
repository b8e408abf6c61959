"""New text in a file's own style: its line ends, its tabs, the indentation of the place."""

from __future__ import annotations

import re

from remediator.terraform.grammar import HEREDOC, parse_tree
from remediator.terraform.syntax import Body, SourceFile

_NAME = re.compile(r"[^\W\d][\w-]*")
_INDENTATION = re.compile(rb"[ \t]*")


def indentation(file: SourceFile, offset: int) -> bytes:
    """The white space that the line of a byte begins with."""
    start = file.line_start(file.line(offset))
    match = _INDENTATION.match(file.data, start)
    return match.group() if match else b""


def inner_indentation(body: Body) -> bytes:
    """One step deeper than the block's first line."""
    step = b"\t" if _has_tabs(body.file) else b"  "
    return indentation(body.file, body.node.start_byte) + step


def argument(file: SourceFile, name: str, text: str, indent: bytes) -> bytes:
    """`name = text`. Raises ValueError for what is no argument name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not an argument name: {name!r}")
    return f"{name} = ".encode() + fitted(file, text, indent, b"x = ")


def fitted(file: SourceFile, text: str, indent: bytes, before: bytes = b"") -> bytes:
    """Text that was written as if in column 0; the first line is left to its place.

    The lines of heredocs are a value and stay as they are. `before` is what makes the text a
    piece of HCL that parses.
    """
    source = text.replace("\r\n", "\n").strip("\n").encode()
    kept = _heredoc_rows(before + source)
    lines = source.split(b"\n")
    for row, line in enumerate(lines):
        if row and line and row not in kept:
            lines[row] = indent + (_with_tabs(line) if _has_tabs(file) else line)
    return file.newline.join(lines)


def _has_tabs(file: SourceFile) -> bool:
    return file.data.count(b"\n\t") > file.data.count(b"\n  ")


def _with_tabs(line: bytes) -> bytes:
    rest = line.lstrip(b" ")
    depth, odd = divmod(len(line) - len(rest), 2)
    return b"\t" * depth + b" " * odd + rest


def _heredoc_rows(source: bytes) -> set[int]:
    rows: set[int] = set()
    if b"<<" not in source:
        return rows
    stack = [parse_tree(source).root_node]
    while stack:
        node = stack.pop()
        if node.kind_id == HEREDOC:
            rows.update(range(node.start_point.row + 1, node.end_point.row + 1))
        stack += node.children
    return rows
