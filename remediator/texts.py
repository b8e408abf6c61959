"""Making hostile text harmless where a person or a line-based format will meet it."""

from __future__ import annotations

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str, limit: int = 300) -> str:
    """One line of visible characters: anything else becomes U+FFFD, and long text is cut."""
    shown = "".join("\ufffd" if unicodedata.category(c) in _INVISIBLE else c for c in text)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def listed(items: list[str], limit: int = 10) -> str:
    """`a, b and 3 more`."""
    more = len(items) - limit
    shown = ", ".join(items[:limit])
    return f"{shown} and {more} more" if more > 0 else shown
