"""What is refused, with a code and a sentence, and what is not touched at all."""

from __future__ import annotations

import pytest
from cases import fix, refused, untouched
from tables import WORLD, found, group, ingress, rule, vpc_rule

from remediator.model import Decision, Disposition, Finding, Kind

WEB = group("")
DYNAMIC = """\
dynamic "ingress" {
  for_each = var.sources
  content {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [ingress.value]
  }
}
"""
EGRESS_RULE = rule(kind='"egress"')
DEFAULT_GROUP = group(ingress()).replace("aws_security_group", "aws_default_security_group")
OTHER_TYPES = {
    "the default group, which is not handled": DEFAULT_GROUP,
    "a network ACL": 'resource "aws_network_acl_rule" "x" {\n  cidr_block = "0.0.0.0/0"\n}\n',
    "a data source": group(ingress()).replace("resource", "data"),
    "an egress rule of its own": vpc_rule().replace("_ingress_", "_egress_"),
}

UNTOUCHED = OTHER_TYPES | {
    "a private network": group(ingress('["10.0.0.0/8"]')),
    "half of the world": group(ingress('["0.0.0.0/1"]')),
    "one public host": group(ingress('["198.51.100.7/32"]')),
    "an address that only begins like the world": group(ingress('["0.0.0.0/32"]')),
    "no CIDR at all": group(ingress("[]")),
    "a prefix list": group(ingress("[]", more='prefix_list_ids = ["pl-1"]')),
    "a group": group(ingress("[]", more="security_groups = [aws_security_group.lb.id]")),
    "self": group(ingress("[]", more="self = true")),
    "HTTPS": group(ingress(low=443)),
    "HTTP": group(ingress(low=80)),
    "an egress block": group(ingress().replace("ingress", "egress")),
    "egress of everything": group(
        ingress(low=0, protocol='"-1"').replace("ingress", "egress") + "\ningress = []"
    ),
    "an egress rule": f"{WEB}\n{EGRESS_RULE}",
    "no rules": WEB,
    "an empty list of rules": group("ingress = []"),
    "an object instead of a list of them": group('ingress = { cidr_blocks = ["0.0.0.0/0"] }'),
    "a variable": group(ingress("var.cidrs")),
    "a local": group(ingress("[local.everybody]")),
    "a template": group(ingress('["${var.all}/0"]')),
    "a conditional": group(ingress('var.open ? ["0.0.0.0/0"] : []')),
    "a port that is a variable": group(ingress(low="var.port")),
    "a protocol that is a variable": group(ingress(protocol="var.protocol")),
    "a direction that is a variable": f"{WEB}\n{rule(kind='var.direction')}",
    "the value of for_each": f"{WEB}\n" + vpc_rule("each.value", more="for_each = toset(var.x)"),
    "a dynamic block": group(DYNAMIC),
    "a list that is computed": group("ingress = [for p in [22] : { from_port = p }]"),
    "an element with a computed key": group(
        'ingress = [{ (var.k) = 1, from_port = 22, to_port = 22, protocol = "tcp", '
        f"cidr_blocks = {WORLD} }}]"
    ),
    "a text where a list belongs": group(ingress('"0.0.0.0/0"')),
    "a list where a text belongs": f"{WEB}\n{vpc_rule(WORLD)}",
    "a list in a list": group(ingress('[["0.0.0.0/0"]]')),
    "a port that is none": group(ingress(low=99999)),
    "half a port": group(ingress(low="22.5")),
    "a port in letters": group(ingress(low='"ssh"')),
    "a port that is true": group(ingress(low="true")),
    "a port beyond all numbers": group(ingress(low="1e4000")),
    "ports the wrong way round": group(ingress(low=3389, high=22)),
    "a protocol that is none": group(ingress(protocol='"ssh"')),
    "a protocol of 5000 digits": group(ingress(protocol=f'"{"9" * 5000}"')),
    "no protocol": group(f"ingress {{\n  from_port = 22\n  cidr_blocks = {WORLD}\n}}"),
    "a block on one line that says too little": group(f"ingress {{ cidr_blocks = {WORLD} }}"),
    "a text that only looks like Terraform": f"locals {{\n  x = <<EOT\n{group(ingress())}EOT\n}}\n",
    "a comment": "\n".join(f"# {line}" for line in group(ingress()).splitlines()) + "\n",
}


@pytest.mark.parametrize("before", UNTOUCHED.values(), ids=UNTOUCHED)
def test_untouched(before: str) -> None:
    untouched(before)


