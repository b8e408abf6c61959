"""SSH and RDP open to the world: what is rewritten, and to which bytes."""

from __future__ import annotations

from textwrap import indent

import pytest
from cases import fix, rewritten
from tables import REVIEW, Case, group, ingress, named, rule, vpc_rule

from remediator.model import Kind

WEB = group("")
CLOSED = group("ingress = []")
OFFICE = ingress('["198.51.100.0/24"]')
HTTPS = ingress(low=443)
V6_HEAD = (
    'ingress {\n  from_port        = 22\n  to_port          = 22\n  protocol         = "tcp"\n'
)


def dual(*lines: str) -> str:
    """An ingress block whose CIDR arguments are given, with names of 16 characters."""
    return V6_HEAD + "".join(f"  {line}\n" for line in lines) + "}\n"


WHOLE_BLOCKS = (
    Case("the last ingress block becomes an empty list", group(ingress()), CLOSED),
    Case("RDP", group(ingress(low=3389)), CLOSED),
    Case("ports as texts", group(ingress(low='"22"')), CLOSED),
    Case("the protocol as a number", group(ingress(protocol='"6"')), CLOSED),
    Case("the protocol in capitals", group(ingress(protocol='"TCP"')), CLOSED),
    Case("IPv6", group(dual('ipv6_cidr_blocks = ["::/0"]')), CLOSED),
    Case("IPv6, not in its shortest form", group(dual('ipv6_cidr_blocks = ["0::0/0"]')), CLOSED),
    Case("the same CIDR twice", group(ingress('["0.0.0.0/0", "0.0.0.0/0"]')), CLOSED),
    Case("the same block twice", group(f"{ingress()}\n{ingress()}"), CLOSED),
    Case("an escape in the literal", group(ingress('["0.0.0.0\\u002f0"]')), CLOSED),
    Case("self = false is nobody", group(ingress(more="self        = false")), CLOSED),
    Case(
        "no other source at all",
        group(dual('cidr_blocks      = ["0.0.0.0/0"]', "ipv6_cidr_blocks = []")),
        CLOSED,
    ),
    Case(
        "null is nobody",
        group(dual('ipv6_cidr_blocks = ["::/0"]', "self             = null")),
        CLOSED,
    ),
    Case(
        "both families in one block",
        group(dual('cidr_blocks      = ["0.0.0.0/0"]', 'ipv6_cidr_blocks = ["::/0"]')),
        CLOSED,
    ),
    Case(
        "both families in two blocks",
        group(f"{ingress()}\n" + dual('ipv6_cidr_blocks = ["::/0"]')),
        CLOSED,
    ),
    Case("another block stays", group(f"{ingress()}\n{OFFICE}"), group(OFFICE)),
    Case("a web port stays", group(f"{HTTPS}\n{ingress()}"), group(HTTPS)),
    Case("both ports", group(f"{ingress()}\n{ingress(low=3389)}\n{OFFICE}"), group(OFFICE)),
    Case(
        "an egress block stays",
        group(f"{ingress()}\n{ingress().replace('ingress', 'egress')}"),
        group(f"ingress = []\n\n{ingress().replace('ingress', 'egress')}"),
    ),
    Case(
        "a comment above goes with its block",
        group(f"# office\n{OFFICE}\n# everybody\n{ingress()}"),
        group(f"# office\n{OFFICE}"),
    ),
    Case("count", group(f"count = 2\n\n{ingress()}"), group("count = 2\n\ningress = []")),
    Case(
        "for_each over literals",
        group(f'for_each = toset(["a", "b"])\n\n{ingress()}'),
        group('for_each = toset(["a", "b"])\n\ningress = []'),
    ),
    Case(
        "an unquoted label",
        group(ingress()).replace('"web"', "web"),
        CLOSED.replace('"web"', "web"),
        tidy=False,
    ),
)

