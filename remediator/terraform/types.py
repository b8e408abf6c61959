"""Type constraints of variables, and what a value becomes under one.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from remediator.terraform.expression import Expression
from remediator.terraform.functions import unify
from remediator.terraform.functions.convert import (
    as_list,
    as_map,
    as_set,
    in_order,
    scalar,
    set_of,
)
from remediator.terraform.grammar import parse_tree
from remediator.terraform.syntax import SourceFile
from remediator.terraform.value import (
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    failure,
    from_collection,
    is_null,
)


@dataclass(frozen=True, slots=True)
class Primitive:
    name: Literal["string", "number", "bool", "any"]


@dataclass(frozen=True, slots=True)
class Collection:
    name: Literal["list", "set", "map"]
    element: Type


@dataclass(frozen=True, slots=True)
class TupleOf:
    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """`optional`: the names that may be missing, with the expression of their default."""

    attributes: MappingOf[str, Type]
    optional: MappingOf[str, Expression | None]


Type: TypeAlias = Primitive | Collection | TupleOf | ObjectOf
ANY = Primitive("any")
_PRIMITIVES = ("string", "number", "bool", "any")


def parse_type(expression: Expression) -> Type | None:
    """None for what is no type constraint. Old code writes "string" and "list" in quotes."""
    word = expression.text.decode(errors="replace").strip().strip('"')
    if word in _PRIMITIVES:
        return Primitive(word)  # type: ignore[arg-type]  # one of the literals, by the test above
    if word in ("list", "map", "set"):
        return Collection(word, ANY)  # type: ignore[arg-type]  # likewise
    if expression.kind == "string":
        inside = _in_quotes(expression)
        return None if inside is None else parse_type(inside)
    if expression.kind != "call" or len(expression.arguments) != 1:
        return None
    argument = expression.arguments[0]
    match expression.function:
        case "list" | "set" | "map" as name:
            element = parse_type(argument)
            return None if element is None else Collection(name, element)
        case "tuple" if argument.kind == "tuple":
            elements = [parse_type(item) for item in argument.items]
            return None if None in elements else TupleOf(tuple(e for e in elements if e))
        case "object" if argument.kind == "object":
            return _object(argument)
    return None


def _in_quotes(expression: Expression) -> Expression | None:
    """What JSON syntax writes as a text, at the place where it stands in the file."""
    start, end = expression.start + 1, expression.end - 1
    text = expression.file.data[start:end]
    if start < 2 or not text.endswith(b")") or b"\\" in text:
        return None
    data = b" " * (start - 2) + b"x=" + text
    attribute = SourceFile(expression.file.path, data, parse_tree(data)).body.attribute("x")
    return attribute.value if attribute else None


def _object(expression: Expression) -> Type | None:
    attributes: dict[str, Type] = {}
    optional: dict[str, Expression | None] = {}
    for entry in expression.entries:
        value, name = entry.value, entry.name
        if name is None:
            return None
        if value.kind == "call" and value.function == "optional":
            arguments = value.arguments
            if not 1 <= len(arguments) <= 2:
                return None
            optional[name] = arguments[1] if len(arguments) == 2 else None
            value = arguments[0]
        found = parse_type(value)
        if found is None:
            return None
        attributes[name] = found
    return ObjectOf(attributes, optional)


def convert(value: Value, wanted: Type) -> Value:
    """The value as that type; its parts keep their sources."""
    if isinstance(value, Unknown | Handle):
        return value
    if isinstance(value, Known) and value.value is None:
        return replace(value, null_of=_in_common(wanted))
    match wanted:
        case Primitive(name="any"):
            return value
        case Primitive():
            return _primitive(value, wanted)
        case Collection(name="map"):
            return from_collection(value, _map(value, wanted))
        case Collection():
            return from_collection(value, _sequence(value, wanted))
        case TupleOf():
            return _tuple(value, wanted)
        case ObjectOf():
            return _structure(value, wanted)


def _wrong(value: Value, wanted: str) -> Unknown:
    where = value.source.expression if isinstance(value, Known) and value.source else None
    return failure(f"a value that should be a {wanted} is none", where)


def _primitive(value: Value, wanted: Primitive) -> Value:
    converted = scalar(value, wanted.name)
    if isinstance(converted, Unknown) and converted.fails:
        return _wrong(value, wanted.name)
    return converted


def _vague(wanted: Type) -> bool:
    """Whether there is `any` in it, which is the one type that all items can have."""
    match wanted:
        case Primitive():
            return wanted == ANY
        case Collection(element=element):
            return _vague(element)
        case TupleOf(elements=elements):
            return any(map(_vague, elements))
    return any(map(_vague, wanted.attributes.values()))


def _in_common(wanted: Type) -> unify.Type | None:
    """The type as functions compare it; None where `any` is in it."""
    if _vague(wanted):
        return None
    match wanted:
        case Primitive(name=name):
            return unify.Type(name)
        case Collection(name=name, element=element):
            return unify.Type(name, _all([element]))
        case TupleOf(elements=elements):
            return unify.Type("tuple", _all(elements))
    names = sorted(wanted.attributes, key=str.encode)
    return unify.Type("object", _all(wanted.attributes[n] for n in names), tuple(names))


def _all(wanted: Iterable[Type]) -> tuple[unify.Type, ...]:
    return tuple(found for found in map(_in_common, wanted) if found)


def _sequence(value: Value, wanted: Collection) -> Value:
    if not isinstance(value, Sequence):
        return _wrong(value, wanted.name)
    items = tuple(convert(item, wanted.element) for item in value.items)
    converted = replace(in_order(value), items=items)
    if _vague(wanted.element):
        return as_set(converted) if wanted.name == "set" else as_list(converted)
    made = set_of(items, value.open) if wanted.name == "set" else replace(converted, kind="list")
    return replace(made, of=_in_common(wanted.element))


def _map(value: Value, wanted: Collection) -> Value:
    if not isinstance(value, Mapping):
        return _wrong(value, "map")
    entries = ((key, convert(item, wanted.element)) for key, item in value.entries.items())
    kind: Literal["map", "object"] = "object" if _vague(wanted.element) else "map"
    converted = Mapping.of(entries, kind, value.source, value.open)
    return as_map(converted) if _vague(wanted.element) else converted


def _tuple(value: Value, wanted: TupleOf) -> Value:
    if not isinstance(value, Sequence):
        return _wrong(value, "tuple")
    if value.open:
        return value.open[0]
    if len(value.items) != len(wanted.elements):
        return _wrong(value, f"tuple of {len(wanted.elements)}")
    pairs = zip(value.items, wanted.elements, strict=True)
    return replace(value, items=tuple(convert(i, t) for i, t in pairs), kind="tuple")


def _structure(value: Value, wanted: ObjectOf) -> Value:
    """Further attributes are dropped; missing optional ones take their default, or null."""
    if not isinstance(value, Mapping):
        return _wrong(value, "object")
    from remediator.terraform.evaluate import evaluate, nowhere  # which converts with this

    entries: list[tuple[str, Value]] = []
    for name, inner in wanted.attributes.items():
        found = value.entries.get(name)
        if found is None and value.open:
            found = replace(value.open[0], parts=())
        default = wanted.optional.get(name)
        if found is None and name not in wanted.optional:
            return _wrong(value, f"object with {name!r}")
        if default is not None and is_null(found):
            found = evaluate(default, nowhere())
        entries.append((name, convert(found if found is not None else Known(None), inner)))
    return Mapping.of(entries, "object", value.source)
