"""The whole loop with the real terraform and the real AWS provider as judges.

Apply to the embedded AWS, detect by AWS Config, run, plan the merged base, apply, look again.
Each world is played once, from its start to its end; the tests read what was seen on the way.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    OFFICE,
    WORLD,
    Ran,
    branches_of,
    group,
    ingress,
    refs,
    root_head,
    run,
)

from remediator.embedded.mirror import find_provider_mirror
from remediator.embedded.stage import EXPECTED, Stage

pytestmark = pytest.mark.e2e

Plan = dict[str, dict[str, tuple[str, ...]]]


@pytest.fixture(scope="module", autouse=True)
def _terraform() -> None:
    if find_provider_mirror(os.environ) is None or shutil.which("terraform") is None:
        missing = "terraform on PATH and a mirror of the AWS provider (REMEDIATOR_PROVIDER_MIRROR)"
        if os.environ.get("REMEDIATOR_REQUIRE_E2E") == "1":
            pytest.fail(f"REMEDIATOR_REQUIRE_E2E=1, but there is no {missing}")
        pytest.skip(f"needs {missing}")


def doors(stage: Stage) -> dict[str, set[tuple[int, str]]]:
    """By group name, the (port, CIDR) of every ingress rule, asked of EC2 itself."""
    names = stage.groups()
    found: dict[str, set[tuple[int, str]]] = {name: set() for name in names.values()}
    for rule in stage.ec2.describe_security_group_rules()["SecurityGroupRules"]:
        if not rule["IsEgress"]:
            cidr = rule.get("CidrIpv4") or rule.get("CidrIpv6") or ""
            found[names[rule["GroupId"]]].add((rule["FromPort"], cidr))
    return found


def seen(ran: Ran, names: dict[str, str]) -> list[tuple[str, ...]]:
    """What does not differ between two worlds: ids are AWS's to choose."""
    return sorted(
        (
            names[o["finding"]["resource"].rpartition("/")[2]],
            o["finding"]["class"],
            re.sub(r"sg-[0-9a-f]+", "", o["finding"]["id"]),
            o["finding"]["source"],
            o["outcome"],
            (o["terraform"] or {}).get("address", ""),
            o["disposition"] or "",
            o["branch"] or "",
        )
        for o in ran.outcomes
    )


