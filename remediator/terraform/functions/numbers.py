"""Functions over numbers.

https://developer.hashicorp.com/terraform/language/functions, Numeric Functions
"""

from __future__ import annotations

import math
from fractions import Fraction

from remediator.terraform.functions.numeric import Number
from remediator.terraform.functions.signature import (
    Function,
    Stop,
    integer,
    known_number,
    number,
    settled,
    takes,
)
from remediator.terraform.value import Known, Unknown, Value, failure

_EXACT = 2**53
_LAST_EXACT_LOG = 28
"""log(2^29, 2) is 29.000000000000004."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAX_DIGITS = 100


def _of(value: Known) -> Number:
    assert isinstance(value.value, int | Fraction)  # its reader sees to that
    return value.value


@takes(known_number)
def _abs(value: Known) -> Value:
    return Known(-_of(value)) if _of(value) < 0 else value


@takes(known_number)
def _ceil(value: Known) -> Value:
    return value if isinstance(value.value, int) else Known(math.ceil(_of(value)))


@takes(known_number)
def _floor(value: Known) -> Value:
    return value if isinstance(value.value, int) else Known(math.floor(_of(value)))


@takes(integer)
def _signum(value: int) -> Value:
    return Known((value > 0) - (value < 0))


@takes(rest=known_number)
def _max(*values: Known) -> Value:
    return max(values, key=_of) if values else failure("`max()` takes at least one number")


@takes(rest=known_number)
def _min(*values: Known) -> Value:
    return min(values, key=_of) if values else failure("`min()` takes at least one number")


@takes(number, number)
def _pow(base: Number, power: Number) -> Value:
    """Terraform calculates with 64 bits here: only what they hold exactly is known."""
    if not isinstance(base, int) or not isinstance(power, int) or not 0 <= power < 64:
        return Unknown("such a power is not evaluated")
    result = base**power if abs(base) < _EXACT else _EXACT
    return Known(result) if abs(result) < _EXACT else Unknown("such a power is not evaluated")


@takes(number, number)
def _log(value: Number, base: Number) -> Value:
    """Terraform calculates with 64 bits here, and is exact for small powers of two alone."""
    power = value.bit_length() - 1 if isinstance(value, int) else -1
    if base == 2 and 0 <= power <= _LAST_EXACT_LOG and value == 2**power:
        return Known(power)
    if value == 1 and base > 0 and base != 1:
        return Known(0)
    return Unknown("such a logarithm is not evaluated")


def _digits(value: Value) -> object:
    """A text; a number would have to be one already."""
    found = settled(value)
    if isinstance(found, Stop):
        return found
    if isinstance(value, Known) and isinstance(value.value, str):
        return value.value
    return Stop(failure("`parseint()` takes a text"))


@takes(_digits, integer)
def _parseint(digits: str, base: int) -> Value:
    if not 2 <= base <= 62:
        return failure("the base of `parseint()` is from 2 to 62")
    body = digits[1:] if digits[:1] in ("+", "-") else digits
    body = body.lower() if base <= 36 else body
    if not body or any(char not in _DIGITS[:base] for char in body):
        return failure(f"{digits[:40]!r} is no whole number of base {base}")
    if len(body) > _MAX_DIGITS:
        return Unknown("a number of that many digits is not evaluated")
    result = 0
    for char in body:
        result = result * base + _DIGITS.index(char)
    return Known(-result if digits.startswith("-") else result)


FUNCTIONS: dict[str, Function] = {
    "abs": _abs,
    "ceil": _ceil,
    "floor": _floor,
    "log": _log,
    "max": _max,
    "min": _min,
    "parseint": _parseint,
    "pow": _pow,
    "signum": _signum,
}
