"""Facts about the real AWS provider that rewriting rests on, asserted from its own plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from remediator.embedded.terraform import Plan

if TYPE_CHECKING:
    from conftest import NewTerraform

    from remediator.embedded.aws import EmbeddedAws

pytestmark = pytest.mark.e2e

HEAD = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_security_group" "target" {
  name = "target"
}
"""
SSH = """
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
"""


def source(nested: str, emptied: str, cidr: str) -> str:
    return (
        HEAD
        + f"""
resource "aws_security_group" "nested" {{
  name = "nested"
{nested}
}}
resource "aws_security_group" "emptied" {{
  name = "emptied"
{emptied}
}}
resource "aws_security_group_rule" "old" {{
  type              = "ingress"
  security_group_id = aws_security_group.target.id
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["{cidr}"]
}}
resource "aws_vpc_security_group_ingress_rule" "new" {{
  security_group_id = aws_security_group.target.id
  ip_protocol       = "tcp"
  from_port         = 3389
  to_port           = 3389
  cidr_ipv4         = "{cidr}"
}}
"""
    )


@pytest.fixture(scope="module")
def plan(
    embedded_server: EmbeddedAws,
    terraform_cli: NewTerraform,
    tmp_path_factory: pytest.TempPathFactory,
) -> Plan:
    embedded_server.reset()
    folder = tmp_path_factory.mktemp("root")
    file = folder / "main.tf"
    file.write_text(source(SSH, SSH, "0.0.0.0/0"), encoding="utf-8")
    terraform = terraform_cli(folder)
    terraform.init()
    terraform.apply()
    file.write_text(source("", "  ingress = []", "10.0.0.0/8"), encoding="utf-8")
    return terraform.plan()


def test_removing_the_last_ingress_block_changes_nothing(plan: Plan) -> None:
    """ "Attributes as blocks": no block at all means "whatever is there", and the hole stays."""
    assert "aws_security_group.nested" not in plan.actions
    assert plan.change("aws_security_group.nested")["after"]["ingress"][0]["cidr_blocks"] == [
        "0.0.0.0/0"
    ]


def test_an_empty_list_of_ingress_closes_the_group_in_place(plan: Plan) -> None:
    assert plan.actions["aws_security_group.emptied"] == ("update",)
    assert plan.change("aws_security_group.emptied")["after"]["ingress"] == []


def test_another_cidr_replaces_a_security_group_rule(plan: Plan) -> None:
    assert plan.actions["aws_security_group_rule.old"] == ("delete", "create")
    assert ["cidr_blocks"] in plan.change("aws_security_group_rule.old")["replace_paths"]


def test_another_cidr_updates_a_vpc_ingress_rule_in_place(plan: Plan) -> None:
    assert plan.actions["aws_vpc_security_group_ingress_rule.new"] == ("update",)


def test_nothing_else_is_planned(plan: Plan) -> None:
    assert set(plan.actions) == {
        "aws_security_group.emptied",
        "aws_security_group_rule.old",
        "aws_vpc_security_group_ingress_rule.new",
    }


def test_terraform_calls_it_drift_what_its_own_apply_made(plan: Plan) -> None:
    """The group learns of the rules that stand beside it only when it is read again: a drift
    right after an apply is no proof that a person changed anything."""
    drift = {d["address"]: d["change"] for d in plan.resource_drift}
    target = drift["aws_security_group.target"]
    assert target["before"]["ingress"] == []
    assert {rule["from_port"] for rule in target["after"]["ingress"]} == {22, 3389}
