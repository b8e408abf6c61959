"""What a function takes: arguments are counted and converted before it runs.

Its body gets plain texts and numbers where that is all it needs. An argument that is not known
stops it, unless its reader passes unknowns on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import wraps
from typing import TypeAlias

from remediator.terraform.functions.call import Call
from remediator.terraform.functions.convert import as_list, as_set, scalar, tidy
from remediator.terraform.functions.numeric import manageable
from remediator.terraform.functions.unify import STRING
from remediator.terraform.value import (
    MAX_ITEMS,
    MAX_TEXT,
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    failure,
    is_null,
)

Function: TypeAlias = Callable[[Call], Value]
Body: TypeAlias = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Stop:
    """What a reader answers where the function cannot run."""

    why: Unknown


Reader: TypeAlias = Callable[[Value], object]


def takes(
    *readers: Reader, rest: Reader | None = None, optional: int = 0
) -> Callable[[Body], Function]:
    """The body as a function of a call. `rest` reads all further arguments."""

    def made(body: Body) -> Function:
        @wraps(body)
        def function(call: Call) -> Value:
            given = read(call, *readers, rest=rest, optional=optional)
            return finished(given if isinstance(given, Unknown) else body(*given), call)

        return function

    return made


def read(
    call: Call, *readers: Reader, rest: Reader | None = None, optional: int = 0
) -> list[object] | Unknown:
    """The arguments as the readers make them. One that certainly fails goes before all others."""
    least, given = len(readers) - optional, len(call.arguments)
    if given < least or (given > len(readers) and rest is None):
        return failure(f"`{call.name}()` does not take {given} arguments", call.expression)
    chosen = [*readers[:given], *([rest] if rest else []) * (given - len(readers))]
    found = [reader(value) for reader, value in zip(chosen, call.arguments, strict=True)]
    stops = [item.why for item in found if isinstance(item, Stop)]
    stops.sort(key=lambda why: not why.fails)
    return stops[0] if stops else found


def finished(value: Value, call: Call) -> Value:
    """The value, if it is not too large; an Unknown says where it stands."""
    match value:
        case Unknown(expression=None):
            return replace(value, expression=call.expression)
        case Known(value=str(text)) if len(text) > MAX_TEXT:
            return large(call.name)
        case Sequence(items=items) if len(items) > MAX_ITEMS:
            return large(call.name)
        case Mapping(entries=entries) if len(entries) > MAX_ITEMS:
            return large(call.name)
    return value


def large(name: str) -> Unknown:
    return Unknown(f"`{name}()` makes something that is too large to evaluate")


def without_parts(value: Unknown | Handle) -> Unknown:
    """The same reason; what was known of a text says nothing of what is made of it."""
    if isinstance(value, Handle):
        return Unknown(f"{value.name} is a whole object")
    return replace(value, parts=())


# Readers -----------------------------------------------------------------------------------


def anything(value: Value) -> Value:
    """Null and unknowns too."""
    return value


def present(value: Value) -> Value | Stop:
    """Anything but null."""
    return Stop(failure("an argument is null")) if is_null(value) else value


def settled(value: Value) -> Value | Stop:
    """Anything but null, an unknown, or a whole object; its inside may have unknowns."""
    if isinstance(value, Unknown | Handle):
        return Stop(without_parts(value))
    return present(value)


def _scalar(value: Value, kind: str) -> Known | Stop:
    found = settled(value)
    if isinstance(found, Stop):
        return found
    converted = scalar(value, kind)
    return converted if isinstance(converted, Known) else _stop(converted)


def _stop(value: Value) -> Stop:
    assert isinstance(value, Unknown)  # the conversions give nothing else
    return Stop(value)


def known_text(value: Value) -> Known | Stop:
    """A text with its source."""
    return _scalar(value, "string")


def text(value: Value) -> str | Stop:
    found = _scalar(value, "string")
    return found if isinstance(found, Stop) else str(found.value)


def known_number(value: Value) -> Known | Stop:
    """A number with its source."""
    found = _scalar(value, "number")
    if isinstance(found, Known) and isinstance(found.value, int | Fraction):
        if manageable(found.value):
            return found
        return Stop(Unknown("a number of that many digits is not evaluated"))
    return found


def number(value: Value) -> object:
    found = known_number(value)
    return found if isinstance(found, Stop) else found.value


def integer(value: Value) -> object:
    """A whole number of 64 bits."""
    found = number(value)
    if isinstance(found, Stop):
        return found
    if isinstance(found, int) and -(2**63) <= found < 2**63:
        return found
    return Stop(failure("a whole number is required"))


def truth(value: Value) -> object:
    found = _scalar(value, "bool")
    return found if isinstance(found, Stop) else found.value


def sequence(value: Value) -> Sequence | Stop:
    """A list, set or tuple as it is; it may be open."""
    found = settled(value)
    if isinstance(found, Stop):
        return found
    if isinstance(value, Sequence):
        return tidy(value)
    return Stop(failure("a list is required"))


def positions(value: Value) -> Sequence | Stop:
    """A list or tuple, not a set."""
    found = sequence(value)
    if isinstance(found, Sequence) and found.kind == "set":
        return Stop(failure("a set has no order"))
    return found


def mapping(value: Value) -> Mapping | Stop:
    found = settled(value)
    if isinstance(found, Stop):
        return found
    return value if isinstance(value, Mapping) else Stop(failure("a map is required"))


def a_list(value: Value) -> Sequence | Stop:
    """Converted to a list of one type."""
    found = settled(value)
    return found if isinstance(found, Stop) else _or_stop(as_list(value))


def a_set(value: Value) -> Sequence | Stop:
    found = settled(value)
    return found if isinstance(found, Stop) else _or_stop(as_set(value))


def texts(value: Value) -> Sequence | Stop:
    """Converted to a list of texts."""
    found = settled(value)
    return found if isinstance(found, Stop) else _or_stop(as_list(value, STRING))


def _or_stop(found: Sequence | Unknown) -> Sequence | Stop:
    return Stop(found) if isinstance(found, Unknown) else found
