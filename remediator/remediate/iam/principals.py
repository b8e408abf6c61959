"""Roles, users and groups, and which Terraform the states join to them.

A role's name is unique in its account alone, and most resources of a state say no account. It is
told by the ARNs of the same state; where those leave it open, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.model import Finding, Json, Refusal
from remediator.remediate.iam.policies import POLICY, ROLE
from remediator.terraform.state import StateIndex, StateResource

_ARN = re.compile(r"arn:[a-z-]+:iam::(\d{12}):(role|user|group|policy)/(?:.*/)?([^/]+)", re.DOTALL)
OWN = {"role": ROLE, "user": "aws_iam_user", "group": "aws_iam_group", "policy": POLICY}
_ATTACHING = ("role", "user", "group")
_ATTACHED = "aws_iam_policy_attachment"
Known = tuple[str, StateResource]
"""A root's directory, and a resource of its state."""


@dataclass(frozen=True, slots=True)
class Principal:
    """`kind` is role, user, group or policy."""

    kind: str
    name: str
    account: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def principal_of(arn: str | None) -> Principal | None:
    found = _ARN.fullmatch(arn or "")
    return Principal(found[2], found[3], found[1]) if found else None


def account_in(arn: str | None) -> str | None:
    """The account that an ARN says."""
    parts = (arn or "").split(":")
    return parts[4] if len(parts) > 5 and re.fullmatch(r"\d{12}", parts[4]) else None


def subject(finding: Finding) -> Principal | None:
    return principal_of(finding.resource.arn)


def no_arn(finding: Finding) -> Refusal:
    return Refusal(
        "locate",
        "no-arn",
        f"the finding names {finding.resource.id or 'nothing'} without an ARN of its kind, so that "
        "nobody can tell whose it is; give resource.arn",
    )


def joined(finding: Finding, index: StateIndex) -> list[Known] | Refusal:
    """Its own resource, its inline policies, and the customer policies that are attached to it by
    the states or live."""
    arn, found = finding.resource.arn, subject(finding)
    if arn is None or found is None:
        return no_arn(finding)
    own = [*index.by(OWN[found.kind], "arn", arn)]
    if found.kind == "policy":
        return own
    named = index.by(f"aws_iam_{found.kind}_policy", found.kind, found.name)
    inline = _of_account(found, arn, named, index)
    if isinstance(inline, Refusal):
        return inline
    attachments = _attachments(found, arn, index)
    if isinstance(attachments, Refusal):
        return attachments
    arns = dict.fromkeys([*_attached_by_state(found, arn, index), *_attached_live(finding)])
    customer = [known for policy in arns for known in index.by(POLICY, "arn", policy)]
    return [*own, *inline, *attachments, *customer]


def _attachments(found: Principal, arn: str, index: StateIndex) -> list[Known] | Refusal:
    """Of policies that AWS manages: the text of others is in resources of their own."""
    kind = f"aws_iam_{found.kind}_policy_attachment"
    of_aws = [
        known
        for known in (
            *index.by(kind, found.kind, found.name),
            *index.by(_ATTACHED, f"{found.kind}s", found.name),
        )
        if ":iam::aws:policy/" in (known[1].attributes.policy_arn or "")
    ]
    return _of_account(found, arn, of_aws, index)


def _of_account(
    found: Principal, arn: str, named: Iterable[Known], index: StateIndex
) -> list[Known] | Refusal:
    """Of what is for that name, what is in the account that is meant."""
    kept: list[Known] = []
    for root, resource in named:
        answer = _is_of(root, resource, found, arn, index)
        if answer is None:
            return Refusal(
                "locate",
                "ambiguous-account",
                f"the state of {root or 'the top folder'} has {resource.address} for a "
                f"{found.kind} named {found.name}, and nothing there tells whether it is in "
                f"account {found.account}; change it by hand",
            )
        if answer:
            kept.append((root, resource))
    return kept


