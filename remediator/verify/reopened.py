"""What a change newly opens that is a finding, and what the written rules would do about it.

Policy, exemptions and markers are those before the change: a change cannot excuse itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from remediator.access.doors import Door, open_doors
from remediator.access.network import Rule, RuleSet
from remediator.config import Marker
from remediator.detect.aws_config import SECURITY_GROUP
from remediator.evaluate import checks as ask
from remediator.evaluate.exemptions import Exemptions, Subject
from remediator.evaluate.gate import decide
from remediator.evaluate.policy import Policy, matching
from remediator.model import Disposition, Finding, Resource
from remediator.remediate.registry import class_of
from remediator.remediate.world_open import PIECES, WIDER, evidence_of
from remediator.terraform.address import module_names
from remediator.texts import listed
from remediator.verify import everybody
from remediator.verify.difference import Answer, Reopened
from remediator.verify.policy_types import PERMISSION, RESOURCE_POLICY, TRUST_POLICY
from remediator.verify.rules import INGRESS, Rules
from remediator.verify.subjects import Subject as Found

_EXTERNAL, _OPEN = "external-access", "open-to-world-policy"
_OF_ACCOUNT = re.compile(r" by arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):")
_SOURCE = "code"


@dataclass(frozen=True, slots=True)
class Written:
    """What people wrote down beforehand, and when it is asked. `knows`: whether an account is one
    that they know."""

    policy: Policy
    exemptions: Exemptions
    markers: Mapping[str, Marker]
    now: datetime
    knows: Callable[[str], bool] = lambda account: False


def doors(old: Found | None, new: Found, written: Written) -> Iterator[Reopened]:
    """The world-open doors that only the code after has."""
    if new.spot.what != INGRESS or not isinstance(new.value, Rules):
        return
    was = old.value.allowed if old and isinstance(old.value, Rules) else RuleSet.of(())
    for door in open_doors(new.value.doors()):
        ports = door.ports
        rules = (Rule(ports.protocol, ports.from_port, ports.to_port, c) for c in door.cidrs)
        if not RuleSet.of(rules) <= was:
            yield _decided(door, new, written)


def _decided(door: Door, group: Found, written: Written) -> Reopened:
    cls = class_of(door)
    address = group.spot.address
    resource = Resource(SECURITY_GROUP, "", name=group.name, tags=group.tags)
    finding = Finding(
        f"{cls.name}/{group.spot.root}/{address}/{door.ports.key}",
        cls.name,
        _SOURCE,
        resource,
        evidence_of(door),
        None,
        written.now,
        address,
        group.file,
        group.line,
        group.spot.root,
    )
    # Wider, or in pieces: why closing it again may want a person, and no reason to let it open.
    traits = set(cls.traits_of(finding)) - {WIDER, PIECES}
    names = {group.name, address.rpartition(".")[2], *module_names(address)}
    for name in names:
        marked = Resource(SECURITY_GROUP, "", name=name, tags=group.tags)
        traits |= ask.traits_of(marked, written.markers)
    exempt = ask.exemption_check(
        written.exemptions, Subject.of(finding, [address]), written.now.date()
    )
    # Unknown tags or names leave a review; a check that keeps doors closed must not pass for them.
    checks = (exempt,) if exempt.limit is Disposition.EXEMPT else ()
    decision = decide(written.policy, cls.name, frozenset(traits), checks)
    text = f"{door.ports} from {listed([*door.cidrs])}"
    return Reopened(cls.name, decision.policy_row, decision.disposition.word, text)


def strangers(
    old: Found | None, new: Found, answer: Answer, witness: str | None, written: Written
) -> list[Reopened]:
    """Of a policy that newly lets somebody in: everybody, or an account that nobody knows."""
    if new.spot.what not in (RESOURCE_POLICY, TRUST_POLICY, PERMISSION):
        return []
    public = everybody.opened(old, new)
    if public is not None:
        # Open to everybody is no better than open to one account that nobody knows.
        return _by_row(_OPEN, (_OPEN, _EXTERNAL), public, new, written)
    if answer is not Answer.WIDER or not witness:
        return []
    if witness.endswith(" by *") or " by * with " in witness:
        return _by_row(_OPEN, (_OPEN,), witness, new, written)
    if any(not written.knows(a) for a in _OF_ACCOUNT.findall(witness)):
        return _by_row(_EXTERNAL, (_EXTERNAL,), witness, new, written)
    return []


def _by_row(
    name: str, classes: tuple[str, ...], text: str, new: Found, written: Written
) -> list[Reopened]:
    """By the strictest of what the policy would do about these classes, where they have a row;
    exempt where one of them is on the list for this place."""
    policy = written.policy
    rows = [
        policy.verdict(c, frozenset()) for c in classes if matching(policy.rows, c, frozenset())
    ]
    if not rows:
        return []
    row = max(rows, key=lambda r: r.disposition)
    exempt = any(_is_exempt(c, new, written) for c in classes)
    ends = Disposition.EXEMPT if exempt else row.disposition
    return [Reopened(name, row.id, ends.word, text)]


def _is_exempt(name: str, new: Found, written: Written) -> bool:
    root, address = new.spot.root, new.spot.address
    resource = Resource("", "", name=new.name, tags=new.tags)
    key = f"{name}/{root}/{address}"
    where = (address, new.file, new.line, root)
    finding = Finding(key, name, _SOURCE, resource, {}, None, written.now, *where)
    found = Subject.of(finding, [address])
    check = ask.exemption_check(written.exemptions, found, written.now.date())
    return check.limit is Disposition.EXEMPT
