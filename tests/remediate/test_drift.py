"""What closes a rule that is live and not in the code, for each way to write a group."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from remediator.estate import Elsewhere, Estate, States, locate
from remediator.model import Finding, Resource
from remediator.remediate.registry import registry
from remediator.terraform.state import StateIndex, read_state
from remediator.terraform.syntax import parse
from remediator.tree import MemoryTree

GROUP_ID = "sg-0123456789abcdef0"
EVIDENCE = {
    "protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "cidrs": ["0.0.0.0/0"],
    "rules": ["sgr-0123456789abcdef0"],
}
FINDING = Finding(
    "f",
    "open-admin-port",
    "test",
    Resource("AWS::EC2::SecurityGroup", GROUP_ID, name="web", tags=()),
    EVIDENCE,  # type: ignore[arg-type]
    None,
    datetime(2026, 11, 26, tzinfo=UTC),
)

GROUP = "aws_security_group"
RULE = "aws_security_group_rule"
VPC_RULE = "aws_vpc_security_group_ingress_rule"
OFFICE = 'cidr_blocks = ["198.51.100.0/24"]'
PORTS = "from_port = 22\n to_port = 22\n"


def group(*inside: str) -> str:
    lines = "".join(f" {text}\n" for text in inside)
    return f'resource "{GROUP}" "web" {{\n{lines}}}\n'


def rule(kind: str = "ingress") -> str:
    return (
        f'resource "{RULE}" "of" {{\n security_group_id = "{GROUP_ID}"\n type = "{kind}"\n'
        f' protocol = "tcp"\n {PORTS}{OFFICE}\n}}\n'
    )


INLINE = f'ingress {{\n protocol = "tcp"\n {PORTS}{OFFICE}\n}}'
IGNORES = "lifecycle {\n ignore_changes = [ingress]\n}"
DYNAMIC = f'dynamic "ingress" {{\n for_each = []\n content {{\n {PORTS}{OFFICE}\n}}\n}}'
JSON = json.dumps({"resource": {GROUP: {"web": {"name": "web"}}}})
JSON_TOLD = json.dumps({"resource": {GROUP: {"web": {"name": "web", "ingress": []}}}})


def place(files: dict[str, str], *kinds: str) -> Elsewhere:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    names = {GROUP: "web"}
    resources = [
        {
            "mode": "managed",
            "type": kind,
            "name": names.get(kind, "of"),
            "instances": [{"attributes": {"id": GROUP_ID, "security_group_id": GROUP_ID}}],
        }
        for kind in kinds
    ]
    state = read_state(json.dumps({"version": 4, "resources": resources}).encode(), "state")
    only = frozenset({"live"})
    states = States(StateIndex.of([("live", state)]), only, only, {})
    cls = registry().get("open-admin-port")
    assert cls is not None
    found = locate(FINDING, cls, Estate.of(tree, states))
    assert isinstance(found, Elsewhere), found
    return found


def drift(text: str, *kinds: str, path: str = "live/main.tf") -> Elsewhere:
    found = place({path: text, "live/root.tf": 'provider "aws" {}\n'}, *kinds)
    assert found.managed
    return found


CLOSES = "the next apply of live closes it"
NOT_SO = "no apply of live closes it as the code is"
SEPARATE = "no apply of live closes it: its rules are resources of their own"

CASES = {
    "a block": (group(INLINE), (GROUP,), CLOSES),
    "an empty list": (group("ingress = []"), (GROUP,), CLOSES),
    "nothing": (group(), (GROUP,), NOT_SO),
    "null": (group("ingress = null"), (GROUP,), NOT_SO),
    "a dynamic block of nothing": (group(DYNAMIC), (GROUP,), NOT_SO),
    "a block that is ignored": (group(INLINE, IGNORES), (GROUP,), NOT_SO),
    "nothing, and ignored": (group(IGNORES), (GROUP,), NOT_SO),
    "a rule beside": (group() + rule(), (GROUP, RULE), SEPARATE),
    "a rule beside, and ignored": (group(IGNORES) + rule(), (GROUP, RULE), SEPARATE),
    "a rule beside a block": (group(INLINE) + rule(), (GROUP, RULE), CLOSES),
    "a rule alone": (rule(), (RULE,), SEPARATE),
    "an egress rule beside": (group() + rule("egress"), (GROUP, RULE), NOT_SO),
}


@pytest.mark.parametrize(("text", "kinds", "expected"), CASES.values(), ids=CASES)
def test_whether_an_apply_closes_it(text: str, kinds: tuple[str, ...], expected: str) -> None:
    found = drift(text, *kinds)
    assert expected in found.text
    parse("advice.tf", "".join(f"{line}\n" for line in found.advice).encode())
    imports = [line for line in found.advice if line == "import {"]
    exclusive = "ingress = []" in found.advice
    adopts = expected == SEPARATE or "adopt" in found.text
    assert (bool(imports), exclusive) == (adopts, expected == NOT_SO and not adopts)


def test_what_is_ignored_is_not_made_exclusive() -> None:
    """`ingress = []` would be ignored too."""
    found = drift(group(IGNORES), GROUP)
    assert "lifecycle.ignore_changes" in found.text
    assert "import {" in found.advice


def test_egress_rules_are_not_said_to_go() -> None:
    flat = " ".join(drift(group(INLINE) + rule("egress"), GROUP, RULE).advice)
    assert "go too" not in flat
    assert "go too" in " ".join(drift(group(INLINE) + rule(), GROUP, RULE).advice)


def test_json_syntax_is_told_in_its_own_words() -> None:
    found = drift(JSON, GROUP, path="live/main.tf.json")
    assert 'write `"ingress": []` there' in found.text
    assert all(line.startswith("# ") for line in found.advice)
    assert CLOSES in drift(JSON_TOLD, GROUP, path="live/main.tf.json").text


def test_where_no_state_knows_it() -> None:
    found = place({"live/main.tf": group()})
    assert not found.managed
    assert found.text.startswith(f"no Terraform state knows {GROUP_ID}; import it into the root")
    assert found.text.endswith("or name its state under `roots` in remediator.yaml")
    assert "import {" in found.advice