def _is_of(
    root: str, resource: StateResource, found: Principal, arn: str, index: StateIndex
) -> bool | None:
    """Whether a resource means the principal of this ARN by its name; None where nobody can tell.
    Made with another provider than the principal it may be for one of that name elsewhere; and
    where the state says no provider, a root of several accounts may have several."""
    owners = [r for where, r in index.by(OWN[found.kind], "name", found.name) if where == root]
    named = {r.attributes.arn for r in owners}
    is_beside = {r.provider for r in owners} == {resource.provider}
    accounts = index.accounts(root, resource.provider)
    if len(named) == 1 and is_beside and (resource.provider or len(accounts) < 2):
        return arn in named
    if found.account not in accounts:
        return False if accounts else None
    return True if len(accounts) == 1 else None


def _attached_by_state(found: Principal, arn: str, index: StateIndex) -> Iterator[str]:
    """The ARNs of the customer policies of its account."""
    resources = [
        *index.by(f"aws_iam_{found.kind}_policy_attachment", found.kind, found.name),
        *index.by(_ATTACHED, f"{found.kind}s", found.name),
    ]
    for _, resource in resources:
        policy = principal_of(resource.attributes.policy_arn)
        if policy is not None and policy.account == found.account:
            yield resource.attributes.policy_arn or ""
    for _, resource in index.by(OWN[found.kind], "arn", arn):
        yield from resource.attributes.managed_policy_arns


def _attached_live(finding: Finding) -> Iterator[str]:
    for policy in live_policies(finding):
        if policy.kind == "customer":
            yield policy.id


def attached_to(arn: str, index: StateIndex) -> Iterator[Principal]:
    """Whom a customer policy is attached to, by the states."""
    policy = principal_of(arn)
    if policy is None:
        return
    for kind in _ATTACHING:
        for _, r in index.by(f"aws_iam_{kind}_policy_attachment", "policy_arn", arn):
            name = getattr(r.attributes, kind)
            if name:
                yield Principal(kind, name, policy.account)
    for _, r in index.by(_ATTACHED, "policy_arn", arn):
        for kind in _ATTACHING:
            for name in getattr(r.attributes, f"{kind}s"):
                yield Principal(kind, name, policy.account)
    for _, r in index.by(ROLE, "managed_policy_arns", arn):
        if r.attributes.name:
            yield Principal("role", r.attributes.name, policy.account)


def bounded_by(arn: str, index: StateIndex) -> Iterator[Principal]:
    """Whom a customer policy is the boundary of, by the states: the most that they may do."""
    policy = principal_of(arn)
    for kind in ("role", "user") if policy else ():
        for _, r in index.by(OWN[kind], "permissions_boundary", arn):
            yield Principal(kind, r.attributes.name or "?", policy.account if policy else "")


def giving(arn: str, index: StateIndex) -> Iterator[Known]:
    """What of the states gives a customer policy to somebody: attachments, and who has it."""
    for kind in (*(f"aws_iam_{kind}_policy_attachment" for kind in _ATTACHING), _ATTACHED):
        yield from index.by(kind, "policy_arn", arn)
    yield from index.by(ROLE, "managed_policy_arns", arn)
    for kind in ("role", "user"):
        yield from index.by(OWN[kind], "permissions_boundary", arn)


# What the finding says of the live account ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """`kind` is inline, customer or aws; `attached` is None where it is not known. `emergency`
    are those others who have it for break-glass."""

    id: str
    kind: str
    document: Json
    attached: tuple[str, ...] | None
    emergency: tuple[str, ...] = ()


def live_policies(finding: Finding) -> list[LivePolicy]:
    live = finding.evidence.get("live")
    found = live.get("policies") if isinstance(live, dict) else None
    made = []
    for policy in found if isinstance(found, list) else []:
        if isinstance(policy, dict) and isinstance(policy.get("id"), str):
            made.append(
                LivePolicy(
                    str(policy["id"]),
                    str(policy.get("kind")),
                    policy.get("document"),
                    _texts(policy.get("attached")),
                    _texts(policy.get("break_glass")) or (),
                )
            )
    return made


def _texts(value: Json) -> tuple[str, ...] | None:
    return tuple(t for t in value if isinstance(t, str)) if isinstance(value, list) else None


def is_live_known(finding: Finding) -> bool:
    live = finding.evidence.get("live")
    return isinstance(live, dict) and isinstance(live.get("policies"), list)
