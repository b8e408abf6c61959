"""What people ask for: a comment `/remediator WORD`, or a ticked box on the dashboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from remediator.forge.github.there import Word
from remediator.texts import plain

MAX_REASON = 300
USAGE = (
    "I know `rebase`, `recreate`, `explain`, and `ignore REASON until YYYY-MM-DD`, after "
    "`/remediator` at the start of a line."
)
_LINE = re.compile(r"^[ \t]*/remediator\b[ \t]*(.*)$", re.MULTILINE)
_IGNORE = re.compile(r"ignore\s+(?P<reason>.+?)\s+until\s+(?P<day>\d{4}-\d{2}-\d{2})\W*")
_BOX = re.compile(
    r"^[ \t]*[-*] \[(?P<tick>[ xX])\] <!-- box:(?P<word>[a-z-]+):(?P<branch>[^\s<>]+) -->",
    re.MULTILINE,
)
_PLAIN = {"rebase": Word.REBASE, "recreate": Word.RECREATE, "explain": Word.EXPLAIN}
BOXES = {Word.RECREATE, Word.REOPEN, Word.OPEN_NOW}


@dataclass(frozen=True, slots=True)
class Asked:
    word: Word | None
    reason: str = ""
    until: date | None = None
    problem: str = ""


def asked_in(comment: str, today: date) -> Asked | None:
    """The first command in a comment; None where there is none. Quoted lines are not commands."""
    found = _LINE.search(comment)
    if found is None:
        return None
    words = found[1].strip()
    if words in _PLAIN:
        return Asked(_PLAIN[words])
    return _ignore(words, today) if words.startswith("ignore") else Asked(None, problem=USAGE)


def _ignore(words: str, today: date) -> Asked:
    found = _IGNORE.fullmatch(words)
    if found is None:
        example = "`/remediator ignore the vendor needs it until 2027-03-31`"
        text = f"Not done: say why and until when, such as {example}."
        return Asked(Word.IGNORE, problem=text)
    try:
        until = date.fromisoformat(found["day"])
    except ValueError:
        return Asked(Word.IGNORE, problem=f"Not done: there is no day {found['day']}.")
    if until < today:
        return Asked(Word.IGNORE, problem=f"Not done: {until} is over.")
    return Asked(Word.IGNORE, plain(found["reason"], MAX_REASON), until)


def box(word: Word, branch: str, *, ticked: bool = False) -> str:
    """The start of a line of the dashboard."""
    return f"- [{'x' if ticked else ' '}] <!-- box:{word}:{branch} -->"


def ticks(body: str) -> Iterator[tuple[Word, str]]:
    for found in _BOX.finditer(body):
        if found["tick"] != " " and found["word"] in {w.value for w in BOXES}:
            yield Word(found["word"]), found["branch"]
