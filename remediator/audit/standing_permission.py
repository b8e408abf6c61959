"""Whether Lambda still has the statement of a permission that a change removed. Pure.

Lambda words it by itself: it is told by who is let in, what for, and from where.
https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from remediator.audit.policy_standing import Standing, is_told, is_unknown, statements
from remediator.model import Json
from remediator.remediate.iam.outsiders import normal

_NARROWING = {
    "lambda:source_account": "aws:sourceaccount",
    "lambda:source_arn": "aws:sourcearn",
    "lambda:principal_org_id": "aws:principalorgid",
    "lambda:event_source_token": "lambda:eventsourcetoken",
}
"""A permission's arguments, as a record has them, and the condition keys that Lambda makes."""
_DELETED = re.compile(r"A[A-Z]{2}A[A-Z0-9]{12,}")
"""What AWS shows in the place of an identity that is not there any more: its unique id."""


def permission_gone(before: Json, every: Sequence[Json]) -> Standing:
    """`every`: the function's live policies."""
    if not is_told(before) or not statements(before):
        return Standing.UNKNOWN
    live = [s for document in every for s in statements(document)]
    found = any(_may_be(one, other) for one in statements(before) for other in live)
    return Standing.UNKNOWN if found else Standing.APPLIED


def _may_be(one: Json, live: Json) -> bool:
    """What is not told of either may be anything."""
    if not isinstance(one, dict) or not isinstance(live, dict):
        return True
    if live.get("Effect") != "Allow" or not _actions(one) & _actions(live):
        return False
    who, theirs = ({*_people(s.get("Principal"))} for s in (one, live))
    if not who & theirs and not any(_DELETED.fullmatch(text) for _, text in theirs):
        return False
    wanted, there = (_values(s.get("Condition")) for s in (one, live))
    return all(_may_equal(wanted.get(k), there.get(t)) for k, t in _NARROWING.items())


def _may_equal(wanted: Json, there: Json) -> bool:
    if isinstance(wanted, str) and is_unknown(wanted):
        return True
    return _one(wanted) == _one(there)


def _one(value: Json) -> Json:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _actions(statement: Mapping[str, Json]) -> set[str]:
    given = statement.get("Action")
    return {str(a).lower() for a in (given if isinstance(given, list) else [given])}


def _people(principal: Json) -> Iterator[tuple[str, str]]:
    if isinstance(principal, str):
        yield "AWS", normal(principal)  # everybody; and an account, as some emulators have it
    for kind, value in principal.items() if isinstance(principal, dict) else ():
        for text in value if isinstance(value, list) else [value]:
            yield kind, normal(str(text))


def _values(condition: Json) -> dict[str, Json]:
    """By key, whatever operator asks for it."""
    found: dict[str, Json] = {}
    for asked in condition.values() if isinstance(condition, dict) else ():
        found |= {k.lower(): v for k, v in asked.items()} if isinstance(asked, dict) else {}
    return found