LISTS = (
    Case(
        "first of a list",
        *(group(ingress(c)) for c in ('["0.0.0.0/0", "10.0.0.0/8"]', '["10.0.0.0/8"]')),
    ),
    Case(
        "last of a list",
        *(group(ingress(c)) for c in ('["10.0.0.0/8", "0.0.0.0/0"]', '["10.0.0.0/8"]')),
    ),
    Case(
        "middle of a list",
        group(ingress('["10.0.0.0/8", "0.0.0.0/0", "198.51.100.0/24"]')),
        group(ingress('["10.0.0.0/8", "198.51.100.0/24"]')),
    ),
    Case(
        "a list over several lines",
        group(ingress('[\n  "10.0.0.0/8",\n  "0.0.0.0/0",\n  "198.51.100.0/24",\n]')),
        group(ingress('[\n  "10.0.0.0/8",\n  "198.51.100.0/24",\n]')),
    ),
    Case(
        "the last line of a list without a comma",
        group(ingress('[\n  "10.0.0.0/8",\n  "0.0.0.0/0"\n]')),
        group(ingress('[\n  "10.0.0.0/8"\n]')),
    ),
    Case(
        "the comment of an item goes with it, its neighbour's stays",
        group(ingress('[\n  "10.0.0.0/8", # office\n  "0.0.0.0/0",  # for now\n]')),
        group(ingress('[\n  "10.0.0.0/8", # office\n]')),
    ),
    Case(
        "IPv6 goes, IPv4 stays",
        group(dual('cidr_blocks      = ["10.0.0.0/8"]', 'ipv6_cidr_blocks = ["::/0", "fd00::/8"]')),
        group(dual('cidr_blocks      = ["10.0.0.0/8"]', 'ipv6_cidr_blocks = ["fd00::/8"]')),
    ),
    Case(
        "one family is emptied, the other stays",
        group(dual('cidr_blocks      = ["10.0.0.0/8"]', 'ipv6_cidr_blocks = ["::/0"]')),
        group(dual('cidr_blocks      = ["10.0.0.0/8"]', "ipv6_cidr_blocks = []")),
    ),
    Case(
        "a group stays",
        group(ingress(more="\nsecurity_groups = [aws_security_group.lb.id]")),
        group(ingress("[]", more="\nsecurity_groups = [aws_security_group.lb.id]")),
    ),
    Case(
        "a prefix list stays",
        group(ingress(more='\nprefix_list_ids = ["pl-1234567890"]')),
        group(ingress("[]", more='\nprefix_list_ids = ["pl-1234567890"]')),
    ),
    Case(
        "self stays",
        group(ingress(more="self        = true")),
        group(ingress("[]", more="self        = true")),
    ),
    Case(
        "sources that may be nobody keep the rule, for review",
        group(ingress(more="\nsecurity_groups = var.groups")),
        group(ingress("[]", more="\nsecurity_groups = var.groups")),
        REVIEW,
    ),
    Case(
        "a CIDR that is not literal stays, for review",
        group(ingress('["0.0.0.0/0", var.office]')),
        group(ingress("[var.office]")),
        REVIEW,
    ),
    Case(
        "another rule that may open it too leaves review",
        group(f"{ingress()}\n{ingress('var.cidrs')}"),
        group(ingress("var.cidrs")),
        REVIEW,
    ),
    Case(
        "a rule of unknown ports leaves review",
        group(f"{ingress()}\n{ingress(low='var.port')}"),
        group(ingress(low="var.port")),
        REVIEW,
    ),
)

ELEMENT = """{
  description      = "%s"
  from_port        = 22
  to_port          = 22
  protocol         = "tcp"
  cidr_blocks      = [%s]
  ipv6_cidr_blocks = []
  prefix_list_ids  = []
  security_groups  = []
  self             = false
}"""
WORLD_ELEMENT, OFFICE_ELEMENT = ELEMENT % ("", '"0.0.0.0/0"'), ELEMENT % ("", '"10.0.0.0/8"')


def _in(text: str) -> str:
    return indent(text, "  ")


ATTRIBUTES = (
    Case("the only element", group(f"ingress = [{WORLD_ELEMENT}]"), CLOSED),
    Case(
        "one of two elements",
        group(f"ingress = [\n{_in(WORLD_ELEMENT)},\n{_in(OFFICE_ELEMENT)},\n]"),
        group(f"ingress = [\n{_in(OFFICE_ELEMENT)},\n]"),
    ),
    Case(
        "one CIDR of an element",
        group("ingress = [%s]" % (ELEMENT % ("x", '"0.0.0.0/0", "10.0.0.0/8"'))),
        group("ingress = [%s]" % (ELEMENT % ("x", '"10.0.0.0/8"'))),
    ),
    Case(
        "keys in quotes, with colons",
        group(
            'ingress = [{ "from_port" : 22, "to_port" : 22, "protocol" : "tcp", '
            '"cidr_blocks" : ["0.0.0.0/0", "10.0.0.0/8"] }]'
        ),
        group(
            'ingress = [{ "from_port" : 22, "to_port" : 22, "protocol" : "tcp", '
            '"cidr_blocks" : ["10.0.0.0/8"] }]'
        ),
    ),
    Case(
        "an element that is not literal leaves review",
        group(f"ingress = [local.office, {WORLD_ELEMENT}]"),
        group("ingress = [local.office]"),
        REVIEW,
    ),
)

