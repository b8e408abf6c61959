"""Egress is never rewritten, whatever a policy says; and what is not egress even less."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import fix
from tables import found, group, ingress, rule, vpc_rule

from remediator.evaluate.policy import PACKAGED
from remediator.model import Kind

HTTPS = ("tcp", 443, 443)
EGRESS = ingress(low=443).replace("ingress", "egress")
WEB = group("")
FORMS = {
    "both ways open": (group(f"{ingress(low=443)}\n{EGRESS}"), "aws_security_group.web"),
    "ingress alone": (group(ingress(low=443)), "aws_security_group.web"),
    "an ingress list": (
        group(ingress(low=443).replace("ingress {", "ingress = [{").replace("}\n", "}]\n")),
        "aws_security_group.web",
    ),
    "a rule of its own": (f"{WEB}\n{rule(low=443)}", "aws_security_group_rule.ssh"),
    "an egress rule": (
        f"{WEB}\n" + rule(low=443, kind='"egress"'),
        "aws_security_group_rule.ssh",
    ),
    "an ingress rule of its own": (
        f"{WEB}\n{vpc_rule(low=443)}",
        "aws_vpc_security_group_ingress_rule.ssh",
    ),
    "an egress rule of its own": (
        f"{WEB}\n" + vpc_rule(low=443).replace("_ingress_", "_egress_"),
        "aws_vpc_security_group_egress_rule.ssh",
    ),
}


def policy(folder: Path, disposition: str) -> dict[str, object]:
    """The packaged policy, but for its row of egress."""
    row = "class: open-egress\n    disposition: "
    head, line, tail = PACKAGED.read_text().partition(f"{row}exempt")
    assert line
    file = folder / "policy.yaml"
    file.write_text(f"{head}{row}{disposition}{tail}")
    return {"policy": str(file)}


@pytest.mark.parametrize("disposition", ["review", "auto"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_policy_that_does_not_exempt_it(
    tmp_path: Path, form: tuple[str, str], disposition: str
) -> None:
    before, address = form
    finding = found(address, HTTPS, finding_class="open-egress")
    result = fix(before, (finding,), policy(tmp_path, disposition))
    assert result.text == before
    assert (result.only.kind, result.only.code) == (Kind.REFUSED, "not-rewritten")
    assert "open-egress has no rewriting" in result.only.text


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_packaged_policy_exempts_it(form: tuple[str, str]) -> None:
    before, address = form
    result = fix(before, (found(address, HTTPS, finding_class="open-egress"),))
    assert result.text == before
    assert (result.only.kind, result.only.code) == (Kind.EXEMPTED, "policy")


def test_an_alert_is_an_alert(tmp_path: Path) -> None:
    before, address = FORMS["both ways open"]
    finding = found(address, HTTPS, finding_class="open-egress")
    assert fix(before, (finding,), policy(tmp_path, "alert")).only.kind is Kind.ALERTED


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (vpc_rule().replace("_ingress_", "_egress_"), "aws_vpc_security_group_egress_rule.ssh"),
        (group(ingress()).replace("resource", "data"), "data.aws_security_group.web"),
        (
            group(ingress()).replace("aws_security_group", "aws_default_security_group"),
            "aws_default_security_group.web",
        ),
    ],
    ids=["an egress rule", "a data source", "the default group"],
)
def test_a_block_of_a_type_that_the_class_does_not_own(text: str, address: str) -> None:
    """Of ingress it is said to be, and stands in a block that makes none."""
    result = fix(text, (found(address),))
    assert result.text == text
    assert (result.only.kind, result.only.code) == (Kind.REFUSED, "unsupported-owner")
    assert address in result.only.text
