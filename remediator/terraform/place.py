"""Where a block begins and ends as a person sees it: its comments, its lines, its neighbours."""

from __future__ import annotations

import re

from remediator.terraform.grammar import BLOCK, BOM
from remediator.terraform.syntax import Block, Body, SourceFile

_LICENCE = re.compile(rb"copyright|licen[cs]e|spdx", re.IGNORECASE)
_LINE_END = re.compile(rb"\r?\n")


def parent(block: Block) -> Body:
    """The body that the block stands in."""
    body = block.node.parent
    assert body is not None
    assert body.parent is not None
    return Body(block.file, body.parent)


def line_start(file: SourceFile, offset: int) -> int:
    """The first byte of the line of a byte, behind a BOM."""
    start = file.data.rfind(b"\n", 0, offset) + 1
    return len(BOM) if start == 0 and file.data.startswith(BOM) else start


def end_of_line(body: Body, offset: int) -> int:
    """The end of the line of a definition's last byte, behind its comments; no line end."""
    data = body.file.data
    for comment in body.comments:
        if comment.start >= offset and b"\n" not in data[offset : comment.start]:
            offset = comment.end
    match = _LINE_END.search(data, offset, body.end)
    return match.start() if match else len(data[: body.end].rstrip(b" \t"))


def lines_of(block: Block) -> tuple[int, int]:
    """The bytes of all lines of a block and its own comments, with the last line end.

    Its own are the comments on its lines, and those on the lines directly above it.
    """
    file, body = block.file, parent(block)
    start = line_start(file, block.start)
    for comment in reversed(body.comments):
        if comment.end <= block.start and _stands_on(file, comment.start, comment.end, start):
            start = line_start(file, comment.start)
    if body.node.kind_id != BLOCK and start == body.start and _is_licence(file, start, block.start):
        start = line_start(file, block.start)
    end = end_of_line(body, block.end)
    match = _LINE_END.match(file.data, end)
    return start, match.end() if match else len(file.data)


def _stands_on(file: SourceFile, start: int, end: int, below: int) -> bool:
    """Whether a comment is alone on its lines, directly above or on the line that starts below."""
    alone = not file.data[line_start(file, start) : start].strip()
    return alone and (end > below or file.data.count(b"\n", end, below) == 1)


def _is_licence(file: SourceFile, start: int, end: int) -> bool:
    return _LICENCE.search(file.data, start, end) is not None


def blank_line_wanted(block: Block) -> bool:
    """Whether a further block belongs behind a blank line, judging by the neighbours."""
    body, data = parent(block), block.file.data
    if body.node.kind_id != BLOCK:
        return True
    start, end = lines_of(block)
    below = data[end : body.end]
    if below.strip():
        return _LINE_END.match(below.lstrip(b" \t")) is not None
    above = data[body.start : start]
    return bool(above.strip()) and above.count(b"\n", len(above.rstrip())) > 1
