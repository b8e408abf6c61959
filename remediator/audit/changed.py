"""What a record says that its change made of each policy, key and attachment. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediator.audit.live_places import split_place
from remediator.model import Json, Record
from remediator.remediate.iam.attaching import ATTACHMENTS, EXCLUSIVE
from remediator.remediate.iam.policies import ROLE

ATTACHED = "attached"
"""The label of all that is attached at an address: one ARN, or a role's `managed_policy_arns`."""
_OF_ROLE = "managed_policy_arns "


@dataclass(frozen=True, slots=True)
class Changed:
    """A policy in a record, or a key's status: its root and address, and its label there. `after`
    is None where the change removed it. Of `ATTACHED`, both are what is attached, by its label."""

    key: str
    label: str
    before: Json
    after: Json


def changed_in(record: Record) -> Iterator[Changed]:
    """None where it cannot be read."""
    before, after = (document(record.one(name)) for name in ("Before", "After"))
    for key, was in before.items():
        if not isinstance(was, dict):
            continue
        now = after.get(key)
        left = now if isinstance(now, dict) else {}
        together = {label for label in (*was, *left) if _is_attached(key, label)}
        pairs = {k: (v, left.get(k)) for k, v in was.items() if k not in together}
        if together:
            attached = [{k: v for k, v in some.items() if k in together} for some in (was, left)]
            pairs[ATTACHED] = (attached[0], attached[1] if isinstance(now, dict) else None)
        for label, (old, new) in pairs.items():
            if old != new:
                yield Changed(key, label, old, new)


def made_by(record: Record) -> Mapping[str, Json]:
    """By root and address, the policies of the resources that the change made."""
    before, after = (document(record.one(name)) for name in ("Before", "After"))
    fresh = {key: now for key, now in after.items() if key not in before}
    return {key: now["policy"] for key, now in fresh.items()
            if isinstance(now, dict) and "policy" in now}  # fmt: skip


def document(text: str | None) -> dict[str, Json]:
    """A record's Before or After; empty where it is none."""
    try:
        found: Json = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_attached(key: str, label: str) -> bool:
    address = split_place(key)[1]
    kind = address.type if address is not None else ""
    if kind == ROLE:
        return label.startswith(_OF_ROLE)
    return label == "policy_arn" and kind in (EXCLUSIVE, *ATTACHMENTS)
