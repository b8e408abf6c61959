"""Whom an ARN of IAM means in moto, for service last accessed. Imports moto's objects only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.embedded.accessed import Holder
from remediator.embedded.identities import default_version, held


def holder_of(backend: Any, arn: str) -> Holder | None:
    """A role, user, group or managed policy; None where there is none."""
    for one in (*backend.roles.values(), *backend.users.values(), *backend.groups.values()):
        if one.arn == arn:
            return Holder(tuple(_documents(backend, one)), tuple(_members(one)))
    policy = backend.managed_policies.get(arn)
    if policy is None:
        return None
    holders = [
        one
        for one in (*backend.roles.values(), *backend.users.values(), *backend.groups.values())
        if arn in one.managed_policies
    ]
    principals = dict.fromkeys(p for one in holders for p in _members(one))
    return Holder((default_version(policy).document,), tuple(principals))


def _documents(backend: Any, holder: Any) -> Iterator[str]:
    yield from (one.document for one in held(holder))
    for group in backend.groups.values():
        if holder in group.users:
            yield from (one.document for one in held(group))


def _members(holder: Any) -> Iterator[str]:
    """A group's use is that of its users."""
    members = getattr(holder, "users", None)
    if members is None:
        yield holder.arn
    else:
        yield from (user.arn for user in members)
