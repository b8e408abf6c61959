"""`remediator run` where the code is right and AWS is not: which apply closes it, or what would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    OFFICE,
    WORLD,
    Ran,
    SmallStage,
    group,
    ingress,
    one_root,
    refs,
    remediator,
    root_head,
    run,
)

from remediator.terraform.syntax import parse


def single(name: str, of: str) -> str:
    return (
        f'resource "aws_vpc_security_group_ingress_rule" "{name}" {{\n'
        f"  security_group_id = aws_security_group.{of}.id\n"
        f'  ip_protocol       = "tcp"\n  from_port         = 22\n  to_port           = 22\n'
        f'  cidr_ipv4         = "{OFFICE}"\n}}\n'
    )


def older(name: str, of: str, kind: str = "ingress") -> str:
    return (
        f'resource "aws_security_group_rule" "{name}" {{\n'
        f"  security_group_id = aws_security_group.{of}.id\n"
        f'  type              = "{kind}"\n  protocol          = "tcp"\n'
        "  from_port         = 22\n  to_port           = 22\n"
        f'  cidr_blocks       = ["{OFFICE}"]\n}}\n'
    )


IGNORED = "  lifecycle {\n    ignore_changes = [ingress]\n  }\n"
NONE = (
    '  dynamic "ingress" {\n    for_each = []\n    content {\n      from_port   = 22\n'
    '      to_port     = 22\n      protocol    = "tcp"\n      cidr_blocks = ["10.0.0.0/8"]\n'
    "    }\n  }\n"
)
MODULE = group("boxed", ingress(OFFICE))
SOURCE = one_root(
    group("inline", ingress(OFFICE)),
    group("emptied", extra="  ingress = []\n"),
    group("beside", ingress(OFFICE, port=443)) + single("stands", "beside"),
    group("bare"),
    group("absent", NONE),
    group("ignored", ingress(OFFICE), IGNORED),
    group("single") + single("office", "single"),
    group("older") + older("office", "older"),
    group("pair") + single("both", "pair"),
    'module "box" {\n  source = "../../modules/box"\n}\n',
) | {"modules/box/main.tf": MODULE, "main.tf": root_head("") + group("top", ingress(OFFICE))}
HOSTILE = 'web${1+1} "a"\n::error::x %{if} \u202e'


@dataclass(frozen=True)
class World:
    ran: Ran
    ids: dict[str, str]
    rules: dict[str, list[str]]
    before: dict[str, str]
    after: dict[str, str]
    explained: str

    def of(self, name: str) -> dict[str, Any]:
        found = [o for o in self.ran.outcomes if f"/{self.ids[name]}/" in o["finding"]["id"]]
        (outcome,) = found
        return outcome

    def advice(self, name: str) -> str:
        return "\n".join(self.of(name)["reason"]["advice"])


def _opened(stage: SmallStage) -> Iterator[tuple[str, str]]:
    ec2 = stage.ec2
    ec2.create_security_group(
        GroupName=HOSTILE,
        Description='A "quick" ${test}',
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "Tëam", "Value": "%{x}\n#"}]}
        ],
    )
    for group_id, name in stage.groups().items():
        if name == "default":
            continue
        world: dict[str, Any] = {"IpRanges": [{"CidrIp": WORLD}]}
        if name == "pair":
            world["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
        permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **world}
        ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[permission])
        yield name, group_id


def _world_rules(stage: SmallStage) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rule in stage.ec2.describe_security_group_rules()["SecurityGroupRules"]:
        if WORLD in (rule.get("CidrIpv4"), rule.get("CidrIpv6")) and not rule["IsEgress"]:
            found.setdefault(rule["GroupId"], []).append(rule["SecurityGroupRuleId"])
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    with SmallStage(tmp_path_factory.mktemp("world"), SOURCE) as stage:
        ids = dict(_opened(stage))
        before = refs(stage.remote)
        ran = run(stage)
        explained = remediator("explain", ids["single"], "--config", stage.config).out
        return World(ran, ids, _world_rules(stage), before, refs(stage.remote), explained)


def test_nothing_is_edited(world: World) -> None:
    assert world.ran.status == 0
    assert world.after == world.before
    kinds = {o["outcome"] for o in world.ran.outcomes}
    assert kinds == {"drifted", "unmanaged"}
    assert not any(o["edits"] or o["commit"] or o["branch"] for o in world.ran.outcomes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("inline", "the next apply of live/prod closes it"),
        ("emptied", "the next apply of live/prod closes it"),
        ("beside", "the next apply of live/prod closes it"),
        ("boxed", "the next apply of live/prod closes it"),
        ("top", "the next apply of the top folder closes it"),
        ("bare", "no apply of live/prod closes it as the code is: aws_security_group.bare has no"),
        ("absent", "no apply of live/prod closes it as the code is"),
        ("ignored", "ignores changes of its rules (lifecycle.ignore_changes)"),
        ("single", "no apply of live/prod closes it: its rules are resources of their own"),
        ("older", "no apply of live/prod closes it: its rules are resources of their own"),
    ],
)
def test_it_says_which_apply_closes_it_or_that_none_does(
    world: World, name: str, text: str
) -> None:
    outcome = world.of(name)
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("drifted", "drifted")
    assert text in outcome["reason"]["text"]
    assert text in world.ran.out


def test_the_address_that_the_apply_changes_is_named(world: World) -> None:
    assert "an update in place of aws_security_group.inline" in _flat(world.advice("inline"))
    boxed = _flat(world.advice("boxed"))
    assert "an update in place of module.box.aws_security_group.boxed" in boxed
    assert world.of("boxed")["terraform"]["root"] == "live/prod"


def test_an_apply_that_takes_other_rules_too_says_so(world: World) -> None:
    advice = _flat(world.advice("beside"))
    assert "Those of aws_vpc_security_group_ingress_rule.stands go too" in advice
    assert "go too" not in _flat(world.advice("inline"))


def test_a_group_that_says_nothing_is_made_exclusive(world: World) -> None:
    lines = world.of("bare")["reason"]["advice"]
    assert lines[-1] == "ingress = []"
    assert "aws_security_group.bare (live/prod/main.tf:" in _flat("\n".join(lines))


@pytest.mark.parametrize("name", ["single", "ignored", "absent"])
def test_a_rule_is_adopted_by_its_own_id(world: World, name: str) -> None:
    (rule,) = world.rules[world.ids[name]]
    advice = world.advice(name)
    assert (
        "import {\n"
        f"  to = aws_vpc_security_group_ingress_rule.by_hand_{name}_tcp_22\n"
        f'  id = "{rule}"\n'
        "}\n\n"
        f'resource "aws_vpc_security_group_ingress_rule" "by_hand_{name}_tcp_22" {{\n'
        f'  security_group_id = "{world.ids[name]}"\n'
    ) in advice
    assert 'cidr_ipv4         = "0.0.0.0/0"' in advice
    assert "6.29.0" in advice


def test_beside_rules_of_the_older_kind_it_is_one_of_them(world: World) -> None:
    advice = world.advice("older")
    assert "to = aws_security_group_rule.by_hand_older_tcp_22\n" in advice
    assert f'id = "{world.ids["older"]}_ingress_tcp_22_22_0.0.0.0/0"' in advice


def test_of_several_rules_each_is_adopted_by_what_it_lets_in(world: World) -> None:
    advice, found = world.advice("pair"), world.ids["pair"]
    for number, cidr in enumerate((WORLD, "::/0"), 1):
        assert f"to = aws_security_group_rule.by_hand_pair_tcp_22_{number}\n" in advice
        assert f'id = "{found}_ingress_tcp_22_22_{cidr}"' in advice
    assert 'ipv6_cidr_blocks  = ["::/0"]' in advice


def test_what_no_state_knows_gets_import_blocks(world: World) -> None:
    outcome, found = world.of(HOSTILE), world.ids[HOSTILE]
    assert outcome["outcome"] == "unmanaged"
    assert "with the blocks that follow" in outcome["reason"]["text"]
    advice = world.advice(HOSTILE)
    assert (
        f'import {{\n  to = aws_security_group.web_1_1_a_error_x_if\n  id = "{found}"\n}}' in advice
    )
    assert 'description = "A \\"quick\\" $${test}"' in advice
    assert '"T\\u00ebam" = "%%{x}\\n#"' in advice
    assert "security_group_id = aws_security_group.web_1_1_a_error_x_if.id" in advice
    assert f'id = "{world.rules[found][0]}"' in advice


def test_every_advice_is_hcl_and_no_text_gets_out_of_it(world: World) -> None:
    for outcome in world.ran.outcomes:
        lines = outcome["reason"]["advice"]
        assert lines
        file = parse("advice.tf", "".join(f"{line}\n" for line in lines).encode())
        assert {b.type for b in file.blocks} <= {"import", "resource"}
        assert all("\n" not in line and line.isprintable() for line in lines)


def test_the_terminal_and_explain_show_it(world: World) -> None:
    for line in world.of("single")["reason"]["advice"]:
        assert f"            {line}".rstrip() in world.ran.out.splitlines()
        assert f"            {line}".rstrip() in world.explained.splitlines()
    assert not [line for line in world.ran.out.splitlines() if line.lstrip().startswith("::")]


def _flat(advice: str) -> str:
    return " ".join(line.removeprefix("# ") for line in advice.splitlines())


def test_a_finding_of_a_file_alone_says_what_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("")
    finding = {
        "class": "open-admin-port",
        "resource": {"id": "sg-0123456789abcdef0", "name": "bad\nname"},
        "evidence": {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]},
    }
    scan, out = tmp_path / "scan.json", tmp_path / "out.json"
    scan.write_text(json.dumps({"version": 1, "findings": [finding]}))
    ran = remediator("fix", tmp_path, "--findings", scan, "--json", out)
    (outcome,) = json.loads(out.read_text())["outcomes"]
    assert (ran.status, outcome["outcome"]) == (1, "unmanaged")
    advice = "\n".join(outcome["reason"]["advice"])
    assert "Its VPC is not known here" in advice
    assert 'name = "bad\\nname"' in advice
    assert "ignore_changes = [description" in advice
