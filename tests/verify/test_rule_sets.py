"""What a change of security group rules comes to."""

from __future__ import annotations

import pytest
from commandline import OFFICE, WORLD, group, ingress
from hypothesis import given
from hypothesis import strategies as st
from twotrees import answers, compared

from remediator.access.network import Rule
from remediator.verify import rules
from remediator.verify.rules import Rules

LOCAL = 'locals {\n  cidrs = ["%s"]\n}\n'
THROUGH = (
    'resource "aws_security_group" "web" {\n  ingress {\n    from_port = 22\n    to_port = 22\n'
    '    protocol = "tcp"\n    cidr_blocks = local.cidrs\n  }\n}\n'
)
UNKNOWN = THROUGH.replace("local.cidrs", "var.cidrs") + 'variable "cidrs" {}\n'


def rule(name: str, cidr: str, group_id: str = "aws_security_group.web.id", port: int = 22) -> str:
    return (
        f'resource "aws_vpc_security_group_ingress_rule" "{name}" {{\n'
        f"  security_group_id = {group_id}\n  from_port = {port}\n  to_port = {port}\n"
        f'  ip_protocol = "tcp"\n  cidr_ipv4 = "{cidr}"\n}}\n'
    )


CASES = [
    ("wider", group("web", ingress(OFFICE)), group("web", ingress(WORLD))),
    ("narrower", group("web", ingress(WORLD)), group("web", ingress(OFFICE))),
    (
        "same",
        group("web", ingress("10.0.0.0/8")),
        group("web", ingress("10.0.0.0/9", "10.128.0.0/9")),
    ),
    (
        "wider",
        group("web", ingress(OFFICE)),
        group("web", ingress(OFFICE), ingress(OFFICE, port=443)),
    ),
    ("wider", group("web", ingress(OFFICE)), group("web", ingress("198.51.100.0/23"))),
    ("narrower", group("web", ingress(OFFICE, port=20, to=25)), group("web", ingress(OFFICE))),
    ("wider", group("web", ingress(OFFICE)), group("web", ingress("10.0.0.0/8"))),
    ("narrower", group("web", ingress(WORLD)), group("web")),
    ("narrower", group("web", ingress(WORLD)), ""),
    ("wider", "", group("web", ingress(WORLD))),
    ("wider", LOCAL % OFFICE + THROUGH, LOCAL % WORLD + THROUGH),
    ("narrower", LOCAL % WORLD + THROUGH, LOCAL % OFFICE + THROUGH),
    # What is not known: of the same words nothing is told, of others it is unknown.
    ("unknown", group("web", ingress(OFFICE)), UNKNOWN),
    ("unknown", UNKNOWN, LOCAL % WORLD + THROUGH),
    ("wider", UNKNOWN, UNKNOWN + rule("more", WORLD)),
    ("unknown", UNKNOWN, UNKNOWN.replace("= 22", "= 443")),
    ("narrower", UNKNOWN, group("web")),
]


@pytest.mark.parametrize(("answer", "before", "after"), CASES)
def test_ingress_of_a_group(answer: str, before: str, after: str) -> None:
    assert answers(before, after) == {"web ingress": answer}


SAME_CASES = [
    (group("web", ingress(WORLD)), group("web", ingress(WORLD)).replace("A group", "Another")),
    (group("web", ingress(WORLD)), "# a comment\n" + group("web", ingress(WORLD))),
    (LOCAL % WORLD + THROUGH, group("web", ingress(WORLD))),
    (UNKNOWN, UNKNOWN + '\nresource "aws_s3_bucket" "b" {}\n'),
    ("", group("web")),
    (group("web"), ""),
    (UNKNOWN, UNKNOWN.replace('"web" {', '"web" {\n  description = "x"')),
]


@pytest.mark.parametrize(("before", "after"), SAME_CASES)
def test_what_does_not_change_is_not_told(before: str, after: str) -> None:
    """Nothing allows more or less: the literal that became a local is the same rule."""
    found = [d for d in compared(before, after) if d.answer != "same"]
    assert found == []


def test_a_rule_that_moves_to_a_resource_of_its_own_is_the_same() -> None:
    before = group("web", ingress(OFFICE))
    assert answers(before, group("web") + rule("ssh", OFFICE)) == {}
    assert answers(before, group("web") + rule("ssh", WORLD)) == {"web ingress": "wider"}


def test_rules_of_different_groups_do_not_excuse_each_other() -> None:
    other = group("db", ingress(WORLD))
    before = group("web") + other + rule("ssh", OFFICE)
    after = group("web") + other + rule("ssh", WORLD)
    assert answers(before, after) == {"web ingress": "wider"}


def test_egress_is_told_apart() -> None:
    out = ingress(WORLD, port=443).replace("ingress", "egress")
    assert answers(group("web"), group("web", out)) == {"web egress": "wider"}
    assert answers(group("web", out), group("web")) == {"web egress": "narrower"}
    rules = rule("out", WORLD).replace("_ingress_", "_egress_")
    assert answers(group("web"), group("web") + rules) == {"web egress": "wider"}
    dynamic = (
        'resource "aws_security_group" "web" {\n  dynamic "egress" {\n    for_each = [443]\n'
        "    content {\n      from_port = egress.value\n      to_port = egress.value\n"
        '      protocol = "tcp"\n      cidr_blocks = ["0.0.0.0/0"]\n    }\n  }\n}\n'
    )
    assert answers(group("web"), dynamic) == {"web egress": "wider"}


