"""What an expression comes to, and where it comes from.

A value is Known (a scalar), Sequence, Mapping, Handle (a resource or a module, asked for its
attributes) or Unknown. Unknown carries its reason and travels: a list with one unknown item still
knows the others. A Source says in which literal a value stands, unchanged, and through which names
it went: only such a value can be edited.

https://developer.hashicorp.com/terraform/language/expressions/types
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from remediator.terraform.expression import Expression, View

if TYPE_CHECKING:  # types are those of values
    from remediator.terraform.functions.unify import Type

Scalar: TypeAlias = str | int | Fraction | bool | None
"""A number is an int wherever it is whole; a Fraction is exact."""
MAX_ITEMS = 100_000
MAX_SIZE = 50_000
"""Of a value and all in it, however often the same part is in it."""
MAX_TEXT = 4_000_000
_MAX_OPEN = 100


@dataclass(frozen=True, slots=True)
class Hop:
    """A name that a value went through: `var.cidrs`, at modules/sg/variables.tf:3."""

    text: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.text} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class Source:
    """The literal that a value is, and the names that it went through, nearest the literal first.

    `piece` is the byte span inside the literal, where the value is a part of a longer text.
    """

    expression: Expression
    via: tuple[Hop, ...] = ()
    piece: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[str, int, int]:
        start, end = self.piece or (self.expression.start, self.expression.end)
        return self.expression.file.path, start, end

    def is_within(self, view: View) -> bool:
        path, start, end = self.span
        return path == view.file.path and view.start <= start and end <= view.end


@dataclass(frozen=True, slots=True)
class Known:
    """`structure`: of a JSON text that was made from values, those values. `null_of`: the type of
    a null that has one."""

    value: Scalar
    source: Source | None = None
    structure: Value | None = None
    null_of: Type | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """`open`: unknowns that may add any number of further items anywhere. `of`: the type of the
    items, where it is declared."""

    items: tuple[Value, ...]
    kind: Literal["list", "set", "tuple"] = "tuple"
    source: Source | None = None
    open: tuple[Unknown, ...] = ()
    of: Type | None = field(default=None, compare=False, repr=False)
    size: int = field(init=False, compare=False, repr=False, default=1)

    def __post_init__(self) -> None:
        _settle(self, self.items)


@dataclass(frozen=True, slots=True)
class Mapping:
    """`entries` in Terraform's order, which is that of the keys. `open`: unknowns that may add
    further keys, though none that is in `entries`."""

    entries: MappingOf[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    kind: Literal["map", "object"] = "object"
    source: Source | None = None
    open: tuple[Unknown, ...] = ()
    size: int = field(init=False, compare=False, repr=False, default=1)

    def __post_init__(self) -> None:
        _settle(self, self.entries.values())

    @staticmethod
    def of(
        entries: Iterable[tuple[str, Value]],
        kind: Literal["map", "object"] = "object",
        source: Source | None = None,
        open: tuple[Unknown, ...] = (),
    ) -> Mapping:
        """The last of equal keys wins."""
        ordered = dict(sorted(dict(entries).items(), key=lambda entry: entry[0].encode()))
        return Mapping(MappingProxyType(ordered), kind, source, open)

    def get(self, key: str) -> Value | None:
        return self.entries.get(key)


@dataclass(frozen=True)
class Unknown:
    """`fails`: Terraform itself would stop here with an error. `parts`: of a text, what is known
    of it, in order. `expression` is where it stands. `of`: the attribute of a resource instance
    that it is and nothing else, as `module.a["x"].aws_iam_policy.y[0].arn`; "" where that is not
    told."""

    reason: str
    expression: Expression | None = None
    fails: bool = False
    parts: tuple[Value, ...] = ()
    of: str = field(default="", compare=False)

    @cached_property
    def digest(self) -> str:
        """Of the reason and of what is known. Made once: a text that is put together from itself
        again and again has more parts in parts than can be looked at."""
        known = repr([canonical(part) for part in self.parts])
        return hashlib.sha256(f"{self.reason}\0{known}".encode(errors="replace")).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Handle:
    """A resource or module instance, whose attributes are evaluated when they are asked for."""

    name: str
    attribute: Callable[[str], Value]


Value: TypeAlias = Known | Sequence | Mapping | Unknown | Handle


def _settle(value: Sequence | Mapping, parts: Iterable[Value]) -> None:
    """Counts what is in it, and names each reason to be open once: a value that is put together
    from itself again and again grows faster than it can be looked at."""
    size = sum(map(size_of, parts), start=1)
    object.__setattr__(value, "size", size)
    if len(value.open) > 1:
        once = {id(reason): reason for reason in value.open}
        object.__setattr__(value, "open", tuple(once.values())[:_MAX_OPEN])


def size_of(value: Value) -> int:
    if isinstance(value, Sequence | Mapping):
        return value.size
    if isinstance(value, Known) and value.structure is not None:
        return 1 + size_of(value.structure)
    return 1


def passed(value: Value, hop: Hop) -> Value:
    """The value, and all in it, having gone through one more name."""
    match value:
        case Known(source=source) if source is not None:
            return replace(value, source=_longer(source, hop))
        case Sequence():
            items = tuple(passed(item, hop) for item in value.items)
            return replace(value, items=items, source=_longer(value.source, hop))
        case Mapping():
            entries = {key: passed(item, hop) for key, item in value.entries.items()}
            source = _longer(value.source, hop)
            return replace(value, entries=MappingProxyType(entries), source=source)
    return value


def _longer(source: Source | None, hop: Hop) -> Source | None:
    return replace(source, via=(*source.via, hop)) if source else None


def unnamed(value: Value) -> Value:
    """What is not known for the reason of another value, and need not be that value."""
    return replace(value, of="") if isinstance(value, Unknown) and value.of else value


def moved(value: Value) -> Value:
    """The value without its own source, where a function made it anew; its items keep theirs."""
    return replace(value, source=None) if isinstance(value, Known | Sequence | Mapping) else value


def from_collection(before: Value, after: Value) -> Value:
    """A collection that was converted stands where it stood."""
    match before, after:
        case ((Sequence() | Mapping()), (Sequence() | Mapping())) if after.source is None:
            return replace(after, source=before.source)
    return after


def is_null(value: Value | None) -> bool:
    return value is None or (isinstance(value, Known) and value.value is None)


def number_text(number: int | Fraction) -> str | None:
    """A number as Terraform's string type holds it; None where it has no short decimal form."""
    if isinstance(number, int):
        return str(number)
    scale = 0
    while number.denominator != 1:
        number *= 10
        scale += 1
        if scale > 40:
            return None
    digits = str(abs(number.numerator)).rjust(scale + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def scalar_text(value: Scalar) -> str | None:
    """As Terraform converts to string; None for null, and where that is not sure."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def as_text(value: Value | None) -> str | None:
    """The value as Terraform's string type would hold it; None where it is null or not known."""
    return scalar_text(value.value) if isinstance(value, Known) else None


def parse_number(text: str) -> int | Fraction | None:
    """As Terraform converts from string. Fractions stay exact; absurdly long ones are None."""
    if len(text) > 200 or not text.isascii():
        return None
    body = text[1:] if text[:1] in "+-" else text
    mantissa, _, exponent = body.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    if not (whole + decimals).isdigit() or not whole or (body.count(".") and not decimals):
        return None
    if "e" in body.lower() and not exponent.lstrip("+-").isdigit():
        return None
    if exponent and abs(int(exponent)) > 300:
        return None
    number = Fraction(int(whole + decimals), 10 ** len(decimals))
    number *= Fraction(10) ** int(exponent or 0)
    return normal(-number if text.startswith("-") else number)


def normal(number: int | Fraction) -> int | Fraction:
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


def as_number(value: Value | None) -> int | Fraction | None:
    if not isinstance(value, Known) or isinstance(value.value, bool):
        return None
    return parse_number(value.value) if isinstance(value.value, str) else value.value


def as_int(value: Value | None) -> int | None:
    """The value as a whole number ("22" converts), or None."""
    number = as_number(value)
    return number if isinstance(number, int) else None


def as_bool(value: Value | None) -> bool | None:
    if not isinstance(value, Known):
        return None
    if isinstance(value.value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.value)
    return value.value if isinstance(value.value, bool) else None


def unknowns(value: Value | None) -> Iterator[Unknown]:
    """Everything in the value that is not known."""
    match value:
        case Unknown():
            yield value
        case Sequence():
            for item in value.items:
                yield from unknowns(item)
            yield from value.open
        case Mapping():
            for item in value.entries.values():
                yield from unknowns(item)
            yield from value.open
        case Handle():
            yield Unknown(f"{value.name} is a whole object")


def is_known(value: Value | None) -> bool:
    return next(unknowns(value), None) is None


Canonical: TypeAlias = "tuple[str, object]"


def canonical(value: Value | None) -> Canonical:
    """What the value is, wherever it comes from: equal for equal values, and hashable.

    An Unknown is itself by its reason, and what is known of its text; lists and tuples, maps and
    objects are alike.
    """
    match value:
        case None:
            return ("scalar", None)
        case Known(value=scalar):
            kind = "bool" if isinstance(scalar, bool) else "scalar"
            return (kind, scalar)
        case Sequence():
            kind = "set" if value.kind == "set" else "list"
            items = tuple(canonical(item) for item in value.items)
            return (kind, (items, tuple(u.digest for u in value.open)))
        case Mapping():
            entries = tuple((key, canonical(item)) for key, item in value.entries.items())
            return ("map", (entries, tuple(u.digest for u in value.open)))
        case Unknown():
            return ("unknown", value.digest)
    return ("handle", value.name)


def failure(text: str, expression: Expression | None = None) -> Unknown:
    """What Terraform would answer with an error."""
    return Unknown(text, expression, fails=True)
