"""Which states the judge plans with, and what becomes of those that it cannot have."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from remediator.aws.session import AwsSession
from remediator.commands.judge import PlanJudge, judge_of, workspaces
from remediator.commands.states import state_fetcher
from remediator.config import Config, load
from remediator.model import Check, ConfigurationError, Refusal, UpstreamError, Verdict
from remediator.terraform.plan import Plan
from remediator.terraform.roots import Root
from remediator.terraform.runner import Options, Stand, Terraform, failed
from remediator.tree import MemoryTree, Tree

TREE = MemoryTree({"live/prod/main.tf": b'terraform {\n  backend "s3" {}\n}\n'})
RAW = b'{"version": 4}'


class Planner(Terraform):
    """Answers with plans that are given, by workspace."""

    def __init__(self, plans: Mapping[str, Plan | Refusal] | None = None) -> None:
        super().__init__(Options(sys.executable), {})
        self.plans = dict(plans or {})
        self.asked: list[str] = []

    def plan(self, stand: Stand, tree: Tree) -> Plan | Refusal:
        self.asked.append(stand.workspace)
        return self.plans.get(stand.workspace, Plan(stand.where, {}, {}))


def ask(judge: PlanJudge, root: str = "live/prod") -> Check:
    with judge:
        answer = judge.judge(root, TREE, TREE, {})
    assert isinstance(answer, Check)
    return answer


def test_each_workspace_is_planned_and_all_must_pass() -> None:
    planner = Planner({"blue": failed("the reason")})
    judge = PlanJudge(planner, lambda root: [("default", RAW), ("blue", RAW), ("red", RAW)])
    answer = ask(judge)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.detail == "the code as it is cannot be planned: the reason"
    assert planner.asked == ["default", "default", "blue", "red", "red"]


def test_all_pass() -> None:
    answer = ask(PlanJudge(Planner(), lambda root: [("default", RAW), ("blue", RAW)]))
    assert answer.verdict is Verdict.PASS
    assert "live/prod (blue)" in answer.detail


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (Refusal("locate", "no-state", "there is no state at s3://a/b"), "there is no state at"),
        (b'{"format_version": "1.0"}', "the output of `terraform show -json`"),
    ],
)
def test_a_state_that_cannot_be_planned_with(state: bytes | Refusal, said: str) -> None:
    planner = Planner()
    answer = ask(PlanJudge(planner, lambda root: [("default", state)]))
    assert answer.verdict is Verdict.UNKNOWN
    assert said in answer.detail
    assert planner.asked == []


def test_a_state_that_is_away_is_not_asked_for_again() -> None:
    asked: list[str] = []

    def away(root: Root) -> list[tuple[str, bytes | Refusal]]:
        asked.append(root.directory)
        raise UpstreamError("s3:GetObject in us-east-1", "AccessDenied")

    judge = PlanJudge(Planner(), away)
    with judge:
        answers = [judge.judge("live/prod", TREE, TREE, {}) for _ in range(2)]
    assert answers[0] == answers[1]
    assert isinstance(answers[0], Check)
    assert "AccessDenied" in answers[0].detail
    assert asked == ["live/prod"]


def test_a_root_that_the_configuration_does_not_name() -> None:
    judge = PlanJudge(Planner(), lambda root: [("default", RAW)], ["live/dev"])
    assert "live/prod is not among the configured roots" in ask(judge).detail


def test_no_state_at_all() -> None:
    assert ask(PlanJudge(Planner(), lambda root: [])).verdict is Verdict.UNKNOWN


def test_the_backend_of_the_root_is_known_to_who_reads_the_state() -> None:
    roots: list[Root] = []

    def raw(root: Root) -> list[tuple[str, bytes | Refusal]]:
        roots.append(root)
        return [("default", RAW)]

    ask(PlanJudge(Planner(), raw))
    (root,) = roots
    assert root.directory == "live/prod"
    assert not isinstance(root.backend, Refusal)
    assert root.backend is not None
    assert root.backend.kind == "s3"


ROOTS = """\
version: 1
aws: {regions: [us-east-1]}
roots:
  - {path: live/prod, workspace: blue}
  - {path: live/prod, workspace: red, state: [one.json, two.json]}
  - {path: live/dev}
  - {path: live/prod}
"""


def configured(folder: Path, text: str) -> Config:
    (folder / "remediator.yaml").write_text(text)
    return load(folder / "remediator.yaml")


def test_the_workspaces_are_those_of_the_states_in_their_order(tmp_path: Path) -> None:
    config = configured(tmp_path, ROOTS)
    session = AwsSession(config.aws.regions, None, None)
    read = state_fetcher(config, session)(Root("live/prod"))
    said = [answer.text for answer in read if isinstance(answer, Refusal)]
    assert ["one.json" in said[0], "two.json" in said[1]] == [True, True]
    assert workspaces(config, "live/prod") == ["red", "red", "blue", "default"]
    assert len(read) == 4
    assert workspaces(config, "live/other") == ["default"]


def test_nobody_asks(tmp_path: Path) -> None:
    with judge_of(configured(tmp_path, "version: 1\n"), False, lambda root: []) as judge:
        assert judge is None


@pytest.mark.parametrize("asked", [True, False])
def test_there_is_no_such_program(tmp_path: Path, asked: bool) -> None:
    plan = "" if asked else "plan: true, "
    text = f"version: 1\nterraform: {{{plan}binary: ./no-such-terraform}}\n"
    with pytest.raises(ConfigurationError, match="no-such-terraform"):
        judge_of(configured(tmp_path, text), asked, lambda root: [])
