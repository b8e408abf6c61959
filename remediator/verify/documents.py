"""A policy's text as the evaluated code has it: what is not known yet stands in it as a token.

A token is a text that no policy has, the same for the same name. Of an ARN, an id or a name that
AWS gives at the apply it stands for one thing, which is not known; of anything else for whatever
that may be, a wildcard too. The comparison (`policies`) says which conclusions that allows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from remediator.access.iam.document import read_json
from remediator.access.iam.statements import MalformedPolicyError
from remediator.terraform.value import (
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_text,
    is_null,
)

AFTER_APPLY = " is known after the apply only"
_UNKNOWN = " is not known from the code"
# What AWS makes is one thing and has no wildcard; what somebody stored (a parameter's value, the
# answer of a program) may be anything.
_ONE_THING = re.compile(
    r"(?:.*\.)?(?:data\.)?aws_\w+\.[\w-]+(?:\[[^\]]*\])?\."
    r"(?:\w*_)?(?:arn|id|account_id|name|bucket|partition|region|dns_suffix|unique_id|url)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is the policy as JSON has it; None where there is none. `tokens` maps each to the
    name that it stands for; `loose` are those that may stand for anything. `problem`: why it
    cannot be read."""

    value: Any = None
    tokens: dict[str, str] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()
    problem: str = ""

    def named(self, text: str) -> str:
        """With the names in place of the tokens."""
        for token, name in self.tokens.items():
            text = text.replace(token, f"<{name}>")
        return text


def document_of(value: Value | None) -> Document:
    if is_null(value):
        return Document()
    if isinstance(value, Known):
        return _parsed(as_text(value) or "")
    if isinstance(value, Unknown):
        whole = value.parts[0] if len(value.parts) == 1 else None
        if not isinstance(whole, Mapping):
            return Document(problem=value.reason)
        reader = _Reader()
        try:
            made = reader.json(whole, ())
        except _UnreadableError as why:
            return Document(problem=str(why))
        return Document(made, reader.tokens, frozenset(reader.loose))
    return Document(problem="it is no text")


def _parsed(text: str) -> Document:
    if not text.strip():
        return Document()
    try:
        return Document(read_json(text))
    except MalformedPolicyError as why:
        return Document(problem=f"it is malformed: {why}")


class _UnreadableError(Exception):
    """What is not known may be any number of elements of the policy."""


class _Reader:
    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.loose: set[str] = set()

    def json(self, value: Value, path: tuple[str, ...]) -> Any:
        match value:
            case Known(value=Fraction() as number):
                return float(number)
            case Known(value=scalar):
                return scalar
            case Sequence():
                return [self.json(item, path) for item in (*value.items, *value.open)]
            case Mapping():
                if value.open:
                    raise _UnreadableError(value.open[0].reason)
                return {k: self.json(v, (*path, k)) for k, v in value.entries.items()}
            case Handle():
                raise _UnreadableError(f"{value.name} is a whole object")
        return "".join(self._text(value, path))

    def _text(self, value: Unknown, path: tuple[str, ...]) -> Iterator[str]:
        if not path or path[-1] == "Statement":
            raise _UnreadableError(value.reason)
        if not value.parts:
            yield self._token(value, path, alone=True)
            return
        for part in value.parts:
            if isinstance(part, Unknown):
                yield self._token(part, path, alone=len(value.parts) == 1)
            elif (text := as_text(part)) is not None:
                yield text
            else:
                raise _UnreadableError(value.reason)

    def _token(self, value: Unknown, path: tuple[str, ...], *, alone: bool) -> str:
        name = value.reason.removesuffix(AFTER_APPLY).removesuffix(_UNKNOWN).strip("`")
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
        token = _shape(digest, path, name, alone)
        self.tokens[token] = name
        if not (value.reason.endswith(AFTER_APPLY) and _ONE_THING.fullmatch(name)):
            self.loose.add(token)
        return token


def _shape(digest: str, path: tuple[str, ...], name: str, alone: bool) -> str:
    """As the grammar wants it where it stands."""
    number = f"9{int(digest[:12], 16) % 10**11:011d}"
    if {"Principal", "NotPrincipal"} & {*path}:
        return f"arn:aws:iam::{number}:role/unknown" if alone else number
    if name.endswith((".account_id", ".id")) and not alone:
        return number
    return f"arn:aws:unknown-{digest[:16]}:::it" if alone or name.endswith("arn") else digest[:16]
