"""Who else has a policy, and what all of them leave unused.

A policy that several principals have is narrowed by what every one of them lets go. One that
nobody speaks for, or that is not to be changed without a person, is told in a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remediator.model import Finding, Json, Refusal, place
from remediator.remediate.iam import emergency
from remediator.remediate.iam.catalogue import globbed, service_of
from remediator.remediate.iam.policies import POLICY
from remediator.remediate.iam.principals import (
    Known,
    Principal,
    attached_to,
    bounded_by,
    giving,
    is_live_known,
    joined,
    live_policies,
    principal_of,
    subject,
)
from remediator.remediate.iam.removable import Removable, contradicted, removable_of
from remediator.remediate.instances import Case
from remediator.terraform.state import StateIndex
from remediator.texts import listed, plain

_PLACES = "places"
"""What is added to a finding's evidence: by root and address, what is known of that policy."""


@dataclass(frozen=True, slots=True)
class Held:
    """A policy at its place. `policy` is its ARN or inline name; `others` have it too, `alone`
    those of them that no finding speaks for. `unsure` says why there may be more. It is kept for
    those who are `spared`: break-glass. `applied`: the addresses at which its root has it given to
    somebody."""

    policy: str
    removable: Removable
    others: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    unsure: str = ""
    spared: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()

    def document(self) -> dict[str, Json]:
        return {
            "policy": self.policy,
            "removable": self.removable.document(),
            "others": [*self.others],
            "alone": [*self.alone],
            "unsure": self.unsure,
            "spared": [*self.spared],
            "applied": [*self.applied],
        }


def informed(
    findings: Sequence[Finding],
    sure: Callable[[Finding], bool],
    index: StateIndex,
    marked: emergency.Marked,
) -> list[Finding]:
    """Each finding with what the states and all others say of its policies."""
    told: dict[Principal, list[Finding]] = {}
    for finding in findings:
        found = subject(finding)
        if found is not None:
            told.setdefault(found, []).append(finding)
    speaking: dict[Principal, Removable | None] = {}

    def speaks(principal: Principal) -> Removable | None:
        if principal not in speaking:
            own = told.get(principal, [])
            certain = [f for f in own if removable(f)[1] and sure(f)]
            speaking[principal] = _common(certain) if own and len(certain) == len(own) else None
        return speaking[principal]

    def keeps(finding: Finding) -> str:
        """What another finding of the principal keeps, of what would go by this one."""
        goes, own = removable(finding)[0], subject(finding)
        others = (f for f in (told[own] if own else ()) if f.id != finding.id)
        given = (f.evidence.get("removable") for f in others)
        found = (contradicted(goes, one) for one in given if isinstance(one, dict))
        return next((one for one in found if one), "")

    return [_informed(f, index, speaks, marked, keeps(f)) for f in findings]


def _common(findings: Sequence[Finding]) -> Removable:
    found = removable(findings[0])[0]
    for finding in findings[1:]:
        found &= removable(finding)[0]
    return found


def _informed(
    finding: Finding,
    index: StateIndex,
    speaks: Callable[[Principal], Removable | None],
    marked: emergency.Marked,
    kept_elsewhere: str,
) -> Finding:
    given = {name: v for name, v in finding.evidence.items() if name != _PLACES}
    finding = replace(finding, evidence=given)
    known = joined(finding, index)
    if isinstance(known, Refusal):
        return finding
    places: dict[str, Json] = {}
    for root, resource in known:
        held = _held(finding, (root, resource), index, speaks, marked)
        if kept_elsewhere:
            held = replace(held, unsure=f"another finding of it keeps {plain(kept_elsewhere, 80)}")
        places[place(root, str(resource.address))] = held.document()
    return replace(finding, evidence={**finding.evidence, _PLACES: places})


def _held(
    finding: Finding,
    known: Known,
    index: StateIndex,
    speaks: Callable[[Principal], Removable | None],
    marked: emergency.Marked,
) -> Held:
    own, goes = subject(finding), removable(finding)[0]
    attributes = known[1].attributes
    if known[1].address.type != POLICY:
        unsure = "the members of the group are not known" if own and own.kind == "group" else ""
        return Held(attributes.name or "", goes, unsure=unsure)
    arn = attributes.arn or ""
    live = next((p for p in live_policies(finding) if p.id == arn), None)
    attached = {*attached_to(arn, index)}
    bounded = [*bounded_by(arn, index)]
    strange = [f"{p}, as their boundary" for p in bounded]
    for text in (live.attached if live else None) or ():
        principal = principal_of(text)
        if principal is None:
            strange.append(text)
        else:
            attached.add(principal)
    others = sorted(attached - {own}, key=str) if own else []
    spared = emergency.among([*sorted(attached, key=str), *bounded], live, index, marked)
    if spared:
        return Held(arn, Removable(), tuple(map(str, others)), spared=spared)
    alone = [str(p) for p in others if p.kind == "group" or speaks(p) is None] + strange
    for other in others:
        spoken = speaks(other)
        if spoken is not None:
            goes &= spoken
    unsure = "whom it is attached to live is not known"
    if live and live.attached is not None:
        missing = own is not None and own not in map(principal_of, live.attached)
        unsure = f"whom it is attached to live is told without {own}" if missing else ""
    applied = tuple(str(r.address) for root, r in giving(arn, index) if root == known[0])
    return Held(arn, goes, tuple(map(str, others)), tuple(alone), unsure, (), applied)


