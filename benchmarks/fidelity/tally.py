"""What was counted, and how it is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

EDITS, PARSED, OUTSIDE, MEANT, READ, AGREES = (
    "edits",
    "parses",
    "bytes outside",
    "tokens",
    "second reader reads it",
    "and agrees",
)
CLEAN_BEFORE, CLEAN_AFTER, BEYOND, COMMENTS = (
    "fmt-clean before",
    "fmt-clean after",
    "lines beyond",
    "comment lines",
)
COLUMNS = (EDITS, PARSED, OUTSIDE, MEANT, READ, AGREES, CLEAN_BEFORE, CLEAN_AFTER, BEYOND)
MUST_EQUAL = (
    (PARSED, EDITS),
    (OUTSIDE, EDITS),
    (MEANT, EDITS),
    (AGREES, READ),
    (CLEAN_AFTER, CLEAN_BEFORE),
)
MOST_FAILURES = 200


@dataclass
class Tally:
    """`cells`: by kind of edit and column. `files`: by repository and what became of a file.
    `refused`: by the parser's sentence, and whether terraform reads such a file."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.cells += other.cells
        self.files += other.files
        self.refused += other.refused
        self.failures += other.failures[: MOST_FAILURES - len(self.failures)]

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self.cells})

    @property
    def kept(self) -> bool:
        return not self.failures and not any(
            self.cells[kind, left] != self.cells[kind, right]
            for kind in self.kinds
            for left, right in MUST_EQUAL
        )

    def edit_rows(self) -> list[list[str]]:
        rows = [[kind, *(f"{self.cells[kind, c]:,}" for c in COLUMNS)] for kind in self.kinds]
        sums = [sum(self.cells[kind, c] for kind in self.kinds) for c in COLUMNS]
        return [*rows, ["all", *(f"{n:,}" for n in sums)]]


def table(header: list[str], rows: list[list[str]], markdown: bool) -> str:
    """The first column is text, the others are numbers."""
    wide = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(row: list[str]) -> str:
        cells = [
            c.ljust(w) if i == 0 else c.rjust(w)
            for i, (c, w) in enumerate(zip(row, wide, strict=True))
        ]
        return f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip()

    rule = f"|{'|'.join('-' * (w + 1) + ('-' if i == 0 else ':') for i, w in enumerate(wide))}|"
    return "\n".join([line(header), *([rule] if markdown else []), *(line(r) for r in rows)])
