"""Which merged changes of policies are applied: the live policy is the record's after. Pure.

The states say which live policy an address is. A change is applied where each policy that it
narrowed is what the record says, or what a later record made of that; where one cannot be told,
nothing is said of the change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from remediator.audit.follow import APPLIED, APPLIED_HOW, RESOLVED, Followed, Waiting
from remediator.audit.policy_standing import Standing, gone, is_same, standing, statements
from remediator.model import UNOBSERVED, Finding, Json, Record, Refusal, Resource
from remediator.remediate.iam import resources
from remediator.remediate.iam.policies import INLINE, POLICY, ROLE
from remediator.remediate.iam.principals import principal_of
from remediator.terraform.address import Address, countless
from remediator.terraform.state import StateIndex, StateResource
from remediator.texts import listed

CLASSES = frozenset({"unused-permissions", "external-access"})
TRUST, PERMISSION = "assume_role_policy", "permission"
_INLINE_LABEL = "inline_policy "


@dataclass(frozen=True, slots=True)
class Spot:
    """A live policy: of a principal the inline one of that name, or `TRUST`; else "", and it is
    that managed policy, or the resource's own. `account` is "" where nothing says it."""

    arn: str
    name: str = ""
    account: str = ""


class Live(Protocol):
    """What is live now; None where nobody could tell. A policy that is not there has no
    statement."""

    def policy(self, spot: Spot) -> Json: ...

    def every(self, arn: str, account: str) -> Sequence[Json] | None:
        """All that a principal has, or the policy of a resource."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """The states of this run. `single`: the roots that were read, and have one state."""

    index: StateIndex
    single: Set[str]


@dataclass(frozen=True, slots=True)
class _One:
    """A policy in a record: its root and address, and its label there. `after` is None where the
    change removed it."""

    key: str
    label: str
    before: Json
    after: Json


def follow_policies(
    records: Iterable[Record],
    noted: Callable[[str, str], bool],
    placed: Placed,
    live: Live,
    is_in_code: Callable[[Record], bool],
    at: datetime,
    limit: timedelta,
) -> Followed:
    """`records` are latest first. `is_in_code`: the files are still as the record left them, so
    that a live policy that is something else is no later change's."""
    notes: dict[str, tuple[tuple[str, str], ...]] = {}
    waiting: list[Waiting] = []
    later: dict[tuple[str, str], list[_One]] = {}
    for record in records:
        if (record.one("Finding-Class") or "") not in CLASSES:
            continue
        commit, own = record.merge or record.commit, [*policies_of(record)]
        if own and not noted(commit, APPLIED):
            found = [_standing(one, record, later, placed, live) for one in own]
            where = listed(list(dict.fromkeys(one.key for one in own)), 3)
            if all(f is Standing.APPLIED for f in found):
                how = f"the live policy of {where} is the record's after"
                when = at.strftime("%Y-%m-%dT%H:%M:%SZ")
                notes[commit] = ((APPLIED, when), (APPLIED_HOW, how))
            elif _waits(found, record, is_in_code) and not noted(commit, RESOLVED):
                since = at - record.merged_at
                other = Standing.WAITING not in found
                waiting.append(Waiting(record, since, since > limit, other))
        for one in own:
            later.setdefault((one.key, one.label), []).append(one)
    return Followed(notes, tuple(waiting))


def _waits(found: Sequence[Standing], record: Record, is_in_code: Callable[[Record], bool]) -> bool:
    if Standing.UNKNOWN in found:
        return False
    return Standing.WAITING in found or is_in_code(record)


def policies_of(record: Record) -> Iterator[_One]:
    """Those that it changed; none where it cannot be read."""
    before, after = _document(record.one("Before")), _document(record.one("After"))
    for key, was in before.items():
        now = after.get(key)
        for label, document in was.items() if isinstance(was, dict) else ():
            left = now.get(label) if isinstance(now, dict) else None
            if left != document:
                yield _One(key, label, document, left)


