"""What the classes of world-open ingress share: evidence, reading, rewriting, access."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from remediator.access.doors import Door, Ports
from remediator.access.network import Rule, RuleSet, parse_cidr, problem_of
from remediator.model import Finding, Json, Refusal
from remediator.remediate.classes import Access, Settings
from remediator.remediate.closer import close
from remediator.remediate.closing import Closing, matching, obscured
from remediator.remediate.grants import GROUP, OWNER_TYPES, RULE, VPC_RULE, Grant, grants_of
from remediator.remediate.rewrite import Rewrite
from remediator.terraform.address import Address
from remediator.terraform.module import Module
from remediator.terraform.syntax import Block, references
from remediator.texts import listed

PIECES = "world-in-pieces"
WIDER = "wider"
NAMES = {22: "SSH", 3389: "RDP", 80: "HTTP", 443: "HTTPS"}
PERMISSIONS = (
    "config:DescribeConfigRules",
    "config:GetComplianceDetailsByConfigRule",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
)


def evidence_of(door: Door, rule_ids: Iterable[str] = ()) -> dict[str, Json]:
    """{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": […], "rules": ["sgr-…"]}"""
    ports = door.ports
    evidence: dict[str, Json] = {
        "protocol": ports.protocol,
        "from_port": ports.from_port,
        "to_port": ports.to_port,
        "cidrs": list(door.cidrs),
    }
    rules: list[Json] = [*sorted(rule_ids)]
    return evidence | ({"rules": rules} if rules else {})


def door_of(finding: Finding) -> Door:
    """The inverse of `evidence_of`. Raises ValueError with a sentence for other evidence."""
    evidence = finding.evidence
    protocol, cidrs = evidence.get("protocol"), evidence.get("cidrs")
    low, high = evidence.get("from_port"), evidence.get("to_port")
    if not isinstance(protocol, str) or not isinstance(cidrs, list) or not cidrs:
        raise ValueError('evidence needs "protocol" (text) and "cidrs" (a list with an entry)')
    if not _is_port(low) or not _is_port(high):
        raise ValueError('evidence needs "from_port" and "to_port" (numbers from -1 to 65535)')
    assert isinstance(low, int)
    assert isinstance(high, int)
    ports = Ports.of(protocol, low, high)
    problem = problem_of(Rule(ports.protocol, ports.from_port, ports.to_port, ""))
    if problem:
        raise ValueError(f"evidence: {problem}")
    texts = [c for c in cidrs if isinstance(c, str)]
    if len(texts) != len(cidrs):
        raise ValueError('evidence "cidrs" must hold texts')
    for text in texts:
        parse_cidr(text)
    return Door(ports, tuple(sorted(texts)))


def _is_port(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= 65535


@dataclass(frozen=True)
class GroupAccess:
    """The rules that are known, one by one, and the text of every grant that is not."""

    rules: tuple[Rule, ...]
    unread: tuple[str, ...] = ()

    @cached_property
    def allowed(self) -> RuleSet:
        return RuleSet.of(self.rules)

    def within(self, wider: Access) -> bool:
        return (
            isinstance(wider, GroupAccess)
            and self.unread == wider.unread
            and self.allowed <= wider.allowed
        )

    def canonical(self) -> Json:
        rules: list[Json] = [{**rule} for rule in self.allowed.canonical()]
        unread: list[Json] = list(self.unread)
        found: dict[str, Json] = {"ingress": rules}
        if unread:
            found["not_evaluated"] = unread
        return found

    def lines(self) -> tuple[str, ...]:
        return (*self.allowed.describe(), *(f"not evaluated: {u}" for u in self.unread))


@dataclass(frozen=True, slots=True)
class WorldOpen:
    """A class of doors. `keep_neighbours`: of a wider door only the admin ports are closed.
    `claims`: whether a door is of this class; a finding that says so may be mistaken."""

    name: str
    title: str
    reference: str
    keep_neighbours: bool = False
    scope: str = "sg"
    resource_types: tuple[str, ...] = OWNER_TYPES
    permissions: tuple[str, ...] = PERMISSIONS
    traits: frozenset[str] = frozenset({WIDER, PIECES})
    claims: Callable[[Door], bool] = lambda door: True

    def evidence_problem(self, finding: Finding) -> str | None:
        try:
            door = door_of(finding)
        except ValueError as why:
            return str(why)
        return None if self.claims(door) else f"evidence: {door.ports} is not {self.title}"

    def traits_of(self, finding: Finding) -> frozenset[str]:
        door = door_of(finding)
        wider = self.keep_neighbours and door.ports.from_port != door.ports.to_port
        wider = wider or door.ports.from_port == -1
        flags = {WIDER: wider, PIECES: door.in_pieces}
        return frozenset(trait for trait, holds in flags.items() if holds)

    def subject(self, finding: Finding) -> str:
        ports = door_of(finding).ports
        name = NAMES.get(ports.from_port) if ports.from_port == ports.to_port else None
        if name is None and self.keep_neighbours:
            name = " and ".join(NAMES[p] for p in (22, 3389) if ports.reaches_tcp(p))
        return f"close {name or ports} to the world"

    def site(self, finding: Finding) -> str:
        door = door_of(finding)
        return f"{door.ports.key} {','.join(door.cidrs)}"

    def names_in(self, block: Block) -> tuple[str, ...]:
        """The block's own label, and that of the group whose rule it is."""
        attribute = block.body.attribute("security_group_id")
        groups = references(attribute.value) if attribute else ()
        return (block.labels[-1], *(r.parts[1] for r in groups if len(r.parts) > 1))

    def occurs_in(self, block: Block, finding: Finding) -> bool:
        return block.labels[0] in OWNER_TYPES and bool(matching(block, door_of(finding)))

    def obscured_in(self, block: Block, finding: Finding) -> tuple[str, ...]:
        return obscured(block, door_of(finding).ports)

    def unsafe_beside(self, blocks: Iterable[Block], joined: Iterable[Address]) -> str | None:
        """Inline rules are exclusive: they fight with rules that are resources of their own
        (the AWS provider's documentation of aws_security_group)."""
        inline = [b.address for b in blocks if b.labels[0] == GROUP]
        rules = [str(a) for a in joined if a.type in (RULE, VPC_RULE)]
        if not inline or not rules:
            return None
        return (
            f"{listed(inline)} has rules of its own, and {listed(rules)} adds others to the same "
            "group: the provider lets the inline rules win, whatever they become"
        )

    def uncovered(self, blocks: Iterable[Block], finding: Finding) -> tuple[str, ...]:
        door = door_of(finding)
        found = {c.text for b in blocks for g in matching(b, door) for c in g.cidrs}
        networks = {parse_cidr(text) for text in found}
        return tuple(c for c in door.cidrs if parse_cidr(c) not in networks)

    def rewrite(
        self, block: Block, finding: Finding, module: Module, settings: Settings
    ) -> Rewrite | Refusal:
        return close(block, self._closing(finding, module, settings))

    def _closing(self, finding: Finding, module: Module, settings: Settings) -> Closing:
        wider = WIDER in self.traits_of(finding)
        approved = settings.approved_admin_cidrs if self.keep_neighbours else ()
        return Closing(door_of(finding), module, approved, self.keep_neighbours and wider)

    def access(self, blocks: Iterable[Block]) -> GroupAccess:
        grants = [g for b in blocks for g in grants_of(b)]
        unread = sorted(text for grant in grants for text in _unread(grant))
        rules = tuple(rule for grant in grants for rule in grant.rules())
        return GroupAccess(rules, tuple(unread))

    def exact(
        self, before: Access, after: Access, finding: Finding, settings: Settings
    ) -> str | None:
        """An approved CIDR need not be new: another rule of the group may let it in already."""
        assert isinstance(before, GroupAccess)
        assert isinstance(after, GroupAccess)
        closing = self._closing(finding, Module("", (), ()), settings)
        closed = set(_rules(closing.door.ports, closing.door.cidrs))
        gone = sorted({rule.source for rule in before.rules if rule in closed})
        least = [rule for rule in before.rules if rule not in closed]
        for ports, cidrs in closing.kept(gone):
            least += _rules(ports, cidrs)
        most = list(least)
        for ports in closing.closed_ports():
            most += _rules(ports, closing.approved_within(gone))
        lost, over = RuleSet.of(least) - after.allowed, after.allowed - RuleSet.of(most)
        if lost:
            return f"the change would also take {'; '.join(lost.describe()[:3])}"
        if over:
            return f"the change would leave {'; '.join(over.describe()[:3])}"
        return None


def _rules(ports: Ports, cidrs: Iterable[str]) -> list[Rule]:
    """With the CIDRs as AWS keeps them, whatever way they were written (::0/0)."""
    networks = (str(parse_cidr(c)) for c in cidrs)
    return [Rule(ports.protocol, ports.from_port, ports.to_port, n) for n in networks]


def _unread(grant: Grant) -> list[str]:
    """What cannot be evaluated of a grant: all of it, or some of its CIDRs."""
    if grant.ports is None:
        return [_text(grant.node.text)]
    return [f"{grant.ports} from {_text(u.expression.text)}" for u in grant.unknown]


def _text(data: bytes) -> str:
    return " ".join(data.decode(errors="replace").split())
