"""Functions over texts. What is cut out of a text keeps its place in the literal.

https://developer.hashicorp.com/terraform/language/functions, String Functions
"""

from __future__ import annotations

import re
from collections.abc import Callable

from remediator.terraform.functions.signature import (
    Function,
    integer,
    known_text,
    large,
    takes,
    text,
    texts,
    without_parts,
)
from remediator.terraform.functions.texts import (
    graphemes,
    lower_of,
    made,
    piece,
    pieces,
    unclear,
    upper_of,
)
from remediator.terraform.value import (
    MAX_ITEMS,
    MAX_TEXT,
    Handle,
    Known,
    Sequence,
    Unknown,
    Value,
    failure,
    is_null,
)

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go takes for white space: Python takes more."""
_WORD_START = re.compile(r"(?<![A-Za-z0-9_])[a-z]")


def _of(value: Known) -> str:
    return str(value.value)


@takes(text)
def _lower(given: str) -> Value:
    found = lower_of(given)
    return unclear("lower") if found is None else Known(found)


@takes(text)
def _upper(given: str) -> Value:
    found = upper_of(given)
    return unclear("upper") if found is None else Known(found)


@takes(text)
def _title(given: str) -> Value:
    if not given.isascii():
        return unclear("title")
    return Known(_WORD_START.sub(lambda match: match[0].upper(), given))


@takes(text)
def _strrev(given: str) -> Value:
    found = graphemes(given)
    return unclear("strrev") if found is None else made("".join(reversed(found)))


# Cutting -----------------------------------------------------------------------------------


def _trimmed(value: Known, left: Callable[[str], str], right: Callable[[str], str]) -> Value:
    whole = _of(value)
    start = len(whole) - len(left(whole))
    return piece(value, start, start + len(right(whole[start:])))


@takes(known_text)
def _trimspace(value: Known) -> Value:
    return _trimmed(value, lambda t: t.lstrip(_SPACES), lambda t: t.rstrip(_SPACES))


@takes(known_text, text)
def _trim(value: Known, cutset: str) -> Value:
    return _trimmed(value, lambda t: t.lstrip(cutset), lambda t: t.rstrip(cutset))


@takes(known_text, text)
def _trimprefix(value: Known, prefix: str) -> Value:
    return _trimmed(value, lambda t: t.removeprefix(prefix), str)


@takes(known_text, text)
def _trimsuffix(value: Known, suffix: str) -> Value:
    return _trimmed(value, str, lambda t: t.removesuffix(suffix))


@takes(known_text)
def _chomp(value: Known) -> Value:
    return _trimmed(value, str, lambda t: t.rstrip("\r\n"))


@takes(known_text, integer, integer)
def _substr(value: Known, offset: int, length: int) -> Value:
    """Terraform counts from the end where the offset is negative, and takes a negative length
    for all the rest."""
    chars = graphemes(_of(value))
    if chars is None:
        return unclear("substr")
    if offset < 0 and (length == 0 or -offset > len(chars)):
        return Unknown("`substr()` beyond the beginning is not evaluated")
    start = min(offset + len(chars) if offset < 0 else offset, len(chars))
    end = len(chars) if length < 0 else min(start + length, len(chars))
    return made("".join(chars[start:end]))


@takes(text, known_text)
def _split(separator: str, value: Known) -> Value:
    """`split(",", "a,b")`: each piece knows where in the literal it stands."""
    whole = _of(value)
    if len(whole) > MAX_ITEMS and (not separator or whole.count(separator) >= MAX_ITEMS):
        return large("split")
    parts = whole.split(separator) if separator else list(whole)
    spans: list[tuple[int, int]] = []
    at = 0
    for part in parts:
        spans.append((at, at + len(part)))
        at += len(part) + len(separator)
    return Sequence(tuple(pieces(value, spans)), "list")


# Looking and putting together ----------------------------------------------------------------


@takes(text, text)
def _startswith(given: str, prefix: str) -> Value:
    return Known(given.startswith(prefix))


@takes(text, text)
def _endswith(given: str, suffix: str) -> Value:
    return Known(given.endswith(suffix))


@takes(text, text)
def _strcontains(given: str, part: str) -> Value:
    return Known(part in given)


@takes(integer, text)
def _indent(spaces: int, given: str) -> Value:
    if spaces < 0:
        return Unknown("`indent()` by less than nothing is not evaluated")
    if spaces * given.count("\n") > MAX_TEXT:
        return large("indent")
    return made(given.replace("\n", "\n" + " " * spaces))


@takes(text, texts, rest=texts)
def _join(separator: str, *lists: Sequence) -> Value:
    """An Unknown keeps its parts where their number and order are known."""
    items = [item for value in lists for item in value.items]
    if any(is_null(item) for item in items):
        return failure("`join()` of a null")
    unsure = next((u for value in lists for u in value.open), None)
    if unsure:
        return without_parts(unsure)
    size = sum(len(_of(i)) for i in items if isinstance(i, Known)) + len(separator) * len(items)
    if size > MAX_TEXT:
        return large("join")
    for item in items:
        if isinstance(item, Unknown | Handle):
            why = without_parts(item)
            return Unknown(why.reason, why.expression, False, _between(separator, items))
    return made(separator.join(_of(i) for i in items if isinstance(i, Known)))


def _between(separator: str, items: list[Value]) -> tuple[Value, ...]:
    mixed = [part for item in items for part in (Known(separator), item)]
    return tuple(part for part in mixed[1:] if part != Known(""))


FUNCTIONS: dict[str, Function] = {
    "chomp": _chomp,
    "endswith": _endswith,
    "indent": _indent,
    "join": _join,
    "lower": _lower,
    "split": _split,
    "startswith": _startswith,
    "strcontains": _strcontains,
    "strrev": _strrev,
    "substr": _substr,
    "title": _title,
    "trim": _trim,
    "trimprefix": _trimprefix,
    "trimspace": _trimspace,
    "trimsuffix": _trimsuffix,
    "upper": _upper,
}
