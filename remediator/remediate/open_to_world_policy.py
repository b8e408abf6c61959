"""A policy in the code that lets in everybody: `Principal: "*"` without a condition that restricts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html

Never safe without a person: a website's bucket is meant to be public. The proposal takes the
statement, and keeps every other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from remediator.model import Check, Finding, Resource
from remediator.remediate.external_access import ExternalAccess
from remediator.remediate.iam.outsiders import SEEN_OPEN
from remediator.remediate.iam.policy_class import FACTS
from remediator.remediate.instances import EvaluatedInstance
from remediator.terraform.state import StateIndex


class OpenToWorldPolicy(ExternalAccess):
    name = SEEN_OPEN
    title = "a policy that lets in everybody"
    reference = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "access-analyzer-reference-policy-checks.html"
    )
    traits = FACTS

    def evidence_problem(self, finding: Finding) -> str | None:
        if isinstance(finding.evidence.get("statement"), str):
            return None
        return 'evidence needs "statement", the Sid of the statement or its number ("#0")'

    def traits_of(self, finding: Finding) -> frozenset[str]:
        return frozenset()

    def informed(
        self,
        findings: Sequence[Finding],
        sure: Callable[[Finding], bool],
        index: StateIndex,
        marked: Callable[[Resource], bool],
    ) -> Sequence[Finding]:
        return findings

    def subject(self, finding: Finding) -> str:
        return "close a policy to the world"

    def checks(
        self, finding: Finding, instances: Sequence[EvaluatedInstance], traits: frozenset[str]
    ) -> Sequence[Check]:
        return ()

    def not_in_code(self, names: str) -> str:
        return f"the code of {names} does not let everybody in"


CLASS = OpenToWorldPolicy()
