"""Commit trailers, both ways: one `Key: value` a line, whatever the value holds.

The format is git's own (git-interpret-trailers(1)). A value that could end its line, hide or
reorder text, mention somebody, close an issue, or be trimmed away is percent-encoded (RFC 3986,
over UTF-8), so that a hostile name cannot forge a trailer, and git counts exactly as many trailers
as were written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from remediator.texts import acting

MARK = "Remediator-Version"
"""The trailer that makes a paragraph a record of ours."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*):[ \t]*(.*)")
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# Forges add credits below a message (Co-authored-by, Signed-off-by) when they merge or squash.
_CREDIT = re.compile(r"[A-Za-z-]+-by", re.IGNORECASE)
# Controls, formats (all bidi controls are), lone surrogates, and every separator but the space.
_ESCAPED = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}


def encode(pairs: Sequence[tuple[str, str]]) -> str:
    """The trailer paragraph, without a final newline. Raises ValueError for what is no key."""
    return "\n".join(f"{_key(key)}: {_escape(value)}".rstrip() for key, value in pairs)


def decode(message: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a message's record, or none where it carries no record of ours.

    The record is the last paragraph, or the last above the credits that a forge has added;
    each of its lines is a trailer, one of them `Remediator-Version`. Text further up that
    looks like a record is never taken.
    """
    for paragraph in reversed(_paragraphs(message)):
        pairs = _trailers(paragraph)
        if any(key == MARK for key, _ in pairs):
            return pairs
        if not pairs or not all(_CREDIT.fullmatch(key) for key, _ in pairs):
            return ()
    return ()


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a trailer's key; write letters, digits and dashes")
    return key


def _escape(value: str) -> str:
    last, acts = len(value) - 1, acting(value)
    return "".join(
        _percent(c) if i in acts or _must_escape(c, at_end=i in (0, last)) else c
        for i, c in enumerate(value)
    )


def _must_escape(char: str, *, at_end: bool) -> bool:
    if char == " ":
        return at_end
    return char == "%" or unicodedata.category(char) in _ESCAPED


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _paragraphs(message: str) -> list[list[str]]:
    """Only a line feed ends a line, as in git; every other newline belongs to the line."""
    paragraphs: list[list[str]] = [[]]
    for line in message.split("\n"):
        line = line.rstrip(" \t\r")
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return [p for p in paragraphs if p]


def _trailers(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """None unless all lines are trailers."""
    found = [_LINE.fullmatch(line) for line in lines]
    return tuple((m[1], unescape(m[2])) for m in found if m) if all(found) else ()


def unescape(value: str) -> str:
    """The inverse of what `encode` does to a value."""
    return _ENCODED.sub(_decoded, value)


def _decoded(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return match[0]  # not of our making: taken as it stands
