"""Whether one condition holds in the context of a request; None where that cannot be told.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable, Mapping
from typing import Any

from remediator.access.iam.conditions import Condition, Family, moment, network, number
from remediator.access.iam.patterns import Pattern, matches, sections, settled

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "": operator.eq,
}


def holds(condition: Condition, context: Mapping[str, tuple[str, ...]]) -> bool | None:
    given = context.get(condition.key, ())
    if not condition.values:
        return None
    if condition.operator.family is Family.NULL:
        return ("false" if given else "true") in {v.plain for v in condition.values}
    if not given:
        return _absent(condition)
    single = {key: texts[0] for key, texts in context.items() if len(texts) == 1}
    answers = [_one(condition, text, single) for text in given]
    if None in answers or (len(given) > 1 and not condition.qualifier):
        return None
    return any(answers) if condition.qualifier == "ForAnyValue" else all(answers)


def _absent(condition: Condition) -> bool:
    if condition.if_exists or condition.qualifier == "ForAllValues":
        return True
    return condition.operator.negated and not condition.qualifier


def _one(condition: Condition, text: str, values: Mapping[str, str]) -> bool | None:
    wanted = [settled(value, values) for value in condition.values]
    try:
        answers = [None if w is None else _matches(condition, w, text) for w in wanted]
    except (ValueError, OverflowError):
        return None
    if True in answers:
        return not condition.operator.negated
    return None if None in answers else condition.operator.negated


def _matches(condition: Condition, wanted: Pattern, text: str) -> bool:
    compare = _ORDER[condition.operator.order]
    match condition.operator.family:
        case Family.NUMBER:
            return compare(number(text), number(wanted.plain))
        case Family.DATE:
            return compare(moment(text), moment(wanted.plain))
        case Family.ADDRESS:
            return ipaddress.ip_address(text) in network(wanted.plain)
        case Family.LIKE:
            return matches(wanted, text)
        case Family.ARN:
            return _arn(wanted, text)
        case Family.FOLDED | Family.BOOL:
            return wanted.plain.lower() == text.lower()
        case _:
            return wanted.plain == text


def _arn(wanted: Pattern, text: str) -> bool:
    """Section by section; what is after the fifth colon is one section."""
    patterns, texts = sections(wanted), text.split(":", 5)
    if len(patterns) != 6:
        raise ValueError(f"{wanted.text} has not the six sections of an ARN")
    return len(texts) == 6 and all(map(matches, patterns, texts))
