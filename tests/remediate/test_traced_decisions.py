"""Who else a traced change is for: exemptions, bastions, and the record of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Result, fix
from shapes import CLOSED, OPEN, dynamic, local, variable
from tables import group, ingress, vpc_rule

from remediator.model import Disposition, Kind, Outcome

WEB = group(ingress("local.admins"))
EXEMPTIONS = """version: 1
exemptions:
  - id: partner
    owner: a@example.com
    reason: The partner's gateway.
    expires: 2027-03-31
    match:
      class: open-admin-port
      address: {address}
"""


def second(label: str, name: str = "other", low: int = 22) -> str:
    return "\n" + group(ingress("local.admins", low=low), label=label, name=name)


def exempted(folder: Path, files: dict[str, str] | str, address: str) -> Result:
    (folder / "exemptions.yaml").write_text(EXEMPTIONS.format(address=address))
    return fix(files, config={"exemptions": [str(folder / "exemptions.yaml")]})


def lowered(outcome: Outcome) -> dict[str, str]:
    assert outcome.decision is not None
    checks = outcome.decision.checks
    return {c.name: c.detail for c in checks if c.limit < Disposition.AUTO}


def test_an_exempted_group_of_the_same_literal_is_not_closed_unseen(tmp_path: Path) -> None:
    """The other may be closed where it is used, which a person looks at."""
    before = local(OPEN) + WEB + second("partner")
    result = exempted(tmp_path, before, "aws_security_group.partner")
    kinds = {o.finding.address: o.kind for o in result.outcomes}
    assert kinds == {
        "aws_security_group.web": Kind.PROPOSED,
        "aws_security_group.partner": Kind.EXEMPTED,
    }
    filtered = ingress('[for c in local.admins : c if c != "0.0.0.0/0"]')
    assert result.text == local(OPEN) + group(filtered) + second("partner")


def test_where_nothing_can_be_filtered_the_exempted_one_is_listed(tmp_path: Path) -> None:
    rules = local(
        '[{ port = 22, cidr = "0.0.0.0/0" }, { port = 22, cidr = "10.0.0.0/8" }]', "rules"
    )
    inside = dynamic("local.rules", "[ingress.value.cidr]", "ingress.value.port")
    before = rules + group(inside) + "\n" + group(inside, label="partner")
    result = exempted(tmp_path, before, "aws_security_group.partner")
    (web,) = (o for o in result.outcomes if o.kind is Kind.PROPOSED)
    detail = lowered(web)["blast-radius"]
    assert detail == "the edit would also change aws_security_group.partner"


def test_an_exempted_instance_of_a_module(tmp_path: Path) -> None:
    sg = variable(OPEN) + group(ingress("var.admins"))
    files = {
        "sg/main.tf": sg,
        "a/main.tf": 'module "x" {\n  source = "../sg"\n}\n',
        "b/main.tf": 'module "y" {\n  source = "../sg"\n}\n',
    }
    result = exempted(tmp_path, files, "module.y.aws_security_group.web")
    assert {o.kind for o in result.outcomes} == {Kind.MERGED, Kind.EXEMPTED}
    assert result.files["sg/main.tf"] == sg
    assert result.files["b/main.tf"] == files["b/main.tf"]
    assert f"admins = {CLOSED}" in result.files["a/main.tf"]


@pytest.mark.parametrize("order", ["before", "behind"])
@pytest.mark.parametrize(("label", "name"), [("bastion", "x"), ("x", "prod-bastion")])
def test_a_bastion_among_the_groups_of_a_literal_is_for_review(
    order: str, label: str, name: str
) -> None:
    groups = [WEB, second(label, name)]
    before = local(OPEN) + "".join(groups if order == "behind" else reversed(groups))
    result = fix(before)
    assert {o.kind for o in result.outcomes} == {Kind.PROPOSED}
    assert {o.decision.policy_row for o in result.outcomes if o.decision} == {
        "open-admin-port-bastion"
    }


def test_a_bastion_by_the_name_of_its_instances() -> None:
    names = local('{ bastion = ["0.0.0.0/0", "10.0.0.0/8"] }', "groups")
    before = names + group(f"for_each = local.groups\n\n{ingress('each.value')}").replace(
        '"edge"', "each.key"
    )
    assert fix(before).only.kind is Kind.PROPOSED


def test_the_record_of_a_traced_change() -> None:
    sg = variable(name="cidrs") + group(ingress("var.cidrs"))
    files = {
        "modules/sg/main.tf": sg,
        "live/main.tf": variable()
        + 'module "ssh" {\n  source = "../modules/sg"\n  cidrs  = var.admins\n}\n',
        "live/terraform.tfvars": f"admins = {OPEN}\n",
    }
    outcome = fix(files).only
    assert outcome.finding.address == "module.ssh.aws_security_group.web"
    assert outcome.finding.root == "live"
    assert outcome.proof is not None
    assert outcome.proof.removed == (
        "live:module.ssh.aws_security_group.web: tcp 22 from 0.0.0.0/0",
    )
    proofs = {c.name: c.detail for c in outcome.proof.checks}
    assert list(proofs) == [
        "bytes-outside",
        "addresses",
        "second-reader",
        "narrower",
        "gone",
        "traced",
        "plan",
    ]
    assert proofs["addresses"] == (
        "the configuration changes at live:module.ssh.aws_security_group.web and nowhere else"
    )
    assert proofs["traced"] == (
        "live/terraform.tfvars:1 → var.admins (live/terraform.tfvars:1) → "
        "var.cidrs of module.ssh (live/main.tf:5)"
    )
    assert outcome.decision is not None
    checks = {c.name: c.detail for c in outcome.decision.checks}
    assert checks["place"] == "take out the literal at live/terraform.tfvars:1"
    assert checks["blast-radius"] == "every instance that it reaches has the finding (1)"


def test_findings_of_one_literal_are_one_change() -> None:
    before = local(OPEN) + WEB + second("b") + second("c", low=3389)
    outcomes = fix(before).outcomes
    assert [o.kind for o in outcomes] == [Kind.MERGED] * 3
    assert len({o.patch for o in outcomes}) == 1


def test_those_of_two_locals_are_two() -> None:
    """One that is refused does not hinder the other."""
    locals_ = f"locals {{\n  a = {OPEN}\n  b = {OPEN}\n}}\n\n"
    ignored = "\nlifecycle {\n  ignore_changes = [ingress]\n}"
    before = locals_ + group(ingress("local.a")) + "\n" + group(ingress("local.b") + ignored, "b")
    result = fix(before)
    assert {o.finding.address: o.kind for o in result.outcomes} == {
        "aws_security_group.web": Kind.MERGED,
        "aws_security_group.b": Kind.REFUSED,
    }
    assert result.text == before.replace(f"a = {OPEN}", f"a = {CLOSED}")


def test_a_web_port_is_told_and_left() -> None:
    rules = local('{ ssh = "0.0.0.0/0", web = "0.0.0.0/0" }')
    port = 'each.key == "ssh" ? 22 : 443'
    each = group("") + "\n" + vpc_rule("each.value", port, more="for_each          = local.admins")
    result = fix(rules + each)
    assert {o.finding.address: o.kind for o in result.outcomes} == {
        'aws_vpc_security_group_ingress_rule.ssh["ssh"]': Kind.MERGED,
        'aws_vpc_security_group_ingress_rule.ssh["web"]': Kind.ALERTED,
    }
    assert result.text == local('{ web = "0.0.0.0/0" }') + each


def test_an_earlier_change_of_the_run_is_seen_by_the_next() -> None:
    """Both findings are of one file; the second is looked for where it is by then."""
    before = local(OPEN, "a") + local(f"concat({OPEN}, local.more)", "b") + local("[]", "more")
    groups = group(ingress("local.a")) + "\n" + group(ingress("local.b"), "b")
    result = fix(before + groups)
    assert {o.kind for o in result.outcomes} == {Kind.MERGED}
    assert result.text == before.replace(OPEN, CLOSED) + groups


@pytest.mark.xfail(
    strict=True,
    reason="a change is made of findings with the very same literals; those that share one of "
    "theirs are two, and each sees the other as somebody else: the first is filtered, for review",
)
def test_findings_that_share_one_of_their_literals_are_one_change() -> None:
    before = local(OPEN, "a") + local(OPEN, "b")
    groups = group(ingress("local.a")) + "\n" + group(ingress("concat(local.a, local.b)"), "both")
    result = fix(before + groups)
    assert {o.kind for o in result.outcomes} == {Kind.MERGED}
    assert result.text == before.replace(OPEN, CLOSED) + groups
