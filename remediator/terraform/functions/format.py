"""`format` and `formatlist`.

https://developer.hashicorp.com/terraform/language/functions/format and, for the verbs as they
are, https://github.com/zclconf/go-cty/blob/main/cty/function/stdlib/format.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from remediator.terraform.functions.convert import in_order, scalar
from remediator.terraform.functions.json_text import encoded
from remediator.terraform.functions.numeric import Number, fixed, general, scientific
from remediator.terraform.functions.signature import (
    Function,
    Stop,
    known_number,
    large,
    takes,
    text,
    without_parts,
)
from remediator.terraform.functions.texts import graphemes, made, unclear
from remediator.terraform.functions.unify import FREE, type_of
from remediator.terraform.value import (
    MAX_ITEMS,
    MAX_TEXT,
    Handle,
    Known,
    Sequence,
    Unknown,
    Value,
    failure,
    is_null,
    unknowns,
)

_VERB = re.compile(
    r"%(?:(?P<percent>%)|(?P<flags>[0#\-+ ]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<position>[1-9][0-9]*)\])?(?P<mode>[a-zA-Z]))"
)
_WIDEST = _MAX_VERBS = 1000


@dataclass(frozen=True, slots=True)
class Verb:
    """`%-5.2[1]s`; `position` counts from 1."""

    mode: str
    flags: str
    width: int
    precision: int | None
    position: int | None


def _parsed(pattern: str) -> list[str | Verb] | Unknown:
    if pattern.count("%") > _MAX_VERBS:
        return large("format")
    found: list[str | Verb] = []
    done = 0
    for match in _VERB.finditer(pattern):
        if "%" in pattern[done : match.start()]:
            break
        found += pattern[done : match.start()], "%" if match["percent"] else _verb(match)
        done = match.end()
    if "%" in pattern[done:]:
        return failure("a verb of `format()` is not understood")
    found.append(pattern[done:])
    too_wide = any(isinstance(v, Verb) and max(v.width, v.precision or 0) > _WIDEST for v in found)
    return large("format") if too_wide else found


def _verb(match: re.Match[str]) -> Verb:
    precision = match["precision"]
    return Verb(
        match["mode"],
        match["flags"],
        int(match["width"] or 0),
        None if precision is None else int(precision or 0),
        int(match["position"]) if match["position"] else None,
    )


def _argument(value: Value) -> object:
    """What Terraform makes of a null depends on whether that has a type."""
    if is_null(value) and type_of(value) == FREE:
        return Stop(Unknown("`format()` of a null without a type is not evaluated"))
    return value


@takes(text, rest=_argument)
def _format(pattern: str, *arguments: Value) -> Value:
    verbs = _parsed(pattern)
    return verbs if isinstance(verbs, Unknown) else _filled(verbs, arguments)


def _filled(verbs: list[str | Verb], arguments: tuple[Value, ...]) -> Value:
    parts: list[Value] = []
    position = highest = 0
    for verb in verbs:
        if isinstance(verb, str):
            parts.append(Known(verb))
            continue
        position = verb.position or position + 1
        highest = max(highest, position)
        if position > len(arguments):
            return failure("`format()` has fewer arguments than verbs")
        parts.append(_one(verb, arguments[position - 1]))
    if highest < len(arguments):
        return failure("`format()` has more arguments than verbs")
    return _together([part for part in parts if part != Known("")])


def _together(parts: list[Value]) -> Value:
    """One text. An Unknown keeps its parts."""
    stops = [part for part in parts if isinstance(part, Unknown)]
    stops.sort(key=lambda why: not why.fails)
    if stops and stops[0].fails:
        return stops[0]
    if stops:
        return Unknown(stops[0].reason, stops[0].expression, False, tuple(parts))
    return made("".join(str(part.value) for part in parts if isinstance(part, Known)))


# Verbs -------------------------------------------------------------------------------------


def _one(verb: Verb, value: Value) -> Value:
    if verb.mode not in _MODES:
        return failure(f"`format()` knows no %{verb.mode}")
    if is_null(value) and verb.mode != "v":
        return failure("`format()` of a null")
    unsure = value if isinstance(value, Handle) else next(unknowns(value), None)
    if unsure:
        return without_parts(unsure)
    return _MODES[verb.mode](verb, value)


def _padded(verb: Verb, filled: str) -> Value:
    """Terraform counts what a person takes for characters."""
    if not verb.width:
        return Known(filled)
    chars = graphemes(filled)
    if chars is None:
        return unclear("format")
    padding = ("0" if "0" in verb.flags else " ") * (verb.width - len(chars))
    return Known(filled + padding if "-" in verb.flags else padding + filled)


def _as_it_is(verb: Verb, value: Value) -> Value:
    if "#" not in verb.flags and isinstance(value, Known):
        if isinstance(value.value, str):
            return _padded(verb, value.value)
        if not isinstance(value.value, bool) and value.value is not None:
            found = general(value.value)
            return _unwritten() if found is None else _padded(verb, found)
    document = encoded(value)
    return document if isinstance(document, Unknown) else _padded(verb, document)


def _unwritten() -> Unknown:
    return Unknown("a number without a short text is not evaluated")


def _bool(verb: Verb, value: Value) -> Value:
    found = scalar(value, "bool")
    if not isinstance(found, Known):
        return found
    return Known("true" if found.value else "false")


def _string(verb: Verb, value: Value) -> Value:
    found = scalar(value, "string")
    if not isinstance(found, Known):
        return found
    filled = str(found.value)
    if verb.precision:
        chars = graphemes(filled)
        if chars is None:
            return unclear("format")
        filled = "".join(chars[: verb.precision])
    if verb.mode == "s":
        return _padded(verb, filled)
    quoted = encoded(Known(filled))
    return quoted if isinstance(quoted, Unknown) else _padded(verb, quoted)


def _integer(verb: Verb, value: Value) -> Value:
    """https://pkg.go.dev/math/big#Int.Format"""
    number = known_number(value)
    if isinstance(number, Stop):
        return number.why
    if not isinstance(number.value, int):
        return failure(f"%{verb.mode} of a fraction")
    base = {"b": "b", "o": "o", "x": "x", "X": "X"}.get(verb.mode, "d")
    digits = f"{abs(number.value):{base}}"
    prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb.mode, "")
    head = _sign(verb, number.value < 0) + (prefix if "#" in verb.flags else "")
    if verb.precision is not None:
        if verb.precision == 0 and digits == "0":
            return Known("")
        digits = digits.rjust(verb.precision, "0")
    missing = verb.width - len(head) - len(digits)
    if "-" in verb.flags:
        return Known(head + digits + " " * missing)
    if "0" in verb.flags and verb.precision is None:
        return Known(head + "0" * missing + digits)
    return Known(" " * missing + head + digits)


