"""Functions that say something of a whole collection: how many, whether, which, how much.

https://developer.hashicorp.com/terraform/language/functions/contains
"""

from __future__ import annotations

from remediator.terraform.functions.convert import as_list, in_order
from remediator.terraform.functions.equality import equal
from remediator.terraform.functions.numeric import Number, added
from remediator.terraform.functions.signature import (
    Function,
    Stop,
    a_list,
    anything,
    known_number,
    positions,
    present,
    sequence,
    settled,
    takes,
    without_parts,
)
from remediator.terraform.functions.texts import graphemes, unclear
from remediator.terraform.functions.unify import BOOL
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


@takes(settled)
def _length(value: Value) -> Value:
    """Of a text what a person counts as its characters."""
    match value:
        case Known(value=str(text)):
            found = graphemes(text)
            return unclear("length") if found is None else Known(len(found))
        case Sequence():
            found_items = sequence(value)
            assert isinstance(found_items, Sequence)  # it is one
            return _count(found_items.items, found_items.open)
        case Mapping():
            return _count(tuple(value.entries), value.open)
    return failure("`length()` takes a text or a collection")


def _count(items: tuple[object, ...], unsure: tuple[Unknown, ...]) -> Value:
    return without_parts(unsure[0]) if unsure else Known(len(items))


@takes(sequence, anything)
def _contains(value: Sequence, wanted: Value) -> Value:
    if is_null(wanted):
        return Unknown("`contains()` of null depends on Terraform's version")
    if not value.items and not value.open:
        return Known(False)
    if isinstance(wanted, Unknown | Handle):
        return without_parts(wanted)
    found = [equal(item, wanted) for item in value.items]
    if True in found:
        return Known(True)
    if value.open:
        return without_parts(value.open[0])
    if None in found:
        return Unknown("`contains()` compares what is not known")
    return Known(False)


@takes(positions, present)
def _index(value: Sequence, wanted: Value) -> Value:
    if value.open:
        return without_parts(value.open[0])
    if isinstance(wanted, Unknown | Handle) and value.items:
        return without_parts(wanted)
    for position, item in enumerate(value.items):
        found = equal(item, wanted)
        if found is None:
            return Unknown("`index()` compares what is not known")
        if found:
            return Known(position)
    return failure("`index()` does not find the value")


@takes(a_list, a_list, a_list)
def _matchkeys(values: Sequence, keys: Sequence, wanted: Sequence) -> Value:
    """The values whose keys are among the wanted ones."""
    unsure = (*values.open, *keys.open, *wanted.open)
    if unsure:
        return without_parts(unsure[0])
    if len(values.items) != len(keys.items):
        return failure("`matchkeys()` takes as many keys as values")
    both = as_list(Sequence((*keys.items, *wanted.items)))
    if isinstance(both, Unknown):
        return both
    keys_alike = both.items[: len(keys.items)]
    wanted_alike = both.items[len(keys.items) :]
    kept: list[Value] = []
    for value, key in zip(values.items, keys_alike, strict=True):
        found = [equal(key, other) for other in wanted_alike]
        if True in found:
            kept.append(value)
        elif None in found:
            return Unknown("`matchkeys()` compares what is not known")
    return Sequence(tuple(kept), "list")


# Bools and numbers ---------------------------------------------------------------------------


def _bools(value: Value) -> object:
    found = settled(value)
    if isinstance(found, Stop):
        return found
    listed = as_list(value, BOOL)
    return Stop(listed) if isinstance(listed, Unknown) else listed


@takes(_bools)
def _alltrue(value: Sequence) -> Value:
    """A null is not true."""
    return _decided(value, decisive=False, of_null=False)


@takes(_bools)
def _anytrue(value: Sequence) -> Value:
    return _decided(value, decisive=True, of_null=False)


def _decided(value: Sequence, decisive: bool, of_null: bool) -> Value:
    found = [of_null if is_null(i) else i.value for i in value.items if isinstance(i, Known)]
    if decisive in found:
        return Known(decisive)
    unknown = next(
        (i for i in (*value.items, *value.open) if isinstance(i, Unknown | Handle)), None
    )
    return without_parts(unknown) if unknown else Known(not decisive)


@takes(sequence)
def _sum(value: Sequence) -> Value:
    if not value.items and not value.open:
        return failure("`sum()` of an empty list")
    numbers: list[Number] = []
    stops: list[Unknown] = [without_parts(u) for u in value.open]
    for item in in_order(value).items:
        found = known_number(item)
        if isinstance(found, Stop):
            stops.append(found.why)
        else:
            assert isinstance(found.value, Number)  # its reader sees to that
            numbers.append(found.value)
    if stops:
        return next((why for why in stops if why.fails), stops[0])
    total = added(numbers)
    return Unknown("`sum()` of such fractions is rounded") if total is None else Known(total)


FUNCTIONS: dict[str, Function] = {
    "alltrue": _alltrue,
    "anytrue": _anytrue,
    "contains": _contains,
    "index": _index,
    "length": _length,
    "matchkeys": _matchkeys,
    "sum": _sum,
}