@pytest.mark.parametrize("path", [".terraform/modules/x/main.tf", ".hidden.tf", "main.tf.bak"])
def test_files_that_terraform_does_not_read_are_left_alone(path: str) -> None:
    result = fix({path: group(ingress())})
    assert not result.outcomes
    assert result.files[path] == group(ingress())


PREVENTED = "\nlifecycle {\n  prevent_destroy = true\n}"


def ignoring(what: str) -> str:
    return f"\nlifecycle {{\n  ignore_changes = {what}\n}}"


def beside(more: str, of: str = "") -> str:
    return f"{WEB}\n{of or rule()}\n{more}"


SSH = "aws_security_group_rule.ssh"
REFERENCES = {
    "an output": f'output "x" {{\n  value = {SSH}.id\n}}\n',
    "an output, by its full name": f'output "x" {{\n  value = resource.{SSH}.id\n}}\n',
    "a template": f'locals {{\n  x = "rule ${{{SSH}.id}}"\n}}\n',
    "depends_on": f'resource "x" "y" {{\n  depends_on = [{SSH}]\n}}\n',
    "depends_on in quotes": f'resource "x" "y" {{\n  depends_on = ["{SSH}"]\n}}\n',
    "a splat": f"locals {{\n  x = {SSH}[*].id\n}}\n",
    "an index": f"locals {{\n  x = {SSH}[0].id\n}}\n",
    "a moved block": f"moved {{\n  from = aws_security_group_rule.old\n  to   = {SSH}\n}}\n",
    "an import block": f'import {{\n  to = {SSH}\n  id = "x"\n}}\n',
    "for_each of another": f'resource "x" "y" {{\n  for_each = {SSH}\n}}\n',
    "replace_triggered_by": (
        f'resource "x" "y" {{\n  lifecycle {{\n    replace_triggered_by = [{SSH}]\n  }}\n}}\n'
    ),
    "the same block in another rule": vpc_rule(more=f"depends_on        = [{SSH}]", low=443),
}


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
def test_a_resource_that_something_refers_to_is_not_deleted(reference: str) -> None:
    before = beside(reference)
    line = before[: before.index(SSH)].count("\n") + 1
    assert f"main.tf:{line} " in refused(before, "referenced").text


JSON_REFERENCES = {
    "an output": '{"output": {"x": {"value": "${aws_security_group_rule.ssh.id}"}}}',
    "depends_on": '{"resource": {"x": {"y": {"depends_on": ["aws_security_group_rule.ssh"]}}}}',
    "escaped": '{"output": {"x": {"value": "${aws_security\\u005fgroup_rule.ssh.id}"}}}',
    "a key": '{"locals": {"${aws_security_group_rule.ssh.id}": 1}}',
}


@pytest.mark.parametrize("json", JSON_REFERENCES.values(), ids=JSON_REFERENCES)
def test_nor_is_one_that_json_refers_to(json: str) -> None:
    files = {"main.tf": f"{WEB}\n{rule()}", "more.tf.json": json}
    result = fix(files)
    assert dict(result.files) == files
    assert result.only.code == "referenced"
    assert "more.tf.json" in result.only.text


def test_json_that_names_another_rule_does_not_hinder() -> None:
    json = '{"output": {"x": {"value": "${aws_security_group_rule.ssh2.id}"}}}'
    result = fix({"main.tf": f"{WEB}\n{rule()}", "more.tf.json": json})
    assert result.text == WEB


REFUSED = {
    "ignored changes": (group(ingress() + ignoring("[ingress]")), "ignored-changes"),
    "ignored changes in quotes": (group(ingress() + ignoring('["ingress"]')), "ignored-changes"),
    "all changes ignored": (group(ingress() + ignoring("all")), "ignored-changes"),
    "all changes, as it once was": (group(ingress() + ignoring('["*"]')), "ignored-changes"),
    "ignored CIDRs": (f"{WEB}\n" + rule(more=ignoring("[cidr_blocks]")), "ignored-changes"),
    "an ignored CIDR": (f"{WEB}\n" + vpc_rule(more=ignoring("[cidr_ipv4]")), "ignored-changes"),
    "ignored ports of a wider rule": (
        f"{WEB}\n" + rule(low=0, high=65535, more=ignoring("[to_port]")),
        "ignored-changes",
    ),
    "a rule not to be destroyed": (f"{WEB}\n" + rule(more=PREVENTED), "prevent-destroy"),
    "an ingress rule not to be": (f"{WEB}\n" + vpc_rule(more=PREVENTED), "prevent-destroy"),
    "two sources of an ingress rule": (
        f"{WEB}\n" + vpc_rule(more="prefix_list_id = var.list"),
        "several-sources",
    ),
    "both families of an ingress rule": (
        f"{WEB}\n" + vpc_rule(more='cidr_ipv6 = "fd00::/8"'),
        "several-sources",
    ),
    "an address twice": (group(ingress()) + group(""), "address-twice"),
}