def _sign(verb: Verb, negative: bool) -> str:
    if negative:
        return "-"
    return "+" if "+" in verb.flags else " " if " " in verb.flags else ""


def _float(verb: Verb, value: Value) -> Value:
    """https://pkg.go.dev/math/big#Float.Format"""
    number = known_number(value)
    if isinstance(number, Stop):
        return number.why
    assert isinstance(number.value, Number)  # its reader sees to that
    if "#" in verb.flags:
        return Unknown(f"%#{verb.mode} is not evaluated")
    found = _float_text(verb, number.value)
    if found is None:
        return _unwritten()
    found = found.upper() if verb.mode.isupper() else found
    sign, digits = _sign(verb, number.value < 0), found.removeprefix("-")
    missing = verb.width - len(sign) - len(digits)
    if "-" in verb.flags and "0" in verb.flags:
        return Unknown("%-0 is not evaluated")
    if "0" in verb.flags:
        return Known(sign + "0" * missing + digits)
    return Known(
        sign + digits + " " * missing if "-" in verb.flags else " " * missing + sign + digits
    )


def _float_text(verb: Verb, number: Number) -> str | None:
    decimals = 6 if verb.precision is None else verb.precision
    match verb.mode.lower():
        case "e":
            return scientific(number, decimals)
        case "f":
            return fixed(number, decimals)
    return general(number, verb.precision)


_MODES: dict[str, Callable[[Verb, Value], Value]] = {
    "v": _as_it_is,
    "t": _bool,
    **dict.fromkeys("sq", _string),
    **dict.fromkeys("bdoxX", _integer),
    **dict.fromkeys("eEfgG", _float),
}


# Lists -------------------------------------------------------------------------------------


@takes(text, rest=_argument)
def _formatlist(pattern: str, *arguments: Value) -> Value:
    """Lists are walked over together, all else is the same each time."""
    verbs = _parsed(pattern)
    if isinstance(verbs, Unknown):
        return verbs
    given = [in_order(a) if isinstance(a, Sequence) else a for a in arguments]
    lengths = {len(a.items) for a in given if isinstance(a, Sequence) and not a.open}
    if len(lengths) > 1:
        return failure("the lists of `formatlist()` differ in length")
    unsure = next(_unsure(given), None)
    if unsure:
        return without_parts(unsure)
    count = lengths.pop() if lengths else 1
    if count * len(verbs) > MAX_ITEMS or count * len(pattern) > MAX_TEXT:
        return large("formatlist")
    made_of = [_filled(verbs, tuple(_at(a, n) for a in given)) for n in range(count)]
    failed = next((v for v in made_of if isinstance(v, Unknown) and v.fails), None)
    return failed or Sequence(tuple(made_of), "list")


def _unsure(given: list[Value]) -> Iterator[Unknown | Handle]:
    """An unknown may itself be a list."""
    for value in given:
        if isinstance(value, Sequence):
            yield from value.open
        elif isinstance(value, Unknown | Handle):
            yield value


def _at(value: Value, position: int) -> Value:
    return value.items[position] if isinstance(value, Sequence) else value


FUNCTIONS: dict[str, Function] = {"format": _format, "formatlist": _formatlist}
