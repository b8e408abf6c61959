"""The scanners' checks that we know, and which doors each of them is about.

docs/reports.md has this table for people. What a check is about was read in the scanner's own
source or documentation:
https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
https://github.com/bridgecrewio/checkov (checkov/terraform/checks/resource/aws)
https://github.com/prowler-cloud/prowler (prowler/providers/aws/services/ec2)
https://github.com/aquasecurity/trivy-checks (checks/cloud/aws/ec2)
https://github.com/Checkmarx/kics (assets/queries/terraform/aws)
https://github.com/semgrep/semgrep-rules (terraform/aws/security)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remediator.access.doors import Door, Ports
from remediator.access.network import parse_cidr
from remediator.model import Finding
from remediator.remediate.world_open import door_of

ADMIN, WEB, PORT, EGRESS = "open-admin-port", "open-web-port", "open-port", "open-egress"
_ALL = Ports("-1", -1, -1)


@dataclass(frozen=True, slots=True)
class About:
    """Which doors a check reports: those that reach one of `ports`; `everything`: those that
    open all ports; neither: any but the ones of exactly a port that it has `spared`.

    `finding_class` is that of a door of just these ports; a wider door keeps its own class.
    `udp`: UDP counts too. `version`: only IPv4, or only IPv6, counts.
    `or_any`: the scanner's settings or its older versions may mean other ports.
    `narrower`: it reports sources too that are not the world.
    """

    finding_class: str
    ports: tuple[int, ...] = ()
    everything: bool = False
    spared: tuple[int, ...] = ()
    udp: bool = False
    version: int | None = None
    or_any: bool = False
    narrower: bool = False

    @property
    def egress(self) -> bool:
        return self.finding_class == EGRESS

    def wants(self, door: Door) -> bool:
        versions = {parse_cidr(c).version for c in door.cidrs}
        return self.wants_ports(door.ports) and self.version in (None, *versions)

    def wants_ports(self, ports: Ports) -> bool:
        if self.everything:
            return ports.from_port == -1 or (ports.from_port, ports.to_port) == (0, 65535)
        if self.ports:
            return any(self._reaches(ports, port) for port in self.ports)
        exact = ports.protocol == "tcp" and ports.from_port == ports.to_port
        return not (exact and ports.from_port in self.spared)

    def _reaches(self, ports: Ports, port: int) -> bool:
        if self.udp and ports.protocol == "udp":
            ports = Ports("tcp", ports.from_port, ports.to_port)
        return ports.reaches_tcp(port)

    def select(self, findings: Iterable[Finding]) -> Sequence[Finding]:
        """Those of one group or block that the check reports."""
        found = list(findings)
        return [f for f in found if self.wants(door_of(f))] or (found if self.or_any else ())

    @property
    def least(self) -> Door:
        """What stands for the door while nothing shows it; what is not known is all traffic.

        Only what is neither live nor in the code gets it, so no change is ever made from it.
        """
        ports = Ports("tcp", self.ports[0], self.ports[0]) if self.ports else _ALL
        return Door(ports, ("::/0" if self.version == 6 else "0.0.0.0/0",))


def about(check: str) -> About | None:
    """Semgrep puts the folders of a rule before its name."""
    return CHECKS.get(check) or CHECKS.get(check.rpartition(".")[2])


_TRIVY_INGRESS = About(ADMIN, (22, 3389), udp=True, or_any=True)
_TRIVY_EGRESS = About(EGRESS)
_HIGH_RISK = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432),
    *(5500, 5601, 8080, 8088, 8888, 9200, 9300),
)
_PROWLER = "ec2_securitygroup_allow_ingress_from_internet_to_"
_PROWLER_PORTS = {
    "cassandra_7199_9160_8888": (7199, 9160, 8888),
    "elasticsearch_kibana_9200_9300_5601": (9200, 9300, 5601),
    "ftp_20_21": (20, 21),
    "kafka_9092": (9092,),
    "memcached_11211": (11211,),
    "mongodb_27017_27018": (27017, 27018),
    "mysql_3306": (3306,),
    "oracle_1521_2483": (1521, 2483),
    "postgres_5432": (5432,),
    "redis_6379": (6379,),
    "sql_server_1433_1434": (1433, 1434),
    "telnet_23": (23,),
}

CHECKOV = {
    "CKV_AWS_24": About(ADMIN, (22,), udp=True),
    "CKV_AWS_25": About(ADMIN, (3389,), udp=True),
    "CKV_AWS_260": About(WEB, (80,), udp=True),
    "CKV_AWS_277": About(ADMIN, everything=True),
    "CKV_AWS_382": About(EGRESS),
}
TRIVY = {
    "AVD-AWS-0107": _TRIVY_INGRESS,
    "AWS-0107": _TRIVY_INGRESS,
    "aws-ec2-no-public-ingress-sgr": _TRIVY_INGRESS,
    "aws-vpc-no-public-ingress-sgr": _TRIVY_INGRESS,
    "AVD-AWS-0104": _TRIVY_EGRESS,
    "AWS-0104": _TRIVY_EGRESS,
    "aws-ec2-no-public-egress-sgr": _TRIVY_EGRESS,
    "aws-vpc-no-public-egress-sgr": _TRIVY_EGRESS,
}
KICS = {
    "65905cec-d691-4320-b320-2000436cb696": About(ADMIN, (22,)),
    "151187cb-0efc-481c-babd-ad24e3c9bc22": About(ADMIN, (3389,)),
    "ffac8a12-322e-42c1-b9b9-81ff85c39ef7": About(WEB, (80,)),
    "381c3f2a-ef6f-4eff-99f7-b169cda3422c": About(PORT),
    "4728cd65-a20c-49da-8b31-9c08b423e4db": About(PORT),
}
SEMGREP = {"aws-ec2-security-group-allows-public-ingress": About(PORT, narrower=True)}
SECURITY_HUB = {
    "EC2.13": About(ADMIN, (22,)),
    "EC2.14": About(ADMIN, (3389,)),
    "EC2.18": About(PORT, spared=(80, 443), or_any=True),
    "EC2.19": About(PORT, _HIGH_RISK),
    "EC2.53": About(ADMIN, (22, 3389), version=4),
    "EC2.54": About(ADMIN, (22, 3389), version=6),
}
PROWLER = {
    f"{_PROWLER}tcp_port_22": About(ADMIN, (22,)),
    f"{_PROWLER}tcp_port_3389": About(ADMIN, (3389,)),
    f"{_PROWLER}all_ports": About(ADMIN, everything=True),
    f"{_PROWLER}any_port": About(PORT),
    f"{_PROWLER}high_risk_tcp_ports": About(
        PORT, (25, 110, 135, 143, 445, 3000, 4333, 5000, 5500, 8080, 8088), or_any=True
    ),
    **{f"{_PROWLER}tcp_port_{name}": About(PORT, ports) for name, ports in _PROWLER_PORTS.items()},
}
# By the names that AWS gives to its managed rules; a rule can be called anything, and one that is
# called something else belongs to no class here.
CONFIG_RULES = {
    "restricted-ssh": About(ADMIN, (22,)),
    "incoming-ssh-disabled": About(ADMIN, (22,)),
    "restricted-rdp": About(ADMIN, (3389,), or_any=True),
    "restricted-common-ports": About(ADMIN, (3389, 20, 21, 3306, 4333), or_any=True),
    "restricted-incoming-traffic": About(ADMIN, (3389, 20, 21, 3306, 4333), or_any=True),
    "vpc-sg-port-restriction-check": About(ADMIN, (22, 3389), or_any=True),
}

CHECKS = CHECKOV | TRIVY | KICS | SEMGREP | SECURITY_HUB | PROWLER | CONFIG_RULES
