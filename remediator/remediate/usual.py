"""What most finding classes answer: of what they need not do, nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from remediator.model import Check, Finding, Resource
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.remediate.staying import NOTHING, Staying
from remediator.terraform.state import StateIndex


class Usual:
    """The parts of `FindingClass` that only some of them have anything to say to."""

    @property
    def reads_blocks(self) -> bool:
        return True

    def informed(
        self,
        findings: Sequence[Finding],
        sure: Callable[[Finding], bool],
        index: StateIndex,
        marked: Callable[[Resource], bool],
    ) -> Sequence[Finding]:
        return findings

    def spared(self, finding: Finding) -> Sequence[Check]:
        return ()

    def agreed(self, cases: Sequence[Case]) -> Mapping[str, Finding]:
        return {case.finding.id: case.finding for case in cases}

    def stays(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Staying:
        return NOTHING

    def checks(
        self, finding: Finding, instances: Sequence[EvaluatedInstance], traits: frozenset[str]
    ) -> Sequence[Check]:
        return ()

    def drift(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> str | None:
        return None
