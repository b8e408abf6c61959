"""Looks at every configured region: what Config flags, and the rules as they are now.

A region that fails is reported and the others go on: this is where an upstream fault becomes
a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from remediator.access.doors import Door
from remediator.aws.session import AwsSession
from remediator.detect.aws_config import SECURITY_GROUP, Compliance, Flag, read_compliance
from remediator.detect.groups import Evidence, Region, finding_id, findings_of
from remediator.detect.live import read_groups, read_rules
from remediator.model import UNOBSERVED, Finding, Kind, Outcome, Resource, UpstreamError

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Sources:
    """`config_rules` None: AWS Config is not asked. `live`: groups nobody flags count too.
    `groups`: the only ones that are looked at; None is all."""

    config_rules: Sequence[str] | None
    live: bool
    groups: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """`resolved` are flags and reported findings that the live rules do not bear out; `unasked`
    are open groups that only count where a report names them; `account` is the one that was
    looked into, and `regions` those of its regions that answered."""

    findings: tuple[Finding, ...] = ()
    resolved: tuple[Outcome, ...] = ()
    regions: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    problems: tuple[UpstreamError, ...] = ()
    account: str = ""
    unasked: tuple[Finding, ...] = ()
    groups: frozenset[str] | None = None
    parts: tuple[Swept, ...] = ()

    def looked_into(self, resource: Resource) -> bool:
        """Whether its rules would have been seen. A report may hold many accounts' findings; one
        that names no account may be in any of those that were looked into."""
        if self.parts:
            several = [part.looked_into(resource) for part in self.parts]
            return all(several) if resource.account is None else any(several)
        if self.groups is not None and resource.id not in self.groups:
            return False
        here = resource.account is None or resource.account == self.account
        return here and resource.region in self.regions


def sweep(
    session: AwsSession,
    sources: Sources,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    clock: Callable[[], datetime],
) -> Swept:
    """All regions, several at once; the answer is in the regions' order whatever came first."""
    try:
        account, regions = session.account(), session.regions
    except UpstreamError as fault:
        return Swept(problems=(fault,))

    def one(region: str) -> Swept:
        return _region(session, account, region, sources, class_name, evidence, clock)

    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(regions))) as pool:
        parts = list(pool.map(one, regions))
    return replace(_joined(parts), account=account, groups=sources.groups)


def together(parts: Sequence[Swept]) -> Swept:
    """Several accounts' as one. Its regions are those that answered for all of them."""
    if len(parts) == 1:
        return parts[0]
    common = frozenset.intersection(*(p.regions for p in parts)) if parts else frozenset()
    return replace(_joined(parts), regions=common, parts=tuple(parts))


def _joined(parts: Sequence[Swept]) -> Swept:
    return Swept(
        findings=tuple(f for p in parts for f in p.findings),
        resolved=tuple(o for p in parts for o in p.resolved),
        regions=frozenset().union(*(p.regions for p in parts)),
        notes=tuple(n for p in parts for n in p.notes),
        problems=tuple(e for p in parts for e in p.problems),
        unasked=tuple(f for p in parts for f in p.unasked),
    )


def _region(
    session: AwsSession,
    account: str,
    region: str,
    sources: Sources,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    clock: Callable[[], datetime],
) -> Swept:
    problems: list[UpstreamError] = []
    compliance = Compliance((), (), ())
    if sources.config_rules is not None:
        try:
            config = session.client("config", region)
            compliance = read_compliance(config, account, sources.config_rules)
        except UpstreamError as fault:
            problems.append(fault)
    try:
        ec2 = session.client("ec2", region)
        rules = read_rules(ec2, sources.groups)
        holders = {r.group_id for r in rules if not r.is_egress and (r.cidr_ipv4 or r.cidr_ipv6)}
        groups = read_groups(ec2, holders | {f.group_id for f in compliance.flags})
    except UpstreamError as fault:
        return Swept(notes=compliance.notes, problems=(*problems, fault))
    now = clock()
    found = findings_of(
        Region(groups, rules, compliance.flags, now), class_name, evidence, unflagged=sources.live
    )
    return Swept(
        found.findings,
        tuple(_late(flag, now) for flag in found.late),
        frozenset({region}),
        compliance.notes,
        tuple(problems),
        unasked=found.unasked,
    )


def _late(flag: Flag, now: datetime) -> Outcome:
    finding = Finding(
        id=finding_id("config", flag.account, flag.region, flag.group_id, flag.rule_name),
        finding_class="open-admin-port",
        source=f"config:{flag.rule_name}",
        resource=Resource(SECURITY_GROUP, flag.group_id, account=flag.account, region=flag.region),
        evidence={},
        created_at=flag.since,
        observed_at=now,
    )
    return Outcome(
        finding,
        Kind.RESOLVED,
        "not-live",
        f"AWS Config rule {flag.rule_name} still flags it, and no ingress rule of it is open "
        "to the world any more: Config is late",
    )


def reconcile(
    reported: Iterable[Finding], swept: Swept, understood: Callable[[Finding], bool]
) -> Swept:
    """Findings from a file, confirmed by what was just read.

    One that the live rules bear out keeps its own id, source and date, and gets the live
    evidence; one that they do not is resolved; one from a region that was not read stays
    unobserved, which the gate lowers. Nothing is said of one that is not `understood`.
    """
    live = {_key(f): f for f in (*swept.findings, *swept.unasked)}
    unasked = {_key(f) for f in swept.unasked}
    confirmed: dict[tuple[str, ...], list[Finding]] = {}
    resolved = list(swept.resolved)
    extra: list[Finding] = []
    for finding in reported:
        seen = live.get(_key(finding)) if understood(finding) else None
        if seen is not None and _same(finding, seen):
            confirmed.setdefault(_key(seen), []).append(_confirmed(finding, seen))
        elif seen is None and swept.looked_into(finding.resource) and understood(finding):
            text = f"{finding.source} reports it, and the live rules do not have it any more"
            resolved.append(Outcome(finding, Kind.RESOLVED, "not-live", text))
        else:
            extra.append(replace(finding, observed_at=UNOBSERVED))
    findings = [
        finding
        for key, own in live.items()
        for finding in confirmed.get(key, [] if key in unasked else [own])
    ]
    return replace(swept, findings=(*findings, *extra), resolved=tuple(resolved))


def _key(finding: Finding) -> tuple[str, ...]:
    """The group and the door, whatever a file has for evidence."""
    names = ("protocol", "from_port", "to_port")
    return (finding.resource.id, *(repr(finding.evidence.get(name)) for name in names))


def _same(finding: Finding, seen: Finding) -> bool:
    region = finding.resource.region in (None, seen.resource.region)
    return region and finding.finding_class == seen.finding_class


def _confirmed(finding: Finding, seen: Finding) -> Finding:
    return replace(
        seen,
        id=finding.id,
        source=finding.source,
        created_at=finding.created_at or seen.created_at,
    )
