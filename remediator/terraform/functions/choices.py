"""Functions that choose among their arguments, and conversions.

https://developer.hashicorp.com/terraform/language/functions/try
"""

from __future__ import annotations

from remediator.terraform.functions.call import Call
from remediator.terraform.functions.convert import (
    as_list,
    as_set,
    convert,
    scalar,
    typed_null,
)
from remediator.terraform.functions.signature import (
    Function,
    anything,
    finished,
    takes,
    without_parts,
)
from remediator.terraform.functions.unify import ANY, FREE, Type, type_of, unify
from remediator.terraform.value import (
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    failure,
    is_null,
    unknowns,
)


def failing(value: Value) -> Unknown | None:
    """What in it certainly fails."""
    return next((u for u in unknowns(value) if u.fails), None)


def undecided(value: Value) -> Unknown | None:
    """What in it may yet fail. A resource that is there does not."""
    match value:
        case Unknown():
            return value
        case Sequence():
            inside = (*value.items, *value.open)
        case Mapping():
            inside = (*value.entries.values(), *value.open)
        case _:
            return None
    return next((u for u in map(undecided, inside) if u), None)


def try_(call: Call) -> Value:
    """The first argument that does not fail."""
    for value in call.arguments:
        if failing(value):
            continue
        unsure = undecided(value)
        return without_parts(unsure) if unsure else value
    return failure("no argument of `try()` succeeds", call.expression)


def can(call: Call) -> Value:
    if len(call.arguments) != 1:
        return failure("`can()` takes one argument", call.expression)
    (value,) = call.arguments
    if failing(value):
        return Known(False)
    unsure = undecided(value)
    return finished(without_parts(unsure) if unsure else Known(True), call)


@takes(rest=anything)
def _coalesce(*given: Value) -> Value:
    """The first that is neither null nor an empty text, as the type that all can have."""
    types = [type_of(value) for value in given]
    wanted = unify(t for t in types if t != FREE) if given else None
    if wanted is None:
        why = "the arguments of `coalesce()` have no type in common"
        return Unknown(why) if FREE in types or ANY in types else failure(why)
    for value in given:
        if isinstance(value, Unknown | Handle):
            return without_parts(value)
        if is_null(value):
            continue
        converted = convert(value, wanted)
        if isinstance(converted, Known) and converted.value == "":
            continue
        return converted
    return failure("all arguments of `coalesce()` are null or empty")


@takes(anything)
def _same(value: Value) -> Value:
    return value


def _to_scalar(kind: str) -> Function:
    @takes(anything)
    def converted(value: Value) -> Value:
        if isinstance(value, Unknown | Handle):
            return without_parts(value)
        if isinstance(value, Known) and value.value is None:
            return typed_null(value, Type(kind))
        return scalar(value, kind)

    return converted


@takes(anything)
def _tolist(value: Value) -> Value:
    return value if is_null(value) else as_list(value)


@takes(anything)
def _toset(value: Value) -> Value:
    return value if is_null(value) else as_set(value)


FUNCTIONS: dict[str, Function] = {
    "can": can,
    "coalesce": _coalesce,
    "nonsensitive": _same,
    "sensitive": _same,
    "tobool": _to_scalar("bool"),
    "tolist": _tolist,
    "tonumber": _to_scalar("number"),
    "toset": _toset,
    "tostring": _to_scalar("string"),
    "try": try_,
}