def kinds(ran: Ran, names: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, *rest in seen(ran, names):
        found.setdefault(name, []).append(rest[3])
    return {name: tuple(sorted(several)) for name, several in found.items()}


# The demo's repository ----------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    own: list[tuple[str, ...]]
    real: list[tuple[str, ...]]
    merged: Plan
    reviews: dict[str, Plan]
    before: dict[str, set[tuple[int, str]]]
    after: dict[str, set[tuple[int, str]]]
    first: dict[str, tuple[str, ...]]
    last: dict[str, tuple[str, ...]]
    pushed: dict[str, str]
    remote: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    with _opened(tmp_path_factory.mktemp("own"), terraform=False) as stage:
        own = seen(run(stage), stage.groups())
    with _opened(tmp_path_factory.mktemp("real"), terraform=True) as stage:
        before, names = doors(stage), stage.groups()
        first = run(stage)
        merged = stage.plan()
        stage.apply()
        branches = {
            o["terraform"]["address"]: o["branch"]
            for o in first.outcomes
            if o["outcome"] == "proposed"
        }
        pushed = branches_of(stage.remote)
        return World(
            own,
            seen(first, names),
            merged,
            {a: stage.plan(branch, roots=["live/prod"]) for a, branch in branches.items()},
            before,
            doors(stage),
            kinds(first, names),
            kinds(run(stage), names),
            pushed,
            refs(stage.remote),
        )


class _Opened(Stage):
    def __enter__(self) -> _Opened:
        super().__enter__()
        self.prepare_aws()
        self.apply()
        self.open_by_hand()
        return self


def _opened(folder: Path, terraform: bool) -> _Opened:
    return _Opened(folder, terraform, datetime.now(UTC).date())


def test_both_appliers_make_the_same_findings_and_the_same_branches(world: World) -> None:
    assert world.own == world.real
    assert world.first == EXPECTED


def test_the_merged_base_plans_exactly_the_change(world: World) -> None:
    assert world.merged == {
        # A rule that somebody added by hand: terraform knows it, and not because of us.
        "live/data": {"aws_security_group.warehouse": ("update",)},
        "live/prod": {
            "aws_security_group.web_admin": ("update",),
            "aws_security_group_rule.rdp": ("delete",),
            "aws_vpc_security_group_ingress_rule.ssh_v6": ("delete",),
            "module.build_box.aws_security_group.this": ("update",),
        },
        "live/staging": {
            "module.build_box.aws_security_group.this": ("update",),
            "module.workbench.module.ssh.aws_security_group.this": ("update",),
        },
    }


def test_after_the_apply_the_wrong_rules_are_gone_from_aws_and_no_other(world: World) -> None:
    gone = {n: rules - world.after[n] for n, rules in world.before.items()}
    assert {n: rules for n, rules in gone.items() if rules} == {
        "web-admin": {(22, WORLD)},
        "windows-jobs": {(3389, WORLD), (22, "::/0")},
        "build-box-prod": {(22, WORLD)},
        "build-box-staging": {(22, WORLD)},
        "workbench-data": {(22, WORLD)},
        "warehouse": {(22, WORLD)},
    }
    assert not [n for n, rules in world.after.items() if rules - world.before[n]]
    assert world.after["web-admin"] == {(22, OFFICE), (9100, "10.0.0.0/8")}


def test_after_the_apply_nothing_is_found_of_what_was_merged(world: World) -> None:
    merged = {n for n, ended in world.first.items() if "merged" in ended}
    assert not merged & world.last.keys()
    assert "warehouse" not in world.last
    rest = {n: k for n, k in world.first.items() if n not in merged | {"warehouse"}}
    assert world.last == rest


def test_after_the_apply_a_run_pushes_nothing(world: World) -> None:
    """But one note on each merge: that it is applied."""
    assert world.remote.keys() - world.pushed.keys() == {"refs/notes/remediator"}
    assert {n: c for n, c in world.remote.items() if n in world.pushed} == world.pushed


REVIEWS = [f"aws_security_group.{name}" for name in ("bastion", "legacy", "metrics")]


@pytest.mark.parametrize("address", REVIEWS)
def test_a_review_branch_plans_its_change_in_place_and_nothing_else(
    world: World, address: str
) -> None:
    assert world.reviews.keys() == {*REVIEWS}
    assert world.reviews[address] == {"live/prod": {address: ("update",)}}


# Every other shape that a rule is written in ------------------------------------------------


def separate(name: str, of: str, *cidrs: str) -> str:
    listed = ", ".join(f'"{c}"' for c in cidrs)
    return (
        f'resource "aws_security_group_rule" "{name}" {{\n'
        f"  security_group_id = aws_security_group.{of}.id\n"
        '  type              = "ingress"\n  protocol          = "tcp"\n'
        "  from_port         = 22\n  to_port           = 22\n"
        f"  cidr_blocks       = [{listed}]\n}}\n"
    )


def single(name: str, of: str, cidr: str, port: int = 22) -> str:
    return (
        f'resource "aws_vpc_security_group_ingress_rule" "{name}" {{\n'
        f"  security_group_id = aws_security_group.{of}.id\n"
        f'  ip_protocol       = "tcp"\n  from_port         = {port}\n  to_port           = {port}\n'
        f'  cidr_ipv4         = "{cidr}"\n}}\n'
    )


def element(*cidrs: str, port: int = 22) -> str:
    listed = ", ".join(f'"{c}"' for c in cidrs)
    return (
        f'    {{\n      description = ""\n      from_port   = {port}\n      to_port     = {port}\n'
        f'      protocol    = "tcp"\n      cidr_blocks = [{listed}]\n'
        "      ipv6_cidr_blocks = []\n      prefix_list_ids = []\n"
        "      security_groups = []\n      self = false\n    },\n"
    )


def numbered(name: str, meta: str, key: str) -> str:
    text = group(name, ingress(WORLD), extra=f"  {meta}\n")
    return text.replace(f'name        = "{name}"', f'name        = "{name}-${{{key}}}"')


PLAIN = "".join(
    [
        root_head("live/plain"),
        group("bare"),
        separate("alone", "bare", WORLD),
        group(
            "list", extra=f"  ingress = [\n{element(OFFICE, WORLD)}{element(WORLD, port=3389)}  ]\n"
        ),
        group("emptied", extra=f"  ingress = [\n{element(WORLD)}  ]\n"),
        group("last", ingress(WORLD)),
        group("rest", ingress(WORLD), ingress("10.0.0.0/8", port=9100)),
        numbered("counted", "count       = 2", "count.index"),
        numbered("each", 'for_each    = toset(["a", "b"])', "each.key"),
    ]
)
CROWD = group("crowd") + separate("several", "crowd", OFFICE, WORLD)
APPROVED = "".join(
    [
        root_head("live/approved"),
        group("office"),
        single("ssh", "office", WORLD),
        group("inline", ingress(WORLD, port=3389)),
    ]
)
ROOTS = ("live/plain", "live/approved")
SHAPES = {
    "live/plain/main.tf": PLAIN,
    "live/plain/crowd.tf": CROWD,
    "live/approved/main.tf": APPROVED,
}


@dataclass(frozen=True)
class Shapes:
    first: list[dict[str, Any]]
    approved: list[dict[str, Any]]
    merged: Plan
    review: Plan
    after: dict[str, set[tuple[int, str]]]
    again: tuple[dict[str, str], dict[str, str]]
    outcomes: list[dict[str, Any]]


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Shapes:
    folder = tmp_path_factory.mktemp("shapes")
    source, place = folder / "source", folder / "world"
    place.mkdir()
    for path, text in SHAPES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text, encoding="utf-8")
    today = datetime.now(UTC).date()
    with Stage(place, True, today, source, ROOTS) as stage:
        stage.prepare_aws()
        stage.apply()
        plain = stage.config.read_text()
        first_config = f"{plain}roots:\n  - path: live/plain\n"
        approved_config = (
            f"{plain}roots:\n  - path: live/approved\n"
            'approved_admin_cidrs: ["203.0.113.0/24", "198.51.100.0/24"]\n'
        )
        stage.config.write_text(first_config)
        first = run(stage)
        stage.config.write_text(approved_config)
        approved = run(stage)
        merged = stage.plan()
        stage.apply()
        review = stage.plan(*_proposed(first.outcomes), roots=["live/plain"])
        before = branches_of(stage.remote)
        left = run(stage).outcomes
        stage.config.write_text(first_config)
        left += run(stage).outcomes
        return Shapes(
            first.outcomes,
            approved.outcomes,
            merged,
            review,
            doors(stage),
            (before, branches_of(stage.remote)),
            left,
        )


