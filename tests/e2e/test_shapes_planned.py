"""Every shape of README's table "What it can rewrite", judged by the real terraform's own plan.

The cases are one root module. It is applied, `remediator fix --review` rewrites it, and the plan
must show what the outcomes' proofs say, and nothing else.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import TYPE_CHECKING, Any

import pytest
from commandline import remediator
from planned import CASES, SHAPES, Chosen, Planned, chosen_cases, key_of
from planned_proofs import Effect, planned_effect, predicted

from remediator.embedded.terraform import Plan

if TYPE_CHECKING:
    from conftest import NewTerraform

    from remediator.embedded.aws import EmbeddedAws

pytestmark = pytest.mark.e2e

OTHER_PORTS = """\
version: 1
exemptions:
  - id: other-ports
    owner: platform@example.com
    reason: What is left of a range without SSH is for another day
    expires: {expires}
    match:
      class: open-port
"""
TITLES = {shape.title: key_of(number) for number, shape in enumerate(SHAPES)}


@dataclass(frozen=True)
class Judged:
    """The plans before and after the fix, what the proofs predict, and the files of each case."""

    pending: Plan
    plan: Plan
    predicted: Mapping[str, Effect]
    cases: tuple[Planned, ...]
    checkout: Path

    def of(self, key: str) -> dict[str, Effect]:
        return {a: e for a, e in self.predicted.items() if key_in(a) == key}


def key_in(address: str) -> str:
    """Of the shape that an instance belongs to: `module.s07a.…`, or `aws_….s07a_web`."""
    return address.split(".")[1][:3]


@pytest.fixture(scope="module")
def judged(
    embedded_server: EmbeddedAws,
    terraform_cli: NewTerraform,
    tmp_path_factory: pytest.TempPathFactory,
) -> Judged:
    embedded_server.reset()
    folder = tmp_path_factory.mktemp("shapes")
    cases = tuple(chosen_cases(folder / "far"))
    checkout, applied = folder / "checkout", folder / "applied"
    applied.mkdir()
    _fetched(folder / "far", cases)
    _lay(checkout, cases)
    _as_terraform_reads(checkout, applied)
    terraform = terraform_cli(applied)
    terraform.init()
    terraform.apply()
    pending = terraform.plan()
    fetched = Path(".terraform") / "modules"
    copytree(applied / fetched, checkout / fetched, ignore=ignore_patterns(".git"))
    outcomes = _fixed(checkout, cases)
    _as_terraform_reads(checkout, applied)
    installed = json.loads((applied / fetched / "modules.json").read_bytes())["Modules"]
    plan = terraform.plan()
    return Judged(pending, plan, predicted(outcomes, installed, plan), cases, checkout)


def _fetched(repository: Path, cases: Iterable[Planned]) -> None:
    """The repository that `terraform init` takes modules from, a folder for each case."""
    for case in (c for c in cases if c.far):
        (repository / case.key).mkdir(parents=True)
        (repository / case.key / "main.tf").write_text(case.far)
    identity = ("-c", "user.name=Engineer", "-c", "user.email=engineer@example.com")
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "Far")):
        command = ["git", "-C", str(repository), *identity, *arguments]
        subprocess.run(command, check=True, timeout=60)


def _lay(checkout: Path, cases: Iterable[Planned]) -> None:
    for case in cases:
        files = {**case.before, f"{case.key}_call.tf": case.call} if case.call else case.before
        for path, text in files.items():
            (checkout / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout / path).write_bytes(text.encode())
    expires = datetime.now(UTC).date() + timedelta(days=30)
    (checkout / "exemptions.yaml").write_text(OTHER_PORTS.format(expires=expires))


def _as_terraform_reads(checkout: Path, applied: Path) -> None:
    """terraform does not read what OpenTofu does: it is given the same bytes by another name."""
    for file in checkout.rglob("*"):
        path = file.relative_to(checkout)
        if file.is_file() and ".terraform" not in path.parts:
            target = applied / path.with_suffix(".tf" if path.suffix == ".tofu" else path.suffix)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())


def _fixed(checkout: Path, cases: Iterable[Planned]) -> list[dict[str, Any]]:
    """The real command, once for each configuration; the cases of the others are not there."""
    configurations = {json.dumps(case.case.config) for case in cases}
    outcomes: list[dict[str, Any]] = []
    for text in sorted(configurations):
        away = [c for c in cases if json.dumps(c.case.config) != text]
        _move(checkout, checkout.parent / "away", away)
        (checkout / "remediator.yaml").write_text(json.dumps({"version": 1, **json.loads(text)}))
        out = checkout.parent / "outcomes.json"
        ran = remediator("fix", checkout, "--review", "--json", out)
        assert ran.status in (0, 1), ran.err
        outcomes += json.loads(out.read_bytes())["outcomes"]
        _move(checkout.parent / "away", checkout, away)
    return outcomes


def _move(source: Path, target: Path, cases: Iterable[Planned]) -> None:
    for case in cases:
        for path in (*case.before, f"{case.key}_call.tf"):
            if (source / path).exists():
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                (source / path).rename(target / path)


# What it must come to ------------------------------------------------------------------------


def test_every_shape_is_planned_or_says_why_not() -> None:
    assert CASES.keys() == TITLES.keys()
    assert all(len(why) > 30 for why in CASES.values() if isinstance(why, str))


def test_nothing_is_pending_before(judged: Judged) -> None:
    assert judged.pending.actions == {}


@pytest.mark.parametrize("title", [t for t, c in CASES.items() if isinstance(c, Chosen)])
def test_the_plan_is_what_the_proofs_say(judged: Judged, title: str) -> None:
    key = TITLES[title]
    told = judged.of(key)
    actions = {a: kind for a, kind in judged.plan.actions.items() if key_in(a) == key}
    assert actions.keys() == told.keys()
    assert {a: planned_effect(judged.plan, a) for a in actions} == told


def test_nothing_else_changes(judged: Judged) -> None:
    assert judged.plan.actions.keys() == judged.predicted.keys()


def test_each_case_is_rewritten_as_its_table_says(judged: Judged) -> None:
    for case in judged.cases:
        assert case.before != case.after
        for path, text in case.after.items():
            assert (judged.checkout / path).read_bytes().decode() == text, case.case.name