RULES = (
    Case("a rule goes", f"{WEB}\n{rule()}", WEB),
    Case("its comment goes too", f"{WEB}\n# for now\n{rule()}", WEB),
    Case("count", f"{WEB}\n" + rule(more="count             = 2"), WEB),
    Case(
        "both families",
        f"{WEB}\n" + rule(more='ipv6_cidr_blocks  = ["::/0"]'),
        WEB,
    ),
    Case(
        "the provider replaces a rule of several CIDRs, so that is for review",
        f"{WEB}\n" + rule('["0.0.0.0/0", "10.0.0.0/8"]'),
        f"{WEB}\n" + rule('["10.0.0.0/8"]'),
        REVIEW,
    ),
    Case(
        "a prefix list keeps the rule",
        f"{WEB}\n" + rule(more='prefix_list_ids   = ["pl-1234567890"]'),
        f"{WEB}\n" + rule("[]", more='prefix_list_ids   = ["pl-1234567890"]'),
        REVIEW,
    ),
    Case(
        "a rule that only resembles it stays",
        f"{WEB}\n{rule()}\n{rule(low=443, label='ssh2')}",
        f"{WEB}\n{rule(low=443, label='ssh2')}",
    ),
    Case(
        "a name that another one begins with is not referred to",
        f'{WEB}\n{rule()}\noutput "x" {{\n  value = aws_security_group_rule.ssh2.id\n}}\n',
        f'{WEB}\noutput "x" {{\n  value = aws_security_group_rule.ssh2.id\n}}\n',
    ),
    Case("ingress rule", f"{WEB}\n{vpc_rule()}", WEB),
    Case("ingress rule, IPv6", f"{WEB}\n" + vpc_rule('"::/0"', argument="cidr_ipv6"), WEB),
    Case("ingress rule with a tag", f"{WEB}\n" + vpc_rule(more='\ntags = { Name = "ssh" }'), WEB),
    Case(
        "prevent_destroy that is off",
        f"{WEB}\n" + vpc_rule(more="\nlifecycle {\n  prevent_destroy = false\n}"),
        WEB,
    ),
    Case(
        "ignored changes of something else",
        group(ingress() + "\nlifecycle {\n  ignore_changes = [name, description]\n}"),
        group("ingress = []\n\nlifecycle {\n  ignore_changes = [name, description]\n}"),
    ),
    Case(
        "the only thing in the file",
        rule().replace("aws_security_group.web.id", '"sg-1"'),
        "",
        REVIEW,
    ),
)
PIECES = (
    Case(
        "the world in two halves; the private neighbour stays",
        group(ingress('["0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/1"]')),
        group(ingress('["10.0.0.0/8"]')),
        REVIEW,
    ),
    Case(
        "in two blocks",
        group(ingress('["0.0.0.0/1"]') + "\n" + ingress('["128.0.0.0/1"]')),
        CLOSED,
        REVIEW,
    ),
    Case(
        "IPv6 in halves", group(dual('ipv6_cidr_blocks = ["2000::/4", "3000::/4"]')), CLOSED, REVIEW
    ),
    Case(
        "all public IPv6 addresses", group(dual('ipv6_cidr_blocks = ["2000::/3"]')), CLOSED, REVIEW
    ),
    Case(
        "only the whole one goes where pieces are beside it",
        group(ingress('["0.0.0.0/0", "128.0.0.0/1"]')),
        group(ingress('["128.0.0.0/1"]')),
    ),
)
REWRITTEN = (*WHOLE_BLOCKS, *LISTS, *ATTRIBUTES, *RULES, *PIECES)


@pytest.mark.parametrize("case", REWRITTEN, ids=named)
def test_rewritten(case: Case) -> None:
    rewritten(case.before, case.after, disposition=case.disposition, config=case.config)


LAYOUTS = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "BOM": lambda text: "\ufeff" + text,
    "tabs": lambda text: text.replace("  ", "\t"),
    "no final newline": lambda text: text.rstrip("\n"),
    "a licence above": lambda text: "# Copyright\n\n" + text,
    "another block below": lambda text: text + '\nlocals {\n  x = "0.0.0.0/0"\n}\n',
}
SHAPES = (WHOLE_BLOCKS[0], LISTS[1], LISTS[3], ATTRIBUTES[1], WHOLE_BLOCKS[15])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", SHAPES, ids=named)
def test_a_file_keeps_its_own_layout(case: Case, layout: str) -> None:
    change = LAYOUTS[layout]
    assert fix(change(case.before)).text == change(case.after)


def test_each_port_is_a_change_of_its_own() -> None:
    outcomes = fix(group(f"{ingress()}\n{ingress(low=3389)}")).outcomes
    assert [o.kind for o in outcomes] == [Kind.MERGED, Kind.MERGED]
    assert len({o.finding.id for o in outcomes}) == 2


def test_two_blocks_in_two_files_are_two_changes() -> None:
    files = {"a/main.tf": group(ingress()), "b/main.tf": group(ingress())}
    result = fix(files)
    assert dict(result.files) == {"a/main.tf": CLOSED, "b/main.tf": CLOSED}
    assert len(result.outcomes) == 2


def test_the_record_says_what_was_removed_and_what_was_proven() -> None:
    proof = fix(group(ingress('["0.0.0.0/0", "10.0.0.0/8"]'))).only.proof
    assert proof is not None
    assert proof.removed == ("tcp 22 from 0.0.0.0/0",)
    names = [check.name for check in proof.checks]
    assert names == [
        *("bytes-outside", "addresses", "second-reader", "narrower", "exact", "gone"),
        "plan",
    ]
