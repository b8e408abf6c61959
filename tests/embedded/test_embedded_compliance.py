"""What the emulated managed rules flag, as AWS's pages say it."""

from __future__ import annotations

import pytest

from remediator.embedded.compliance import Ingress, check_of

V4, V6 = "0.0.0.0/0", "::/0"
SSH, COMMON, PORTS = (
    "INCOMING_SSH_DISABLED",
    "RESTRICTED_INCOMING_TRAFFIC",
    "VPC_SG_PORT_RESTRICTION_CHECK",
)


def tcp(first: int, last: int | None = None, cidr: str = V4) -> Ingress:
    return Ingress("tcp", first, first if last is None else last, cidr)


@pytest.mark.parametrize(
    ("identifier", "parameters", "rule", "flagged"),
    [
        (SSH, {}, tcp(22), True),
        (SSH, {}, tcp(22, cidr=V6), True),
        (SSH, {}, tcp(20, 25), True),
        (SSH, {}, tcp(0, 65535), True),
        (SSH, {}, tcp(23, 80), False),
        (SSH, {}, tcp(3389), False),
        (SSH, {}, tcp(22, cidr="10.0.0.0/8"), False),
        (SSH, {}, tcp(22, cidr="0.0.0.0/1"), False),
        (SSH, {}, Ingress("udp", 22, 22, V4), False),
        (SSH, {}, Ingress("-1", None, None, V4), False),
        (COMMON, {}, tcp(3389), True),
        (COMMON, {}, tcp(20), True),
        (COMMON, {}, tcp(21), True),
        (COMMON, {}, tcp(3306), True),
        (COMMON, {}, tcp(4333), True),
        (COMMON, {}, tcp(22), False),
        (COMMON, {}, tcp(443), False),
        (COMMON, {}, Ingress("udp", 3389, 3389, V4), False),
        (COMMON, {}, Ingress("-1", None, None, V4), False),
        (COMMON, {"blockedPort1": "22"}, tcp(22), True),
        (COMMON, {"blockedPort1": "22"}, tcp(20), False),
        (COMMON, {"blockedPort3": "443"}, tcp(3389), False),
        (COMMON, {"blockedPorts": "22, 443"}, tcp(443), True),
        (PORTS, {}, tcp(22), True),
        (PORTS, {}, tcp(3389, cidr=V6), True),
        (PORTS, {}, Ingress("udp", 3389, 3389, V4), True),
        (PORTS, {}, Ingress("-1", None, None, V4), True),
        (PORTS, {}, Ingress("icmp", -1, -1, V4), False),
        (PORTS, {}, tcp(443), False),
        (PORTS, {"restrictPorts": "443"}, tcp(443), True),
        (PORTS, {"restrictPorts": "443"}, tcp(22), False),
        (PORTS, {"protocolType": "TCP"}, Ingress("-1", None, None, V4), False),
        (PORTS, {"protocolType": "UDP"}, tcp(22), False),
        (PORTS, {"ipType": "IPv6"}, tcp(22), False),
        (PORTS, {"ipType": "IPv6"}, tcp(22, cidr=V6), True),
    ],
)
def test_rules(identifier: str, parameters: dict[str, str], rule: Ingress, flagged: bool) -> None:
    check = check_of(identifier, parameters)
    assert check is not None
    assert check.flags([rule]) is flagged
    assert check.flags([tcp(443, cidr="10.0.0.0/8"), rule]) is flagged


def test_no_rules_and_no_such_check() -> None:
    check = check_of(SSH, {})
    assert check is not None
    assert not check.flags([])
    assert check_of("S3_BUCKET_PUBLIC_READ_PROHIBITED", {}) is None
