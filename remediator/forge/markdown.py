"""Foreign text inside Markdown as GitHub shows it: it looks like itself, and does nothing.

https://github.github.com/gfm/ and, for mentions and references,
https://docs.github.com/en/get-started/writing-on-github. A zero-width space, as a character
reference, breaks what the renderer would otherwise turn into a mention, a link or an issue.
"""

from __future__ import annotations

import re

from remediator.texts import visible

_BREAK = "&#8203;"
# What only means something at the start of a line (`-`, `+`, `1.`) need not be: no line starts
# with foreign text, which also keeps workflow commands out of logs.
_SPECIAL = re.compile(r"[\\`*_\[\]|~>$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "'": "&#39;"}
_TO_BREAK = (
    (re.compile(r"([@#])"), rf"\1{_BREAK}"),
    (re.compile(r"(https?|ftp|mailto|xmpp)(:)", re.IGNORECASE), rf"\1{_BREAK}\2"),
    (re.compile(r"(www)(\.)", re.IGNORECASE), rf"\1{_BREAK}\2"),
    (re.compile(r"(GH)(-)", re.IGNORECASE), rf"\1{_BREAK}\2"),
    (re.compile(r"::"), f":{_BREAK}:"),
)


class Markdown(str):
    """Text that is Markdown already: it is not escaped again."""

    __slots__ = ()


def escaped(text: str, limit: int = 300) -> Markdown:
    """One line of prose."""
    if isinstance(text, Markdown):
        return text
    shown = "".join(_ENTITIES.get(c, c) for c in visible(text, limit))
    shown = re.sub(r"&(?!(?:amp|lt|quot|#39);)", "&amp;", shown)
    shown = _SPECIAL.sub(lambda m: f"\\{m[0]}", shown)
    # `&#39;` has a hash of its own: only those that are not part of a reference are broken.
    parts = re.split(r"(&#39;)", shown)
    return Markdown("".join(p if p == "&#39;" else _broken(p) for p in parts))


def _broken(text: str) -> str:
    for pattern, replacement in _TO_BREAK:
        text = pattern.sub(replacement, text)
    return text


_TICK = re.compile(r"\[([xX])\]")


def without_tick(line: Markdown) -> Markdown:
    """What follows the box of a task. GitHub's renderer shows the box ticked for `[x]` anywhere on
    the line, in a code span or as a link's text too; a zero-width space breaks it in both."""
    return Markdown(_TICK.sub("[\\1\u200b]", line))


def code(text: str, limit: int = 300) -> Markdown:
    """A code span, for a table's cell too: nothing in it is read as Markdown, mention or link."""
    shown = visible(text, limit).strip() or " "
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    # In a table a pipe ends the cell even inside code, unless it is escaped.
    return Markdown(f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|"))


def block(text: str, language: str = "") -> Markdown:
    """A fenced block. The caller sees to it that each line is fit to be shown."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markdown(f"{fence}{language}\n{text.rstrip()}\n{fence}")
