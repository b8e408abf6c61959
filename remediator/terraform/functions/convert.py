"""Values as other types: scalars keep their source, and so does all that stands in a collection.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import repeat

from remediator.terraform.functions.equality import sure_to_differ
from remediator.terraform.functions.numeric import general, manageable
from remediator.terraform.functions.unify import (
    ANY,
    DOUBTFUL,
    FREE,
    UNSURE,
    Type,
    element_type,
    type_of,
    unify,
)
from remediator.terraform.value import (
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
    parse_number,
    scalar_text,
)

_PERHAPS_NUMBER = re.compile(r"[0-9+\-.eEpPiInNfF]+")
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_ORDER = "its order is not defined"


def convert(value: Value, wanted: Type) -> Value:
    """The value as that type, or a failure where it cannot be one."""
    if isinstance(value, Unknown | Handle) or wanted in (ANY, FREE):
        return value
    if isinstance(value, Known) and value.value is None:
        return typed_null(value, wanted)
    if wanted in (UNSURE, DOUBTFUL):
        return _unsure(value, wanted)
    if type_of(value) == wanted:
        return value
    match wanted.kind:
        case "string" | "number" | "bool":
            return scalar(value, wanted.kind)
        case "list" | "set" | "tuple":
            return _sequence(value, wanted)
    return _mapping(value, wanted)


def typed_null(value: Known, wanted: Type) -> Known:
    vague = wanted in (UNSURE, DOUBTFUL) or wanted == value.null_of
    return value if vague else replace(value, null_of=wanted)


def _unsure(value: Value, wanted: Type) -> Value:
    """What stands beside an unknown may become of its type: a text stays one for sure."""
    if isinstance(value, Known) and isinstance(value.value, str | None):
        return value
    if isinstance(value, Mapping) and wanted == UNSURE:
        entries = ((key, convert(item, UNSURE)) for key, item in value.entries.items())
        return Mapping.of(entries, value.kind, None, value.open)
    return Unknown("the type of what stands beside it is not known")


# Scalars -----------------------------------------------------------------------------------


def scalar(value: Value, kind: str) -> Value:
    if not isinstance(value, Known):
        return failure(f"a collection is no {kind}")
    if kind == "string":
        text = scalar_text(value.value)
        if text is None:
            return Unknown("it is a number without a short text")
        return _kept(value, text)
    return _number(value) if kind == "number" else _bool(value)


def _kept(value: Known, new: Scalar) -> Known:
    if type(new) is type(value.value) and new == value.value:
        return value
    return Known(new, value.source)


def _number(value: Known) -> Value:
    if isinstance(value.value, bool):
        return failure("a bool is no number")
    if not isinstance(value.value, str):
        return value
    number = parse_number(value.value)
    minus_zero = number == 0 and value.value.startswith("-")
    if number is not None and manageable(number) and not minus_zero:
        return _kept(value, number)
    if _PERHAPS_NUMBER.fullmatch(value.value):
        return Unknown(f"{value.value[:40]!r} as a number is not evaluated")
    return failure(f"{value.value[:40]!r} is no number")


def _bool(value: Known) -> Value:
    if isinstance(value.value, bool):
        return value
    truth = _TRUTHS.get(value.value) if isinstance(value.value, str) else None
    return failure("it is neither true nor false") if truth is None else _kept(value, truth)


# Sequences ---------------------------------------------------------------------------------


def _sequence(value: Value, wanted: Type) -> Value:
    if not isinstance(value, Sequence):
        return failure(f"a {type_of(value).kind} is no {wanted.kind}")
    if wanted.kind == "tuple":
        return _as_tuple(value, wanted)
    items = _each(value.items, repeat(wanted.parts[0]))
    if isinstance(items, Unknown):
        return items
    of = None if wanted.parts[0] in (ANY, FREE, UNSURE, DOUBTFUL) else wanted.parts[0]
    if wanted.kind == "set":
        return replace(set_of(items, value.open), of=of)
    return Sequence(items, "list", None, value.open + _disorder(value), of)


def _as_tuple(value: Sequence, wanted: Type) -> Value:
    if value.open:
        return Unknown(value.open[0].reason, value.open[0].expression)
    if value.kind != "tuple" or len(value.items) != len(wanted.parts):
        return failure("it is no tuple of that length")
    items = _each(value.items, wanted.parts)
    return items if isinstance(items, Unknown) else Sequence(items)


def _each(items: Iterable[Value], wanted: Iterable[Type]) -> tuple[Value, ...] | Unknown:
    converted = tuple(convert(item, one) for item, one in zip(items, wanted, strict=False))
    return failed(converted) or converted


def failed(values: Iterable[Value]) -> Unknown | None:
    return next((v for v in values if isinstance(v, Unknown) and v.fails), None)


def as_list(value: Value, element: Type = FREE) -> Sequence | Unknown:
    """As a list of that type; FREE is the one that all its items can have."""
    converted = _collection(value, "list", element)
    return converted if isinstance(converted, Sequence | Unknown) else _not("list")


def as_set(value: Value, element: Type = FREE) -> Sequence | Unknown:
    converted = _collection(value, "set", element)
    return converted if isinstance(converted, Sequence | Unknown) else _not("set")


def as_map(value: Value, element: Type = FREE) -> Mapping | Unknown:
    """As a map of that type."""
    if isinstance(value, Mapping) and value.kind == "map" and element == FREE:
        return value
    if not isinstance(value, Mapping):
        return _elsewhere(value) or _not("map")
    wanted: Type | None = element
    if element == FREE:
        wanted = _common_of_entries(value)
    if wanted is None:
        return failure("its entries have no type in common")
    converted = convert(value, Type("map", (wanted,)))
    return converted if isinstance(converted, Mapping | Unknown) else _not("map")


def _common_of_entries(value: Mapping) -> Type | None:
    """Where all but nulls are of one type nothing is converted, so that the nulls do not matter."""
    types = {*map(type_of, value.entries.values()), *(ANY for _ in value.open)}
    told = types - {FREE}
    return told.pop() if len(told) == 1 else unify(types)


def _collection(value: Value, kind: str, element: Type) -> Value:
    if not isinstance(value, Sequence):
        return _elsewhere(value) or _not(kind)
    if value.kind == kind and element == FREE:
        return tidy(value)
    wanted: Type | None = element
    if element == FREE:
        wanted = common(value)
    if wanted is None:
        return failure("its items have no type in common")
    return convert(value, Type(kind, (wanted,)))


def common(value: Sequence) -> Type | None:
    """The type that all items of it have, or can have."""
    if value.kind != "tuple":
        declared = value.of if not value.items else None
        return declared or element_type([*value.items, *value.open])
    return unify([*map(type_of, value.items), *(ANY for _ in value.open)])


def _elsewhere(value: Value) -> Unknown | None:
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.expression, value.fails)
    return Unknown(f"{value.name} is a whole object") if isinstance(value, Handle) else None


def _not(kind: str) -> Unknown:
    return failure(f"it is no {kind}")


# Sets --------------------------------------------------------------------------------------


def set_of(items: Iterable[Value], unsure: tuple[Unknown, ...] = ()) -> Sequence:
    """Each item once, in Terraform's order. The items are of one type.

    The first of equal items stays, with its source alone: after an edit there, evaluating again
    shows the next one. An item that is not known may be one of the others, so it is one of
    `unsure`.
    """
    kept, more = once(items, unsure)
    keys = [(order(item), item) for item in kept]
    ordered = sorted((k, n) for n, (k, _) in enumerate(keys) if k is not None)
    if len(ordered) == len(kept):
        kept = tuple(kept[n] for _, n in ordered)
    return Sequence(kept, "set", None, more)


def once(
    items: Iterable[Value], unsure: tuple[Unknown, ...] = ()
) -> tuple[tuple[Value, ...], tuple[Unknown, ...]]:
    """The items without repetition, and what there may be besides them."""
    seen: dict[object, Value] = {}
    more = list(unsure)
    for item in items:
        if isinstance(item, Unknown):
            more.append(item)
        else:
            seen.setdefault(canonical(item) if is_known(item) else object(), item)
    kept = tuple(seen.values())
    if not sure_to_differ(kept):
        more.append(Unknown("some items may be equal"))
    return kept, tuple(more)


def tidy(value: Sequence) -> Sequence:
    """A set with what is not known of it where `set_of` has it."""
    if value.kind != "set" or is_known(value):
        return value
    return replace(set_of(value.items, value.open), source=value.source)


def in_order(value: Sequence) -> Sequence:
    """The sequence; `open` too where it is a set whose order is not known."""
    disorder = _disorder(value)
    return replace(value, open=value.open + disorder) if disorder else value


def _disorder(value: Sequence) -> tuple[Unknown, ...]:
    if value.kind != "set" or len(value.items) < 2 or value.open:
        return ()
    return (Unknown(_ORDER),) if None in map(order, value.items) else ()


Order = tuple[int, int | Fraction, bytes]


def order(item: Value) -> Order | None:
    """Where it stands in a set of its like; None where that is not known.

    https://github.com/zclconf/go-cty/blob/main/cty/set_internals.go: texts by their bytes,
    numbers by size, false before true, null last, all else by the bytes of a rendering.
    """
    if isinstance(item, Known):
        match item.value:
            case None:
                return 1, 0, b""
            case str(text):
                return 0, 0, text.encode()
            case number:
                return 0, number, b""
    rendering = _rendering(item)
    return None if rendering is None else (0, 0, rendering)


def _rendering(item: Value) -> bytes | None:
    match item:
        case Known():
            return _scalar_rendering(item.value)
        case Sequence():
            ends = (b"<", b">") if item.kind == "tuple" else (b"[", b"]")
            return _enclosed(ends, [(b"", i) for i in item.items]) if not item.open else None
        case Mapping():
            if item.open:
                return None
            if item.kind == "object":
                return _enclosed((b"<", b">"), [(b"", i) for i in item.entries.values()])
            keys = {key: _scalar_rendering(key) for key in item.entries}
            if None in keys.values():
                return None
            pairs = [((keys[k] or b"") + b":", i) for k, i in item.entries.items()]
            return _enclosed((b"{", b"}"), pairs)
    return None


def _enclosed(ends: tuple[bytes, bytes], items: list[tuple[bytes, Value]]) -> bytes | None:
    inner = [(head, _rendering(item)) for head, item in items]
    if any(found is None for _, found in inner):
        return None
    return ends[0] + b"".join(head + (found or b"") + b";" for head, found in inner) + ends[1]


def _scalar_rendering(scalar: Scalar) -> bytes | None:
    if scalar is None:
        return b"~"
    if isinstance(scalar, bool):
        return b"T" if scalar else b"F"
    if not isinstance(scalar, str):
        return (general(scalar, 10) or "").encode()
    if not scalar.isascii() or not scalar.isprintable():
        return None
    return ('"' + scalar.replace("\\", "\\\\").replace('"', '\\"') + '"').encode()


# Mappings ----------------------------------------------------------------------------------


def _mapping(value: Value, wanted: Type) -> Value:
    if not isinstance(value, Mapping):
        return failure(f"a {type_of(value).kind} is no {wanted.kind}")
    if wanted.kind == "object":
        return _as_object(value, wanted)
    items = _each(value.entries.values(), repeat(wanted.parts[0]))
    if isinstance(items, Unknown):
        return items
    return Mapping.of(zip(value.entries, items, strict=True), "map", None, value.open)


def _as_object(value: Mapping, wanted: Type) -> Value:
    """Further attributes are dropped."""
    missing = [name for name in wanted.names if name not in value.entries]
    if missing and value.open:
        return Unknown(value.open[0].reason, value.open[0].expression)
    if missing:
        return failure(f"it has no attribute {missing[0]!r}")
    items = _each((value.entries[name] for name in wanted.names), wanted.parts)
    if isinstance(items, Unknown):
        return items
    return Mapping.of(zip(wanted.names, items, strict=True))
