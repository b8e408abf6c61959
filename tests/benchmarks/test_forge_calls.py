"""The counting of API calls, in small."""

from __future__ import annotations

from pathlib import Path

from benchmarks.forge_calls import Row, measure


def test_the_promises_hold_in_small(tmp_path: Path) -> None:
    rows = measure(tmp_path, 8, 4, 2)
    assert all(row.kept for row in rows)
    assert [row.changed for row in rows] == [4, 0, 2, 0, 4, 0]
    quiet = [row for row in rows if not row.changed]
    assert [(row.writes, row.reads - row.listing) for row in quiet] == [(0, 0)] * 3
    assert all(row.writes >= row.changed for row in rows)


def test_a_broken_promise_is_seen() -> None:
    assert Row("x", 2, 21, 9, 10, 0, 1.0).kept
    assert not Row("x", 2, 22, 9, 10, 0, 1.0).kept
    assert not Row("x", 2, 21, 10, 10, 0, 1.0).kept