@pytest.mark.parametrize(("before", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(before: str, code: str) -> None:
    assert "main.tf:" in refused(before, code).text


UNCLEAR = {
    "override.tf": group("ingress = []"),
    "override.tf.json": '{"resource": {"aws_security_group": {"web": {"ingress": []}}}}',
}


@pytest.mark.parametrize(("path", "text"), UNCLEAR.items(), ids=UNCLEAR)
def test_an_override_that_may_replace_the_rules(path: str, text: str) -> None:
    result = fix({"main.tf": group(ingress()), path: text})
    assert (result.text, result.outcomes) == (group(ingress()), ())
    reported = found("aws_security_group.web")
    assert fix({"main.tf": group(ingress()), path: text}, findings=(reported,)).only.code == (
        "unknown-value"
    )


MERGED = {
    "web_override.tf": group(""),
    "web_override.tofu": group(""),
    "x_override.tf.json": '{"resource": [{"aws_security_group": [{"web": {}}]}]}',
}


@pytest.mark.parametrize(("path", "text"), MERGED.items(), ids=MERGED)
def test_an_override_that_leaves_the_rules(path: str, text: str) -> None:
    result = fix({"main.tf": group(ingress()), path: text})
    assert result.text == group("ingress = []")
    assert result.only.kind is Kind.MERGED


def test_an_address_in_both_syntaxes() -> None:
    json = '{"resource": {"x": 1}, "resource": {"aws_security_group": {"web": {}}}}'
    result = fix({"main.tf": group(ingress()), "more.tf.json": json})
    assert result.only.code == "address-twice"


@pytest.mark.parametrize("text", ['{"resource":', "[" * 100_000, '"\xff'])
def test_a_folder_with_json_that_cannot_be_read(text: str) -> None:
    result = fix({"main.tf": group(ingress()), "more.tf.json": text})
    assert result.only.code == "unreadable-source"
    assert result.text == group(ingress())


def test_another_file_that_does_not_parse_may_hide_anything() -> None:
    result = fix({"main.tf": group(ingress()), "more.tf": "resource {{{\n"})
    assert result.only.code == "unreadable-source"
    assert "more.tf:1" in result.only.text


# Findings that somebody reports: the code need not show them --------------------------------

NOT_LITERAL = {
    "a variable": group(ingress("var.cidrs")),
    "a local in a list": group(ingress('[local.all, "10.0.0.0/8"]')),
    "a call": group(ingress('concat(["0.0.0.0/0"], var.x)')),
    "a port": group(ingress(low="var.port")),
    "a dynamic block": group(DYNAMIC),
    "a computed list": group("ingress = [for p in var.ports : { from_port = p }]"),
    "a list from elsewhere": group("ingress = var.rules"),
    "an element from elsewhere": group("ingress = [local.ssh]"),
    "a data source": group(ingress("data.http.mine.cidrs")),
    "a text where a list belongs": group(ingress('"0.0.0.0/0"')),
}


@pytest.mark.parametrize("before", NOT_LITERAL.values(), ids=NOT_LITERAL)
def test_a_reported_finding_whose_value_is_not_literal(before: str) -> None:
    result = fix(before, findings=(found("aws_security_group.web"),))
    assert result.text == before
    assert result.only.kind is Kind.REFUSED
    assert result.only.code == "unknown-value"
    assert "main.tf:" in result.only.text


NOT_LITERAL_RULES = {
    "each.value": vpc_rule("each.value", more="for_each = toset(var.x)"),
    "the direction": rule(kind="var.direction"),
    "a variable": rule("var.cidrs"),
}


@pytest.mark.parametrize("before", NOT_LITERAL_RULES.values(), ids=NOT_LITERAL_RULES)
def test_a_reported_rule_whose_value_is_not_literal(before: str) -> None:
    kind = before.split('"')[1]
    result = fix(before, findings=(found(f"{kind}.ssh"),))
    assert (result.text, result.only.code) == (before, "unknown-value")


def test_a_reported_finding_that_the_code_does_not_have() -> None:
    before = group(ingress('["10.0.0.0/8"]'))
    result = fix(before, findings=(found("aws_security_group.web"),))
    assert (result.text, result.only.kind) == (before, Kind.DRIFTED)


MISTAKEN = {
    "a web port as SSH": found("aws_security_group.web", ("tcp", 443, 443)),
    "UDP as SSH": found("aws_security_group.web", ("udp", 22, 22)),
    "SSH as a web port": found("aws_security_group.web", finding_class="open-web-port"),
    "SSH as another port": found("aws_security_group.web", finding_class="open-port"),
    "ports the wrong way round": found("aws_security_group.web", ("tcp", 3389, 22)),
    "a protocol that is none": found("aws_security_group.web", ("ssh", 22, 22)),
}


@pytest.mark.parametrize("finding", MISTAKEN.values(), ids=MISTAKEN)
def test_a_report_that_is_not_of_its_class(finding: Finding) -> None:
    before = group(f"{ingress()}\n{ingress(low=443)}")
    result = fix(before, findings=(finding,))
    assert (result.text, result.only.code) == (before, "bad-evidence")


def test_a_report_of_a_private_network_is_never_automatic() -> None:
    before = group(ingress('["10.0.0.0/8"]'))
    result = fix(before, findings=(found("aws_security_group.web", cidrs=("10.0.0.0/8",)),))
    assert result.only.kind is Kind.PROPOSED
    assert result.only.decision is not None
    assert result.only.decision.policy_row == "open-admin-port-in-pieces"


def test_a_group_that_may_be_left_without_a_rule() -> None:
    """Where the dynamic block makes none, the provider keeps the live rules."""
    before = group(f"{ingress()}\n{DYNAMIC}")
    assert refused(before, "may-keep-live-rules").code == "may-keep-live-rules"


def test_a_rule_that_is_kept_alive() -> None:
    more = "\nlifecycle {\n  destroy = false\n}\n"
    assert refused(f"{WEB}\n{rule(more=more)}", "kept-alive").code == "kept-alive"


# What depends on a change without being a value of it ---------------------------------------

DEPENDS = {
    "a trigger": (
        'resource "aws_instance" "db" {\n  lifecycle {\n'
        "    replace_triggered_by = [aws_security_group.web]\n  }\n}\n"
    ),
    "a read of its rules": 'output "x" {\n  value = one(aws_security_group.web[*].ingress)\n}\n',
    "a data source that waits": (
        'data "aws_ami" "x" {\n  depends_on = [aws_security_group.web]\n}\n'
    ),
    "a module that waits": (
        'module "app" {\n  source     = "./app"\n  depends_on = [aws_security_group.web]\n}\n'
    ),
}


@pytest.mark.parametrize("more", DEPENDS.values(), ids=DEPENDS)
def test_who_depends_on_it_is_asked(more: str) -> None:
    result = fix({"main.tf": group(ingress()), "more.tf": more, "app/main.tf": ""})
    assert result.only.kind is Kind.PROPOSED
    assert lowered(result.only.decision) == ["references"]


HARMLESS = {
    "its id": "vpc_security_group_ids = [aws_security_group.web.id]",
    "its order": "depends_on = [aws_security_group.web]",
}


@pytest.mark.parametrize("argument", HARMLESS.values(), ids=HARMLESS)
def test_who_only_names_it_does_not_matter(argument: str) -> None:
    more = f'resource "aws_instance" "x" {{\n  {argument}\n}}\n'
    assert fix({"main.tf": group(ingress()), "more.tf": more}).only.kind is Kind.MERGED


CALL = 'module "m" {\n  source = "../modules/sg"\n}\n'
UNSEEN = {
    "a caller that does not parse": {"b/main.tf": CALL + "x = = 1\n"},
    "another file of a caller": {"b/main.tf": CALL, "b/more.tf": "x = = 1\n"},
    "another tool": {"live/terragrunt.hcl": 'terraform {\n  source = "../modules//sg"\n}\n'},
}


@pytest.mark.parametrize("more", UNSEEN.values(), ids=UNSEEN)
def test_callers_that_are_not_seen(more: dict[str, str]) -> None:
    result = fix({"modules/sg/main.tf": group(ingress()), "a/main.tf": CALL, **more})
    proposed = [o for o in result.outcomes if o.kind is Kind.PROPOSED]
    assert [lowered(o.decision) for o in proposed] == [["unseen-callers"]]


def lowered(decision: Decision | None) -> list[str]:
    assert decision is not None
    return [c.name for c in decision.checks if c.limit < Disposition.AUTO]
