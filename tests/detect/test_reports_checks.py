"""Which doors each known check is about, and docs/reports.md, which says the same to people."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from documents import code, page, rows, section

from remediator.access.doors import Door, Ports
from remediator.detect.reports.checks import (
    CHECKOV,
    CHECKS,
    CONFIG_RULES,
    KICS,
    PROWLER,
    SECURITY_HUB,
    SEMGREP,
    TRIVY,
    About,
    about,
)
from remediator.detect.reports.recognise import MAX_BYTES
from remediator.remediate.registry import class_of, registry

PAGE = page("docs/reports.md")
TABLES: dict[str, Mapping[str, About]] = {
    "Checkov": CHECKOV,
    "Trivy and tfsec": TRIVY,
    "KICS": KICS,
    "Semgrep": SEMGREP,
    "AWS Security Hub": SECURITY_HUB,
    "Prowler": PROWLER,
    "AWS Config": CONFIG_RULES,
}
PROWLER_NAME = "ec2_securitygroup_allow_ingress_from_internet_to_"
V4, V6 = "0.0.0.0/0", "::/0"


def door(text: str, *cidrs: str) -> Door:
    """`tcp 20-25`, `udp 22`, `-1`."""
    protocol, _, ports = text.partition(" ")
    low, _, high = ports.partition("-")
    known = Ports.of(protocol, int(low) if low else None, int(high or low) if low else None)
    return Door(known, cidrs or (V4,))


def cell(found: About) -> str:
    """What the documentation says that a check selects."""
    if found.egress:
        return "egress"
    ports = " ".join(str(p) for p in found.ports or found.spared)
    text = "everything" if found.everything else ports or "any"
    text = f"any but {text}" if found.spared else text
    text += f", IPv{found.version}" if found.version else ""
    return f"{text}, else any" if found.or_any else text


@pytest.mark.parametrize("heading", TABLES)
def test_the_tables_of_the_page(heading: str) -> None:
    told = {
        code(name).replace("…", PROWLER_NAME): (selects, code(finding_class))
        for name, selects, finding_class in rows(section(PAGE, f"### {heading}"))
    }
    assert told == {n: (cell(a), a.finding_class) for n, a in TABLES[heading].items()}


def test_no_check_has_two_meanings() -> None:
    assert len(CHECKS) == sum(len(table) for table in TABLES.values())
    assert set(re.findall(r"^### (.+)$", section(PAGE, "## Checks"), re.MULTILINE)) == {*TABLES}


def test_the_page_says_the_limit() -> None:
    assert f"A report may have {MAX_BYTES // 1024**2} MiB." in PAGE


@pytest.mark.parametrize("name", CHECKS)
def test_each_class_is_registered_and_the_one_of_the_ports_alone(name: str) -> None:
    found = CHECKS[name]
    assert registry().get(found.finding_class) is not None
    if not found.egress:
        assert found.wants(found.least)
    if found.ports:
        assert class_of(found.least).name == found.finding_class


@pytest.mark.parametrize(
    ("check", "doors", "others"),
    [
        ("CKV_AWS_24", ["tcp 22", "udp 22", "tcp 20-25", "tcp 0-65535", "-1"], ["tcp 23", "50"]),
        ("CKV_AWS_25", ["tcp 3389", "-1"], ["tcp 22", "icmp"]),
        ("CKV_AWS_260", ["tcp 80", "tcp 0-65535"], ["tcp 443", "tcp 81-90"]),
        ("CKV_AWS_277", ["-1", "tcp 0-65535"], ["tcp 22", "tcp 1-65535"]),
        ("AVD-AWS-0107", ["tcp 22", "udp 3389"], ["tcp 443"]),
        ("EC2.13", ["tcp 22", "-1"], ["udp 22", "tcp 3389"]),
        ("EC2.14", ["tcp 3389"], ["tcp 22"]),
        ("EC2.18", ["tcp 22", "tcp 80-81", "udp 443", "-1"], ["tcp 80", "tcp 443"]),
        ("EC2.19", ["tcp 3306", "tcp 22", "tcp 9000-10000"], ["tcp 443", "tcp 24"]),
        (f"{PROWLER_NAME}tcp_port_mysql_3306", ["tcp 3306"], ["tcp 22"]),
        (f"{PROWLER_NAME}any_port", ["tcp 443", "udp 53", "icmp"], []),
    ],
)
def test_the_doors(check: str, doors: list[str], others: list[str]) -> None:
    found = CHECKS[check]
    assert [d for d in doors if not found.wants(door(d))] == []
    assert [d for d in others if found.wants(door(d))] == []


def test_only_one_address_family() -> None:
    four, six = CHECKS["EC2.53"], CHECKS["EC2.54"]
    assert (four.wants(door("tcp 22", V4)), four.wants(door("tcp 22", V6))) == (True, False)
    assert (six.wants(door("tcp 22", V4)), six.wants(door("tcp 22", V6))) == (False, True)
    assert four.wants(door("tcp 22", V4, V6))
    assert six.wants(door("tcp 22", V4, V6))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("terraform.aws.security.x.aws-ec2-security-group-allows-public-ingress", True),
        ("x.CKV_AWS_24", True),
        ("EC2.13", True),
        ("ckv_aws_24", False),
        ("CKV_AWS_24 ", False),
        ("CKV_AWS_240", False),
        ("EC2.2", False),
        ("13", False),
        ("", False),
        ("open-admin-port", False),
    ],
)
def test_a_check_is_known_by_its_name(name: str, known: bool) -> None:
    assert (about(name) is not None) == known
