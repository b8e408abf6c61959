"""`approved_admin_cidrs`: the world is replaced by them, and nobody else is let in."""

from __future__ import annotations

import pytest
from cases import fix, rewritten, untouched
from tables import REVIEW, Case, found, group, ingress, named, rule, vpc_rule

from remediator.model import Kind

WEB = group("")
ONE = {"approved_admin_cidrs": ["198.51.100.0/24"]}
TWO = {"approved_admin_cidrs": ["198.51.100.0/24", "203.0.113.0/24"]}
V6 = {"approved_admin_cidrs": ["2001:db8::/32"]}
BOTH = {"approved_admin_cidrs": ["198.51.100.0/24", "2001:db8::/32"]}
PRIVATE = {"approved_admin_cidrs": ["10.0.0.0/8"]}
APART = {"approved_admin_cidrs": ["20.0.0.0/16", "200.0.0.0/16"]}


def dual(v4: str, v6: str) -> str:
    return (
        'ingress {\n  from_port        = 22\n  to_port          = 22\n  protocol         = "tcp"\n'
        f"  cidr_blocks      = {v4}\n  ipv6_cidr_blocks = {v6}\n}}\n"
    )


ELEMENT = '{ from_port = 22, to_port = 22, protocol = "tcp", cidr_blocks = %s }'
OUTPUT = 'output "x" {\n  value = aws_vpc_security_group_ingress_rule.ssh\n}\n'
SECOND = vpc_rule('"203.0.113.0/24"', label="ssh_tcp_22_22")

