"""Unused access, as IAM Access Analyzer finds it, from what is granted and the table of use. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html#access-analyzer-unused
Every identity counts as older than the analyzer's window. A role that is not used at all is an
UnusedIAMRole and no more; roles that are linked to a service are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from remediator.embedded.catalogue import is_tracked
from remediator.embedded.drafts import Draft
from remediator.embedded.granted import Held, by_service, granted
from remediator.embedded.use import Use, latest

ROLE: Literal["AWS::IAM::Role"] = "AWS::IAM::Role"
USER: Literal["AWS::IAM::User"] = "AWS::IAM::User"


@dataclass(frozen=True, slots=True)
class Key:
    """An active access key."""

    id: str
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class Identity:
    """A role or a user. `last_used` is by any trace of activity; None is never. `password` tells
    whether a user has one, `signed_in` when it was last used."""

    kind: Literal["AWS::IAM::Role", "AWS::IAM::User"]
    arn: str
    account: str
    policies: tuple[Held, ...]
    last_used: datetime | None = None
    linked: bool = False
    keys: tuple[Key, ...] = ()
    password: bool = False
    signed_in: datetime | None = None


def unused_access(identity: Identity, uses: Iterable[Use], since: datetime) -> Iterator[Draft]:
    """What was not used since then."""
    if identity.linked:
        return
    if identity.kind == ROLE and not _recent(identity.last_used, since):
        details = _details("unusedIamRoleDetails", identity.last_used)
        yield _draft("UnusedIAMRole", identity, [details])
        return
    if permissions := unused_permissions(identity, uses, since):
        yield _draft("UnusedPermission", identity, permissions)
    for key in identity.keys:
        if not _recent(key.last_used, since):
            details = _details("unusedIamUserAccessKeyDetails", key.last_used, accessKeyId=key.id)
            yield _draft("UnusedIAMUserAccessKey", identity, [details], key.id)
    if identity.password and not _recent(identity.signed_in, since):
        details = _details("unusedIamUserPasswordDetails", identity.signed_in)
        yield _draft("UnusedIAMUserPassword", identity, [details])


def unused_permissions(
    identity: Identity, uses: Iterable[Use], since: datetime
) -> list[dict[str, Any]]:
    """One a service: without actions where nothing of the service was used."""
    by_action: dict[str, list[Use]] = {}
    for use in uses:
        by_action.setdefault(use.action.lower(), []).append(use)
    found = []
    granted_by_service = by_service(granted(held.document for held in identity.policies))
    for service, actions in granted_by_service.items():
        last = latest(u for several in by_action.values() for u in several if u.service == service)
        if last is None or last.at < since:
            at = last.at if last else None
            found.append(_details("unusedPermissionDetails", at, serviceNamespace=service))
        elif idle := [a for a in actions if is_tracked(a) and _idle(by_action, a, since)]:
            listed = [_action(a, by_action) for a in idle]
            found.append(
                _details(
                    "unusedPermissionDetails", last.at, serviceNamespace=service, actions=listed
                )
            )
    return found


def _idle(by_action: Mapping[str, list[Use]], action: str, since: datetime) -> bool:
    last = latest(by_action.get(action.lower(), ()))
    return last is None or last.at < since


def _action(action: str, by_action: Mapping[str, list[Use]]) -> Mapping[str, Any]:
    last = latest(by_action.get(action.lower(), ()))
    never = _never_used(action)
    return never | {"lastAccessed": last.at} if last else never


@cache
def _never_used(action: str) -> dict[str, Any]:
    """One for all, and not to be changed: thousands of roles leave the same actions unused."""
    return {"action": action.partition(":")[2]}


def _recent(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since


def _details(kind: str, last: datetime | None, **more: Any) -> dict[str, Any]:
    return {kind: more | ({"lastAccessed": last} if last else {})}


def _draft(kind: str, of: Identity, details: list[dict[str, Any]], part: str = "") -> Draft:
    return Draft(kind, of.kind, of.arn, of.account, tuple(details), part)
