"""What a block lets in, as it is read: literals exactly, everything else as not known."""

from __future__ import annotations

import pytest
from tables import group, ingress, rule, vpc_rule

from remediator.access.doors import Ports
from remediator.access.network import Rule
from remediator.remediate.grants import Grant, grants_of, hidden
from remediator.terraform.syntax import parse


def grants(text: str) -> tuple[Grant, ...]:
    return grants_of(parse("main.tf", text.encode()).blocks[0])


@pytest.mark.parametrize(
    "text",
    [
        group(ingress('["0.0.0.0/0", "10.1.0.0/8"]')),
        group(
            'ingress = [{ from_port = 22, to_port = "22", protocol = "6", '
            'cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"] }]'
        ),
        rule('["0.0.0.0/0", "10.0.0.0/8"]'),
        rule('["0.0.0.0/0", "10.0.0.0/8"]', low='"22"', protocol="6"),
    ],
)
def test_every_form_gives_the_same_rules(text: str) -> None:
    (grant,) = grants(text)
    assert grant.rules() == tuple(Rule("tcp", 22, 22, c) for c in ("0.0.0.0/0", "10.0.0.0/8"))
    assert not grant.unknown


@pytest.mark.parametrize(
    ("protocol", "ports"),
    [
        ('"tcp"', Ports("tcp", 22, 22)),
        ('"TCP"', Ports("tcp", 22, 22)),
        ('"06"', Ports("tcp", 22, 22)),
        ("17", Ports("udp", 22, 22)),
        ('"icmp"', Ports("icmp", 22, 22)),
        ('"-1"', Ports("-1", -1, -1)),
        ('"all"', Ports("-1", -1, -1)),
        ('"50"', Ports("50", -1, -1)),
        ('"ssh"', None),
        ('"256"', None),
        ("var.protocol", None),
        ("null", None),
    ],
)
def test_protocols_as_aws_keeps_them(protocol: str, ports: Ports | None) -> None:
    (grant,) = grants(vpc_rule(protocol=protocol))
    assert grant.ports == ports


@pytest.mark.parametrize("kind", ['"egress"', "var.kind"])
def test_a_rule_that_is_not_surely_ingress_gives_no_rules(kind: str) -> None:
    assert [r for g in grants(rule(kind=kind)) for r in g.rules()] == []


@pytest.mark.parametrize(
    ("more", "others", "unsure"),
    [
        ("self = true", 1, 0),
        ("self = false", 0, 0),
        ("self = var.x", 1, 1),
        ("security_groups = []", 0, 0),
        ("security_groups = null", 0, 0),
        ("security_groups = [var.x]", 1, 0),
        ("security_groups = var.x", 1, 1),
        ("security_groups = [for x in var.x : x]", 1, 1),
        ('prefix_list_ids = ["pl-1"]', 1, 0),
    ],
)
def test_sources_that_are_no_cidrs(more: str, others: int, unsure: int) -> None:
    (grant,) = grants(group(ingress(more=more)))
    assert (len(grant.others), len(grant.unsure)) == (others, unsure)


@pytest.mark.parametrize(
    ("inside", "count"),
    [
        ('dynamic "ingress" {\n  for_each = var.x\n}', 1),
        ("dynamic ingress {\n  for_each = var.x\n}", 1),
        ('dynamic "egress" {\n  for_each = var.x\n}', 0),
        ("ingress = var.rules", 1),
        ("ingress = concat([], var.x)", 1),
        ("ingress = []", 0),
        ("", 0),
    ],
)
def test_where_ingress_may_come_from_unseen(inside: str, count: int) -> None:
    block = parse("main.tf", group(inside).encode()).blocks[0]
    assert len(hidden(block)) == count
    assert all("main.tf:" in place for place in hidden(block))
