"""The finding classes that ship. A new class is one file, one line here, and its policy rows."""

from __future__ import annotations

from remediator.access.doors import Door
from remediator.remediate import (
    external_access,
    open_admin_port,
    open_egress,
    open_port,
    open_to_world_policy,
    open_web_port,
    unused_credentials,
    unused_permissions,
    wildcard_grant,
)
from remediator.remediate.classes import Registry
from remediator.remediate.world_open import WorldOpen

_DOORS = (open_admin_port, open_web_port, open_port)
_IAM = (
    unused_permissions,
    external_access,
    open_to_world_policy,
    wildcard_grant,
    unused_credentials,
)


def registry() -> Registry:
    return Registry((*(m.CLASS for m in _DOORS), open_egress.CLASS, *(m.CLASS for m in _IAM)))


def class_of(door: Door) -> WorldOpen:
    """The class that a world-open door belongs to: exactly one claims it."""
    found: WorldOpen = next(m.CLASS for m in _DOORS if m.claims(door))
    return found
