"""What AWS's managed rules for security groups flag, as their pages say it. Emulated, and pure.

- restricted-ssh (INCOMING_SSH_DISABLED)
- restricted-common-ports (RESTRICTED_INCOMING_TRAFFIC); AWS looks at groups in use only,
  here every group counts as in use
- vpc-sg-port-restriction-check (VPC_SG_PORT_RESTRICTION_CHECK)

https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
Like AWS's, they know the world only as 0.0.0.0/0 and ::/0, not in pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ANYWHERE = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}
_COMMON_PORTS = (20, 21, 3389, 3306, 4333)  # blockedPort1 to blockedPort5


@dataclass(frozen=True, slots=True)
class Ingress:
    """One ingress rule with a CIDR. Ports are None for protocol -1."""

    protocol: str
    from_port: int | None
    to_port: int | None
    cidr: str


@dataclass(frozen=True, slots=True)
class Check:
    ports: frozenset[int]
    protocols: frozenset[str]
    cidrs: frozenset[str]

    def flags(self, rules: Iterable[Ingress]) -> bool:
        return any(self._opens(rule) for rule in rules)

    def _opens(self, rule: Ingress) -> bool:
        if rule.protocol not in self.protocols or rule.cidr not in self.cidrs:
            return False
        if rule.from_port is None or rule.to_port is None:
            return rule.protocol == "-1"
        return any(rule.from_port <= port <= rule.to_port for port in self.ports)


def check_of(identifier: str, parameters: Mapping[str, str]) -> Check | None:
    """The check behind a managed rule's identifier; None for a rule that is not emulated."""
    both = frozenset(_ANYWHERE.values())
    match identifier:
        case "INCOMING_SSH_DISABLED":
            return Check(frozenset({22}), frozenset({"tcp"}), both)
        case "RESTRICTED_INCOMING_TRAFFIC":
            return Check(_blocked_ports(parameters), frozenset({"tcp"}), both)
        case "VPC_SG_PORT_RESTRICTION_CHECK":
            ports = _numbers(parameters.get("restrictPorts", "22,3389"))
            return Check(ports, _protocols(parameters), _cidrs(parameters))
    return None


def _blocked_ports(parameters: Mapping[str, str]) -> frozenset[int]:
    single = {
        int(parameters.get(f"blockedPort{number}", default))
        for number, default in enumerate(_COMMON_PORTS, start=1)
    }
    return frozenset(single) | _numbers(parameters.get("blockedPorts", ""))


def _protocols(parameters: Mapping[str, str]) -> frozenset[str]:
    protocol = parameters.get("protocolType", "ALL").lower()
    return frozenset({"tcp", "udp", "-1"} if protocol == "all" else {protocol})


def _cidrs(parameters: Mapping[str, str]) -> frozenset[str]:
    kind = parameters.get("ipType", "ALL").lower()
    return frozenset(_ANYWHERE.values() if kind == "all" else {_ANYWHERE[kind]})


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(",") if part.strip())
