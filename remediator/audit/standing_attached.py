"""Whether what is attached live is what a record says that its change attached. Pure.

A policy of AWS's is known by its ARN. The customer policy in its place is known by what it says,
as its ARN did not exist when the record was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediator.audit.changed import Changed
from remediator.audit.live_places import Live, Placed, account_of, principal_at
from remediator.audit.policy_standing import Standing, is_same, is_told
from remediator.model import Json, Record
from remediator.remediate.iam.attaching import ATTACHMENTS
from remediator.remediate.iam.policies import ROLE
from remediator.remediate.iam.policy_access import MANAGED
from remediator.remediate.iam.principals import principal_of
from remediator.terraform.address import Address
from remediator.terraform.state import StateResource

Versions = Callable[[Json], Sequence[Json]]
"""What a policy that a change made may be by now: itself, and what later records made of it."""


@dataclass(frozen=True, slots=True)
class Attaching:
    """`lost`: the ARNs that go. `fresh`: of each policy in their place, all that it may be."""

    lost: frozenset[str]
    fresh: tuple[Sequence[Json], ...]

    @staticmethod
    def of(one: Changed, versions: Versions) -> Attaching | None:
        """None where the record does not tell what came or went."""
        was, now = (x if isinstance(x, dict) else {} for x in (one.before, one.after))
        gone = [document for label, document in was.items() if now.get(label) != document]
        come = [document for label, document in now.items() if was.get(label) != document]
        kept = {arn_in(document) for document in now.values()}
        lost = [arn_in(document) for document in gone]
        if None in lost or not all(map(is_told, come)):
            return None
        arns = frozenset(arn for arn in lost if arn and arn not in kept)
        return Attaching(arns, tuple(versions(d) for d in come)) if arns else None

    def standing(self, live: Mapping[str, Json]) -> Standing:
        if self.lost & live.keys():
            return Standing.WAITING
        missing = [some for some in self.fresh if not _is_among(some, live)]
        if missing and None in live.values():
            return Standing.UNKNOWN
        return Standing.OTHER if missing else Standing.APPLIED


def arn_in(document: Json) -> str | None:
    """Of a policy that AWS manages, whose text a record does not have."""
    word = document.get("not_evaluated") if isinstance(document, dict) else None
    is_managed = isinstance(word, str) and word.startswith(MANAGED)
    return str(word).removeprefix(MANAGED) if is_managed else None


def _is_among(versions: Sequence[Json], live: Mapping[str, Json]) -> bool:
    return any(is_same(v, d) for v in versions for d in live.values() if d is not None)


def attached_standing(
    one: Changed,
    where: tuple[str, Address, StateResource | None],
    record: Record,
    placed: Placed,
    live: Live,
    versions: Versions,
) -> Standing:
    """`where`: root, address, and what the state has there."""
    found = Attaching.of(one, versions)
    if found is None:
        return Standing.UNKNOWN
    there = where[2]
    if there is None and one.after is not None:
        return Standing.UNKNOWN  # somebody removed what the change kept
    if there is not None and one.after is None:
        return Standing.WAITING  # the state still has it
    holders = [*_holders(where, record, placed)]
    said = [live.attached(arn, account_of(arn, where[0], placed.index)) for arn in holders]
    if not said or None in said:
        return Standing.UNKNOWN
    several = [found.standing(some) for some in said if some is not None]
    if there is None and len(several) > 1 and Standing.WAITING in several:
        return Standing.UNKNOWN  # whose attachment it was is not known, and one still has it
    return next((s for s in _WORST if s in several), Standing.UNKNOWN)


_WORST = (Standing.UNKNOWN, Standing.WAITING, Standing.OTHER, Standing.APPLIED)


def _holders(
    where: tuple[str, Address, StateResource | None], record: Record, placed: Placed
) -> Iterator[str]:
    """The ARNs of whom it is attached to; of what no state has any more, all that may be it."""
    root, address, there = where
    if there is not None and address.type == ROLE:
        yield from [there.attributes.arn] if there.attributes.arn else []
        return
    kind = ATTACHMENTS.get(address.type)
    if kind is None:
        return
    if there is not None:
        name = getattr(there.attributes, kind)
        arn = principal_at(kind, name, root, record, placed.index)
        yield from [arn] if arn is not None else []
        return
    named = dict.fromkeys(record.all("Resource"))
    yield from (a for a in named if (p := principal_of(a)) is not None and p.kind == kind)
