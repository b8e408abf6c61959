"""Moto's own traces of activity, brought up to what the table of use says. Imports moto.

RoleLastUsed, PasswordLastUsed and an access key's last use are moto's attributes; here they are
set where the table knows of something later. And everything can be made older than it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.iam.models import AccessKeyLastUsed, AWSManagedPolicy, iam_backends

from remediator.embedded.use import SIGN_IN, Session, TableOfUse, Use


def mark_role(role: Any, table: TableOfUse) -> None:
    found: list[Use | Session] = [*table.of(role.arn), *table.sessions_of(role.arn)]
    last = max(found, key=lambda one: one.at, default=None)
    if last and _later(last.at, role.last_used):
        role.last_used, role.last_used_region = _plain(last.at), last.region


def mark_user(user: Any, table: TableOfUse) -> None:
    signed = [s.at for s in table.sessions_of(user.arn) if s.event == SIGN_IN]
    last = max(signed, default=None)
    if last and _later(last, user.password_last_used):
        user.password_last_used = _plain(last)
    for key in user.access_keys:
        at = used_with(key, user, table)
        before = key.last_used.timestamp if key.last_used else None
        if at and _later(at, before):
            key.last_used = AccessKeyLastUsed(_plain(at), "sts", "us-east-1")


def used_with(key: Any, user: Any, table: TableOfUse) -> datetime | None:
    """What a user did who has one active key and no password, was done with that key."""
    times = [table.keys.get(key.access_key_id)]
    active = [k for k in user.access_keys if k.status == "Active"]
    if active == [key] and user.password is None:
        times += [use.at for use in table.of(user.arn)]
    return max((t for t in times if t is not None), default=None)


def mark_all(backend: Any, table: TableOfUse) -> None:
    by_arn = {role.arn: role for role in list(backend.roles.values())}
    active = {use.principal for use in table.uses} | {s.principal for s in table.sessions}
    for arn in active & by_arn.keys():
        mark_role(by_arn[arn], table)
    for user in list(backend.users.values()):
        mark_user(user, table)


def make_older(by: timedelta) -> None:
    """Every role, user, group, policy, version and key that there is now was made that earlier."""
    for account in list(iam_backends.values()):
        for backend in list(account.values()):
            _make_older(backend, by)


def _make_older(backend: Any, by: timedelta) -> None:
    holders = [*backend.roles.values(), *backend.users.values(), *backend.groups.values()]
    keys = [key for user in backend.users.values() for key in user.access_keys]
    policies = [p for p in backend.managed_policies.values() if not isinstance(p, AWSManagedPolicy)]
    versions = [version for policy in policies for version in policy.versions]
    for one in (*holders, *keys, *policies, *versions):
        one.create_date -= by
    for policy in policies:
        policy.update_date -= by


def _later(at: datetime, than: datetime | None) -> bool:
    return than is None or _plain(at) > _plain(than)


def _plain(at: datetime) -> datetime:
    """UTC without a zone, as moto keeps its times."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
