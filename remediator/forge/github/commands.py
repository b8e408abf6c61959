"""What people ask for: a comment `/remediator WORD`, or a ticked box on the dashboard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from remediator.forge.github.there import Word
from remediator.texts import plain

MAX_REASON = 300
USAGE = (
    "I know `rebase`, `recreate`, `explain`, and `ignore REASON until YYYY-MM-DD`, after "
    "`/remediator` at the start of a line."
)
_COMMAND = re.compile(r" {0,3}/remediator\b[ \t]*(.*)")
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
    """The first command in a comment; None where there is none. What GitHub shows as a quote or as
    code is no command, and neither is what nobody can tell from that."""
    words = next(_commands(re.split(r"\r\n?|\n", comment)), None)
    if words is None:
        return None
    if words in _PLAIN:
        return Asked(_PLAIN[words])
    return _ignore(words, today) if words.startswith("ignore") else Asked(None, problem=USAGE)


# What is shown as text ---------------------------------------------------------------------
# CommonMark and what GitHub adds: https://github.github.com/gfm/. Lists and HTML are not followed:
# where they leave in doubt whether a fence opens or closes, nothing after it is a command.

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<marks>`{3,}(?=[^`]*$)|~{3,})(?P<rest>.*)")
_MARKER = r"[ \t]*(?:(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|$))"
_ITEM, _ITEM_FENCE = re.compile(_MARKER), re.compile(rf"{_MARKER}+(?:`{{3}}|~{{3}})")
_QUOTE = re.compile(rf"(?:{_MARKER})*[ \t]*>")
_HTML = re.compile(r"[ \t]*<[/A-Za-z!?]")
_HIDING = re.compile(r"<(/?)(pre|code|blockquote|samp|textarea)\b|(<)!--|--(>)", re.IGNORECASE)
_TICKS = re.compile(r"`+")


def _commands(lines: Sequence[str]) -> Iterator[str]:
    """The words of each command that is shown as text."""
    fence, in_list, in_html = "", False, False
    for at, line in enumerate(lines):
        found = _FENCE.fullmatch(line)
        is_near = found is not None and len(found["indent"].expandtabs(4)) < 4
        if fence:
            if found and is_near and found["marks"].startswith(fence) and _is_blank(found["rest"]):
                fence = ""
        elif found and (in_html or (in_list and found["indent"])):
            return
        elif found and is_near:
            fence = found["marks"]
        elif _ITEM_FENCE.match(line):
            return
        elif (command := _COMMAND.fullmatch(line)) and _is_text(lines, at):
            yield command[1].strip()
        else:
            in_list = in_list or _ITEM.match(line) is not None
            in_html = in_html or _HTML.match(line) is not None


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")


def _is_text(lines: Sequence[str], at: int) -> bool:
    """Of a line outside every fence: neither in a quote, nor in a code span, nor in hiding HTML."""
    first = next((n for n in range(at, 0, -1) if _is_blank(lines[n - 1])), 0)
    last = next((n for n in range(at, len(lines)) if _is_blank(lines[n])), len(lines))
    above, here = lines[first:at], lines[at:last]
    if any(_QUOTE.match(line) for line in above):
        return False  # a quote goes on without its mark until an empty line
    if {*_TICKS.findall("\n".join(above))} & {*_TICKS.findall("\n".join(here))}:
        return False
    depth: Counter[str] = Counter()
    for end, tag, _opens, closes in _HIDING.findall("\n".join(lines[:at])):
        name = tag.lower() or "--"
        depth[name] = max(0, depth[name] + (-1 if end or closes else 1))
    return not any(depth.values())


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
