"""The real terraform as the loop's judge, where the configuration or the command line asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from remediator.commands.states import Fetch, root_directories
from remediator.config import Config
from remediator.model import Check, Refusal, UpstreamError
from remediator.planning import together
from remediator.terraform.backend import DEFAULT
from remediator.terraform.judge import Expected, judge
from remediator.terraform.plan import Plan
from remediator.terraform.roots import Root, named_roots
from remediator.terraform.runner import Options, Stand, Terraform
from remediator.tree import Tree

Raw = Callable[[Root], Sequence[tuple[str, bytes | Refusal]]]
"""Reads a root's raw states: each with its workspace."""


def judge_of(config: Config, asked: bool, fetch: Fetch) -> AbstractContextManager[PlanJudge | None]:
    """None where nobody asked. Raises ConfigurationError where there is no terraform."""
    chosen = config.terraform
    if not (asked or chosen.plan):
        return nullcontext()

    def raw(root: Root) -> list[tuple[str, bytes | Refusal]]:
        return list(zip(workspaces(config, root.directory), fetch(root), strict=False))

    options = Options(chosen.binary, chosen.refresh, chosen.timeout_seconds, chosen.files())
    return PlanJudge(Terraform(options, os.environ), raw, root_directories(config))


def workspaces(config: Config, directory: str) -> list[str]:
    """The workspace of each state, in the order in which `state_fetcher` reads them."""
    named = root_directories(config)
    entries = [e for e, its in zip(config.roots, named, strict=True) if its == directory]
    given = [entry.workspace for entry in entries for _ in entry.state]
    own = [entry.workspace for entry in entries if not entry.state]
    return [*given, *own] if entries else [DEFAULT]


class PlanJudge:
    """Implements `planning.Judge`. Each state is read once a run, when it is first needed.

    A context manager: terraform has a scratch folder inside it, and none after it. `named` are
    the roots that the configuration names; none: all that there are.
    """

    def __init__(self, terraform: Terraform, raw: Raw, named: Sequence[str] = ()) -> None:
        self._terraform, self._raw, self._named = terraform, raw, frozenset(named)
        self._stands: dict[str, list[Stand | Refusal]] = {}

    def __enter__(self) -> Self:
        self._terraform.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._terraform.__exit__(kind, error, trace)

    def judge(
        self, root: str, before: Tree, after: Tree, expected: Mapping[str, Expected]
    ) -> Check | Refusal:
        if root not in self._stands:
            self._stands[root] = self._stand(root, before)
        answers: list[Check] = []
        for stand in self._stands[root]:
            answer = self._one(stand, before, after, expected)
            if isinstance(answer, Refusal):
                return answer
            answers.append(answer)
        return together(answers)

    def _stand(self, root: str, tree: Tree) -> list[Stand | Refusal]:
        if self._named and root not in self._named:
            where = root or "the top folder"
            return [Refusal("prove", "plan-failed", f"{where} is not among the configured roots")]
        (found,) = named_roots(tree, [root])
        try:
            states = self._raw(found)
        except UpstreamError as error:
            return [Refusal("prove", "plan-failed", f"its state cannot be read: {error}")]
        return [
            state if isinstance(state, Refusal) else self._terraform.stand(root, workspace, state)
            for workspace, state in states
        ]

    def _one(
        self, stand: Stand | Refusal, before: Tree, after: Tree, expected: Mapping[str, Expected]
    ) -> Check | Refusal:
        """A plan that cannot be made is no proof, and no proof of the contrary."""
        if isinstance(stand, Refusal):
            return Check.unknown("plan", f"terraform could not be asked: {stand.text}")
        plans: list[Plan] = []
        for tree, which in ((before, "as it is"), (after, "with this change")):
            plan = self._terraform.plan(stand, tree)
            if isinstance(plan, Refusal):
                return Check.unknown("plan", f"the code {which} cannot be planned: {plan.text}")
            plans.append(plan)
        return judge(plans[0], plans[1], expected)