def _document(text: str | None) -> dict[str, Json]:
    try:
        found: Json = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _standing(
    one: _One,
    record: Record,
    later: Mapping[tuple[str, str], Sequence[_One]],
    placed: Placed,
    live: Live,
) -> Standing:
    root, address = split_place(one.key)
    if address is None or root not in placed.single:
        return Standing.UNKNOWN
    newer = later.get((one.key, one.label), ())
    there = _in_state(root, address, placed.index)
    if there is None:
        is_removed = one.after is None or any(n.after is None for n in newer)
        return _removed(one, record, root, placed, live) if is_removed else Standing.UNKNOWN
    if one.after is None and not one.label.startswith(_INLINE_LABEL):
        return Standing.WAITING  # the state still has it
    spot = _spot(there, one.label, root, record, placed.index)
    document = live.policy(spot) if spot is not None else None
    if document is None:
        return Standing.UNKNOWN
    if one.after is None:
        return Standing.WAITING if is_same(one.before, document) else gone(one.before, [document])
    found = standing(one.before, one.after, document)
    # What a later record made of it: whoever applied that has applied this too.
    made = any(_is_made(n, document) for n in newer)
    return Standing.APPLIED if found is Standing.OTHER and made else found


def _is_made(one: _One, live: Json) -> bool:
    if one.after is None:
        return not statements(live)
    return is_same(one.after, live)


def _removed(one: _One, record: Record, root: str, placed: Placed, live: Live) -> Standing:
    """Of a resource that no state has any more, by all that is live of whom the record names."""
    if one.label == PERMISSION:
        return Standing.UNKNOWN  # Lambda words the statement by itself
    every: list[Json] = []
    for arn in record.all("Resource"):
        found = live.every(arn, _account(arn, root, placed.index))
        if found is None:
            return Standing.UNKNOWN
        every += found
    return gone(one.before, every) if record.all("Resource") else Standing.UNKNOWN


# Which live policy an address is -------------------------------------------------------------


def split_place(key: str) -> tuple[str, Address | None]:
    """The root and the address of what `model.place` has put together."""
    at = -1
    while True:
        try:
            return key[: max(at, 0)], Address.parse(countless(key[at + 1 :]))
        except ValueError:
            at = key.find(":", at + 1)
            if at < 0:
                return "", None


def _in_state(root: str, address: Address, index: StateIndex) -> StateResource | None:
    found = index.of_block(root, address.module_names, address.block)
    return next((r for r in found if r.address == address), None)


def _spot(
    there: StateResource, label: str, root: str, record: Record, index: StateIndex
) -> Spot | None:
    kind, known = there.address.type, there.attributes
    if kind == ROLE and known.arn:
        name = TRUST if label == TRUST else label.removeprefix(_INLINE_LABEL)
        is_known = label == TRUST or (name != label and not name.startswith("#"))
        return Spot(known.arn, name, _account(known.arn, root, index)) if is_known else None
    if kind == POLICY and known.arn:
        return Spot(known.arn, "", _account(known.arn, root, index))
    if kind in INLINE:
        holder = kind.removeprefix("aws_iam_").removesuffix("_policy")
        arn = _holder(holder, getattr(known, holder), root, record, index)
        if arn is None or not known.name:
            return None
        return Spot(arn, known.name, _account(arn, root, index))
    owners = [a for a in record.all("Resource") if _owns(a, root, there, index)]
    return Spot(owners[0], "", _account(owners[0], root, index)) if len(owners) == 1 else None


def _holder(
    kind: str, name: str | None, root: str, record: Record, index: StateIndex
) -> str | None:
    """The ARN of who has an inline policy: by the root's own state, else whom the record names."""
    own = {
        r.attributes.arn for where, r in index.by(f"aws_iam_{kind}", "name", name or "")
        if where == root
    }  # fmt: skip
    named = {
        arn
        for arn in record.all("Resource")
        if (p := principal_of(arn)) and (p.kind, p.name) == (kind, name)
        and index.accounts(root) <= {p.account}
    }  # fmt: skip
    found = own or named
    return next(iter(found)) if len(found) == 1 else None


def _owns(arn: str, root: str, there: StateResource, index: StateIndex) -> bool:
    finding = Finding("", "", "", Resource("", arn, arn), {}, None, UNOBSERVED)
    found = resources.joined(finding, index)
    return not isinstance(found, Refusal) and (root, there) in found


def _account(arn: str, root: str, index: StateIndex) -> str:
    """That the ARN says; of a bucket, the only one that the root's state has."""
    parts = arn.split(":")
    if len(parts) > 5 and parts[4]:
        return parts[4]
    accounts = index.accounts(root)
    return next(iter(accounts)) if len(accounts) == 1 else ""
