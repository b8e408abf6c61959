"""What a drifted or unmanaged outcome says, held against the real terraform's own plan."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commandline import OFFICE, WORLD, Ran, group, ingress, root_head, run

from remediator.embedded.mirror import find_provider_mirror, write_cli_config
from remediator.embedded.stage import Stage
from remediator.embedded.terraform import Plan, Terraform

pytestmark = pytest.mark.e2e

ROOT = "live/prod"
HOSTILE = "web${1+1} (x)"
SINGLE = (
    'resource "aws_vpc_security_group_ingress_rule" "office" {\n'
    "  security_group_id = aws_security_group.single.id\n"
    '  ip_protocol       = "tcp"\n  from_port         = 22\n  to_port           = 22\n'
    f'  cidr_ipv4         = "{OFFICE}"\n}}\n'
)
SOURCE = "".join(
    [root_head(ROOT), group("inline", ingress(OFFICE)), group("bare"), group("single"), SINGLE]
)
MADE = {
    "GroupName": HOSTILE,
    "Description": 'A "quick" test, ${not} a template',
    "TagSpecifications": [
        {
            "ResourceType": "security-group",
            "Tags": [{"Key": "Te${am}", "Value": '%{x} "y"'}, {"Key": "Näme", "Value": "ü"}],
        }
    ],
}


@dataclass(frozen=True)
class Told:
    """The outcomes by group name; the plan of the code as it is, and with the advice in it."""

    outcomes: dict[str, dict[str, Any]]
    plain: Plan
    advised: Plan

    def text(self, name: str) -> str:
        reason: dict[str, str] = self.outcomes[name]["reason"]
        return reason["text"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    mirror = find_provider_mirror(os.environ)
    if mirror is None or shutil.which("terraform") is None:
        missing = "terraform on PATH and a mirror of the AWS provider (REMEDIATOR_PROVIDER_MIRROR)"
        if os.environ.get("REMEDIATOR_REQUIRE_E2E") == "1":
            pytest.fail(f"REMEDIATOR_REQUIRE_E2E=1, but there is no {missing}")
        pytest.skip(f"needs {missing}")
    folder = tmp_path_factory.mktemp("drift")
    source, place = folder / "source", folder / "world"
    (source / ROOT).mkdir(parents=True)
    place.mkdir()
    (source / ROOT / "main.tf").write_text(SOURCE, encoding="utf-8")
    with Stage(place, True, datetime.now(UTC).date(), source, (ROOT,)) as stage:
        stage.prepare_aws()
        stage.apply()
        _open(stage)
        outcomes = _by_group(run(stage), stage.groups())
        plain = place / "applied" / ROOT
        advised = Path(shutil.copytree(place / "applied", folder / "advised", symlinks=True)) / ROOT
        _follow(advised, outcomes)
        cli = write_cli_config(folder, mirror)
        with ThreadPoolExecutor(max_workers=2) as pool:
            plans = pool.map(lambda root: Terraform(root, cli).plan(), (plain, advised))
            return Told(outcomes, *plans)


def _open(stage: Stage) -> None:
    stage.ec2.create_security_group(**MADE)
    for found, name in stage.groups().items():
        ranges: dict[str, Any] = {"IpRanges": [{"CidrIp": WORLD}]}
        if name == "default":
            ranges["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
        permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **ranges}
        stage.ec2.authorize_security_group_ingress(GroupId=found, IpPermissions=[permission])


def _by_group(ran: Ran, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {names[o["finding"]["resource"].rpartition("/")[2]]: o for o in ran.outcomes}


def _follow(root: Path, outcomes: dict[str, dict[str, Any]]) -> None:
    """Pastes every advice where it says that it belongs."""
    for name in ("single", HOSTILE, "default"):
        lines = outcomes[name]["reason"]["advice"]
        with (root / "adopted.tf").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in (*lines, ""))
    last = outcomes["bare"]["reason"]["advice"][-1]
    main = root / "main.tf"
    head = 'resource "aws_security_group" "bare" {\n'
    main.write_text(main.read_text().replace(head, f"{head}  {last}\n"))


def test_inline_rules_are_closed_by_the_next_apply(told: Told) -> None:
    assert "the next apply of live/prod closes it" in told.text("inline")
    assert told.plain.actions["aws_security_group.inline"] == ("update",)
    after = told.plain.change("aws_security_group.inline")["after"]["ingress"]
    assert [rule["cidr_blocks"] for rule in after] == [[OFFICE]]


@pytest.mark.parametrize("name", ["single", "bare"])
def test_what_no_apply_closes_is_in_no_plan(told: Told, name: str) -> None:
    assert "no apply of live/prod closes it" in told.text(name)
    assert told.plain.actions.keys() == {"aws_security_group.inline"}


def test_an_empty_ingress_makes_a_bare_group_exclusive(told: Told) -> None:
    assert told.advised.actions["aws_security_group.bare"] == ("update",)
    assert told.advised.change("aws_security_group.bare")["after"]["ingress"] == []


def test_the_import_blocks_adopt_what_they_name(told: Told) -> None:
    imported = {
        c["address"]: c["change"]
        for c in told.advised.resource_changes
        if c["change"].get("importing")
    }
    assert imported.keys() == {
        "aws_vpc_security_group_ingress_rule.by_hand_single_tcp_22",
        "aws_security_group.web_1_1_x",
        "aws_vpc_security_group_ingress_rule.web_1_1_x_tcp_22",
        "aws_default_security_group.default",
        "aws_security_group_rule.default_tcp_22_1",
        "aws_security_group_rule.default_tcp_22_2",
    }
    assert {a: c["actions"] for a, c in imported.items() if c["actions"] != ["no-op"]} in (
        {},
        # The provider writes a default of its own into the state; AWS has no such thing.
        {"aws_security_group.web_1_1_x": ["update"]},
    )
    group_of = imported["aws_security_group.web_1_1_x"]
    changed = {k for k, v in group_of["after"].items() if group_of["before"].get(k) != v}
    assert changed <= {"revoke_rules_on_delete"}


def test_nothing_is_destroyed_or_replaced(told: Told) -> None:
    for plan in (told.plain, told.advised):
        assert not [a for a, actions in plan.actions.items() if "delete" in actions]
        assert not [a for a, actions in plan.actions.items() if "create" in actions]
