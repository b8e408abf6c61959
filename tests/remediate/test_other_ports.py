"""Ports that are no admin ports: an alert for the web, a proposal for the rest, egress never."""

from __future__ import annotations

import pytest
from cases import fix, refused, rewritten, untouched
from tables import REVIEW, Case, group, ingress, named, rule, vpc_rule

from remediator.model import Kind

WEB = group("")
CLOSED = group("ingress = []")


def case(name: str, before: str, after: str = CLOSED) -> Case:
    return Case(name, before, after, REVIEW)


REWRITTEN = (
    case("a database", group(ingress(low=5432))),
    case("a range beside the admin ports", group(ingress(low=23, high=3388))),
    case("a range that holds the web", group(ingress(low=80, high=443))),
    case("UDP on 22", group(ingress(protocol='"udp"'))),
    case("all of UDP", group(ingress(low=0, high=65535, protocol='"udp"'))),
    case("ping", group(ingress(low=8, high=0, protocol='"icmp"'))),
    case("all of ICMP", group(ingress(low=-1, protocol='"icmp"'))),
    case("a protocol without ports", group(ingress(low=0, protocol='"50"'))),
    case(
        "a list",
        group(ingress('["0.0.0.0/0", "10.0.0.0/8"]', 5432)),
        group(ingress('["10.0.0.0/8"]', 5432)),
    ),
    case("in pieces", group(ingress('["0.0.0.0/1", "128.0.0.0/1"]', 5432))),
    case("a rule", f"{WEB}\n{rule(low=5432)}", WEB),
    case("an ingress rule", f"{WEB}\n{vpc_rule(low=5432)}", WEB),
)


@pytest.mark.parametrize("case", REWRITTEN, ids=named)
def test_rewritten(case: Case) -> None:
    rewritten(case.before, case.after, disposition=case.disposition, config=case.config)


ALERTED = {
    "HTTP": group(ingress(low=80)),
    "HTTPS": group(ingress(low=443)),
    "HTTPS, IPv6": group(
        ingress(low=443).replace("cidr_blocks", "ipv6_cidr_blocks").replace("0.0.0.0/0", "::/0")
    ),
    "HTTPS in pieces": group(ingress('["0.0.0.0/1", "128.0.0.0/1"]', 443)),
    "HTTPS in a rule": f"{WEB}\n{rule(low=443)}",
    "HTTPS in an ingress rule": f"{WEB}\n{vpc_rule(low=443)}",
    "HTTPS of ignored changes": group(
        ingress(low=443) + "\nlifecycle {\n  ignore_changes = all\n}"
    ),
}


@pytest.mark.parametrize("before", ALERTED.values(), ids=ALERTED)
def test_a_web_port_is_an_alert(before: str) -> None:
    assert untouched(before).only.kind is Kind.ALERTED


def test_an_alert_does_not_hold_up_the_rest() -> None:
    result = fix(group(f"{ingress(low=443)}\n{ingress()}"))
    assert {o.kind for o in result.outcomes} == {Kind.ALERTED, Kind.MERGED}
    assert result.text == group(ingress(low=443))


def test_a_database_rule_that_something_refers_to() -> None:
    refused(
        f"{WEB}\n{rule(low=5432)}\nlocals {{\n  x = aws_security_group_rule.ssh.id\n}}\n",
        "referenced",
    )
