"""Quoted HCL strings, both ways: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions"""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = re.compile(
    r'\\(?:(?P<short>[nrt"\\])|u(?P<u4>[0-9a-fA-F]{4})|U(?P<u8>[0-9a-fA-F]{8}))'
    r"|(?P<introducer>\$\$\{|%%\{)|(?P<bad>\\|\n|[$%]\{)"
)
_INTERESTING = re.compile(r"[\\\n$%]")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_INTRODUCER = re.compile(r"([$%])(?=(?:\1)*\{)")


def decode(inside: str) -> str | None:
    """What stands between two quotes, as Terraform sees it (NFC); None if it is no plain string."""
    if inside.isascii() and not _INTERESTING.search(inside):
        return inside
    parts: list[str] = []
    done = 0
    for match in _SPECIAL.finditer(inside):
        text = _decoded(match)
        if text is None:
            return None
        parts += inside[done : match.start()], text
        done = match.end()
    return unicodedata.normalize("NFC", "".join((*parts, inside[done:])))


def _decoded(match: re.Match[str]) -> str | None:
    if match["bad"]:
        return None
    if match["short"]:
        return _SHORT[match["short"]]
    if match["introducer"]:
        return match["introducer"][1:]
    code = int(match["u4"] or match["u8"], 16)
    return None if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def string_literal(value: str) -> str:
    """`value` as a quoted HCL string without interpolation, on one line.

    `$${` would do for `${`, but readers disagree about `$$${`; so the introducers of a run of
    them but the last are written as `\\u0024` (or `\\u0025`). Raises ValueError for a lone
    surrogate, which no HCL string can hold.
    """
    if any(0xD800 <= ord(c) < 0xE000 for c in value):
        raise ValueError("a lone surrogate cannot be written as an HCL string")
    return '"' + "".join(_encoded(value)) + '"'


def _encoded(value: str) -> list[str]:
    parts = []
    introducers = {m.start() for m in _INTRODUCER.finditer(value)}
    for i, char in enumerate(value):
        if char in _ESCAPED:
            parts.append(_ESCAPED[char])
        elif i in introducers:
            parts.append(char * 2 if value[i + 1] == "{" else f"\\u{ord(char):04x}")
        else:
            parts.append(char if char.isprintable() else _unicode(char))
    return parts


def _unicode(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
