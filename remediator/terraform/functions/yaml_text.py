"""`yamldecode`, of YAML that all versions of Terraform read alike.

https://developer.hashicorp.com/terraform/language/functions/yamldecode and
https://github.com/zclconf/go-cty-yaml/blob/master/resolve.go

Anchors, tags, directives, merge keys, words such as `yes` and `on`, octal and other unusual
numbers, and dates are not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from remediator.terraform.functions.signature import Function, takes, text
from remediator.terraform.functions.texts import made, nesting, normalized
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    parse_number,
    scalar_text,
)

_MAX_TEXT = 50_000
_MAX_DEPTH = 90
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NEVER_NUMBER = re.compile(r"[0-9.+-][^ ]*(?:/.*|(?:\.[^.]*){2})|[0-9]+-[0-9]+")
"""Addresses and ranges of them, versions, ranges of ports."""
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_UNCLEAR_WORDS = {"y", "n", "yes", "no", "on", "off"}


class _NotEvaluatedError(ValueError):
    pass


@takes(text)
def _yamldecode(given: str) -> Value:
    if len(given) > _MAX_TEXT or nesting(given) > _MAX_DEPTH:
        return Unknown("the YAML text is too large to evaluate")
    try:
        return _document(iter(list(yaml.parse(given, Loader=yaml.SafeLoader))))
    except yaml.YAMLError:
        return Unknown("the YAML text is not understood")
    except _NotEvaluatedError as why:
        return Unknown(f"the YAML text is not evaluated: {why}")


def _document(events: Iterator[yaml.Event]) -> Value:
    found: list[Value] = []
    documents = 0
    for event in events:
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1 or event.version or event.tags:
                    raise _NotEvaluatedError("it has several documents or directives")
                found.append(_node(next(events), events, 0))
    if not found:
        raise _NotEvaluatedError("it is empty")
    return found[0]


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Value:
    if depth > _MAX_DEPTH:
        raise _NotEvaluatedError("it is nested too deeply")
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _NotEvaluatedError("it has anchors")
    if getattr(event, "tag", None):
        raise _NotEvaluatedError("it has tags")
    match event:
        case yaml.ScalarEvent():
            return _scalar(event)
        case yaml.SequenceStartEvent():
            items = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(_node(inner, events, depth + 1))
            return Sequence(tuple(items))
    return _mapping(events, depth)


def _mapping(events: Iterator[yaml.Event], depth: int) -> Value:
    entries: dict[str, Value] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _key(inner)
        if key in entries:
            raise _NotEvaluatedError("it has a key twice")
        entries[key] = _node(next(events), events, depth + 1)
    return Mapping.of(entries.items())


def _key(event: yaml.Event) -> str:
    if not isinstance(event, yaml.ScalarEvent) or event.value == "<<":
        raise _NotEvaluatedError("it has keys that are no texts")
    value = _node(event, iter(()), 0)
    key = scalar_text(value.value) if isinstance(value, Known) else None
    if key is None:
        raise _NotEvaluatedError("it has keys that are no texts")
    return normalized(key)


def _scalar(event: yaml.ScalarEvent) -> Value:
    plain = event.value
    if event.style is not None:
        return made(plain)
    if plain in _WORDS:
        return Known(_WORDS[plain])
    if plain.lower() in _UNCLEAR_WORDS:
        raise _NotEvaluatedError(f"{plain!r} is a text or a bool")
    if plain[0] not in "0123456789+-.":
        return made(plain)
    if _NUMBER.fullmatch(plain):
        number = parse_number(plain)
        if number is not None and (number != 0 or not plain.startswith("-")):
            return Known(number)
    elif _NEVER_NUMBER.fullmatch(plain):
        return made(plain)
    raise _NotEvaluatedError(f"{plain[:40]!r} is a number or a text")


FUNCTIONS: dict[str, Function] = {"yamldecode": _yamldecode}
