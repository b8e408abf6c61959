"""A policy's tree of values: its statements, its JSON, and what stands for what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from remediator.model import Json
from remediator.terraform.expression import Expression
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_text,
    canonical,
    unknowns,
)
from remediator.texts import plain


@dataclass(frozen=True, slots=True)
class Statement:
    """`tree` is the object that it is. `actions` are those of Action or, with `negated`, of
    NotAction; `open` may add others."""

    tree: Mapping
    number: int
    effect: str | None
    actions: tuple[Value, ...]
    open: tuple[Unknown, ...] = ()
    negated: bool = False

    @property
    def shown(self) -> str:
        """As findings in the code name it: its Sid, or #0."""
        return as_text(self.tree.get("Sid")) or f"#{self.number}"

    @property
    def grants(self) -> bool:
        """Whether it is an Allow of the actions that it lists."""
        return self.effect == "Allow" and not self.negated

    @property
    def unsure(self) -> tuple[Unknown, ...]:
        """What of it is not known and may grant more."""
        effect = self.tree.get("Effect")
        if isinstance(effect, Unknown):
            return (effect,)
        if self.effect != "Allow":
            return ()
        return (*self.open, *(u for a in self.actions for u in unknowns(a)))


def statements_of(tree: Value) -> tuple[tuple[Statement, ...], tuple[Unknown, ...]]:
    """Of a document, and what may be further ones."""
    if not isinstance(tree, Mapping):
        return (), (tree if isinstance(tree, Unknown) else Unknown("the policy is no object"),)
    found = tree.get("Statement")
    if found is None:
        return (), tree.open
    items = found.items if isinstance(found, Sequence) else (found,)
    unsure = [*tree.open, *(found.open if isinstance(found, Sequence) else ())]
    made: list[Statement] = []
    for number, item in enumerate(items):
        if isinstance(item, Mapping) and not item.open:
            made.append(_statement(item, number))
        else:
            unsure.append(next(unknowns(item), Unknown("a statement is no object")))
    return tuple(made), tuple(unsure)


def _statement(tree: Mapping, number: int) -> Statement:
    negated = tree.get("Action") is None and tree.get("NotAction") is not None
    found = tree.get("NotAction" if negated else "Action")
    items = found.items if isinstance(found, Sequence) else (found,) if found else ()
    open_ = found.open if isinstance(found, Sequence) else ()
    return Statement(tree, number, as_text(tree.get("Effect")), items, open_, negated)


# JSON --------------------------------------------------------------------------------------


def json_of(value: Value | None) -> Json:
    """With a text of its own for each thing that is not known: equal for equal ones."""
    match value:
        case None:
            return None
        case Known(value=Fraction() as number):
            return float(number)
        case Known(value=scalar) if not isinstance(scalar, Fraction):
            return scalar
        case Sequence():
            return [*map(json_of, value.items), *map(standing_for, value.open)]
        case Mapping():
            made = {key: json_of(item) for key, item in value.entries.items()}
            return made | {standing_for(u): standing_for(u) for u in value.open}
        case Unknown():
            return standing_for(value)
    return "(a whole object)"


UNKNOWN = "unknown-"


def standing_for(unknown: Unknown) -> str:
    """A word for something that is not known."""
    words = [unknown.reason, *_words(unknown)]
    return UNKNOWN + sha256("\0".join(words).encode(errors="replace")).hexdigest()[:16]


def shown(value: Value | None) -> dict[str, str]:
    """By its word, what a person reads for each thing in it that is not known: as it is written."""
    found: dict[str, str] = {}
    for unknown in unknowns(value):
        at = unknown.expression
        text = " ".join(at.text.decode(errors="replace").split()) if at else unknown.reason
        found[standing_for(unknown)] = plain(f"(not known: {text})", 120)
    return found


def _words(unknown: Unknown) -> Iterator[str]:
    """Where it stands, and what is known of its parts: two texts that lack the same differ."""
    at = unknown.expression
    if isinstance(at, Expression):
        yield " ".join(at.text.decode(errors="replace").split())
    for part in unknown.parts:
        yield standing_for(part) if isinstance(part, Unknown) else repr(canonical(part))


def comparable(document: Json) -> Json:
    """The document as the comparison of policies takes it: each word for something unknown in
    the form of what stands there."""
    if not isinstance(document, dict):
        return document
    found = document.get("Statement")
    items = found if isinstance(found, list) else [found]
    return {**document, "Statement": [_filled(s) if isinstance(s, dict) else s for s in items]}


_FORMS = {
    "Action": "unknown:{}",
    "NotAction": "unknown:{}",
    "Resource": "arn:aws:unknown:::{}",
    "NotResource": "arn:aws:unknown:::{}",
}


def _filled(statement: dict[str, Json]) -> Json:
    made: dict[str, Json] = {}
    for name, value in statement.items():
        if name in _FORMS:
            made[name] = _formed(value, _FORMS[name])
        elif name in ("Principal", "NotPrincipal"):
            made[name] = _principal(value)
        elif name == "Condition" and _is_word(value):
            made[name] = {"StringEquals": {f"unknown:{value}": "x"}}
        else:
            made[name] = value
    return made


def _formed(value: Json, form: str) -> Json:
    if isinstance(value, list):
        return [_formed(item, form) for item in value]
    return form.format(value) if _is_word(value) else value


def _principal(value: Json) -> Json:
    form = "arn:aws:iam::000000000000:role/{}"
    if _is_word(value):
        return {"AWS": form.format(value)}
    if isinstance(value, dict):
        return {
            kind: _formed(item, form) if kind == "AWS" else item for kind, item in value.items()
        }
    return value


def _is_word(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(UNKNOWN)
