"""Texts as Terraform holds them, the characters that a person sees in them, and their places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from remediator.terraform.value import Known, Source, Unknown, Value

_BRACKET = re.compile(r"[\[\]{}]")
_PLAIN_RANGES = (
    (0x00A1, 0x02FF),
    (0x0370, 0x0482),
    (0x048A, 0x058F),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20BF),
    (0x2190, 0x23FF),
    (0x2460, 0x2BFF),
    (0x3001, 0x3029),
    (0x3041, 0x3096),
    (0x30A1, 0x30FA),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFF01, 0xFF9D),
    (0x1F300, 0x1F3FA),
    (0x1F400, 0x1F64F),
)
"""Characters that never join the one before or behind them in one grapheme."""


def normalized(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def made(text: str) -> Known:
    """A new text, without a source."""
    return Known(normalized(text))


def graphemes(text: str) -> list[str] | None:
    """What Terraform counts as one character each: https://unicode.org/reports/tr29/

    None for a text with characters that may join others.
    """
    if not text.isascii() and not all(map(_stands_alone, text)):
        return None
    if "\r\n" not in text:
        return list(text)
    parts = text.split("\r\n")
    found = list(parts[0])
    for part in parts[1:]:
        found += "\r\n", *part
    return found


def _stands_alone(char: str) -> bool:
    code = ord(char)
    if code < 0x80:
        return True
    return any(low <= code <= high for low, high in _PLAIN_RANGES) and (
        unicodedata.category(char) not in ("Mn", "Me", "Mc", "Cf", "Cn")
    )


def lower_of(text: str) -> str | None:
    return _each(text, str.lower)


def upper_of(text: str) -> str | None:
    return _each(text, str.upper)


def _each(text: str, change: Callable[[str], str]) -> str | None:
    """Character by character, as Go does it; None where languages go their own ways."""
    if text.isascii():
        return change(text)
    changed = [change(char) for char in text]
    unclear = any(len(c) != 1 for c in changed) or any(
        unicodedata.category(c) == "Cn" for c in text
    )
    return None if unclear else normalized("".join(changed))


def nesting(text: str) -> int:
    """How deep its brackets are nested."""
    deepest = depth = 0
    for char in _BRACKET.findall(text):
        depth += 1 if char in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


# Pieces ------------------------------------------------------------------------------------


def pieces(value: Known, spans: Iterable[tuple[int, int]]) -> list[Value]:
    """Parts of a text, each with its place in the literal where its bytes stand there as they are.

    The spans count characters of the text, and are in order.
    """
    text = str(value.value)
    begin = _begin(value.source, text)
    found: list[Value] = []
    done = bytes_done = 0
    for start, end in spans:
        bytes_done += len(text[done:start].encode())
        size, done = len(text[start:end].encode()), end
        part = Known(normalized(text[start:end]))
        if value.source and begin is not None and part.value == text[start:end]:
            place = (begin + bytes_done, begin + bytes_done + size)
            part = replace(part, source=replace(value.source, piece=place))
        bytes_done += size
        found.append(part)
    return found


def piece(value: Known, start: int, end: int) -> Value:
    """One part of a text; the very value where that is all of it."""
    if (start, end) == (0, len(str(value.value))):
        return value
    return pieces(value, [(start, end)])[0]


def _begin(source: Source | None, text: str) -> int | None:
    """Where the bytes of a text begin in its file, if they stand there without any escape."""
    if source is None or source.expression.kind != "string":
        return None
    inside = source.expression.start + 1, source.expression.end - 1
    begin, end = source.piece or inside
    return begin if source.expression.file.data[begin:end] == text.encode() else None


def unclear(name: str) -> Unknown:
    return Unknown(f"`{name}()` of such characters is not evaluated")
