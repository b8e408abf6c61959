"""Rules that open more than an admin port: a proposal, which keeps the neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from cases import fix, refused
from tables import REVIEW, WORLD, Case, group, ingress, named, rule, vpc_rule

from remediator.model import Kind

WEB = group("")
APPROVED = {"approved_admin_cidrs": ["198.51.100.0/24", "203.0.113.0/24"]}
BOTH = '["198.51.100.0/24", "203.0.113.0/24"]'
AROUND = ((0, 21), (23, 3388), (3390, 65535))


def blocks(ranges: Sequence[tuple[int, int]], cidrs: str = WORLD, protocol: str = '"tcp"') -> str:
    return "\n".join(ingress(cidrs, low, high, protocol) for low, high in ranges)


def terse(low: int, high: int) -> str:
    return f'from_port = {low}, to_port = {high}, protocol = "tcp", cidr_blocks = {WORLD}'


def case(name: str, before: str, after: str, config: dict[str, object] | None = None) -> Case:
    return Case(name, before, after, REVIEW, config or {})


ALL = ingress(low=0, protocol='"-1"')
ALL_SPLIT = "\n".join(
    (
        blocks(AROUND),
        ingress(low=0, high=65535, protocol='"udp"'),
        ingress(low=-1, protocol='"icmp"'),
    )
)
OFFICE = '["10.0.0.0/8"]'
WIDE_RULE = rule(low=20, high=25)
ELEMENT = f'{{ from_port = 21, to_port = %s, protocol = "tcp", cidr_blocks = {WORLD} }}'
LONG = (
    "  {\n    from_port   = %s\n    to_port     = %s\n"
    f'    protocol    = "tcp"\n    cidr_blocks = {WORLD}\n  }}'
)
OUTPUT = 'output "x" {\n  value = aws_vpc_security_group_ingress_rule.ssh.id\n}\n'
WIDE_VPC_RULE = vpc_rule(low=20, high=25)
TAKEN = vpc_rule('"10.0.0.0/8"', 443, label="ssh_tcp_23_25")
LATER = vpc_rule(low=23, high=25, label="ssh_tcp_23_25")

REWRITTEN = (
    case("20-25", group(ingress(low=20, high=25)), group(blocks(((20, 21), (23, 25))))),
    case("22-23", group(ingress(low=22, high=23)), group(ingress(low=23))),
    case("21-22", group(ingress(low=21, high=22)), group(ingress(low=21))),
    case("22-3389", group(ingress(low=22, high=3389)), group(ingress(low=23, high=3388))),
    case("all of TCP", group(ingress(low=0, high=65535)), group(blocks(AROUND))),
    case("as texts", group(ingress(low='"0"', high='"65535"')), group(blocks(AROUND))),
    case("by number", group(ingress(low=0, high=65535, protocol='"6"')), group(blocks(AROUND))),
    case("all traffic", group(ALL), group(ALL_SPLIT)),
    case("all traffic in a word", group(ALL.replace('"-1"', '"all"')), group(ALL_SPLIT)),
    case("all traffic as a number", group(ALL.replace('"-1"', "-1")), group(ALL_SPLIT)),
    case(
        "another source keeps the whole range",
        group(ingress('["0.0.0.0/0", "10.0.0.0/8"]', 20, 25)),
        group(f"{ingress(OFFICE, 20, 25)}\n{blocks(((20, 21), (23, 25)))}"),
    ),
    case(
        "so does one that is not literal",
        group(ingress('["0.0.0.0/0", var.office]', 20, 25)),
        group(f"{ingress('[var.office]', 20, 25)}\n{blocks(((20, 21), (23, 25)))}"),
    ),
    case(
        "and a group",
        group(ingress(WORLD, 22, 23, more="self        = true")),
        group(
            ingress("[]", 22, 23, more="self        = true")
            + "\n"
            + ingress(WORLD, 23, more="self        = false")
        ),
    ),
    case(
        "the description goes with each",
        group(ingress(low=21, high=23, more='description = "ops"')),
        group(
            ingress(low=21, more='description = "ops"')
            + "\n"
            + ingress(low=23, more='description = "ops"')
        ),
    ),
    case(
        "the families stay apart",
        group(
            f"{ingress(low=21, high=22)}\n"
            + ingress("[]", 21, 22).replace(
                "cidr_blocks = []", 'cidr_blocks = []\n\n  ipv6_cidr_blocks = ["::/0"]'
            )
        ),
        group(
            f"{ingress(low=21)}\n"
            + ingress("[]", 21).replace(
                "cidr_blocks = []", 'cidr_blocks = []\n\n  ipv6_cidr_blocks = ["::/0"]'
            )
        ),
    ),
    case(
        "an element",
        group(f"ingress = [{ELEMENT % 22}]"),
        group(f"ingress = [{ELEMENT % 21}]"),
    ),
    case(
        "an element over several lines",
        group(f"ingress = [\n{LONG % (21, 23)},\n]"),
        group(f"ingress = [\n{LONG % (21, 21)},\n{LONG % (23, 23)},\n]"),
    ),
    case(
        "an element that begins on the list's own line",
        group(f"ingress = [{{\n  {terse(20, 25)}\n}}]"),
        group(f"ingress = [{{\n  {terse(20, 21)}\n  }}, {{\n  {terse(23, 25)}\n}}]"),
    ),
    case(
        "an element over several lines with another source",
        group(f"ingress = [\n{LONG % (21, 22)},\n]".replace('["', '["10.0.0.0/8", "')),
        group(
            f"ingress = [\n{LONG % (21, 21)},\n"
            + (LONG % (21, 22)).replace("0.0.0.0/0", "10.0.0.0/8")
            + ",\n]"
        ),
    ),
    case(
        "a rule becomes several",
        f"{WEB}\n{WIDE_RULE}",
        f"{WEB}\n{rule(low=20, high=21)}\n{rule(low=23, high=25, label='ssh_tcp_23_25')}",
    ),
    case(
        "a rule with another source stays",
        f"{WEB}\n" + rule('["0.0.0.0/0", "10.0.0.0/8"]', 21, 22),
        f"{WEB}\n{rule(OFFICE, 21, 22)}\n{rule(low=21, label='ssh_tcp_21_21')}",
    ),
    case(
        "an ingress rule becomes several",
        f"{WEB}\n{WIDE_VPC_RULE}",
        f"{WEB}\n{vpc_rule(low=20, high=21)}\n{LATER}",
    ),
    case(
        "a name that is taken",
        f"{WEB}\n{WIDE_VPC_RULE}\n{TAKEN}",
        f"{WEB}\n{vpc_rule(low=20, high=21)}\n{vpc_rule(low=23, high=25, label='ssh_tcp_23_25_2')}"
        f"\n{TAKEN}",
    ),
    case(
        "referred to, and not deleted: it may change",
        f"{WEB}\n{WIDE_VPC_RULE}\n{OUTPUT}",
        f"{WEB}\n{vpc_rule(low=20, high=21)}\n{LATER}\n{OUTPUT}",
    ),
    case(
        "the approved come in on the admin port alone",
        group(ingress(low=21, high=22)),
        group(f"{ingress(low=21)}\n{ingress(BOTH)}"),
        APPROVED,
    ),
    case(
        "and on both admin ports",
        group(ingress(low=22, high=3389)),
        group(f"{ingress(low=23, high=3388)}\n{ingress(BOTH)}\n{ingress(BOTH, 3389)}"),
        APPROVED,
    ),
    case(
        "not twice where a rule lets them in",
        group(f"{ingress(low=21, high=22)}\n{ingress(BOTH)}"),
        group(f"{ingress(low=21)}\n{ingress(BOTH)}"),
        APPROVED,
    ),
    case(
        "nor into the wide range of another source",
        group(ingress('["0.0.0.0/0", "10.0.0.0/8"]', 21, 22)),
        group(f"{ingress(OFFICE, 21, 22)}\n{ingress(low=21)}\n{ingress(BOTH)}"),
        APPROVED,
    ),
    case(
        "an ingress rule for each of the approved",
        f"{WEB}\n{vpc_rule(low=21, high=22)}",
        f"{WEB}\n{vpc_rule(low=21)}"
        + "".join(
            f"\n{vpc_rule(cidr, label=label)}"
            for cidr, label in (
                ('"198.51.100.0/24"', "ssh_tcp_22_22"),
                ('"203.0.113.0/24"', "ssh_tcp_22_22_2"),
            )
        ),
        APPROVED,
    ),
)


@pytest.mark.parametrize("case", REWRITTEN, ids=named)
def test_rewritten(case: Case) -> None:
    """What is kept is a finding of another class, which the next run would propose to close."""
    result = fix(case.before, config=case.config)
    assert result.text == case.after
    assert result.only.kind is Kind.PROPOSED
    again = fix(result.text, config=case.config)
    assert {o.finding.finding_class for o in again.outcomes} <= {"open-port"}


@pytest.mark.parametrize(
    "form", [group(ingress(low=0, high=65535)), f"{WEB}\n{WIDE_RULE}", group(ALL)]
)
def test_all_but_the_admin_ports_stays_open(form: str) -> None:
    proof = fix(form).only.proof
    assert proof is not None
    assert '"from_port":22,' not in proof.after
    assert '"from_port":23,' in proof.after


def test_what_all_traffic_loses_besides_is_said() -> None:
    outcome = fix(group(ALL)).only
    assert outcome.decision is not None
    (said,) = [c.detail for c in outcome.decision.checks if c.name == "neighbours"]
    assert "GRE" in said


@pytest.mark.parametrize(("made", "replaced"), [(WIDE_RULE, True), (WIDE_VPC_RULE, False)])
def test_a_rule_that_the_provider_replaces_is_said_to_be(made: str, replaced: bool) -> None:
    decision = fix(f"{WEB}\n{made}").only.decision
    assert decision is not None
    said = [c.detail for c in decision.checks if c.name == "in-place"]
    assert bool(said) is replaced
    assert all("whose ports change" in text for text in said)


def test_of_all_ipv6_traffic_icmpv6_stays() -> None:
    after = fix(
        group(ALL.replace("cidr_blocks = ", "ipv6_cidr_blocks = ").replace("0.0.0.0/0", "::/0"))
    )
    assert after.text.count("::/0") == 5
    assert '"icmpv6"' in after.text
    assert '"icmp"' not in after.text


@pytest.mark.parametrize("what", ["[to_port]", "[from_port]", "[protocol]", "all"])
def test_a_wide_rule_whose_ports_no_apply_changes(what: str) -> None:
    more = f"\nlifecycle {{\n  ignore_changes = {what}\n}}"
    refused(f"{WEB}\n" + rule(low=20, high=25, more=more), "ignored-changes")


def test_a_wide_rule_not_to_be_destroyed() -> None:
    more = "\nlifecycle {\n  prevent_destroy = true\n}"
    refused(f"{WEB}\n" + rule(low=20, high=25, more=more), "prevent-destroy")


def test_what_is_kept_of_elements_written_twice_goes_together() -> None:
    """Neighbours in one list share their commas: two edits of them would contradict each other."""
    split = fix(group(f"ingress = [\n{LONG % (20, 25)},\n{LONG % (20, 25)},\n]"))
    assert split.text.count("from_port") == 4
    result = fix(split.text)
    assert {o.kind for o in result.outcomes} == {Kind.PROPOSED}
    assert result.text == group("ingress = []")


def test_pieces_on_different_ports_are_found_and_closed() -> None:
    """0.0.0.0/1 on 22 and 128.0.0.0/1 on 20-25: SSH is open to the world."""
    before = group(ingress('["0.0.0.0/1"]') + "\n" + ingress('["128.0.0.0/1"]', 20, 25))
    result = fix(before)
    assert {o.kind for o in result.outcomes} == {Kind.PROPOSED}
    assert result.text == group(
        ingress('["128.0.0.0/1"]', 20, 21) + "\n" + ingress('["128.0.0.0/1"]', 23, 25)
    )


def test_ipv6_in_the_open_does_not_hide_ipv4_in_pieces() -> None:
    halves = ingress('["0.0.0.0/1"]') + "\n" + ingress('["128.0.0.0/1"]', 22, 23)
    open_v6 = ingress('["::/0"]').replace("cidr_blocks = ", "ipv6_cidr_blocks = ")
    result = fix(group(f"{halves}\n{open_v6}"))
    assert result.text == group(ingress('["128.0.0.0/1"]', 23))