# What a finding says -------------------------------------------------------------------------


def removable(finding: Finding) -> tuple[Removable, bool]:
    """What may go, and whether that was computed from its use: without, whole services that are
    unused. Raises ValueError for evidence that is none."""
    found = removable_of(finding.evidence.get("removable"))
    if found is not None:
        return found, True
    unused = finding.evidence.get("unused")
    services = [
        str(u.get("service"))
        for u in (unused if isinstance(unused, list) else [])
        if isinstance(u, dict) and u.get("actions") is None and u.get("service")
    ]
    return Removable.of(services, ()), False


def kept(finding: Finding, patterns: Sequence[str]) -> tuple[str, ...]:
    """Of what was found unused and is not to go, what these patterns grant, with the reasons."""
    given = finding.evidence.get("removable")
    entries = given.get("kept") if isinstance(given, dict) else None
    found: dict[str, None] = {}
    for entry in entries if isinstance(entries, list) else []:
        action = entry.get("action") if isinstance(entry, dict) else None
        why = entry.get("why") if isinstance(entry, dict) else None
        if (
            isinstance(action, str)
            and isinstance(why, str)
            and why
            and _is_granted(action, patterns)
        ):
            found[plain(f"{action} ({why})", 200)] = None
    return tuple(found)


def _is_granted(action: str, patterns: Sequence[str]) -> bool:
    """An action, or with `*` anything of a service."""
    service = service_of(action)
    if action.endswith(":*"):
        return any(globbed(service_of(p)).fullmatch(service) for p in patterns)
    return any(globbed(p).fullmatch(action) for p in patterns)


def held_at(finding: Finding, where: tuple[str, str]) -> Held:
    """What is known of a policy, by the root and address of its resource."""
    places = finding.evidence.get(_PLACES)
    found = places.get(place(*where)) if isinstance(places, dict) else None
    if not isinstance(found, dict):
        return Held("", removable(finding)[0], unsure="no state says whose policy it is")
    goes = removable_of(found.get("removable")) or Removable()
    return Held(
        str(found.get("policy")),
        goes,
        tuple(_texts(found.get("others"))),
        tuple(_texts(found.get("alone"))),
        str(found.get("unsure")),
        tuple(_texts(found.get("spared"))),
        tuple(_texts(found.get("applied"))),
    )


def spared(finding: Finding) -> list[tuple[str, str]]:
    """Each policy that is kept for break-glass, and for whom."""
    places = finding.evidence.get(_PLACES)
    found = [p for p in places.values() if isinstance(p, dict)] if isinstance(places, dict) else []
    told = [(str(p.get("policy")), listed([*_texts(p.get("spared"))])) for p in found]
    return [(policy, who) for policy, who in told if who]


def _texts(value: Json) -> Iterator[str]:
    yield from (t for t in (value if isinstance(value, list) else []) if isinstance(t, str))


def is_live_policy_known(finding: Finding, held: Held) -> bool:
    return is_live_known(finding) and any(p.id == held.policy for p in live_policies(finding))


# What the findings of one change agree on ----------------------------------------------------


def agreed(
    cases: Sequence[Case], spans: Callable[[Case], Sequence[tuple[str, int, int]]]
) -> Mapping[str, Finding]:
    """Where two policies share a literal, both lose what both may lose, and no more."""
    groups = _Groups()
    users: dict[object, tuple[str, str]] = {}
    for case in cases:
        where = (case.instance.root, case.instance.address)
        for span in spans(case):
            groups.join(where, users.setdefault(span, where))
    common: dict[tuple[str, str], Removable] = {}
    for case in cases:
        where = (case.instance.root, case.instance.address)
        leader, goes = groups.leader(where), held_at(case.finding, where).removable
        common[leader] = common[leader] & goes if leader in common else goes
    made = {case.finding.id: case.finding for case in cases}
    for case in cases:
        where = (case.instance.root, case.instance.address)
        held = replace(held_at(case.finding, where), removable=common[groups.leader(where)])
        made[case.finding.id] = _with(made[case.finding.id], where, held)
    return made


def _with(finding: Finding, where: tuple[str, str], held: Held) -> Finding:
    places = finding.evidence.get(_PLACES)
    before = places if isinstance(places, dict) else {}
    after: dict[str, Json] = {**before, place(*where): held.document()}
    return replace(finding, evidence={**finding.evidence, _PLACES: after})


class _Groups:
    """Places that share a literal, directly or through others."""

    def __init__(self) -> None:
        self._above: dict[tuple[str, str], tuple[str, str]] = {}

    def leader(self, where: tuple[str, str]) -> tuple[str, str]:
        while (above := self._above.get(where, where)) != where:
            where = above
        return where

    def join(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        self._above[self.leader(one)] = self.leader(other)
