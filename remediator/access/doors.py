"""Doors: the ports of a rule set that the whole world may enter.

A door is one (protocol, from, to) as AWS keeps it, with the CIDRs that make it world-open.
CIS AWS Foundations Benchmark v3.0.0, 5.2 and 5.3: no ingress from 0.0.0.0/0 or ::/0 to remote
server administration ports.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from remediator.access.network import is_world, parse_cidr, world_pieces

ADMIN_PORTS = (22, 3389)
_NUMBERS = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


@dataclass(frozen=True, slots=True, order=True)
class Ports:
    """A protocol ("tcp", "udp", "icmp", "icmpv6", a number, or "-1" for all) and its range.

    `from_port` and `to_port` are -1 where the protocol has no ports.
    """

    protocol: str
    from_port: int
    to_port: int

    @staticmethod
    def of(protocol: str, from_port: int | None, to_port: int | None) -> Ports:
        """As AWS keeps it, whatever way it was written ("ALL", "6", 0-0 for all traffic)."""
        name = protocol.strip().lower()
        name = str(int(name)) if name.isdecimal() and len(name) < 9 else name
        name = _NUMBERS.get(name, name)
        if name not in ("tcp", "udp", "icmp", "icmpv6"):
            return Ports(name, -1, -1)
        low = -1 if from_port is None else from_port
        return Ports(name, low, low if to_port is None else to_port)

    @property
    def key(self) -> str:
        return f"{self.protocol}:{self.from_port}-{self.to_port}"

    def reaches_tcp(self, port: int) -> bool:
        if self.protocol == "tcp":
            return self.from_port <= port <= self.to_port or (self.from_port, self.to_port) == (
                -1,
                -1,
            )
        return self.protocol == "-1"

    def __str__(self) -> str:
        if self.protocol == "-1":
            return "all traffic"
        if self.from_port == -1:
            return f"all {self.protocol}"
        ports = str(self.from_port)
        if self.to_port != self.from_port:
            ports += f"-{self.to_port}"
        return f"{self.protocol} {ports}"


@dataclass(frozen=True, slots=True, order=True)
class Door:
    """`cidrs` are the ones that open it to the world, sorted; the neighbours are not in it."""

    ports: Ports
    cidrs: tuple[str, ...]

    @property
    def in_pieces(self) -> bool:
        """Written as networks that only together, or only in effect (2000::/3), are the world."""
        return any(parse_cidr(c).prefixlen for c in self.cidrs)


def open_doors(rules: Iterable[tuple[Ports, str]]) -> tuple[Door, ...]:
    """The doors of one group's ingress rules, each a (ports, CIDR).

    Pieces of the world count across rules: 0.0.0.0/1 on 22 and 128.0.0.0/1 on 20-25 open 22.
    """
    by_ports: dict[Ports, set[str]] = {}
    for ports, cidr in rules:
        by_ports.setdefault(ports, set()).add(cidr)
    opening: dict[Ports, set[str]] = {ports: set() for ports in by_ports}
    for version in (4, 6):
        family = {p: _of_family(version, c) for p, c in by_ports.items()}
        alone = {p: _pieces(c) for p, c in family.items()}
        for ports, cidrs in alone.items():
            opening[ports] |= cidrs
        for port in ADMIN_PORTS:
            reaching = [p for p in by_ports if p.reaches_tcp(port)]
            if not any(alone[p] for p in reaching):
                together = _pieces(set().union(*(family[p] for p in reaching)))
                for ports in reaching:
                    opening[ports] |= family[ports] & together
    return tuple(sorted(Door(p, tuple(sorted(c))) for p, c in opening.items() if c))


def _of_family(version: int, cidrs: set[str]) -> set[str]:
    return {c for c in cidrs if parse_cidr(c).version == version}


def _pieces(cidrs: set[str]) -> set[str]:
    """Of one address family that is open to the world, the CIDRs that make it so."""
    return {c for c in cidrs if is_world([c])} or set(world_pieces(cidrs))
