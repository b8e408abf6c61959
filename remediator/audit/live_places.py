"""Which live policy, key or identity an address of a record is, by the states of a run. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from remediator.audit.policy_owners import owner_of
from remediator.model import UNOBSERVED, Finding, Json, Record, Refusal, Resource
from remediator.remediate.iam import resources
from remediator.remediate.iam.policies import INLINE, POLICY, ROLE
from remediator.remediate.iam.principals import principal_of
from remediator.terraform.address import Address, countless
from remediator.terraform.state import StateIndex, StateResource

TRUST = "assume_role_policy"
INLINE_LABEL = "inline_policy "


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

    def attached(self, arn: str, account: str) -> Mapping[str, Json] | None:
        """By ARN, the managed policies that are attached to a principal itself; of one that could
        not be read, None."""
        ...

    def key(self, user: str, key_id: str, account: str) -> str | None:
        """The status of a user's access key; "" where the user has none of that id."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """The states of this run. `single`: the roots that were read, and have one state, which has
    something in it: one that was moved to another backend has not."""

    index: StateIndex
    single: Set[str]


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


def in_state(root: str, address: Address, index: StateIndex) -> StateResource | None:
    found = index.of_block(root, address.module_names, address.block)
    return next((r for r in found if r.address == address), None)


def spot_of(
    there: StateResource, label: str, root: str, record: Record, index: StateIndex
) -> Spot | None:
    kind, known = there.address.type, there.attributes
    if kind == ROLE and known.arn:
        name = TRUST if label == TRUST else label.removeprefix(INLINE_LABEL)
        is_known = label == TRUST or (name != label and not name.startswith("#"))
        return Spot(known.arn, name, account_of(known.arn, root, index)) if is_known else None
    if kind == POLICY and known.arn:
        return Spot(known.arn, "", account_of(known.arn, root, index))
    if kind in INLINE:
        holder = kind.removeprefix("aws_iam_").removesuffix("_policy")
        arn = principal_at(holder, getattr(known, holder), root, record, index)
        if arn is None or not known.name:
            return None
        return Spot(arn, known.name, account_of(arn, root, index))
    named = record.all("Resource")
    owners = [a for a in named if _owns(a, root, there, index)]
    if not named and (owner := owner_of(there, root, index)):
        owners = [owner]  # it was seen in the code alone
    return Spot(owners[0], "", account_of(owners[0], root, index)) if len(owners) == 1 else None


def principal_at(
    kind: str, name: str | None, root: str, record: Record, index: StateIndex
) -> str | None:
    """The ARN of a role, user or group of that name: by the root's own state, else of those that
    the record names. A name is one account's: the record decides where the root has several, and
    where it is about this root alone."""
    here = index.accounts(root)
    own = {
        r.attributes.arn for where, r in index.by(f"aws_iam_{kind}", "name", name or "")
        if where == root
    }  # fmt: skip
    named = {
        arn: p.account
        for arn in record.all("Resource")
        if (p := principal_of(arn)) and (p.kind, p.name) == (kind, name)
    }
    if own and not own & named.keys():
        roots = {split_place(text)[0] for text in record.all("Terraform-Address")}
        if len(here) > 1 or (named and roots <= {root}):
            return None
    found = own or {arn for arn, account in named.items() if here <= {account}}
    return next(iter(found)) if len(found) == 1 else None


def _owns(arn: str, root: str, there: StateResource, index: StateIndex) -> bool:
    finding = Finding("", "", "", Resource("", arn, arn), {}, None, UNOBSERVED)
    found = resources.joined(finding, index)
    return not isinstance(found, Refusal) and (root, there) in found


def account_of(arn: str, root: str, index: StateIndex) -> str:
    """That the ARN says; of a bucket, the only one that the root's state has."""
    parts = arn.split(":")
    if len(parts) > 5 and parts[4]:
        return parts[4]
    accounts = index.accounts(root)
    return next(iter(accounts)) if len(accounts) == 1 else ""
