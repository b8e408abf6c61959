"""Functions over maps and objects. Of an open map the entries that are known stay.

https://developer.hashicorp.com/terraform/language/functions/merge
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from remediator.terraform.functions.convert import as_list, as_map, convert, failed, scalar
from remediator.terraform.functions.signature import (
    Function,
    Stop,
    anything,
    mapping,
    positions,
    settled,
    takes,
    text,
    texts,
    without_parts,
)
from remediator.terraform.functions.unify import (
    ANY,
    DOUBTFUL,
    FREE,
    STRING,
    UNSURE,
    Type,
    element_type,
    type_of,
)
from remediator.terraform.value import (
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    failure,
    is_null,
)


def _map_or_unknown(value: Value) -> object:
    """A map, a null, which adds nothing, or an unknown, which may add and override anything."""
    if isinstance(value, Unknown | Handle):
        return without_parts(value)
    return value if is_null(value) else mapping(value)


@takes(rest=_map_or_unknown)
def _merge(*given: Mapping | Known | Unknown) -> Value:
    told = [value for value in given if not isinstance(value, Known)]
    entries: dict[str, Value] = {}
    unsure: list[Unknown] = []
    for value in told:
        more = (value,) if isinstance(value, Unknown) else value.open
        sure = {} if isinstance(value, Unknown) else value.entries
        if more:
            entries = {key: _overridden(key, more[0]) for key in entries}
        entries.update(sure)
        unsure += more
    return Mapping.of(entries.items(), _merged_kind(told), None, tuple(unsure))


def _overridden(key: str, by: Unknown) -> Unknown:
    return Unknown(f"{key!r} may be overridden: {by.reason}", by.expression)


def _merged_kind(told: Iterable[Mapping | Unknown]) -> Literal["map", "object"]:
    """Maps of one type make a map, all else an object."""
    types = {type_of(value) for value in told}
    alike = types and all(t.kind == "map" for t in types)
    return "map" if alike and len(types - {Type("map", (FREE,))}) < 2 else "object"


@takes(settled, text, anything, optional=1)
def _lookup(value: Value, key: str, *default: Value) -> Value:
    if not isinstance(value, Mapping):
        return failure("`lookup()` takes a map")
    fallback = default[0] if default else None
    if value.kind == "map" and fallback is not None:
        fallback = _as_entry(fallback, element_type(value.entries.values()))
        if isinstance(fallback, Unknown) and fallback.fails:
            return fallback
    found = value.entries.get(key)
    if found is not None:
        return found
    if value.open:
        return without_parts(value.open[0])
    return failure(f"`lookup()` finds no {key!r}") if fallback is None else fallback


def _as_entry(fallback: Value, wanted: Type) -> Value:
    """Where the type of the entries is not known, only what can be of no other type stays."""
    if wanted not in (ANY, UNSURE, DOUBTFUL):
        return convert(fallback, wanted)
    others = (scalar(fallback, "number"), scalar(fallback, "bool"))
    is_text = isinstance(fallback, Known) and isinstance(fallback.value, str)
    if is_null(fallback) or (is_text and all(isinstance(o, Unknown) and o.fails for o in others)):
        return fallback
    return Unknown("the type of the map's entries is not known")


@takes(mapping)
def _keys(value: Mapping) -> Value:
    keys = tuple(Known(key) for key in value.entries)
    return Sequence(keys, "list" if value.kind == "map" else "tuple", None, value.open)


@takes(mapping)
def _values(value: Mapping) -> Value:
    values = tuple(value.entries.values())
    return Sequence(values, "list" if value.kind == "map" else "tuple", None, value.open)


@takes(texts, positions)
def _zipmap(keys: Sequence, values: Sequence) -> Value:
    for value in (keys, values):
        if value.open:
            return without_parts(value.open[0])
    if len(keys.items) != len(values.items):
        return failure("`zipmap()` takes as many keys as values")
    entries: dict[str, Value] = {}
    unsure: list[Unknown] = []
    for key, item in zip(keys.items, values.items, strict=True):
        if is_null(key):
            return failure("a key of `zipmap()` is null")
        if isinstance(key, Known):
            entries[str(key.value)] = item
        else:
            unsure.append(_not_known(key))
            entries = {known: _overridden(known, unsure[-1]) for known in entries}
    kind: Literal["map", "object"] = "object" if values.kind == "tuple" else "map"
    return Mapping.of(entries.items(), kind, None, tuple(unsure))


def _not_known(value: Value) -> Unknown:
    assert isinstance(value, Unknown | Handle)  # all else became a text
    return without_parts(value)


def _lists_of_texts(value: Value) -> object:
    """A map of lists of texts."""
    found = settled(value)
    if isinstance(found, Stop):
        return found
    if not isinstance(value, Mapping):
        return Stop(failure("`transpose()` takes a map"))
    lists = {key: as_list(item, STRING) for key, item in value.entries.items()}
    stop = failed(lists.values()) or next(iter(value.open), None)
    stop = stop or next((v for v in lists.values() if isinstance(v, Unknown)), None)
    return Stop(without_parts(stop)) if stop else lists


@takes(_lists_of_texts)
def _transpose(lists: dict[str, Sequence]) -> Value:
    turned: dict[str, list[str]] = {}
    for key, value in lists.items():
        for item in value.items:
            if is_null(item):
                return failure("`transpose()` of a null")
            if not isinstance(item, Known):
                return _not_known(item)
            turned.setdefault(str(item.value), []).append(key)
        if value.open:
            return without_parts(value.open[0])
    entries = ((k, Sequence(tuple(map(Known, sorted(v))), "list")) for k, v in turned.items())
    return Mapping.of(entries, "map")


@takes(anything)
def _tomap(value: Value) -> Value:
    return value if is_null(value) else as_map(value)


FUNCTIONS: dict[str, Function] = {
    "keys": _keys,
    "lookup": _lookup,
    "merge": _merge,
    "tomap": _tomap,
    "transpose": _transpose,
    "values": _values,
    "zipmap": _zipmap,
}