def test_each_root_that_calls_a_module_is_told() -> None:
    call = 'module "m" {\n  source = "../../m"\n  cidrs = %s\n}\n'
    module = 'variable "cidrs" {}\n' + THROUGH.replace("local.", "var.")
    files = {
        "m/main.tf": module,
        "live/a/main.tf": call % '["10.0.0.0/8"]',
        "live/b/main.tf": call % '["10.0.0.0/8"]',
    }
    opened = {**files, "m/main.tf": module.replace("var.cidrs", '["0.0.0.0/0"]')}
    found = compared(files, opened)
    places = [(d.spot.root, d.spot.address, d.answer) for d in found]
    assert places == [
        ("live/a", "module.m.aws_security_group.web", "wider"),
        ("live/b", "module.m.aws_security_group.web", "wider"),
    ]
    one = {**files, "live/b/main.tf": call % '["0.0.0.0/0"]'}
    assert [d.spot.root for d in compared(files, one)] == ["live/b"]


def test_the_witness_is_a_rule_that_only_the_code_after_has() -> None:
    (found,) = compared(group("web", ingress(OFFICE)), group("web", ingress(OFFICE, WORLD)))
    assert found.witness == "tcp 22 from 0.0.0.0/0"
    assert (found.file, found.line) == ("main.tf", 1)
    assert found.gone == ()


def test_a_file_that_no_longer_parses_is_unknown() -> None:
    before = group("web", ingress(OFFICE))
    found = compared(before, before + "\nresource {")
    assert any(d.answer == "unknown" and "cannot be read" in d.reason for d in found)


def test_a_module_from_elsewhere_is_unknown_when_its_arguments_change() -> None:
    call = 'module "x" {\n  source = "example/x/aws"\n  cidrs = ["%s"]\n}\n'
    (found,) = compared(call % OFFICE, call % WORLD)
    assert (found.answer, found.spot.address) == ("unknown", "module.x")
    assert compared(call % OFFICE, call % OFFICE) == []


REOPENED = [
    ("auto", group("web", ingress(OFFICE)), group("web", ingress(WORLD))),
    ("auto", "", group("web", ingress(WORLD))),
    (
        "auto",
        group("web", ingress(WORLD, port=443)),
        group("web", ingress(WORLD, port=443), ingress(WORLD)),
    ),
    ("review", group("bastion", ingress(OFFICE)), group("bastion", ingress(WORLD))),
    ("alert", group("web", ingress(OFFICE, port=443)), group("web", ingress(WORLD, port=443))),
    ("review", group("web", ingress(OFFICE, port=9100)), group("web", ingress(WORLD, port=9100))),
    ("auto", group("web"), group("web") + rule("ssh", WORLD)),
    ("auto", group("web", ingress(OFFICE)), group("web", ingress("0.0.0.0/1", "128.0.0.0/1"))),
    ("auto", group("web", ingress(OFFICE)), group("web", ingress(WORLD, port=20, to=65535))),
    (None, group("web", ingress(WORLD)), group("web", ingress(WORLD, OFFICE))),
    (None, group("web", ingress(OFFICE)), group("web", ingress("10.0.0.0/8"))),
    (None, group("web", ingress(WORLD)), group("web", ingress(OFFICE))),
]


@pytest.mark.parametrize(("disposition", "before", "after"), REOPENED)
def test_what_the_policy_would_do_about_it(
    disposition: str | None, before: str, after: str
) -> None:
    found = [r.disposition for d in compared(before, after) for r in d.reopened]
    assert found == ([disposition] if disposition else [])


def test_a_door_that_was_open_is_not_reopened_by_another_rule() -> None:
    before = group("web", ingress(WORLD))
    assert [d.reopened for d in compared(before, before + group("db", ingress(OFFICE)))] == [()]


RULE = st.builds(
    Rule,
    st.sampled_from(["tcp", "udp", "-1"]),
    st.integers(20, 24),
    st.integers(24, 26),
    st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "::/0", "self"]),
)
UNREAD = st.frozensets(st.sampled_from(["tcp 22: x", "tcp 80: y"]))
RULES = st.builds(Rules, st.lists(RULE, max_size=4).map(tuple), UNREAD)


@given(RULES, RULES)
def test_the_answer_is_that_of_the_sets(before: Rules, after: Rules) -> None:
    answer, _, witness, gone = rules.compared(after, before)
    was, now = before.allowed, after.allowed
    if answer in ("same", "narrower"):
        assert now <= was
        assert after.unread <= before.unread
    if answer == "same":
        assert (now, after.unread) == (was, before.unread)
    if answer == "wider":
        assert not now <= was
        assert before.unread <= after.unread
    assert (witness is not None) == (answer == "wider")
    assert bool(gone) == (not was <= now or bool(before.unread - after.unread))
    assert rules.compared(after, after)[0] == "same"
