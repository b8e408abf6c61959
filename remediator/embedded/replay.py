"""Whether what was used is still allowed: the table of use, held against moto's IAM enforcement.

Every use is asked of moto's own engine, as it is asked for a call when enforcement is on: by the
policies of the user or role, those attached, and for a user those of the groups. What that engine
does not know, and so cannot be proven here: it takes every condition as met, a Deny's too; it reads
no NotResource, no permissions boundary, no policy of a resource and none of an organization; it
compares with regard to case, and knows no `?`. Imports moto.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult

from remediator.embedded.identities import held, iam_of
from remediator.embedded.use import Use

_IDENTITY = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Replayed:
    """`allowed` is None where the principal is not there: the root, or one that was removed."""

    use: Use
    allowed: bool | None


def replay(uses: Iterable[Use]) -> tuple[Replayed, ...]:
    """Every use, with whether it would be allowed now."""
    return tuple(Replayed(use, _allowed(use)) for use in uses)


def denied(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Those that would not be allowed now."""
    return tuple(one.use for one in replay(uses) if not one.allowed)


def _allowed(use: Use) -> bool | None:
    identity = _identity(use.principal)
    if identity is None:
        return None
    answers = {
        IAMPolicy(document).is_action_permitted(use.action, use.resource)
        for document in _documents(identity)
    }
    return PermissionResult.PERMITTED in answers and PermissionResult.DENIED not in answers


def _identity(arn: str) -> Any:
    found = _IDENTITY.fullmatch(arn)
    if found is None:
        return None
    backend = iam_of(found[1])
    every = backend.roles.values() if found[2] == "role" else backend.users.values()
    return next((one for one in every if one.arn == arn), None)


def _documents(identity: Any) -> Iterator[str]:
    yield from (one.document for one in held(identity))
    for group in iam_of(identity.account_id).groups.values():
        if identity in group.users:
            yield from (one.document for one in held(group))
