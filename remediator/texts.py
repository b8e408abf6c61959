"""Making hostile text harmless where a person or a line-based format will meet it."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


_COMMAND = re.compile(r"(##)\[|^(\s*:):")


def visible(text: str, limit: int = 300) -> str:
    """One line of visible characters: anything else becomes U+FFFD, and long text is cut."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    if cut.isprintable():  # nothing of these, nor a space but U+0020
        return cut
    return "".join("\ufffd" if unicodedata.category(c) in _INVISIBLE else c for c in cut)


def plain(text: str, limit: int = 300) -> str:
    """The same for a terminal or a log: in GitHub Actions it is no workflow command either, which
    `::` is at the start of a line and `##[` anywhere in one.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    return _COMMAND.sub(lambda m: f"{m[1] or m[2]}\ufffd", visible(text, limit))


_MENTION = re.compile(r"(?<![A-Za-z0-9_.])@(?=[A-Za-z0-9])")
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?[ \t]+(?:[\w./-]*?(#)(?=\d)|(G)(?=H-\d)"
    r"|(h)(?=ttps?://))",
    re.IGNORECASE,
)


def acting(text: str) -> frozenset[int]:
    """Where a text would act in a commit's message on GitHub: who is mentioned gets a mail, and
    what is closed is closed.

    https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
    """
    found = [m.start() for m in _MENTION.finditer(text)]
    found += [m.start(m.lastindex or 0) for m in _CLOSING.finditer(text)]
    return frozenset(found)


def inert(text: str) -> str:
    """The same, with a space behind each of these places."""
    at = acting(text)
    return "".join(f"{c} " if i in at else c for i, c in enumerate(text)) if at else text


def listed(items: list[str], limit: int = 10) -> str:
    """`a, b and 3 more`."""
    more = len(items) - limit
    shown = ", ".join(items[:limit])
    return f"{shown} and {more} more" if more > 0 else shown
