"""`regex`, `regexall` and `replace`.

https://developer.hashicorp.com/terraform/language/functions/regex
"""

from __future__ import annotations

import re

from remediator.terraform.functions.regex_machine import Machine, Spans
from remediator.terraform.functions.regex_syntax import NotEvaluatedError, Pattern, parse
from remediator.terraform.functions.signature import Function, large, takes, text
from remediator.terraform.functions.texts import made
from remediator.terraform.functions.unify import STRING
from remediator.terraform.value import (
    MAX_TEXT,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    failure,
)

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<bare>\w+)|\{(?P<braced>\w+)\})", re.ASCII)


def _not_evaluated(pattern: str, why: NotEvaluatedError) -> Unknown:
    return Unknown(f"the pattern {pattern[:60]!r} is not evaluated: {why}")


@takes(text, text)
def _regex(pattern: str, given: str) -> Value:
    try:
        parsed = parse(pattern)
        spans = Machine(parsed, given).search(0)
    except NotEvaluatedError as why:
        return _not_evaluated(pattern, why)
    if _mixed(parsed):
        return failure("a pattern with named and unnamed groups")
    return failure("the pattern does not match") if spans is None else _groups(parsed, given, spans)


@takes(text, text)
def _regexall(pattern: str, given: str) -> Value:
    try:
        parsed = parse(pattern)
        found = list(Machine(parsed, given).all())
    except NotEvaluatedError as why:
        return _not_evaluated(pattern, why)
    if _mixed(parsed):
        return failure("a pattern with named and unnamed groups")
    return Sequence(tuple(_groups(parsed, given, spans) for spans in found), "list")


def _mixed(pattern: Pattern) -> bool:
    return None in pattern.names and any(pattern.names)


def _groups(pattern: Pattern, given: str, spans: Spans) -> Value:
    """The whole match, or its groups as a tuple, or as an object where they have names."""
    parts: list[Value] = []
    for start, end in zip(spans[::2], spans[1::2], strict=True):
        parts.append(made(given[start:end]) if start >= 0 <= end else Known(None, null_of=STRING))
    if not pattern.names:
        return parts[0]
    names = [name for name in pattern.names if name]
    return Mapping.of(zip(names, parts[1:], strict=True)) if names else Sequence(tuple(parts[1:]))


# Replacing ---------------------------------------------------------------------------------


@takes(text, text, text)
def _replace(given: str, pattern: str, new: str) -> Value:
    """`/x/` is a pattern, all else a text."""
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        return _replace_pattern(given, pattern[1:-1], new)
    count = given.count(pattern)
    if count * len(new) + len(given) > MAX_TEXT:
        return large("replace")
    return made(given.replace(pattern, new))


def _replace_pattern(given: str, pattern: str, new: str) -> Value:
    if not new.isascii():
        return Unknown("such a replacement is not evaluated")
    try:
        parsed = parse(pattern)
        machine = Machine(parsed, given)
        pieces: list[str] = []
        at = done = size = 0
        while at <= len(given) and (spans := machine.search(at)):
            pieces.append(given[done : spans[0]])
            if spans[1] > done or spans[0] == 0:
                pieces.append(_expanded(new, parsed, given, spans))
                size += len(pieces[-1])
            if size > MAX_TEXT:
                return large("replace")
            done = spans[1]
            at = max(at + 1, done)
    except NotEvaluatedError as why:
        return _not_evaluated(pattern, why)
    return made("".join([*pieces, given[done:]]))


def _expanded(new: str, pattern: Pattern, given: str, spans: Spans) -> str:
    """`$1` and `${name}`; a group that there is not is nothing."""

    def group(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        name = match["bare"] or match["braced"]
        number = pattern.names.index(name) + 1 if name in pattern.names else _group_number(name)
        if number is None or 2 * number + 1 >= len(spans) or spans[2 * number] < 0:
            return ""
        return given[spans[2 * number] : spans[2 * number + 1]]

    return _REFERENCE.sub(group, new)


def _group_number(name: str) -> int | None:
    plain = name.isdecimal() and (name == "0" or not name.startswith("0")) and len(name) < 8
    return int(name) if plain else None


FUNCTIONS: dict[str, Function] = {"regex": _regex, "regexall": _regexall, "replace": _replace}
