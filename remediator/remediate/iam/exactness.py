"""Whether a change of policies takes exactly what may go, statement by statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from remediator.model import Json
from remediator.remediate.iam.attaching import grants_any
from remediator.remediate.iam.catalogue import among, is_known, matching
from remediator.remediate.iam.narrowing import narrowed
from remediator.remediate.iam.policy_access import MANAGED, Document, PolicyAccess, listed
from remediator.remediate.iam.removable import Removable

NOTHING: Mapping[str, Json] = MappingProxyType({})


def inexact(
    before: PolicyAccess,
    after: PolicyAccess,
    goes: Removable,
    whole: bool,
    live: Mapping[str, Json] = NOTHING,
) -> str | None:
    """What else the change takes, or where it is to take all, what it leaves; None if neither.
    `live` are the texts of AWS's own policies, by ARN."""
    left, there = after.by_label(), before.by_label()
    fresh = [d for d in after.documents if d.label not in there]
    for document in before.documents:
        now = left.get(document.label)
        if document.is_of_aws:
            why = _of_aws(document, now, goes, whole, live)
            if why is not None and now is None:
                fits = (d for d in fresh if _of_aws(document, d, goes, whole, live) is None)
                now = next(fits, None) if whole else None
                if now is not None:
                    fresh.remove(now)
                    continue
        else:  # of another resource's, what others who have it use may stay
            why = _document(document, now, goes, whole and not document.through)
        if why is not None:
            return why
    return f"{fresh[0].label} would be attached, too" if fresh else None


def _of_aws(
    before: Document,
    after: Document | None,
    goes: Removable,
    whole: bool,
    live: Mapping[str, Json],
) -> str | None:
    """A policy of AWS's, by its live text."""
    text = live.get(before.unread.removeprefix(MANAGED))
    if after == before:
        left = whole and text is not None and grants_any(text, goes)
        return f"the change would leave {before.label}" if left else None
    if text is None:
        return f"what {before.label} allows is not known, and it would change"
    real = replace(before, tree=text, unread="")
    if after is not None and not after.within(real):
        return f"what takes the place of {before.label} is not narrower"
    return _document(real, after, goes, whole)


def _document(before: Document, after: Document | None, goes: Removable, whole: bool) -> str | None:
    if before.unread:
        return None if after == before else f"{before.label} is not known, and would change"
    rest = after.statements if after is not None else []
    at = 0
    for number, statement in enumerate(before.statements):
        now = rest[at] if at < len(rest) and _others(rest[at]) == _others(statement) else None
        if statement.get("Effect") != "Allow" or "Action" not in statement:
            if now != statement:
                if after is None and statement.get("Effect") == "Deny":
                    return f"the change would also take a Deny of {before.label}"
                return f"the change would also take statement {_name(statement, number)}"
            at += 1
            continue
        own = listed(statement.get("Action"))
        new = listed(now.get("Action")) if now is not None else []
        if now is not None and _all_go(own, goes) and (whole or new != own):
            now, new = None, []  # the one that is there is the next
        if now is None and not _all_go(own, goes):
            return f"the change would also take statement {_name(statement, number)}"
        at += now is not None
        why = _actions(own, new, goes, whole)
        if why is not None:
            return why
    if at < len(rest):
        return f"{before.label} would get a further statement"
    return None


def _others(statement: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in statement.items() if name != "Action"}


def _name(statement: dict[str, Json], number: int) -> str:
    return str(statement.get("Sid") or f"#{number}")


def _all_go(patterns: Sequence[str], goes: Removable) -> bool:
    return bool(patterns) and all(narrowed(p, goes) == () for p in patterns)


def _actions(
    before: Sequence[str], after: Sequence[str], goes: Removable, whole: bool
) -> str | None:
    """By the actions that are known today; those that no catalogue knows stay as written."""
    was, now = ({a for p in some for a in matching(p)} for some in (before, after))
    wanted = {a for a in was if not goes.takes(a)}
    lost, over = sorted(wanted - now), sorted(now - wanted)
    if lost:
        return f"the change would also take {', '.join(lost[:3])}"
    if over and (whole or not {*over} <= was):
        return f"the change would leave {', '.join(over[:3])}"
    strange = [p for p in before if not matching(p) and narrowed(p, goes) is None]
    missing = [p for p in strange if p not in after]
    new = [a for a in goes.new if not is_known(a) and _was_granted(a, before)]
    missing += [a for a in new if not _was_granted(a, after)]
    return f"the change would also take {', '.join(missing[:3])}" if missing else None


def _was_granted(action: str, patterns: Sequence[str]) -> bool:
    return any(among(p, [action]) for p in patterns)
