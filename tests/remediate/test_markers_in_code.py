"""Who a group is, as the code says: a bastion is for review, and so is what may be one."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from cases import fix
from tables import WORLD, group, ingress, rule, vpc_rule

from remediator.model import Kind, Outcome

SSH = ingress()
EDGE = group("")
USED = """
resource "aws_instance" "NAME" {
  vpc_security_group_ids = [aws_security_group.web.id]

  tags = { Name = "host-1" }
}
"""


def tagged(tags: str) -> str:
    return group(f"tags = {tags}\n\n{SSH}")


BASTIONS = {
    "by name": group(SSH, name="prod-bastion"),
    "by name in capitals": group(SSH, name="JUMP-1"),
    "by its label": group(SSH, label="bastion"),
    "by its Name": tagged('{ Name = "my jump host" }'),
    "by its role": tagged('{ Role = "bastion" }'),
    "by a role in quotes": tagged('{ "role" = "Bastion" }'),
    "a rule by its label": EDGE + rule(label="bastion_ssh"),
    "a rule by its group's name": group("", name="bastion") + rule(),
    "a rule by its group's tags": group('tags = { Role = "jump" }') + rule(),
    "an ingress rule by its group's name": group("", name="bastion") + vpc_rule(),
    "by the instance that is in it": group(SSH) + USED.replace("NAME", "bastion"),
    "by the name of the instance that is in it": group(SSH) + USED.replace("host-1", "jump-1"),
    "a rule by the instance in its group": EDGE + rule() + USED.replace("NAME", "bastion"),
    "by the module that is given it": group(SSH)
    + '\nmodule "bastion" {\n  source = "./x"\n  groups = [aws_security_group.web.id]\n}\n',
}


def only(before: str) -> Outcome:
    return fix(before).only


@pytest.mark.parametrize("before", BASTIONS.values(), ids=BASTIONS)
def test_a_bastion_is_for_review(before: str) -> None:
    outcome = only(before)
    assert outcome.kind is Kind.PROPOSED
    assert outcome.decision is not None
    assert outcome.decision.policy_row == "open-admin-port-bastion"


UNKNOWN = {
    "a name that is not literal": group(SSH).replace('"edge"', "var.name"),
    "a name from a template": group(SSH).replace('"edge"', '"${var.env}-edge"'),
    "a prefix of a name": group(SSH).replace("  name =", "  name_prefix ="),
    "tags that are not literal": tagged("var.tags"),
    "merged tags": tagged('merge(local.tags, { Role = "web" })'),
    "one tag that is not literal": tagged("{ Role = var.role }"),
    "a tag whose key is not": tagged('{ (var.key) = "x" }'),
    "a rule of a group in a variable": rule().replace("aws_security_group.web.id", "var.group"),
    "a rule of a group that is not here": rule(),
    "a rule of one of many groups": EDGE + rule().replace("web.id", "web[0].id"),
    "a rule of a data source's group": rule()
    .replace("aws_sec", "data.aws_sec")
    .replace('"data.', '"'),
}


@pytest.mark.parametrize("before", UNKNOWN.values(), ids=UNKNOWN)
def test_what_may_be_a_bastion_is_for_review(before: str) -> None:
    outcome = only(before)
    assert outcome.kind is Kind.PROPOSED
    assert outcome.decision is not None
    (unsure,) = [c for c in outcome.decision.checks if c.name == "markers" and c.limit < 3]
    assert "not known" in unsure.detail


@pytest.mark.parametrize("more", ["override.tf", "override.tf.json"])
def test_a_group_whose_name_may_be_overridden_is_for_review(more: str) -> None:
    text = {
        "override.tf": group("", name="bastion"),
        "override.tf.json": '{"resource": {"aws_security_group": {"web": {"name": "bastion"}}}}',
    }
    outcome = fix({"main.tf": EDGE + rule(), more: text[more]}).only
    assert outcome.kind is Kind.PROPOSED


@pytest.mark.parametrize(
    "before", [group(SSH), tagged('{ Role = "web" }'), EDGE + rule(), EDGE + vpc_rule()]
)
def test_what_is_known_to_be_none_is_automatic(before: str) -> None:
    assert only(before).kind is Kind.MERGED


@pytest.mark.parametrize("label", ["bastion", "jump_host"])
def test_a_rule_of_a_group_with_a_marked_label_is_for_review(label: str) -> None:
    edge = group("", name="edge").replace('"web"', f'"{label}"')
    ssh = rule().replace("aws_security_group.web.id", f"aws_security_group.{label}.id")
    assert only(edge + ssh).kind is Kind.PROPOSED


def test_what_the_code_alone_marks_as_exempt_is_left(tmp_path: Path) -> None:
    """The rule's group has the mark in its label, which no name of the finding holds."""
    shipped = resources.files("remediator.evaluate") / "policy.yaml"
    row = "id: glass, class: open-admin-port, when: [glass], disposition: exempt"
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"{shipped.read_text()}\n  - {{{row}, rationale: x, source: y}}\n")
    config = {"policy": str(policy), "markers": {"glass": {"names": ["break_glass"]}}}
    before = (EDGE + rule()).replace('"web"', '"break_glass"').replace(".web.", ".break_glass.")
    result = fix(before, config=config)
    assert (result.only.kind, result.only.code) == (Kind.EXEMPTED, "policy")
    assert WORLD in result.text


def test_a_marker_of_ones_own_without_a_policy_row_changes_nothing() -> None:
    config = {"markers": {"crown-jewel": {"names": ["edge"]}}}
    assert fix(group(SSH), config=config).only.kind is Kind.MERGED


TWICE = {
    "with a rule of its own": group(SSH) + rule(label="https", low=443),
    "with an ingress rule of its own": group(SSH) + vpc_rule(label="https", low=443),
}


@pytest.mark.parametrize("before", TWICE.values(), ids=TWICE)
def test_a_group_that_is_managed_twice_is_for_review(before: str) -> None:
    outcome = next(o for o in fix(before).outcomes if o.finding.finding_class == "open-admin-port")
    assert outcome.kind is Kind.PROPOSED
    assert outcome.decision is not None
    assert "managed-twice" in [c.name for c in outcome.decision.checks]
