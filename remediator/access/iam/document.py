"""A policy's JSON text as values, with what JSON readers hide: a key that is written twice.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from remediator.access.iam.statements import MalformedPolicyError

LARGEST = 1 << 20
"""Characters. AWS takes at most 20,480 for any policy; the bound is there for hostile input."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Repeating(dict[str, Any]):
    """A JSON object in which `key` is written more than once."""

    key = ""


def read_json(text: str | bytes, largest: int = LARGEST) -> Any:
    """Any JSON value. Raises MalformedPolicyError; `check_keys` has the rest of what is wrong."""
    if len(text) > largest:
        raise MalformedPolicyError(f"the text is longer than {largest} characters")
    try:
        shown = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(shown, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as why:
        where = f"line {why.lineno}, column {why.colno}"
        raise MalformedPolicyError(f"the text is not JSON: {why.msg} at {where}") from None
    except UnicodeDecodeError:
        raise MalformedPolicyError("the text is not UTF-8") from None
    except RecursionError:
        raise MalformedPolicyError("the text is nested too deeply") from None
    except ValueError as why:
        raise MalformedPolicyError(f"the text is not JSON: {why}") from None


def check_keys(value: Any) -> None:
    """Raises MalformedPolicyError where an object anywhere in it has a key twice, and for half a
    character, which no text can have."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Repeating):
            raise MalformedPolicyError(f"the key {one.key!r} is written twice in one object")
        if isinstance(one, dict):
            waiting += (*one, *one.values())
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and not one.isascii() and _SURROGATE.search(one):
            raise MalformedPolicyError("the text has half a character (a lone surrogate)")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    twice = Repeating(made)
    names = [name for name, _ in pairs]
    twice.key = next(name for name in names if names.count(name) > 1)
    return twice


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
