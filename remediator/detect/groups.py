"""From live rules and Config's flags to findings: one for each world-open door of a group.

What AWS Config says is confirmed against the live rules and never believed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from remediator.access.doors import Door, Ports, open_doors
from remediator.detect.aws_config import SECURITY_GROUP, Flag
from remediator.detect.live import LiveGroup, LiveRule
from remediator.model import Finding, Json, Resource

LIVE_SOURCE = "ec2:DescribeSecurityGroupRules"


@dataclass(frozen=True, slots=True)
class Detected:
    """`late` are the flags whose group has no world-open door any more; `unasked` are the open
    groups that count only where somebody names them."""

    findings: tuple[Finding, ...]
    late: tuple[Flag, ...]
    unasked: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """What was read of one account and region, and when."""

    groups: tuple[LiveGroup, ...]
    rules: tuple[LiveRule, ...]
    flags: tuple[Flag, ...]
    read_at: datetime


Evidence = Callable[[Door, Iterable[str]], dict[str, Json]]


def findings_of(
    region: Region, class_name: Callable[[Door], str], evidence: Evidence, *, unflagged: bool
) -> Detected:
    """`unflagged`: also groups that no Config rule flags (the live rules are a source too)."""
    by_group: dict[str, list[LiveRule]] = {}
    for rule in region.rules:
        if not rule.is_egress:
            by_group.setdefault(rule.group_id, []).append(rule)
    flags: dict[str, list[Flag]] = {}
    for flag in region.flags:
        flags.setdefault(flag.group_id, []).append(flag)
    findings: list[Finding] = []
    unasked: list[Finding] = []
    late: list[Flag] = []
    for group in region.groups:
        rules, flagged = by_group.get(group.id, []), flags.pop(group.id, [])
        doors = open_doors((_ports(r), c) for r in rules if (c := _cidr(r)))
        late += flagged if not doors else []
        (findings if flagged or unflagged else unasked).extend(
            _finding(group, door, rules, flagged, class_name(door), evidence, region.read_at)
            for door in doors
        )
    gone = [flag for rest in flags.values() for flag in rest]
    return Detected(tuple(findings), tuple(late + gone), tuple(unasked))


def _ports(rule: LiveRule) -> Ports:
    return Ports.of(rule.protocol, rule.from_port, rule.to_port)


def _cidr(rule: LiveRule) -> str | None:
    return rule.cidr_ipv4 or rule.cidr_ipv6


def _finding(
    group: LiveGroup,
    door: Door,
    rules: list[LiveRule],
    flags: list[Flag],
    name: str,
    evidence: Evidence,
    now: datetime,
) -> Finding:
    ids = [r.rule_id for r in rules if _ports(r) == door.ports and _cidr(r) in door.cidrs]
    times = [f.since for f in flags if f.since]
    return Finding(
        id=finding_id(name, group.account, group.region, group.id, door.ports.key),
        finding_class=name,
        source=", ".join(f"config:{f.rule_name}" for f in flags) or LIVE_SOURCE,
        resource=Resource(
            SECURITY_GROUP,
            group.id,
            group.arn,
            group.account,
            group.region,
            group.name,
            group.tags,
            group.description,
            group.vpc_id,
        ),
        evidence=evidence(door, ids),
        created_at=min(times, default=None),
        observed_at=now,
    )


def finding_id(*parts: str) -> str:
    """Stable for as long as the thing is wrong: it says what and where, and nothing else."""
    return "/".join(parts)