REWRITTEN = (
    Case("one", group(ingress()), group(ingress('["198.51.100.0/24"]')), config=ONE),
    Case(
        "several",
        group(ingress()),
        group(ingress('["198.51.100.0/24", "203.0.113.0/24"]')),
        config=TWO,
    ),
    Case(
        "beside another",
        group(ingress('["10.0.0.0/8", "0.0.0.0/0"]')),
        group(ingress('["10.0.0.0/8", "198.51.100.0/24"]')),
        config=ONE,
    ),
    Case(
        "several, over several lines",
        group(ingress('[\n  "10.0.0.0/8",\n  "0.0.0.0/0",\n]')),
        group(ingress('[\n  "10.0.0.0/8",\n  "198.51.100.0/24",\n  "203.0.113.0/24",\n]')),
        config=TWO,
    ),
    Case(
        "already in the list",
        group(ingress('["198.51.100.0/24", "0.0.0.0/0"]')),
        group(ingress('["198.51.100.0/24"]')),
        config=ONE,
    ),
    Case(
        "already in another block",
        group(f"{ingress()}\n" + ingress('["198.51.100.0/24"]')),
        group(ingress('["198.51.100.0/24"]')),
        config=ONE,
    ),
    Case(
        "in another block, on another port",
        group(f"{ingress()}\n" + ingress('["198.51.100.0/24"]', 443)),
        group(ingress('["198.51.100.0/24"]') + "\n" + ingress('["198.51.100.0/24"]', 443)),
        config=ONE,
    ),
    Case(
        "IPv4 does not replace IPv6",
        group(dual("[]", '["::/0"]')),
        group("ingress = []"),
        config=ONE,
    ),
    Case("IPv6 does not replace IPv4", group(ingress()), group("ingress = []"), config=V6),
    Case(
        "IPv4 alone, where both are open",
        group(dual('["0.0.0.0/0"]', '["::/0"]')),
        group(dual('["198.51.100.0/24"]', "[]")),
        config=ONE,
    ),
    Case(
        "each family by its own",
        group(dual('["0.0.0.0/0"]', '["::/0"]')),
        group(dual('["198.51.100.0/24"]', '["2001:db8::/32"]')),
        config=BOTH,
    ),
    Case(
        "a block of the other family goes",
        group(f"{ingress()}\n" + dual("[]", '["::/0"]')),
        group(ingress('["198.51.100.0/24"]')),
        config=ONE,
    ),
    Case(
        "a group stays as it is",
        group(ingress(more="\nsecurity_groups = [aws_security_group.lb.id]")),
        group(
            ingress('["198.51.100.0/24"]', more="\nsecurity_groups = [aws_security_group.lb.id]")
        ),
        config=ONE,
    ),
    Case(
        "an element",
        group("ingress = [%s]" % (ELEMENT % '["0.0.0.0/0"]')),
        group("ingress = [%s]" % (ELEMENT % '["198.51.100.0/24", "203.0.113.0/24"]')),
        config=TWO,
    ),
    Case(
        "a rule, which the provider replaces",
        f"{WEB}\n{rule()}",
        f"{WEB}\n" + rule('["198.51.100.0/24"]'),
        REVIEW,
        ONE,
    ),
    Case(
        "an ingress rule, in place",
        f"{WEB}\n{vpc_rule()}",
        f"{WEB}\n" + vpc_rule('"198.51.100.0/24"'),
        config=ONE,
    ),
    Case(
        "an ingress rule for each",
        f"{WEB}\n{vpc_rule()}",
        f"{WEB}\n" + vpc_rule('"198.51.100.0/24"') + f"\n{SECOND}",
        config=TWO,
    ),
    Case(
        "an ingress rule, but not those that another lets in",
        f"{WEB}\n{vpc_rule()}\n" + vpc_rule('"198.51.100.0/24"', label="office"),
        f"{WEB}\n"
        + vpc_rule('"203.0.113.0/24"')
        + "\n"
        + vpc_rule('"198.51.100.0/24"', label="office"),
        config=TWO,
    ),
    Case(
        "an ingress rule goes where another lets all of them in",
        f"{WEB}\n{vpc_rule()}\n" + vpc_rule('"198.51.100.0/24"', label="office"),
        f"{WEB}\n" + vpc_rule('"198.51.100.0/24"', label="office"),
        config=ONE,
    ),
    Case(
        "an IPv6 ingress rule is not given IPv4",
        f"{WEB}\n" + vpc_rule('"::/0"', argument="cidr_ipv6"),
        WEB,
        config=ONE,
    ),
    Case(
        "an ingress rule that is referred to is not deleted",
        f"{WEB}\n{vpc_rule()}\n{OUTPUT}",
        f"{WEB}\n" + vpc_rule('"198.51.100.0/24"') + f"\n{OUTPUT}",
        REVIEW,
        config=ONE,
    ),
    Case(
        "each within the half that held it",
        group(ingress('["0.0.0.0/1"]') + "\n" + ingress('["128.0.0.0/1"]')),
        group(ingress('["20.0.0.0/16"]') + "\n" + ingress('["200.0.0.0/16"]')),
        REVIEW,
        APART,
    ),
    Case(
        "never one that was shut out",
        group(
            ingress(
                '["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", '
                '"32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1"]'
            )
        ),
        group("ingress = []"),
        REVIEW,
        PRIVATE,
    ),
    Case("not on another port", group(ingress(low=5432)), group("ingress = []"), REVIEW, ONE),
)


@pytest.mark.parametrize("case", REWRITTEN, ids=named)
def test_rewritten(case: Case) -> None:
    rewritten(case.before, case.after, disposition=case.disposition, config=case.config)


@pytest.mark.parametrize(
    "before", [group(ingress(low=443)), group(ingress('["10.0.0.0/8"]')), group(ingress("var.x"))]
)
def test_where_the_world_is_not_let_in_nobody_is(before: str) -> None:
    untouched(before, config=TWO)


def test_a_finding_of_both_families_puts_no_ipv4_where_ipv6_was() -> None:
    """One finding may be about two resources: each is given only what it held itself."""
    before = f"{WEB}\n" + vpc_rule('"::/0"', argument="cidr_ipv6")
    finding = found("aws_vpc_security_group_ingress_rule.ssh", cidrs=("0.0.0.0/0", "::/0"))
    result = fix(before, findings=(finding,), config=ONE)
    assert result.text == WEB
    assert result.only.kind is Kind.PROPOSED
