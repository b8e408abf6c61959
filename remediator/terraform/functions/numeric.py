"""Terraform's numbers: floating point of 512 bits, which for what people write is exact.

A Fraction of ours is exact altogether. Where a calculation would be rounded to something else
than its exact result, the result is not known.
"""

from __future__ import annotations

from fractions import Fraction

from remediator.terraform.value import normal, number_text

BITS = 512
_SMALL = 1 << 400
Number = int | Fraction


def rounded(number: Number) -> Fraction:
    """As 512 bits hold it."""
    exact = Fraction(number)
    if exact == 0:
        return exact
    top, bottom = abs(exact.numerator).bit_length(), exact.denominator.bit_length()
    shift = BITS - (top - bottom)
    scale = Fraction(2) ** shift
    if abs(exact) * scale >= Fraction(2) ** BITS:
        scale /= 2
    return Fraction(round(exact * scale)) / scale


def manageable(number: Number) -> bool:
    """Whether 512 bits tell it from its neighbours."""
    exact = Fraction(number)
    return max(abs(exact.numerator), exact.denominator).bit_length() <= 400


def whole_in_binary(number: Number) -> bool:
    """Whether it needs no rounding at all: 0.5 does not, 0.1 does."""
    bottom = Fraction(number).denominator
    return bottom & (bottom - 1) == 0


def added(numbers: list[Number]) -> Number | None:
    """The sum, or None where Terraform's rounding would show."""
    if all(isinstance(number, int) and abs(number) < _SMALL for number in numbers):
        return sum(numbers)
    total, held = Fraction(0), Fraction(0)
    for number in numbers:
        total += number
        held = rounded(held + rounded(number))
    return normal(total) if rounded(total) == held else None


# As Go writes them: https://pkg.go.dev/math/big#Float.Text ---------------------------------


def _digits(number: Number, significant: int | None) -> tuple[str, int] | None:
    """The digits, without zeros at either end, and where the point stands before them."""
    if significant is None:
        text = number_text(-number if number < 0 else number)
        if text is None:
            return None
        whole, _, decimals = text.partition(".")
        plain = (whole + decimals).lstrip("0")
        return plain.rstrip("0"), len(plain) - len(decimals)
    exact = abs(rounded(number))
    if exact == 0:
        return "", 0
    point = _magnitude(exact)
    kept = round(exact * Fraction(10) ** (significant - point))
    if kept >= 10**significant:
        point += 1
    return str(kept).rstrip("0"), point


def _magnitude(exact: Fraction) -> int:
    """How many digits stand before the point; for 0.05 it is -1."""
    point = len(str(exact.numerator)) - len(str(exact.denominator))
    while Fraction(10) ** point <= exact:
        point += 1
    while Fraction(10) ** (point - 1) > exact:
        point -= 1
    return point


def fixed(number: Number, decimals: int) -> str:
    """`%f`: 3.140000."""
    kept = round(abs(rounded(number)) * 10**decimals)
    text = str(kept).rjust(decimals + 1, "0")
    cut = len(text) - decimals
    return _sign(number) + text[:cut] + ("." + text[cut:] if decimals else "")


def scientific(number: Number, decimals: int) -> str:
    """`%e`: 3.140000e+00."""
    found = _digits(number, decimals + 1)
    assert found is not None  # a count of digits was asked for
    digits, point = found
    return _sign(number) + _with_exponent(digits.ljust(decimals + 1, "0"), point)


def general(number: Number, significant: int | None = None) -> str | None:
    """`%g`: the shortest that says it all, or as many digits as are wanted; with an exponent
    where that is large."""
    wanted = 1 if significant == 0 else significant
    found = _digits(number, wanted)
    if found is None:
        return None
    digits, point = found
    limit = 6 if wanted is None else wanted
    if wanted is not None and limit > len(digits) >= point:
        limit = len(digits)
    exponent = point - 1 if digits else 0
    if digits and (exponent < -4 or exponent >= limit):
        return _sign(number) + _with_exponent(digits, point)
    return _sign(number) + _plain(digits, point)


def _with_exponent(digits: str, point: int) -> str:
    exponent = point - 1 if digits.strip("0") else 0
    head, rest = digits[0], digits[1:]
    mark = "-" if exponent < 0 else "+"
    return f"{head}{'.' if rest else ''}{rest}e{mark}{abs(exponent):02d}"


def _plain(digits: str, point: int) -> str:
    whole = digits[:point].ljust(point, "0") if point > 0 else "0"
    decimals = digits[max(point, 0) :]
    zeros = "0" * -point if point < 0 and decimals else ""
    return (whole or "0") + ("." + zeros + decimals if decimals else "")


def _sign(number: Number) -> str:
    return "-" if number < 0 else ""
