"""The Condition element: its operators, in normal form.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html

A Condition is one operator on one key, with any of its values. A statement's are all to hold.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from remediator.access.iam.patterns import Pattern, pattern

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Family(StrEnum):
    """What the values are compared as."""

    EQUALS = "text"
    FOLDED = "text without case"
    LIKE = "a pattern"
    ARN = "an ARN"
    NUMBER = "a number"
    DATE = "a date"
    BOOL = "true or false"
    BINARY = "base64"
    ADDRESS = "an address"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Operator:
    """`order` is "<", "<=", ">" or ">=", empty for sameness."""

    family: Family
    negated: bool = False
    order: str = ""


_ORDERS = {"LessThan": "<", "LessThanEquals": "<=", "GreaterThan": ">", "GreaterThanEquals": ">="}
OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(Family.EQUALS),
    "StringNotEquals": Operator(Family.EQUALS, negated=True),
    "StringEqualsIgnoreCase": Operator(Family.FOLDED),
    "StringNotEqualsIgnoreCase": Operator(Family.FOLDED, negated=True),
    "StringLike": Operator(Family.LIKE),
    "StringNotLike": Operator(Family.LIKE, negated=True),
    "ArnEquals": Operator(Family.ARN),
    "ArnLike": Operator(Family.ARN),
    "ArnNotEquals": Operator(Family.ARN, negated=True),
    "ArnNotLike": Operator(Family.ARN, negated=True),
    "NumericEquals": Operator(Family.NUMBER),
    "NumericNotEquals": Operator(Family.NUMBER, negated=True),
    "DateEquals": Operator(Family.DATE),
    "DateNotEquals": Operator(Family.DATE, negated=True),
    "Bool": Operator(Family.BOOL),
    "BinaryEquals": Operator(Family.BINARY),
    "IpAddress": Operator(Family.ADDRESS),
    "NotIpAddress": Operator(Family.ADDRESS, negated=True),
    "Null": Operator(Family.NULL),
    **{f"Numeric{name}": Operator(Family.NUMBER, order=order) for name, order in _ORDERS.items()},
    **{f"Date{name}": Operator(Family.DATE, order=order) for name, order in _ORDERS.items()},
}
_NAME = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?\d{1,24}(\.\d{1,24})?")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.IGNORECASE,
)

_LOOSE_DATE = re.compile(
    r"\d{1,19}|-?\d{1,9}(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?"
    r"(?:T(?:(?:[01]?\d|2[0-3])(?::[0-5]?\d(?::[0-5]?\d(?:\.\d{1,9})?(?:Z|[+-]\d\d(?::\d\d)?)?)?)?)?)?",
    re.IGNORECASE,
)
"""What IAM takes. Of these, `moment` reads those that are documented."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`qualifier` is ForAllValues, ForAnyValue or empty; `key` is in small letters. There may be no
    values: nothing is known of such a condition."""

    operator: Operator
    key: str
    values: frozenset[Pattern]
    qualifier: str = ""
    if_exists: bool = False

    @property
    def place(self) -> tuple[str, ...]:
        """To sort by, so that the same policies have the same witness."""
        texts = sorted(value.text for value in self.values)
        return (self.key, str(self.operator), self.qualifier, str(self.if_exists), *texts)


def conditions(name: str, key: str, values: list[str], variables: bool) -> Condition:
    """One key of an operator's block. Raises ValueError with a sentence."""
    operator, qualifier, if_exists = _operator(name)
    if not key:
        raise ValueError(f"{name} has a condition key that is empty")
    made = frozenset(_value(operator.family, text, variables) for text in values)
    return Condition(operator, key.lower(), made, qualifier, if_exists)


def _operator(name: str) -> tuple[Operator, str, bool]:
    found = _NAME.fullmatch(name)
    operator = OPERATORS.get(found[2]) if found else None
    if found is None or operator is None:
        raise ValueError(f"{name!r} is no condition operator")
    if operator.family is Family.NULL and found[3]:
        raise ValueError("Null cannot be followed by IfExists")
    return operator, found[1] or "", bool(found[3])


def _value(family: Family, text: str, variables: bool) -> Pattern:
    if family in (Family.EQUALS, Family.FOLDED):
        return pattern(text, variables=variables, wildcards=False, fold=family is Family.FOLDED)
    if family in (Family.LIKE, Family.ARN):
        return pattern(text, variables=variables)
    if family is Family.DATE and not _is_date(text):
        raise ValueError(f"the condition value {text!r} is not a date")
    fold = family in (Family.BOOL, Family.NULL)
    variables = variables and family is Family.BOOL
    return pattern(text, variables=variables, wildcards=False, fold=fold)


def _is_date(text: str) -> bool:
    return bool(_LOOSE_DATE.fullmatch(text)) and not (text.isdigit() and int(text) >= 1 << 63)


def number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return Decimal(text)


def network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


def moment(text: str) -> datetime:
    """ISO 8601 in the forms that W3C names, or seconds since 1970. Without an offset: UTC."""
    if text.isdecimal() and len(text) != 4:
        return _EPOCH + timedelta(seconds=int(text))
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError
    year, month, day, hour, minute, second = (int(part or low) for part, low in _parts(found))
    made = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    offset = found[7] or "Z"
    if offset.upper() == "Z":
        return made
    return datetime.fromisoformat(f"{made:%Y-%m-%dT%H:%M:%S}{offset}")


def _parts(found: re.Match[str]) -> Iterator[tuple[str | None, int]]:
    return zip(found.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)
