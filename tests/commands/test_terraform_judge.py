"""`--terraform` and `terraform.plan`: the judge from the command line to the record.

The program is a stand-in that plans what its folder's main.tf says; tests/e2e has the real one.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    NOBODY_EXEMPT,
    OFFICE,
    WORLD,
    Ran,
    SmallStage,
    bot_branches,
    files_below,
    group,
    ingress,
    main_head,
    one_root,
    remediator,
    run,
    untouched_parts,
)

FILES = one_root(group("web", ingress(OFFICE, WORLD)))
PROGRAM = """#!{python}
import json, os, sys
from pathlib import Path

log = Path({log!r})
with log.open("a") as calls:
    calls.write(json.dumps([os.getcwd(), *sys.argv[1:]]) + "\\n")
code = Path("main.tf").read_text()
named = [a for a in sys.argv if a.startswith("-out=")]
if named:
    Path(named[0][5:]).write_text("plan")
if "fails" in os.environ.get("STAND_IN", "") and sys.argv[1] == "plan":
    sys.exit("Error: Reference to undeclared resource\\n\\n  on main.tf line 3:\\n")
cidrs = [c for c in ("198.51.100.0/24", "0.0.0.0/0") if c in code]
rule = dict(protocol="tcp", from_port=22, to_port=22, cidr_blocks=cidrs)
was = "no-op" if "0.0.0.0/0" in code else os.environ.get("STAND_IN") or "update"
change = dict(actions=was.split(), after=dict(ingress=[rule]))
web = dict(address="aws_security_group.web", mode="managed", type="aws_security_group")
print(json.dumps(dict(format_version="1.2", resource_changes=[dict(web, change=change)])))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), FILES) as stage:
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "bin" / "terraform"
    file.parent.mkdir()
    file.write_text(PROGRAM.format(python=sys.executable, log=str(tmp_path / "log")))
    file.chmod(0o755)
    return file


def env(program: Path, says: str = "") -> dict[str, str]:
    scratch = program.parent.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "STAND_IN": says, "TMPDIR": str(scratch)}


def calls(program: Path) -> list[list[str]]:
    log = program.parent.parent / "log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def plan_of(ran: Ran) -> dict[str, Any]:
    (found,) = [c for c in ran.only()["proof"]["checks"] if c["name"] == "plan"]
    return dict(found)


def message(stage: SmallStage, ran: Ran) -> str:
    return stage.git("log", "-1", "--format=%B", ran.only()["branch"], folder=stage.remote)


def record(stage: SmallStage, ran: Ran) -> list[str]:
    return [line for line in message(stage, ran).splitlines() if line.startswith("Proof: plan")]


def test_a_plan_that_passes_is_in_the_record(stage: SmallStage, program: Path) -> None:
    ran = run(stage, "--terraform", env=env(program))
    assert (ran.status, ran.only()["outcome"]) == (0, "merged")
    assert plan_of(ran)["verdict"] == "pass"
    (line,) = record(stage, ran)
    assert line == f"Proof: plan: pass: {plan_of(ran)['detail']}"
    assert "update aws_security_group.web" in line


def test_the_configuration_asks_for_it_too(stage: SmallStage, program: Path) -> None:
    stage.configure(terraform=f"{{plan: true, binary: {program}}}")
    ran = run(stage, env={"TMPDIR": env(program)["TMPDIR"]})
    assert plan_of(ran)["verdict"] == "pass"


def test_without_it_the_record_says_so(stage: SmallStage, program: Path) -> None:
    ran = run(stage, env=env(program))
    assert (ran.only()["outcome"], plan_of(ran)["verdict"]) == ("merged", "skipped")
    (line,) = record(stage, ran)
    assert line.startswith("Proof: plan: skipped: terraform was not asked")
    assert "Not proven" not in message(stage, ran)
    assert calls(program) == []


def test_a_plan_that_differs_is_refused_and_nothing_is_pushed(
    stage: SmallStage, program: Path
) -> None:
    before = main_head(stage)
    ran = run(stage, "--terraform", env=env(program, "delete create"))
    assert (ran.status, ran.only()["outcome"]) == (0, "refused")
    assert ran.only()["reason"]["code"] == "plan-differs"
    assert "replace aws_security_group.web" in ran.only()["reason"]["text"]
    assert (main_head(stage), bot_branches(stage)) == (before, {})


def test_a_plan_that_fails_leaves_it_to_review_with_the_reason(
    stage: SmallStage, program: Path
) -> None:
    ran = run(stage, "--terraform", env=env(program, "fails"))
    assert (ran.status, ran.only()["outcome"]) == (0, "proposed")
    assert plan_of(ran)["verdict"] == "unknown"
    said = "Reference to undeclared resource (live/prod/main.tf:3)"
    assert said in plan_of(ran)["detail"]
    assert said in ran.out
    assert "Not proven (plan): " in message(stage, ran)


def test_observing_asks_too_and_writes_nothing(stage: SmallStage, program: Path) -> None:
    before = main_head(stage), untouched_parts(stage.checkout)
    ran = run(stage, "--observe", "--terraform", env=env(program))
    assert plan_of(ran)["verdict"] == "pass"
    assert (main_head(stage), untouched_parts(stage.checkout)) == before


def test_the_state_is_planned_from_a_copy_that_is_gone(stage: SmallStage, program: Path) -> None:
    run(stage, "--terraform", env=env(program))
    folders = {call[0] for call in calls(program)}
    assert all(folder.endswith("/tree/live/prod") for folder in folders)
    assert [*Path(env(program)["TMPDIR"]).iterdir()] == []
    assert {call[1] for call in calls(program)} == {"init", "plan", "show"}


def test_there_is_no_terraform(stage: SmallStage) -> None:
    stage.configure(terraform="{plan: true, binary: no-such-terraform}")
    before = main_head(stage)
    ran = run(stage)
    assert ran.status == 2
    assert "no-such-terraform" in ran.err
    assert main_head(stage) == before


# fix ---------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    place = tmp_path / "checkout"
    for path, text in {**FILES, "exemptions.yaml": NOBODY_EXEMPT}.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    return place


def fix(checkout: Path, program: Path, says: str, *arguments: str | Path) -> Ran:
    file = checkout.parent / "outcomes.json"
    ran = remediator(
        "fix", checkout, "--terraform", "--json", file, *arguments, env=env(program, says)
    )
    return Ran(ran.status, ran.out, ran.err, json.loads(file.read_text()))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    file = tmp_path / "prod.tfstate"
    file.write_text('{"version": 4, "resources": []}')
    return file


def test_fix_asks_with_a_state(checkout: Path, program: Path, state: Path) -> None:
    ran = fix(checkout, program, "", "--state", state)
    assert (ran.status, ran.only()["outcome"], plan_of(ran)["verdict"]) == (0, "merged", "pass")
    assert WORLD not in (checkout / "live/prod/main.tf").read_text()


def test_fix_without_a_state_leaves_it_to_review(checkout: Path, program: Path) -> None:
    before = files_below(checkout)
    ran = fix(checkout, program, "")
    assert (ran.status, ran.only()["outcome"]) == (1, "proposed")
    assert "no --state for live/prod" in plan_of(ran)["detail"]
    assert (files_below(checkout), calls(program)) == (before, [])


def test_fix_writes_nothing_where_the_plan_differs(
    checkout: Path, program: Path, state: Path
) -> None:
    before = files_below(checkout)
    ran = fix(checkout, program, "delete", "--state", state)
    assert (ran.status, ran.only()["reason"]["code"]) == (1, "plan-differs")
    assert files_below(checkout) == before
