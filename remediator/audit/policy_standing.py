"""Whether a live policy is what a record says that its change made of it. Pure.

A record's policies have words for what the code did not know. In a Resource or a Condition that may
be anything, as long as no live statement may be one that the change took; anywhere else nothing is
told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from remediator.model import Json
from remediator.remediate.iam.documents import UNKNOWN
from remediator.remediate.iam.live import same

_NOT_KNOWN = "(not known: "
_NOT_READ = "not_evaluated"
_MAY_BE_UNKNOWN = ("Resource", "NotResource", "Condition")
_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")


class Standing(StrEnum):
    """APPLIED: the live policy is the record's after. WAITING: it still has what the change took.
    OTHER: it is something else. UNKNOWN: nobody can tell."""

    APPLIED = "applied"
    WAITING = "waiting"
    OTHER = "other"
    UNKNOWN = "unknown"


def standing(before: Json, after: Json, live: Json) -> Standing:
    """Of one policy, which the change narrowed."""
    if not (is_told(before) and is_told(after)):
        return Standing.UNKNOWN
    is_after, has_it = is_same(after, live), has_any(taken(before, after), live)
    if is_after and has_it:
        return Standing.UNKNOWN  # two of its statements differ in nothing that is known
    return Standing.APPLIED if is_after else Standing.WAITING if has_it else Standing.OTHER


def gone(before: Json, every: Sequence[Json]) -> Standing:
    """Of a policy that the change removed, which no state has any more: `every` live policy there
    is has none of its statements."""
    if not is_told(before) or not statements(before):
        return Standing.UNKNOWN
    found = any(has_any(statements(before), live) for live in every)
    return Standing.UNKNOWN if found else Standing.APPLIED


def is_same(document: Json, live: Json) -> bool:
    return is_told(document) and same(_marked(document), _marked(live))


def taken(before: Json, after: Json) -> list[Json]:
    """The statements that the change narrowed or removed."""
    left = statements(after)
    return [s for s in statements(before) if s not in left]


def has_any(wanted: Sequence[Json], live: Json) -> bool:
    """Whether a live statement may be one of these."""
    return any(
        same({"Statement": [_marked(one)]}, {"Statement": [_marked(other)]})
        for one in wanted
        for other in statements(live)
    )


def statements(document: Json) -> list[Json]:
    found = document.get("Statement") if isinstance(document, dict) else None
    return found if isinstance(found, list) else [found] if found is not None else []


def is_told(document: Json) -> bool:
    """Whether all is known of it that says whom it lets do what."""
    if not isinstance(document, dict) or _NOT_READ in document:
        return False
    return not any(is_unknown(text) for text in _telling(document))


def _telling(document: dict[str, Json]) -> Iterator[str]:
    yield from _texts({k: v for k, v in document.items() if k != "Statement"})
    for statement in statements(document):
        if not isinstance(statement, dict):
            yield from _texts(statement)
            continue
        yield from statement
        yield from _texts({k: v for k, v in statement.items() if k not in _MAY_BE_UNKNOWN})


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def is_unknown(text: str) -> bool:
    return text.startswith((_NOT_KNOWN, UNKNOWN))


def _marked(value: Json) -> Json:
    """With the word that `same` takes for anything; an account alone is its root, as AWS has it."""
    if isinstance(value, dict):
        return {k: _accounts(_marked(v)) if k == "AWS" else _marked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return UNKNOWN if isinstance(value, str) and value.startswith(_NOT_KNOWN) else value


def _accounts(value: Json) -> Json:
    if isinstance(value, list):
        return [_accounts(item) for item in value]
    found = _ROOT.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else value
