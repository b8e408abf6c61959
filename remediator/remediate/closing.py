"""A door that is to be closed: which grants make it, and what must be there afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.access.doors import ADMIN_PORTS, Door, Ports
from remediator.access.network import Network, contains, parse_cidr, split_around
from remediator.remediate.grants import GROUP, RULE, VPC_RULE, Grant, grants_of, hidden
from remediator.terraform.module import Module
from remediator.terraform.syntax import Block

Sources = tuple[Ports, tuple[str, ...]]
"""Ports, and the CIDRs that may use them."""


@dataclass(frozen=True, slots=True)
class Closing:
    """`approved` replace the world, each where it lies within what goes; `keep_neighbours` cuts
    the admin ports out of a wider range instead of closing all of it."""

    door: Door
    module: Module
    approved: tuple[str, ...] = ()
    keep_neighbours: bool = False

    def approved_within(self, gone: Iterable[str]) -> tuple[str, ...]:
        """The approved CIDRs that what goes let in already: never an address more."""
        wider = [parse_cidr(c) for c in gone]
        return tuple(c for c in self.approved if any(contains(w, parse_cidr(c)) for w in wider))

    def kept(self, gone: Iterable[str]) -> Iterator[Sources]:
        """What stays open to these CIDRs of a wider door; of all traffic, TCP, UDP and ICMP."""
        if not self.keep_neighbours:
            return
        ports, cidrs = self.door.ports, tuple(gone)
        low, high = (ports.from_port, ports.to_port) if ports.protocol == "tcp" else (0, 65535)
        for start, end in split_around(max(low, 0), 65535 if high == -1 else high, ADMIN_PORTS):
            yield Ports("tcp", start, end), cidrs
        if ports.protocol == "tcp":
            return
        yield Ports("udp", 0, 65535), cidrs
        for version, name in ((4, "icmp"), (6, "icmpv6")):
            family = tuple(c for c in cidrs if parse_cidr(c).version == version)
            if family:
                yield Ports(name, -1, -1), family

    def closed_ports(self) -> tuple[Ports, ...]:
        if not self.keep_neighbours:
            return (self.door.ports,)
        return tuple(Ports("tcp", p, p) for p in ADMIN_PORTS if self.door.ports.reaches_tcp(p))


def matching(resource: Block, door: Door) -> tuple[Grant, ...]:
    """The block's grants that make the door: the same ports, and one of its CIDRs."""
    same = (g for g in grants_of(resource) if g.ports == door.ports)
    return tuple(g for g in same if g.with_cidrs(door.cidrs))


def obscured(resource: Block, ports: Ports) -> tuple[str, ...]:
    """What in the block is no literal and may open these ports, as sentences."""
    possible = (g for g in grants_of(resource) if g.ports in (None, ports))
    reasons = [
        f"{u.reason} at {u.expression.file.path}:{u.expression.line}"
        for g in possible
        for u in g.unknown
    ]
    return (*hidden(resource), *reasons)


def granted(resource: Block, closing: Closing) -> set[tuple[Ports, Network]]:
    """What the group lets in besides the door: AWS refuses a rule that is there already."""
    wrong = {parse_cidr(c) for c in closing.door.cidrs}
    grants = [g for b in _of_the_same_group(resource, closing.module) for g in grants_of(b)]
    pairs = {(g.ports, parse_cidr(c.text)) for g in grants for c in g.cidrs if g.ports}
    return {(p, n) for p, n in pairs if p and not (p == closing.door.ports and n in wrong)}


def _of_the_same_group(resource: Block, module: Module) -> list[Block]:
    """The block, and in its module the rules of the group that it names by the same words."""
    group = _words(resource)
    if resource.labels[0] == GROUP or not group:
        return [resource]
    blocks = (b for f in module.files for b in f.blocks if b.type == "resource")
    return [b for b in blocks if b.labels[:1] in ((RULE,), (VPC_RULE,)) and _words(b) == group]


def _words(rule: Block) -> bytes:
    attribute = rule.body.attribute("security_group_id")
    return b"".join(attribute.value.text.split()) if attribute else b""
