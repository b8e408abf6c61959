"""`remediator explain`: every step of one finding, and nothing written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from commandline import (
    WORLD,
    Ran,
    SmallStage,
    group,
    ingress,
    one_root,
    refs,
    remediator,
    untouched_parts,
)

SOURCE = one_root(
    group("web", ingress("10.0.0.0/8", WORLD)),
    group("legacy", ingress(WORLD, port=20, to=25)),
    group("quiet", ingress("10.0.0.0/8")),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), SOURCE) as stage:
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


def explain(stage: SmallStage, wanted: str) -> Ran:
    """Whatever it says, it changes nothing."""
    remote, checkout = refs(stage.remote), untouched_parts(stage.checkout)
    ran = remediator("explain", wanted, "--config", stage.config)
    assert refs(stage.remote) == remote
    assert untouched_parts(stage.checkout) == checkout
    return ran


def test_an_automatic_change_step_by_step(stage: SmallStage) -> None:
    ran = explain(stage, stage.id_of("web"))
    assert (ran.status, ran.err) == (0, "")
    steps = ["detected", "traced", "decided: auto", "proven", "change"]
    lines = ran.out.splitlines()
    assert [line for line in lines if line in steps] == steps
    assert "  address     aws_security_group.web" in lines
    assert "  root        live/prod" in lines
    assert "  block       live/prod/main.tf:13" in lines
    assert '-    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]' in lines
    assert '+    cidr_blocks = ["10.0.0.0/8"]' in lines
    assert "would be merged; nothing was written" in ran.out


def test_the_id_that_run_prints_will_do(stage: SmallStage) -> None:
    group_id = stage.id_of("web")
    ran = explain(stage, f"open-admin-port/123456789012/us-east-1/{group_id}/tcp:22-22")
    assert ran.status == 0
    assert "decided: auto" in ran.out


def test_a_review_says_which_check_lowered_it(stage: SmallStage) -> None:
    ran = explain(stage, stage.id_of("legacy"))
    assert ran.status == 0
    assert "decided: review" in ran.out
    assert "policy: open-admin-port-wider" in ran.out


def test_an_unknown_id_is_status_1_and_says_what_to_do(stage: SmallStage) -> None:
    ran = explain(stage, stage.id_of("quiet"))
    assert (ran.status, ran.out) == (1, "")
    assert "no finding has the id" in ran.err
    assert "`remediator run --observe` lists them" in ran.err


def test_a_hostile_id_cannot_drive_the_terminal(stage: SmallStage) -> None:
    ran = explain(stage, "x\x1b[31m\nerror: forged")
    assert ran.status == 1
    assert "\x1b" not in ran.err
    assert not [line for line in ran.err.splitlines() if line.startswith("error: forged")]


def test_where_aws_does_not_answer_it_is_status_3(stage: SmallStage) -> None:
    stage.aws.faults.deny("ec2:DescribeSecurityGroupRules")
    ran = explain(stage, stage.id_of("web"))
    assert ran.status == 3
    assert "the role needs the permission ec2:DescribeSecurityGroupRules" in ran.err


def test_a_late_flag_is_explained_as_resolved(stage: SmallStage) -> None:
    stage.aws.faults.keep_flagging(stage.id_of("quiet"))
    ran = explain(stage, stage.id_of("quiet"))
    assert ran.status == 0
    assert "Config is late" in ran.out
