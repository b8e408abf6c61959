"""Functions that make lists of lists. An open list keeps the items that are known of it.

https://developer.hashicorp.com/terraform/language/functions, Collection Functions
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from remediator.terraform.functions.convert import convert, in_order, once
from remediator.terraform.functions.numeric import Number, whole_in_binary
from remediator.terraform.functions.signature import (
    Function,
    a_list,
    anything,
    integer,
    number,
    positions,
    sequence,
    settled,
    takes,
    texts,
    without_parts,
)
from remediator.terraform.functions.unify import ANY, FREE, Type, element_type, type_of, unify
from remediator.terraform.value import (
    Handle,
    Known,
    Sequence,
    Unknown,
    Value,
    failure,
    is_null,
    normal,
)

Kind = Literal["list", "set", "tuple"]
_RANGE_LIMIT = 1024


def _seq_or_unknown(value: Value) -> object:
    """A list or tuple; an unknown passes, for it may add any items."""
    if isinstance(value, Unknown | Handle):
        return without_parts(value)
    return positions(value)


@takes(rest=_seq_or_unknown)
def _concat(*given: Sequence | Unknown) -> Value:
    if not given:
        return failure("at least one list is required")
    items: list[Value] = []
    unsure: list[Unknown] = []
    for value in given:
        if isinstance(value, Unknown):
            unsure.append(value)
        else:
            items += value.items
            unsure += value.open
    first = given[0]
    if isinstance(first, Sequence) and first.kind == "tuple":
        return Sequence(tuple(items), "tuple", None, tuple(unsure))
    return _concat_lists(given, tuple(items), tuple(unsure))


def _concat_lists(
    given: tuple[Sequence | Unknown, ...], items: tuple[Value, ...], unsure: tuple[Unknown, ...]
) -> Value:
    """Lists alone make a list of the type that all can have; with a tuple it is a tuple.

    Beside an unknown the items stay as they are, for what is known of them is worth more than
    this: in a list of numbers, an unknown list of texts would make them texts of the same digits.
    """
    types = [_element_of(value) for value in given]
    wanted = None if ANY in types else unify(t for t in types if t and t != FREE)
    if wanted is None or None in types:
        return Sequence(items, "tuple", None, unsure)
    return Sequence(tuple(convert(item, wanted) for item in items), "list", None, unsure)


def _element_of(value: Sequence | Unknown) -> Type | None:
    """None for a tuple, whose items need not be alike."""
    if isinstance(value, Unknown):
        return ANY
    return None if value.kind == "tuple" else element_type([*value.items, *value.open])


@takes(sequence)
def _flatten(value: Sequence) -> Value:
    """An item that is not known may be a list of any length."""
    items: list[Value] = []
    unsure: list[Unknown] = []
    _flatten_into(value, items, unsure)
    return Sequence(tuple(items), "tuple", None, tuple(unsure))


def _flatten_into(value: Sequence, items: list[Value], unsure: list[Unknown]) -> None:
    value = in_order(value)
    unsure += value.open
    for item in value.items:
        if isinstance(item, Sequence):
            _flatten_into(item, items, unsure)
        elif isinstance(item, Unknown):
            unsure.append(item)
        else:
            items.append(item)


@takes(a_list)
def _distinct(value: Sequence) -> Value:
    """Of equal items the first stays, with its source: see `set_of`."""
    items, unsure = once(value.items, value.open)
    return Sequence(items, "list", None, unsure)


@takes(texts)
def _compact(value: Sequence) -> Value:
    kept = tuple(i for i in value.items if isinstance(i, Known) and i.value not in (None, ""))
    return Sequence(kept, "list", None, value.open + _not_known(value.items))


def _not_known(items: Iterable[Value]) -> tuple[Unknown, ...]:
    return tuple(without_parts(i) for i in items if isinstance(i, Unknown | Handle))


@takes(sequence)
def _reverse(value: Sequence) -> Value:
    kind: Kind = "tuple" if value.kind == "tuple" else "list"
    return Sequence(value.items[::-1], kind, None, in_order(value).open)


@takes(texts)
def _sort(value: Sequence) -> Value:
    if any(is_null(item) for item in value.items):
        return failure("a null cannot be sorted")
    known = [i for i in value.items if isinstance(i, Known)]
    known.sort(key=lambda item: str(item.value).encode())
    return Sequence(tuple(known), "list", None, value.open + _not_known(value.items))


@takes(positions, integer, integer)
def _slice(value: Sequence, start: int, end: int) -> Value:
    if start < 0 or end < start:
        return failure("the indices of `slice()` are not in order")
    if value.open:
        return without_parts(value.open[0])
    if end > len(value.items):
        return failure("`slice()` goes beyond the end of the list")
    return Sequence(value.items[start:end], value.kind)


@takes(positions, integer)
def _element(value: Sequence, index: int) -> Value:
    """Beyond the end it begins again. Before the beginning it depends on Terraform's version."""
    if value.open:
        return without_parts(value.open[0])
    if not value.items:
        return failure("`element()` of an empty list")
    if index < 0:
        return Unknown("`element()` with a negative index depends on Terraform's version")
    return value.items[index % len(value.items)]


