"""`jsonencode` and `jsondecode`. A text that was made from values remembers them.

https://developer.hashicorp.com/terraform/language/functions/jsonencode
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from remediator.terraform.functions.convert import in_order
from remediator.terraform.functions.signature import (
    Function,
    anything,
    known_text,
    takes,
    without_parts,
)
from remediator.terraform.functions.texts import made, nesting, normalized
from remediator.terraform.value import (
    MAX_ITEMS,
    MAX_TEXT,
    Handle,
    Known,
    Mapping,
    Scalar,
    Sequence,
    Unknown,
    Value,
    canonical,
    failure,
    is_known,
    number_text,
    parse_number,
    unknowns,
)

_ESCAPED = re.compile('["\\\\<>&\x00-\x1f\u2028\u2029]')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MAX_DEPTH = 90


class _NotWrittenError(ValueError):
    """Why a value has no JSON text that is known."""


def encoded(value: Value) -> str | Unknown:
    """Keys sorted, no spaces, and what HTML would take for its own escaped."""
    try:
        return "".join(_pieces(value))
    except _NotWrittenError as why:
        return Unknown(str(why))


def _pieces(value: Value) -> Iterator[str]:
    match value:
        case Known():
            yield _scalar(value.value)
        case Sequence():
            if in_order(value).open:
                raise _NotWrittenError("the order of a set is not known")
            yield from _enclosed("[]", (_pieces(item) for item in value.items))
        case Mapping():
            entries = sorted(value.entries.items(), key=lambda entry: entry[0].encode())
            yield from _enclosed("{}", (_entry(key, item) for key, item in entries))
        case _:
            raise _NotWrittenError("a part of it is not known")


def _entry(key: str, value: Value) -> Iterator[str]:
    yield _scalar(key) + ":"
    yield from _pieces(value)


def _enclosed(ends: str, members: Iterable[Iterator[str]]) -> Iterator[str]:
    yield ends[0]
    for position, member in enumerate(members):
        if position:
            yield ","
        yield from member
    yield ends[1]


def _scalar(scalar: Scalar) -> str:
    match scalar:
        case None:
            return "null"
        case bool():
            return "true" if scalar else "false"
        case str():
            if "\b" in scalar or "\f" in scalar:
                raise _NotWrittenError("how a form feed is written depends on Terraform's version")
            return '"' + _ESCAPED.sub(_escape, scalar) + '"'
    text = number_text(scalar)
    if text is None:
        raise _NotWrittenError("a number has no short text")
    return text


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}"


@takes(anything)
def _jsonencode(value: Value) -> Value:
    """An Unknown has the one value as its part: the document, as far as it is known."""
    unsure = value if isinstance(value, Unknown | Handle) else next(unknowns(value), None)
    if unsure:
        why = without_parts(unsure)
        parts = (value,) if isinstance(value, Sequence | Mapping) else ()
        return Unknown(why.reason, why.expression, False, parts)
    text = encoded(value)
    return text if isinstance(text, Unknown) else Known(normalized(text), None, value)


# Decoding ----------------------------------------------------------------------------------


def _document(value: Value) -> object:
    """A text; an unknown one that `jsonencode` made passes."""
    if isinstance(value, Unknown) and not value.fails and len(value.parts) == 1:
        return value if isinstance(value.parts[0], Sequence | Mapping) else known_text(value)
    return known_text(value)


@takes(_document)
def _jsondecode(text: Known | Unknown) -> Value:
    """Arrays are tuples and objects objects. The values that the text was made from, with their
    sources, where they come to the same."""
    if isinstance(text, Unknown):
        return _decoded(text.parts[0])
    read = parsed(str(text.value))
    if not is_known(read):
        return read
    found = (_decoded(original) for original in _originals(text))
    return next((o for o in found if canonical(o) == canonical(read)), read)


def _originals(text: Known) -> Iterator[Value]:
    """What the text was made from, and what is written in the heredoc or template that it is."""
    from remediator.terraform.documents import document

    if text.structure is not None:
        yield text.structure
    if text.structure is not None or text.source is not None:
        yield document(text)


def _decoded(value: Value) -> Value:
    match value:
        case Known(value=None):
            return replace(value, null_of=None)
        case Sequence():
            items = tuple(_decoded(item) for item in value.items)
            return Sequence(items, "tuple", value.source, in_order(value).open)
        case Mapping():
            entries = {key: _decoded(item) for key, item in value.entries.items()}
            return Mapping(MappingProxyType(entries), "object", value.source, value.open)
    return value


class _AmbiguousError(ValueError):
    """JSON that readers understand in different ways."""


def parsed(text: str) -> Value:
    too_large = len(text) > MAX_TEXT or text.count(",") > MAX_ITEMS
    if too_large or nesting(_QUOTED.sub("", text)) > _MAX_DEPTH:
        return Unknown("the JSON text is too large to evaluate")
    try:
        document = json.loads(
            text,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
        return _value(document)
    except _AmbiguousError as why:
        return Unknown(str(why))
    except json.JSONDecodeError as why:
        if why.msg == "Extra data":
            return Unknown("there is something behind the JSON document")
        return failure(f"it is no JSON: {why.msg}")


def _number(text: str) -> int | Fraction:
    number = parse_number(text)
    if number is None or (number == 0 and text.startswith("-")):
        raise _AmbiguousError(f"the number {text[:40]} is not evaluated")
    return number


def _constant(text: str) -> object:
    raise json.JSONDecodeError(f"{text} is no JSON", "", 0)


def _object(pairs: list[tuple[str, object]]) -> Mapping:
    keys = {normalized(key) for key, _ in pairs}
    if len(keys) < len(pairs):
        raise _AmbiguousError("a JSON object has a key twice")
    return Mapping.of((made_text(key), _value(item)) for key, item in pairs)


def made_text(text: str) -> str:
    if any(0xD800 <= ord(char) < 0xE000 for char in text):
        raise _AmbiguousError("a JSON text has half a character")
    return normalized(text)


def _value(document: object) -> Value:
    match document:
        case Mapping():
            return document
        case list():
            return Sequence(tuple(map(_value, document)))
        case str():
            return made(made_text(document))
        case None | bool() | int() | Fraction():
            return Known(document)
    raise _AmbiguousError("the JSON text is not evaluated")


FUNCTIONS: dict[str, Function] = {"jsondecode": _jsondecode, "jsonencode": _jsonencode}
