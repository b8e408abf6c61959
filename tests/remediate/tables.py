"""What the tables of cases share: a case, the texts most of them begin with, a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import indent

from cases import NOW, Files

from remediator.access.doors import Door, Ports
from remediator.model import Disposition, Finding, Resource
from remediator.remediate.world_open import evidence_of

AUTO, REVIEW = Disposition.AUTO, Disposition.REVIEW
WORLD = '["0.0.0.0/0"]'


@dataclass(frozen=True)
class Case:
    """`before` becomes `after`, of which only the files that differ are given. An input that
    `terraform fmt` would change is not `tidy`. `because`: words of a check that lowers it;
    `trail`: where the values come from, as the proof says."""

    name: str
    before: Files
    after: Files
    disposition: Disposition = AUTO
    config: Mapping[str, object] = field(default_factory=dict)
    tidy: bool = True
    because: str = ""
    trail: tuple[str, ...] = ()
    findings: tuple[Finding, ...] | None = None


def named(case: Case) -> str:
    return case.name


def group(inside: str, label: str = "web", name: str = "edge") -> str:
    """A security group whose arguments `inside` are written from column 0."""
    body = indent(inside.strip("\n") + "\n", "  ") if inside.strip() else ""
    return f'resource "aws_security_group" "{label}" {{\n  name = "{name}"\n{_gap(body)}{body}}}\n'


def _gap(body: str) -> str:
    return "\n" if body else ""


def ingress(
    cidrs: str = WORLD,
    low: object = 22,
    high: object = None,
    protocol: str = '"tcp"',
    more: str = "",
) -> str:
    """An ingress block; `more` are further lines of it, already aligned."""
    gap = "" if "\n" in cidrs else "  "  # what is over several lines aligns with nothing
    lines = [
        f"from_port{gap} = {low}",
        f"to_port  {gap} = {low if high is None else high}",
        f"protocol {gap} = {protocol}",
        f"cidr_blocks = {cidrs}",
        *more.splitlines(),
    ]
    return "ingress {\n" + indent("\n".join(lines), "  ") + "\n}\n"


def rule(
    cidrs: str = WORLD,
    low: object = 22,
    high: object = None,
    more: str = "",
    label: str = "ssh",
    protocol: str = '"tcp"',
    kind: str = '"ingress"',
) -> str:
    """An aws_security_group_rule of the group `web`."""
    lines = [
        f"type              = {kind}",
        "security_group_id = aws_security_group.web.id",
        f"from_port         = {low}",
        f"to_port           = {low if high is None else high}",
        f"protocol          = {protocol}",
        f"cidr_blocks       = {cidrs}",
        *more.splitlines(),
    ]
    body = indent("\n".join(lines), "  ")
    return f'resource "aws_security_group_rule" "{label}" {{\n{body}\n}}\n'


def vpc_rule(
    cidr: str = '"0.0.0.0/0"',
    low: object = 22,
    high: object = None,
    more: str = "",
    label: str = "ssh",
    argument: str = "cidr_ipv4",
    protocol: str = '"tcp"',
) -> str:
    """An aws_vpc_security_group_ingress_rule of the group `web`."""
    lines = [
        "security_group_id = aws_security_group.web.id",
        f"from_port         = {low}",
        f"to_port           = {low if high is None else high}",
        f"ip_protocol       = {protocol}",
        f"{argument}         = {cidr}",
        *more.splitlines(),
    ]
    body = indent("\n".join(lines), "  ")
    return f'resource "aws_vpc_security_group_ingress_rule" "{label}" {{\n{body}\n}}\n'


def found(
    address: str,
    ports: tuple[str, int, int] = ("tcp", 22, 22),
    cidrs: tuple[str, ...] = ("0.0.0.0/0",),
    finding_class: str = "open-admin-port",
    file: str = "main.tf",
) -> Finding:
    """A finding that somebody reports of a block in a file, whatever stands there."""
    return Finding(
        id=f"reported/{address}",
        finding_class=finding_class,
        source="file",
        resource=Resource("AWS::EC2::SecurityGroup", "", name="edge"),
        evidence=evidence_of(Door(Ports(*ports), cidrs)),
        created_at=None,
        observed_at=NOW,
        address=address,
        file=file,
    )
