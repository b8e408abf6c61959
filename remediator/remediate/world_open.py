"""What the classes of world-open ingress share: evidence, reading, rewriting, access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from remediator.access.doors import Door, Ports
from remediator.access.network import Rule, RuleSet, parse_cidr, problem_of
from remediator.model import Finding, Json, Refusal
from remediator.remediate import adoption, community_module, drift
from remediator.remediate.access import Access
from remediator.remediate.advice import Advice
from remediator.remediate.candidates import Candidate
from remediator.remediate.classes import Settings
from remediator.remediate.closer import close
from remediator.remediate.closing import Closing, matching, obscured
from remediator.remediate.grants import GROUP, OWNER_TYPES, RULE, VPC_RULE, Grant, grants_of
from remediator.remediate.group_access import GroupAccess
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.remediate.lifecycle import forbidden_in
from remediator.remediate.open_instances import Opened, OpenInstance, candidates
from remediator.remediate.rewrite import Rewrite
from remediator.remediate.usual import Usual
from remediator.terraform.address import Address
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.module import Module
from remediator.terraform.state import StateIndex, StateResource
from remediator.terraform.syntax import Block, references
from remediator.texts import listed

PIECES = "world-in-pieces"
WIDER = "wider"
NAMES = {22: "SSH", 3389: "RDP", 80: "HTTP", 443: "HTTPS"}
_OF_A_RULE = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
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


@dataclass(frozen=True, slots=True)
class WorldOpen(Usual):
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
    piecemeal: bool = True

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

    def kin(self, finding: Finding) -> str:
        """What the policy may decide otherwise is a change of its own."""
        return self.site(finding) if self.traits_of(finding) else ""

    def site(self, finding: Finding) -> str:
        door = door_of(finding)
        return f"{door.ports.key} {','.join(door.cidrs)}"

    def names_in(self, block: Block) -> tuple[str, ...]:
        """The block's own label, and that of the group whose rule it is."""
        attribute = block.body.attribute("security_group_id")
        groups = references(attribute.value) if attribute else ()
        return (block.labels[-1], *(r.parts[1] for r in groups if len(r.parts) > 1))

    def occurs_in(self, block: Block, finding: Finding) -> bool:
        return block.labels[0] in self.resource_types and bool(matching(block, door_of(finding)))

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
        grants = (g for b in blocks for g in matching(b, door))
        return self.missing((c.text for g in grants for c in g.cidrs), finding)

    def missing(self, found: Iterable[str], finding: Finding) -> tuple[str, ...]:
        networks = {parse_cidr(text) for text in found}
        return tuple(c for c in door_of(finding).cidrs if parse_cidr(c) not in networks)

    def rewrite(
        self, block: Block, finding: Finding, module: Module, settings: Settings
    ) -> Rewrite | Refusal:
        return close(block, self._closing(finding, module, settings))

    def _closing(self, finding: Finding, module: Module, settings: Settings) -> Closing:
        wider = WIDER in self.traits_of(finding)
        approved = settings.approved_admin_cidrs if self.keep_neighbours else ()
        return Closing(door_of(finding), module, approved, self.keep_neighbours and wider)

    def joined(
        self, finding: Finding, index: StateIndex
    ) -> Sequence[tuple[str, StateResource]] | Refusal:
        return index.of_group(finding.resource.id)

    def unready(self, finding: Finding) -> Refusal | None:
        return None

    def not_in_code(self, names: str) -> str:
        return f"the code of {names} does not open this, so it was opened outside Terraform"

    def forbidden(self, kind: str, address: str, content: Content) -> Refusal | None:
        return forbidden_in(kind, address, content)

    def creates(self, kind: str) -> bool:
        return False

    def passes_on(self, kind: str) -> bool:
        return False

    def evaluate(
        self, kind: str, content: Content, scope: Scope, place: tuple[str, str]
    ) -> OpenInstance:
        return OpenInstance.of(kind, content, scope, door_of)

    def understands_call(self, content: Content, scope: Scope) -> bool:
        return community_module.is_called_by(content, scope)

    def candidates(
        self,
        cases: Sequence[Case],
        settings: Settings,
        editable: Callable[[str], bool],
    ) -> Iterator[Candidate] | Refusal:
        module = Module("", (), ())
        found = [Opened.of(c, self._closing(c.finding, module, settings)) for c in cases]
        wider = next((o.closing for o in found if o.closing.keep_neighbours), None)
        if wider is not None:
            return Refusal(
                "remediate",
                "wider-not-literal",
                f"the rule opens {wider.door.ports}, more than the administration ports, and "
                "its values come from elsewhere; split it by hand into the ports that are meant",
            )
        return candidates(found, editable)

    def drifted(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Advice:
        return drift.drifted(finding, door_of(finding), instances)

    def unmanaged(self, finding: Finding) -> Advice:
        return adoption.unmanaged(finding, door_of(finding))

    def nothing(self) -> GroupAccess:
        return GroupAccess(())

    def concerns(self, kind: str, argument: str) -> bool:
        if kind == GROUP:
            return argument == "ingress"
        if kind == community_module.KIND:
            return "ingress" in argument
        return argument in _OF_A_RULE

    def gone_with(self, kind: str) -> bool:
        return kind in (RULE, VPC_RULE)

    def replaces(self, kind: str) -> bool:
        """The provider cannot change the CIDRs of an aws_security_group_rule in place, of which
        the community module makes its rules."""
        return kind in (RULE, community_module.KIND)

    def access(self, blocks: Iterable[Block]) -> GroupAccess:
        grants = [g for b in blocks for g in grants_of(b)]
        unread = sorted(text for grant in grants for text in _unread(grant))
        rules = tuple(rule for grant in grants for rule in grant.rules())
        return GroupAccess(rules, tuple(unread))

    def exact(
        self,
        before: Access,
        after: Access,
        findings: Sequence[Finding],
        settings: Settings,
        whole: bool = True,
    ) -> str | None:
        """An approved CIDR need not be new: another rule of the group may let it in already."""
        assert isinstance(before, GroupAccess)
        assert isinstance(after, GroupAccess)
        closings = [self._closing(f, Module("", (), ()), settings) for f in findings]
        closed = {r for c in closings for r in _rules(c.door.ports, c.door.cidrs)}
        least = [rule for rule in before.rules if rule not in closed]
        fresh: list[Rule] = []
        for closing in closings:
            gone = _gone(closing, before)
            for ports, cidrs in closing.kept(gone):
                least += _rules(ports, cidrs)
            for ports in closing.closed_ports():
                fresh += _rules(ports, closing.approved_within(gone))
        twice = Counter(after.rules) - Counter(before.rules) - Counter({*fresh} - {*before.rules})
        if twice and not any(c.keep_neighbours for c in closings):
            return f"the change would make {'; '.join(RuleSet.of(twice).describe()[:3])} anew"
        lost = RuleSet.of(least) - after.allowed
        over = after.allowed - RuleSet.of([*least, *fresh])
        if lost:
            return f"the change would also take {_told(lost, least)}"
        if over and whole:
            return f"the change would leave {_told(over, after.rules)}"
        return None


def _gone(closing: Closing, before: GroupAccess) -> list[str]:
    """What the instance lets in now of the door's CIDRs."""
    closed = set(_rules(closing.door.ports, closing.door.cidrs))
    return sorted({rule.source for rule in before.rules if rule in closed})


def _told(some: RuleSet, rules: Iterable[Rule]) -> str:
    """As the rules say it that are wholly in it; else as it is."""
    whole = [r for r in rules if RuleSet.of([r]) & some]
    shown = RuleSet.of(whole) if whole else some
    return "; ".join(shown.describe()[:3])


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