def _proposed(outcomes: list[dict[str, Any]]) -> list[str]:
    return [o["branch"] for o in outcomes if o["outcome"] == "proposed"]


MERGED: Plan = {
    "live/plain": {
        "aws_security_group_rule.alone": ("delete",),
        "aws_security_group.list": ("update",),
        "aws_security_group.emptied": ("update",),
        "aws_security_group.last": ("update",),
        "aws_security_group.rest": ("update",),
        "aws_security_group.counted[0]": ("update",),
        "aws_security_group.counted[1]": ("update",),
        'aws_security_group.each["a"]': ("update",),
        'aws_security_group.each["b"]': ("update",),
    },
    "live/approved": {
        "aws_vpc_security_group_ingress_rule.ssh": ("update",),
        "aws_vpc_security_group_ingress_rule.ssh_tcp_22_22": ("create",),
        "aws_security_group.inline": ("update",),
    },
}


def test_every_shape_plans_exactly_its_change(shapes: Shapes) -> None:
    assert shapes.merged == MERGED


def test_a_rule_with_several_cidrs_is_for_review_because_it_is_replaced(shapes: Shapes) -> None:
    proposed = [o for o in shapes.first if o["outcome"] == "proposed"]
    assert {o["terraform"]["address"] for o in proposed} == {"aws_security_group_rule.several"}
    (check,) = [c for c in proposed[0]["checks"] if c["name"] == "in-place"]
    assert "replaces an aws_security_group_rule" in check["detail"]
    replaced = {"aws_security_group_rule.several": ("delete", "create")}
    assert shapes.review == {"live/plain": replaced}


def test_every_shape_is_closed_in_aws(shapes: Shapes) -> None:
    office = {(22, "203.0.113.0/24"), (22, OFFICE)}
    assert {n: rules for n, rules in shapes.after.items() if rules} == {
        "list": {(22, OFFICE)},
        "rest": {(9100, "10.0.0.0/8")},
        "crowd": {(22, OFFICE), (22, WORLD)},
        "office": office,
        "inline": {(3389, cidr) for _, cidr in office},
    }


def test_after_the_apply_there_is_nothing_left_to_do(shapes: Shapes) -> None:
    before, after = shapes.again
    assert before == after
    assert {o["outcome"] for o in shapes.outcomes} == {"proposed", "unmanaged"}
