"""Byte splices as an algebra: applying them, merging several sets, and one set after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from remediator.model import Edit


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """`data` with the edits made. Raises ValueError where they overlap or reach beyond it."""
    parts: list[bytes] = []
    done = 0
    for edit in sorted(edits):
        if edit.start < done or edit.end > len(data):
            raise ValueError(f"edits overlap or leave the file: {edit.file} at {edit.start}")
        parts += data[done : edit.start], edit.text
        done = edit.end
    return b"".join((*parts, data[done:]))


def merged(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Sorted and disjoint: deletions united, insertions at one place joined in the order given.

    Raises ValueError where two edits want different bytes at one place.
    """
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.file, e.start, e.end)):
        last = found[-1] if found else None
        joined = _joined(last, edit) if last and last.file == edit.file else None
        if joined:
            found[-1] = joined
        elif last and last.file == edit.file and edit.start < last.end:
            raise ValueError(f"edits contradict each other in {edit.file} at {edit.start}")
        else:
            found.append(edit)
    return tuple(found)


def _joined(first: Edit, second: Edit) -> Edit | None:
    """One edit for two that overlap or touch, where that is certain."""
    if first == second and first.start < first.end:
        return first
    if not first.text and not second.text and second.start <= first.end:
        return replace(first, end=max(first.end, second.end))
    if first.start == first.end == second.start == second.end:
        return replace(first, text=first.text + second.text)
    return None


def compose(middle: bytes, first: Sequence[Edit], second: Iterable[Edit]) -> tuple[Edit, ...]:
    """One set of edits for two: `first` (sorted, disjoint) made `middle`, `second` edits that."""
    growth = 0
    pieces: list[tuple[int, int, int, Edit | None]] = []
    for edit in first:
        start = edit.start + growth
        grown = len(edit.text) - (edit.end - edit.start)
        pieces.append((start, start + len(edit.text), grown, None))
        growth += grown
    pieces += [(edit.start, edit.end, 0, edit) for edit in second]
    pieces.sort(key=lambda p: p[:2])
    made: list[Edit] = []
    shift = 0
    while pieces:
        cluster = _first_cluster(pieces)
        del pieces[: len(cluster)]
        start, end = cluster[0][0], max(p[1] for p in cluster)
        grown = sum(p[2] for p in cluster)
        inner = [p[3] for p in cluster if p[3]]
        moved = [replace(e, start=e.start - start, end=e.end - start) for e in inner]
        text = splice(middle[start:end], moved)
        file = (first or inner)[0].file
        made.append(Edit(file, start - shift, end - shift - grown, text))
        shift += grown
    return tuple(made)


def _first_cluster(
    pieces: Sequence[tuple[int, int, int, Edit | None]],
) -> Sequence[tuple[int, int, int, Edit | None]]:
    """The leading pieces that overlap or touch."""
    end = pieces[0][1]
    for n, piece in enumerate(pieces):
        if piece[0] > end:
            return pieces[:n]
        end = max(end, piece[1])
    return pieces[:]
