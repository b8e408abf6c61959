"""The algebra of sets, and products of them. What is not known of a set may be any item.

https://developer.hashicorp.com/terraform/language/functions/setunion
"""

from __future__ import annotations

from math import prod

from remediator.terraform.functions.convert import as_set, common, set_of
from remediator.terraform.functions.equality import equal
from remediator.terraform.functions.signature import (
    Function,
    Stop,
    a_list,
    a_set,
    large,
    sequence,
    takes,
    without_parts,
)
from remediator.terraform.functions.unify import ANY, FREE, unify
from remediator.terraform.value import (
    MAX_ITEMS,
    Handle,
    Sequence,
    Unknown,
    Value,
    canonical,
    failure,
    is_known,
)

Given = Sequence | Unknown
_UNSURE = Unknown("it depends on items that are not known")


def _set_or_unknown(value: Value) -> object:
    """A set; an unknown passes, for something may be told without it."""
    if isinstance(value, Unknown | Handle):
        return without_parts(value)
    return a_set(value)


def _alike(given: tuple[Given, ...]) -> list[Given] | Unknown:
    """The sets, with items of the one type that all can have."""
    types = [ANY if isinstance(value, Unknown) else common(value) or ANY for value in given]
    wanted = unify(t for t in types if t != FREE)
    if wanted is None:
        return failure("the sets have no type in common")
    if wanted == FREE:
        return list(given)
    return [v if isinstance(v, Unknown) else as_set(v, wanted) for v in given]


@takes(_set_or_unknown, rest=_set_or_unknown)
def _union(*given: Given) -> Value:
    sets = _alike(given)
    if isinstance(sets, Unknown):
        return sets
    told = [value for value in sets if isinstance(value, Sequence)]
    unsure = [value for value in sets if isinstance(value, Unknown)]
    unsure += [u for value in told for u in value.open]
    if not told:
        return unsure[0]
    return set_of([item for value in told for item in value.items], tuple(unsure))


@takes(_set_or_unknown, rest=_set_or_unknown)
def _intersection(*given: Given) -> Value:
    sets = _alike(given)
    if isinstance(sets, Unknown):
        return sets
    for value in sets:
        if isinstance(value, Sequence) and not value.items and not value.open:
            return Sequence((), "set")
    told = [value for value in sets if isinstance(value, Sequence)]
    if len(told) < len(sets):
        return next(value for value in sets if isinstance(value, Unknown))
    keys = [{canonical(i) for i in value.items if is_known(i)} for value in told]
    kept = [i for i in told[0].items if all(canonical(i) in known for known in keys)]
    unsure = [u for value in told for u in value.open]
    if not all(is_known(item) for value in told for item in value.items):
        unsure.append(_UNSURE)
    return set_of(kept, tuple(unsure))


@takes(_set_or_unknown, _set_or_unknown)
def _subtract(*given: Given) -> Value:
    sets = _alike(given)
    if isinstance(sets, Unknown):
        return sets
    first, second = sets
    if isinstance(first, Unknown):
        return first
    if not first.items and not first.open:
        return Sequence((), "set")
    if isinstance(second, Unknown):
        return second
    if second.open:
        return without_parts(second.open[0])
    return _difference(first, second)


def _difference(first: Sequence, second: Sequence) -> Value:
    taken = {canonical(item) for item in second.items if is_known(item)}
    partial = [item for item in second.items if not is_known(item)]
    kept: list[Value] = []
    unsure = list(first.open)
    for item in first.items:
        if is_known(item) and canonical(item) in taken:
            continue
        others = partial if is_known(item) else second.items
        if all(equal(item, other) is False for other in others):
            kept.append(item)
        else:
            unsure.append(_UNSURE)
    return set_of(kept, tuple(unsure))


# Products ----------------------------------------------------------------------------------


def _factor(value: Value) -> object:
    """A set as it is; a list with items of one type."""
    found = sequence(value)
    return found if isinstance(found, Stop) or found.kind == "set" else a_list(found)


@takes(rest=_factor)
def _product(*given: Sequence) -> Value:
    if len(given) < 2:
        return failure("`setproduct()` takes two or more sets")
    if prod(len(value.items) for value in given) > MAX_ITEMS:
        return large("setproduct")
    rows: list[tuple[Value, ...]] = [()]
    for value in given:
        rows = [(*row, item) for row in rows for item in value.items]
    items = tuple(Sequence(row) for row in rows)
    if any(value.kind == "set" for value in given):
        return set_of(items, tuple(u for value in given for u in value.open))
    return Sequence(items, "list", None, tuple(u for value in given for u in value.open))


FUNCTIONS: dict[str, Function] = {
    "setintersection": _intersection,
    "setproduct": _product,
    "setsubtract": _subtract,
    "setunion": _union,
}
