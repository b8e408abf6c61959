"""Import blocks for what Terraform does not know: right for the provider, and safe to paste."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_fmt_clean import unclean

from remediator.model import Finding, Json, Resource
from remediator.remediate.registry import registry
from remediator.terraform.syntax import parse
from remediator.terraform.write import attributes, block, comment, identifier, key, literal

GROUP_ID = "sg-0123456789abcdef0"
RULE_ID = "sgr-0123456789abcdef0"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def finding(
    ports: tuple[str, int, int] = ("tcp", 22, 22),
    cidrs: tuple[str, ...] = ("0.0.0.0/0",),
    rules: Json = None,
    **resource: Any,
) -> Finding:
    known = {"id": GROUP_ID, "name": "web", "description": "A group", "vpc": "vpc-1"} | resource
    protocol, low, high = ports
    evidence: dict[str, Json] = {
        "protocol": protocol,
        "from_port": low,
        "to_port": high,
        "cidrs": [*cidrs],
        "rules": [RULE_ID] if rules is None else rules,
    }
    resource_of = Resource("AWS::EC2::SecurityGroup", **known)
    return Finding("f", "open-port", "test", resource_of, evidence, None, NOW)


def lines(found: Finding) -> list[str]:
    cls = registry().get("open-admin-port")
    assert cls is not None
    return [*cls.unmanaged(found).lines]


def text(found: Finding) -> str:
    return "".join(f"{line}\n" for line in lines(found))


def resource(found: Finding, kind: str, name: str) -> dict[str, Any]:
    """As a second parser has it."""
    for one in hcl2.loads(text(found))["resource"]:
        for types in one.values():
            if f'"{kind}"' in one and f'"{name}"' in types:
                answer: dict[str, Any] = types[f'"{name}"']
                return {k: v for k, v in answer.items() if k != "__is_block__"}
    raise KeyError(kind, name)


PORTS = [
    (("tcp", 22, 22), {"ip_protocol": '"tcp"', "from_port": 22, "to_port": 22}, "tcp_22_22"),
    (("tcp", 0, 65535), {"ip_protocol": '"tcp"', "from_port": 0, "to_port": 65535}, "tcp_0_65535"),
    (("-1", -1, -1), {"ip_protocol": '"-1"'}, "-1_0_0"),
    (("icmp", 8, 0), {"ip_protocol": '"icmp"', "from_port": 8, "to_port": 0}, "icmp_8_0"),
    (("icmp", -1, -1), {"ip_protocol": '"icmp"'}, "icmp_-1_-1"),
    (("47", -1, -1), {"ip_protocol": '"47"'}, "47_-1_-1"),
]
"""Each measured with provider 5.100.0: the plan of the import is "no-op"."""


@pytest.mark.parametrize(("ports", "arguments", "middle"), PORTS, ids=[p[2] for p in PORTS])
def test_the_arguments_of_a_rule(
    ports: tuple[str, int, int], arguments: dict[str, Any], middle: str
) -> None:
    one = finding(ports)
    (rule,) = [r for r in _names(one) if r[0] == "aws_vpc_security_group_ingress_rule"]
    expected = {"security_group_id": "aws_security_group.web.id", "cidr_ipv4": '"0.0.0.0/0"'}
    assert _plain(resource(one, *rule)) == _plain(expected | arguments)
    assert f'  id = "{RULE_ID}"' in lines(one)
    several = finding(ports, ("0.0.0.0/1", "128.0.0.0/1"), [RULE_ID, RULE_ID + "1"])
    assert f'  id = "{GROUP_ID}_ingress_{middle}_0.0.0.0/1"' in lines(several)
    assert f'  id = "{GROUP_ID}_ingress_{middle}_128.0.0.0/1"' in lines(several)


def _names(found: Finding) -> list[tuple[str, str]]:
    blocks = parse("x.tf", text(found).encode()).blocks
    return [(b.labels[0], b.labels[1]) for b in blocks if b.type == "resource"]


def _plain(values: dict[str, Any]) -> dict[str, str]:
    return {k: str(v).removeprefix("${").removesuffix("}") for k, v in values.items()}


def test_the_default_group_is_a_type_of_its_own() -> None:
    one = finding(name="default", tags=(("Name", "d"),))
    assert resource(one, "aws_default_security_group", "default").keys() == {"vpc_id", "tags"}
    assert "security_group_id = aws_default_security_group.default.id" in text(one)


def test_what_is_not_known_is_said_and_left_alone() -> None:
    one = finding(name="", description=None, vpc=None, tags=None)
    body = resource(one, "aws_security_group", "sg_0123456789abcdef0")
    assert body.keys() == {"lifecycle"}
    assert "ignore_changes = [description, tags, tags_all]" in text(one)
    assert "Its VPC is not known here" in text(one)
    assert "lifecycle" not in text(finding())


def test_the_tags_of_aws_itself_are_not_ours_to_write() -> None:
    one = finding(tags=(("aws:cloudformation:stack-name", "x"), ("team", "y")))
    assert "aws:" not in text(one)
    assert '"team" = "y"' in text(one)


@pytest.mark.parametrize("rules", ["sgr-1", [], ["sgr-0\n"], [7], ["sg-0123456789abcdef0"], {}])
def test_without_a_rule_id_that_is_one_the_older_resource_is_imported(rules: Json) -> None:
    one = finding(rules=rules)
    assert "to = aws_security_group_rule.web_tcp_22\n" in text(one)
    assert "aws_vpc_security_group_ingress_rule" not in text(one)


@pytest.mark.parametrize("group_id", ["", "sg-", "sg-1\n", 'sg-0123456789"', "vpc-0123456789"])
def test_of_no_group_id_there_is_no_block(group_id: str) -> None:
    assert lines(finding(id=group_id)) == []


HOSTILE = [
    "web${1+1}",
    'a"b\\',
    "%{for x in y}",
    "$${x}",
    "\n}\nresource",
    "/* # //",
    "é\u202e\ud800\0",
    "-_-",
    "9lives",
    "x" * 255,
    "日本語",
    "for",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_a_name(name: str) -> None:
    one = finding(name=name, description=name, tags=((name, name), ("Name", name)))
    file = parse("x.tf", text(one).encode())
    assert [b.type for b in file.blocks] == ["import", "resource"] * 2
    assert not file.body.attributes
    assert all(line.isprintable() for line in lines(one))
    (group,) = [b for b in file.blocks if b.labels[:1] == ("aws_security_group",)]
    assert group.labels[1].isidentifier()
    assert [b.type for b in group.body.blocks] == []
    assert {a.name for a in group.body.attributes} == {"name", "description", "vpc_id", "tags"}


@given(st.text())
def test_any_text_becomes_a_name_and_a_literal(any_text: str) -> None:
    name = identifier(any_text)
    assert name.isascii()
    assert name.isidentifier()
    (line,) = attributes({key(any_text): literal(any_text)})
    file = parse("x.tf", "".join(f"{x}\n" for x in block("x =", [line])).encode())
    (argument,) = file.body.attributes
    (entry,) = argument.value.entries
    assert line.isprintable()
    assert entry.name is not None
    assert all(c.startswith("# ") for c in comment(any_text))


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform on PATH")
def test_every_snippet_is_as_terraform_fmt_has_it(tmp_path: Path) -> None:
    tags = (("k", "v"), ("longer key", "${x}"), ("é日本", "v"))
    found = [finding(ports) for ports, *_ in PORTS]
    found += [finding(ports, ("0.0.0.0/0", "::/0")) for ports, *_ in PORTS]
    found += [finding(name=n, description=n, tags=((n, n), *tags)) for n in HOSTILE]
    found += [finding(name="default"), finding(name="", description=None, vpc=None, tags=None)]
    assert unclean(tmp_path / "texts", [text(f) for f in found]) == set()
