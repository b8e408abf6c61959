"""Where a value comes from. Today: literals, each with the expression that it stands in.

A `Value` is Known (a scalar), Sequence, Mapping or Unknown; Unknown carries the reason and
travels: a list with one unknown item still knows the others.
Terraform's conversions between scalars follow its documentation ("Types and Values").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from remediator.terraform.syntax import Expression

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Known:
    value: Scalar
    expression: Expression


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Value, ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: tuple[tuple[str, Value], ...]
    expression: Expression

    def get(self, key: str) -> Value | None:
        return next((v for k, v in self.entries if k == key), None)


@dataclass(frozen=True, slots=True)
class Unknown:
    reason: str
    expression: Expression


Value: TypeAlias = Known | Sequence | Mapping | Unknown


def resolve(expression: Expression) -> Value:
    """The value of a literal expression; Unknown, with the reason, for anything else."""
    match expression.kind:
        case "string":
            return Known(expression.string_value, expression)
        case "number":
            return Known(expression.number_value, expression)
        case "bool":
            return Known(expression.bool_value, expression)
        case "null":
            return Known(None, expression)
        case "tuple":
            return Sequence(tuple(resolve(item) for item in expression.items), expression)
        case "object":
            return _object(expression)
        case kind:
            return Unknown(f"`{_short(expression)}` is a {kind}, not a literal", expression)


def _object(expression: Expression) -> Value:
    entries = []
    for entry in expression.entries:
        key = _key(entry.key)
        if key is None:
            return Unknown(f"the key `{_short(entry.key)}` is not a literal", expression)
        entries.append((key, resolve(entry.value)))
    return Mapping(tuple(entries), expression)


def _key(expression: Expression) -> str | None:
    """An object's key: a bare word is its own name; (var.x) in parentheses is not known."""
    if expression.kind == "string":
        return expression.string_value
    word = expression.text.decode()
    return word if word.replace("_", "").replace("-", "").isalnum() else None


def _short(expression: Expression, limit: int = 60) -> str:
    text = " ".join(expression.text.decode(errors="replace").split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def as_text(value: Value | None) -> str | None:
    """The value as Terraform's string type would hold it; None where it is null or not known."""
    if not isinstance(value, Known) or value.value is None:
        return None
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    if isinstance(value.value, float) and value.value.is_integer():
        return str(int(value.value))
    return str(value.value)


def as_int(value: Value | None) -> int | None:
    """The value as a whole number ("22" converts), or None."""
    text = as_text(value)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return None


def is_null(value: Value | None) -> bool:
    return value is None or (isinstance(value, Known) and value.value is None)
