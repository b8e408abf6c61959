"""Encodings and digests of texts.

https://developer.hashicorp.com/terraform/language/functions/base64encode
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

from remediator.terraform.functions.signature import Function, large, takes, text
from remediator.terraform.functions.texts import made, normalized
from remediator.terraform.value import MAX_ITEMS, Known, Mapping, Sequence, Unknown, Value, failure

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_RESERVED = re.compile(rb"[^A-Za-z0-9\-_.~ ]")
_FIELD = re.compile(r'(?:"(?P<quoted>(?:[^"\r]|"")*)"|(?P<plain>[^",\r\n]*))(?P<end>,|\r?\n|\Z)')


@takes(text)
def _base64encode(given: str) -> Value:
    return Known(in_base64(given.encode()))


@takes(text)
def _base64decode(given: str) -> Value:
    plain = given.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(plain):
        return failure("it is not in base64")
    try:
        return made(base64.b64decode(plain).decode())
    except UnicodeDecodeError:
        return failure("what is in base64 is no text")


@takes(text)
def _urlencode(given: str) -> Value:
    """https://pkg.go.dev/net/url#QueryEscape: a space is a plus."""
    escaped = _RESERVED.sub(lambda match: b"%%%02X" % match[0][0], given.encode())
    return Known(escaped.replace(b" ", b"+").decode())


# Digests -----------------------------------------------------------------------------------


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def hexadecimal(algorithm: str) -> Callable[[bytes], str]:
    """They name things here, and protect nothing."""
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def base64_digest(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: in_base64(hashlib.new(algorithm, data, usedforsecurity=False).digest())


DIGESTS: dict[str, Callable[[bytes], str]] = {
    "md5": hexadecimal("md5"),
    "sha1": hexadecimal("sha1"),
    "sha256": hexadecimal("sha256"),
    "sha512": hexadecimal("sha512"),
    "base64sha256": base64_digest("sha256"),
    "base64sha512": base64_digest("sha512"),
}


def _digest(digest: Callable[[bytes], str]) -> Function:
    @takes(text)
    def digested(given: str) -> Value:
        return Known(digest(given.encode()))

    return digested


# CSV ---------------------------------------------------------------------------------------


@takes(text)
def _csvdecode(given: str) -> Value:
    """A list of objects, the first row being their attributes."""
    if given.count("\n") > MAX_ITEMS:
        return large("csvdecode")
    rows = _rows(given)
    if rows is None:
        return Unknown("such a CSV text is not evaluated")
    if not rows:
        return failure("a CSV text without a header")
    header = [normalized(name) for name in rows[0]]
    if len({*header}) < len(header):
        return failure("a CSV text with a column twice")
    if any(len(row) != len(header) for row in rows):
        return failure("the rows of a CSV text differ in length")
    objects = (Mapping.of(zip(header, map(made, row), strict=True)) for row in rows[1:])
    return Sequence(tuple(objects), "list")


def _rows(given: str) -> list[list[str]] | None:
    """Empty lines are passed over. None for what readers of CSV disagree about."""
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(given):
        match = _FIELD.match(given, at)
        if match is None:
            return None
        quoted, plain = match["quoted"], match["plain"]
        row.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if match["end"] == ",":
            if at == len(given):
                row.append("")
            else:
                continue
        if row != [""] or quoted is not None:
            rows.append(row)
        row = []
    return rows


FUNCTIONS: dict[str, Function] = {
    "base64decode": _base64decode,
    "base64encode": _base64encode,
    "csvdecode": _csvdecode,
    "urlencode": _urlencode,
    **{name: _digest(digest) for name, digest in DIGESTS.items()},
}
