"""Several edits of one file as one change: disjoint, without stray blank lines, and aligned."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.model import Edit
from remediator.terraform.grammar import BOM, parse_tree
from remediator.terraform.indent import definition, may_move, unindented
from remediator.terraform.layout import misaligned
from remediator.terraform.splices import compose, merged, splice
from remediator.terraform.syntax import SourceFile


def combine(file: SourceFile, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits of one or several calls on a file as one disjoint, sorted set.

    Deletions that overlap are united, blank lines around them closed up, insertions at one
    place joined in the order given, and the lines around every edit indented and aligned anew
    where they were before. What came out of it goes in again unchanged. Raises ValueError for
    edits that contradict each other.
    """
    given = tuple(edits)
    if given in file.combined:
        return given
    made = _combined(file, given)
    file.combined.add(made)
    return made


def _combined(file: SourceFile, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    indents = _Indents(file)
    closed = merged(e for e in edits if not _changes_nothing(file, e, indents))
    while (closer := merged(_closed_up(file.data, e) for e in closed)) != closed:
        closed = closer  # two that now touch are one, with blank lines of its own
    after = reparsed(file, closed)
    if after.tree.root_node.has_error:
        return closed  # no lines to align; the proof refuses what does not parse
    moved = indents.moved(after, closed)
    if moved:
        closed = compose(after.data, closed, moved)
        after = reparsed(file, closed)
    return compose(after.data, closed, _alignment(file, after, closed))


def reparsed(file: SourceFile, edits: tuple[Edit, ...]) -> SourceFile:
    """The file with the edits, parsed where it differs: for its layout alone. The proof reads the
    text by itself, from its first byte."""
    text = splice(file.data, edits)
    tree = file.tree.copy()
    for edit in reversed(edits):  # from the end: what is before it stays where it was
        start, end = _point(file, edit.start), _point(file, edit.end)
        now = _beyond(start, edit.text)
        tree.edit(edit.start, edit.end, edit.start + len(edit.text), start, end, now)
    return SourceFile(file.path, text, parse_tree(text, tree))


def _point(file: SourceFile, offset: int) -> tuple[int, int]:
    """Row and column in bytes, from 0."""
    line = file.line(offset)
    return line - 1, offset - file.line_start(line)


def _beyond(start: tuple[int, int], text: bytes) -> tuple[int, int]:
    row, column = start
    lines, last = text.count(b"\n"), text.rpartition(b"\n")[2]
    return row + lines, len(last) if lines else column + len(last)


def _changes_nothing(file: SourceFile, edit: Edit, indents: _Indents) -> bool:
    """The same bytes again; or spaces for spaces, which is how another call laid out its lines."""
    there = file.data[edit.start : edit.end]
    if there == edit.text:
        return True
    if edit.text.strip(b" ") or there.strip(b" "):
        return False
    in_line = edit.start > 0 and file.data[edit.start - 1] != ord("\n")
    return in_line or indents.are_tidy(edit.start, edit.end)


class _Indents:
    """Of the file before the edits; each top-level definition is looked at once."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._tidy: dict[int, bool] = {}

    def are_tidy(self, start: int, end: int) -> bool:
        """Whether `terraform fmt` leaves the indentation of the definition around them alone."""
        top = definition(self.file, start, end)
        if top is None:
            return False
        if top.start_byte not in self._tidy:
            self._tidy[top.start_byte] = not unindented(self.file, top)
        return self._tidy[top.start_byte]

    def moved(self, after: SourceFile, edits: tuple[Edit, ...]) -> list[Edit]:
        """What has to move where it was tidy, in the text after the edits."""
        fixes: dict[int, Edit] = {}
        growth = 0
        for edit in edits:
            start = edit.start + growth
            growth += len(edit.text) - (edit.end - edit.start)
            if may_move(self.file.data, edit) and self.are_tidy(edit.start, edit.end):
                top = definition(after, start, start + len(edit.text))
                fixes |= {fix.start: fix for fix in unindented(after, top)} if top else {}
        return sorted(fixes.values())


def _alignment(before: SourceFile, after: SourceFile, edits: tuple[Edit, ...]) -> list[Edit]:
    fixes: dict[int, Edit] = {}
    growth = 0
    for edit in edits:
        start = edit.start + growth
        growth += len(edit.text) - (edit.end - edit.start)
        wrong = misaligned(after, *_rows(after, start, start + len(edit.text)))
        if wrong and not misaligned(before, *_rows(before, edit.start, edit.end)):
            fixes |= {fix.start: fix for fix in wrong}
    return sorted(fixes.values())


def _rows(file: SourceFile, start: int, end: int) -> tuple[int, int]:
    """The rows of these bytes, from 0, and one more at each side."""
    return file.line(start) - 2, file.line(end)


def _closed_up(data: bytes, edit: Edit) -> Edit:
    """A deletion of whole lines takes one of the two runs of blank lines around it along."""
    start, end = edit.start, edit.end
    if edit.text or not _whole_lines(data, start, end):
        return edit
    top = len(BOM) if data.startswith(BOM) else 0
    content_above = top + len(data[top:start].rstrip())
    content_below = len(data) - len(data[end:].lstrip())
    first = content_above == top or data[content_above - 1] in b"{[("
    last = content_below == len(data) or data[content_below] in b"}])"
    has_blanks_above = data.count(b"\n", content_above, start) > 1
    if first or (has_blanks_above and not last):
        end = max(end, data.rfind(b"\n", end, content_below) + 1)
    if last:
        start = data.find(b"\n", content_above, start) + 1 or start
    if content_below == len(data) and not data.endswith(b"\n"):
        start = content_above  # the file had no final newline, and keeps none
    return Edit(edit.file, start, end, b"")


def _whole_lines(data: bytes, start: int, end: int) -> bool:
    begins = start in (0, len(BOM)) or data[start - 1 : start] == b"\n"
    return start < end and begins and (end == len(data) or data[end - 1 : end] == b"\n")
