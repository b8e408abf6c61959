"""The register for a person's eyes: drawn on a terminal, plain columns in a file or a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from remediator.audit.history import Unrecorded
from remediator.audit.report import Report, iso, open_seconds, shown
from remediator.model import Record
from remediator.texts import plain

if TYPE_CHECKING:
    from rich.table import Table

_HEADINGS = ("merged", "commit", "by", "finding", "address", "decided", "open", "digests")
_OTHERS = ("time", "commit", "by", "subject", "files")


def write_table(report: Report, out: TextIO) -> None:
    changes = [_change(record) for record in report.records]
    others = [_other(commit) for commit in report.unrecorded]
    draw = _drawn if out.isatty() else _plain
    draw("Changes with a record", _HEADINGS, changes, out)
    if others:
        draw("Terraform or rules changed without a record", _OTHERS, others, out)
    for record in report.records:
        for problem in record.problems:
            out.write(f"{record.commit[:12]}: {plain(problem)}\n")


def duration(seconds: int | None) -> str:
    """The two largest units: `3 d 4 h`."""
    if seconds is None:
        return "unknown"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _change(record: Record) -> tuple[str, ...]:
    return (
        iso(record.merged_at),
        (record.merge or record.commit)[:12],
        plain(record.actor, 40),
        shown(record.all("Finding-Id")),
        shown(record.all("Terraform-Address")),
        plain(record.one("Disposition") or "", 20),
        duration(open_seconds(record)),
        f"{len(record.problems)} problems" if record.problems else "ok",
    )


def _other(commit: Unrecorded) -> tuple[str, ...]:
    return (
        iso(commit.time),
        commit.commit[:12],
        plain(commit.actor, 40),
        plain(commit.subject, 60),
        shown(commit.files),
    )


def _plain(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], out: TextIO) -> None:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    out.write(f"{title}: {len(rows)}\n")
    for cells in (headings, *rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        out.write(f"{line.rstrip()}\n")
    out.write("\n")


def _drawn(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], out: TextIO) -> None:
    from rich.console import Console

    Console(file=out).print(_table(f"{title}: {len(rows)}", headings, rows))


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, title=title, title_justify="left")
    for cells in rows:
        table.add_row(*(Text(cell) for cell in cells))  # Text: a name is no markup
    return table
