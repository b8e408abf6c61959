"""The real terraform and the real AWS provider as judges of a change, against the embedded AWS.

The root is as a user writes it, with a backend that is not there: it is never asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from commandline import NOBODY_EXEMPT, OFFICE, WORLD, Ran, group, ingress, remediator, root_head

from remediator.access.network import Rule
from remediator.commands.judge import PlanJudge
from remediator.embedded.aws import CREDENTIALS, REGION, EmbeddedAws
from remediator.embedded.mirror import find_provider_mirror, write_cli_config
from remediator.embedded.terraform import OVERRIDE_FILE, provider_override
from remediator.model import Check, Refusal, Verdict
from remediator.terraform.facets import INGRESS
from remediator.terraform.facets import ingress as allowed
from remediator.terraform.judge import Expected
from remediator.terraform.plan import Effect
from remediator.terraform.runner import Options, Terraform
from remediator.tree import MemoryTree, OverlayTree

if TYPE_CHECKING:
    from conftest import NewTerraform

pytestmark = pytest.mark.e2e

ROOT, MAIN, VALUES = "live/prod", "live/prod/main.tf", "live/values/prod.tfvars"
OFFICES = "203.0.113.0/24"
WEB, DB, OLD = "aws_security_group.web", "aws_security_group.db", "aws_security_group_rule.old"
SEPARATE = f"""
resource "aws_security_group_rule" "old" {{
  security_group_id = aws_security_group.bare.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["{OFFICE}", "{WORLD}"]
}}
"""
CODE = "\n".join(
    [
        root_head(ROOT) + 'variable "offices" {\n  type = list(string)\n}\n',
        group("web", ingress(OFFICE, WORLD), ingress("10.0.0.0/8", port=443)),
        group("db", ingress("10.0.0.0/8", port=5432)).replace('["10.0.0.0/8"]', "var.offices"),
        group("bare") + SEPARATE,
    ]
)
FILES = {MAIN: CODE.encode(), VALUES: f'offices = ["{OFFICES}"]\n'.encode()}
HONEST = CODE.replace(f'"{OFFICE}", "{WORLD}"', f'"{OFFICE}"', 1)
CONFIGURATION = f"version: 1\nterraform:\n  var_files: {{{ROOT}: {VALUES}}}\n"


@dataclass(frozen=True)
class World:
    """What was applied: its state, and the environment that leads to it."""

    state: bytes
    environment: dict[str, str]


@pytest.fixture(scope="module")
def world(
    embedded_server: EmbeddedAws,
    terraform_cli: NewTerraform,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    embedded_server.reset()
    folder, mirror = tmp_path_factory.mktemp("applied"), find_provider_mirror(os.environ)
    assert mirror is not None
    (folder / "main.tf").write_text(CODE)
    (folder / "terraform.tfvars").write_bytes(FILES[VALUES])
    terraform = terraform_cli(folder)
    override = 'terraform {\n  backend "local" {}\n}\n'
    override += provider_override(embedded_server.endpoint, REGION)
    (folder / OVERRIDE_FILE).write_text(override)
    terraform.init()
    terraform.apply()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", ""),
        "TF_CLI_CONFIG_FILE": str(write_cli_config(folder, mirror)),
        "AWS_ENDPOINT_URL": embedded_server.endpoint,
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return World((folder / "terraform.tfstate").read_bytes(), environment)


# What a person runs ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fixed(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, str]:
    """`fix --review --terraform` on a checkout, and the file as it is then."""
    folder = tmp_path_factory.mktemp("checkout")
    texts = {"remediator.yaml": CONFIGURATION, "exemptions.yaml": NOBODY_EXEMPT}
    for path, data in (FILES | {p: t.encode() for p, t in texts.items()}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    state, scratch = folder.parent / "state.json", tmp_path_factory.mktemp("scratch")
    state.write_bytes(world.state)
    out = scratch.parent / "outcomes.json"
    environment = {**world.environment, "TMPDIR": str(scratch)}
    options = ("--review", "--terraform", "--state", f"{ROOT}={state}", "--json", out)
    ran = remediator("fix", folder, *options, env=environment)
    assert [*scratch.iterdir()] == []
    document = json.loads(out.read_text())
    return Ran(ran.status, ran.out, ran.err, document), (folder / MAIN).read_text()


def test_an_honest_change_passes_and_is_written(fixed: tuple[Ran, str]) -> None:
    ran, text = fixed
    (web,) = [o for o in ran.outcomes if o["terraform"]["address"] == WEB]
    assert web["outcome"] == "merged"
    plan = web["proof"]["checks"][-1]
    detail = f"terraform plans exactly this for {ROOT}: update {WEB}"
    assert plan == {"name": "plan", "verdict": "pass", "detail": detail}
    assert text.startswith(HONEST[: HONEST.index("variable")])
    assert WORLD not in text


def test_a_replacement_that_was_foreseen_passes_and_stays_a_review(
    fixed: tuple[Ran, str],
) -> None:
    (old,) = [o for o in fixed[0].outcomes if o["terraform"]["address"] == OLD]
    plan = old["proof"]["checks"][-1]
    assert (old["outcome"], plan["verdict"]) == ("proposed", "pass")
    assert f"replace {OLD}" in plan["detail"]


# What an edit must not do --------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge(world: World) -> Iterator[PlanJudge]:
    options = Options(seconds=120, var_files={ROOT: (VALUES,)})
    raw = [("default", world.state)]
    with PlanJudge(Terraform(options, world.environment), lambda root: raw) as made:
        yield made


def judged(judge: PlanJudge, text: str, expected: dict[str, Expected]) -> Check | Refusal:
    """Each text is planned once, whatever is expected of it."""
    before = MemoryTree(FILES)
    return judge.judge(ROOT, before, OverlayTree(before, {MAIN: text.encode()}), expected)


CLOSED = {
    INGRESS: allowed([Rule("tcp", 22, 22, OFFICE), Rule("tcp", 443, 443, "10.0.0.0/8")]),
}
CLOSING = {WEB: Expected(Effect.UPDATE, CLOSED)}
# The honest edit, and two that it must not make.
DISHONEST = HONEST.replace("from_port   = 5432", "from_port   = 5430").replace(
    f'"{OFFICE}", "{WORLD}"', f'"{OFFICE}"'
)


def test_a_neighbour_that_changes_too_is_refused(judge: PlanJudge) -> None:
    both = {**CLOSING, OLD: Expected(Effect.REPLACE)}
    answer = judged(judge, DISHONEST, both)
    assert isinstance(answer, Refusal)
    assert answer.code == "plan-differs"
    assert f"it would update {DB} too" in answer.text
    assert OLD not in answer.text


def test_a_replacement_is_refused(judge: PlanJudge) -> None:
    updated = {address: Expected(Effect.UPDATE) for address in (WEB, DB, OLD)}
    answer = judged(judge, DISHONEST, updated)
    assert isinstance(answer, Refusal)
    assert f"it would replace {OLD} (for cidr_blocks), and update was expected" in answer.text
    assert WEB not in answer.text


def test_other_values_than_predicted_are_refused(judge: PlanJudge) -> None:
    less = {INGRESS: allowed([Rule("tcp", 22, 22, OFFICE)])}
    answer = judged(judge, DISHONEST, {WEB: Expected(Effect.UPDATE, less)})
    assert isinstance(answer, Refusal)
    assert f"ingress of {WEB} would be with tcp 443 from 10.0.0.0/8" in answer.text


def test_a_configuration_that_breaks_is_a_reason(judge: PlanJudge) -> None:
    answer = judged(judge, HONEST.replace("var.offices", "var.office"), CLOSING)
    assert isinstance(answer, Check)
    assert answer.verdict is Verdict.UNKNOWN
    line = HONEST[: HONEST.index("var.offices")].count("\n") + 1
    said = (
        f"terraform plan for {ROOT} failed: Reference to undeclared input variable ({MAIN}:{line})"
    )
    assert said in answer.detail


def test_without_the_variable_file_there_is_no_plan(world: World) -> None:
    raw = [("default", world.state)]
    with PlanJudge(Terraform(Options(seconds=120), world.environment), lambda root: raw) as made:
        answer = judged(made, HONEST, CLOSING)
    assert isinstance(answer, Check)
    assert answer.verdict is Verdict.UNKNOWN
    assert "No value for required variable" in answer.detail