@takes(a_list, integer)
def _chunklist(value: Sequence, size: int) -> Value:
    if size < 0:
        return failure("the size of a chunk is negative")
    if value.open:
        return without_parts(value.open[0])
    if not value.items:
        return Sequence((), "list")
    step = size or len(value.items)
    starts = range(0, len(value.items), step)
    chunks = (Sequence(value.items[at : at + step], "list") for at in starts)
    return Sequence(tuple(chunks), "list")


@takes(rest=number)
def _range(*limits: Number) -> Value:
    if not 1 <= len(limits) <= 3:
        return failure("`range()` takes one to three numbers")
    if not all(map(whole_in_binary, limits)):
        return Unknown("`range()` of decimal fractions is not evaluated")
    start, end = (0, limits[0]) if len(limits) == 1 else limits[:2]
    step = limits[2] if len(limits) == 3 else (-1 if end < start else 1)
    if step == 0 and start == end:
        return Unknown("`range()` without a step is not evaluated")
    if step == 0 or ((end > start) == (step < 0) and end != start):
        return failure("the step of `range()` does not lead to its end")
    count = -((start - end) // step)
    if count > _RANGE_LIMIT:
        return failure("`range()` makes more than 1024 numbers")
    return Sequence(tuple(Known(normal(start + i * step)) for i in range(count)), "list")


@takes(settled)
def _one(value: Value) -> Value:
    if not isinstance(value, Sequence):
        return failure("`one()` takes a list")
    if value.open:
        return without_parts(value.open[0])
    if len(value.items) > 1:
        return failure("`one()` of more than one item")
    return value.items[0] if value.items else Known(None)


@takes(rest=anything)
def _coalescelist(*given: Value) -> Value:
    """Terraform passes over a null if that has a type, and refuses one that has none."""
    for value in given:
        if isinstance(value, Unknown | Handle):
            return without_parts(value)
        if is_null(value):
            if type_of(value).kind in ("list", "tuple"):
                continue
            return Unknown("`coalescelist()` of a null without a type is not evaluated")
        if not isinstance(value, Sequence) or value.kind == "set":
            return failure("`coalescelist()` takes lists")
        if value.items:
            return _if_all_lists(value, given)
        if value.open:
            return without_parts(value.open[0])
    return failure("all lists are empty")


def _if_all_lists(value: Value, given: tuple[Value, ...]) -> Value:
    for other in given:
        if isinstance(other, Unknown | Handle):
            break
        if is_null(other) and type_of(other).kind not in ("list", "tuple"):
            return Unknown("`coalescelist()` of a null without a type is not evaluated")
        if is_null(other):
            continue
        if not isinstance(other, Sequence) or other.kind == "set":
            return failure("`coalescelist()` takes lists")
    return value


FUNCTIONS: dict[str, Function] = {
    "chunklist": _chunklist,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "one": _one,
    "range": _range,
    "reverse": _reverse,
    "slice": _slice,
    "sort": _sort,
}
