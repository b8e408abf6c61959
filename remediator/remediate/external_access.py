"""Access that a role's trust or a resource's policy gives to somebody outside of the organisation.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html (external access)

The principal that the finding names leaves every Allow that lets it in, and nobody else. Not safe
without a person: where nobody says that the account is unknown; what is public, which may be meant;
where the live policy is not known or another than the code's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType

from remediator.model import Check, Finding, Refusal, Resource
from remediator.remediate.access import Access
from remediator.remediate.advice import Advice
from remediator.remediate.candidates import Candidate, within
from remediator.remediate.classes import Settings
from remediator.remediate.iam import resources, trusting
from remediator.remediate.iam.evidence_checks import status_check
from remediator.remediate.iam.live import same
from remediator.remediate.iam.outsider_checks import (
    delivery_check,
    managed_check,
    named_check,
    own_account,
    still_in,
    told,
)
from remediator.remediate.iam.outsiders import EVERYBODY, outsider_of
from remediator.remediate.iam.policy_access import PolicyAccess
from remediator.remediate.iam.policy_class import FACTS, PolicyClass
from remediator.remediate.iam.principals import Known
from remediator.remediate.iam.trusting import ARGUMENTS, GONE_WITH, PERMISSION, Trusting
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.remediate.staying import Staying
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.state import StateIndex
from remediator.texts import plain

PUBLIC = "public"
_OF_PERMISSION = ("principal", "action", "function_name", "source_arn", "source_account")


class ExternalAccess(PolicyClass):
    name = "external-access"
    title = "access from outside of the organisation"
    reference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html"
    permissions: tuple[str, ...] = ()
    traits = FACTS | {PUBLIC}
    arguments = MappingProxyType(
        {
            **{kind: (argument,) for kind, (argument, _) in ARGUMENTS.items()},
            PERMISSION: _OF_PERMISSION,
        }
    )
    removed = GONE_WITH

    def evidence_problem(self, finding: Finding) -> str | None:
        try:
            outsider_of(finding)
        except ValueError as why:
            return str(why)
        return None

    def traits_of(self, finding: Finding) -> frozenset[str]:
        who = outsider_of(finding)
        public = finding.evidence.get("is_public") is True or who.is_("AWS", EVERYBODY)
        return super().traits_of(finding) | ({PUBLIC} if public else set())

    def stays(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Staying:
        return Staying(tuple(still_in(finding, instances)))

    def unready(self, finding: Finding) -> Refusal | None:
        return super().unready(finding) or own_account(finding)

    def subject(self, finding: Finding) -> str:
        return f"remove access of {plain(outsider_of(finding).shown, 80)}"

    def site(self, finding: Finding) -> str:
        return outsider_of(finding).shown

    def joined(self, finding: Finding, index: StateIndex) -> Sequence[Known] | Refusal:
        return resources.joined(finding, index)

    def informed(
        self,
        findings: Sequence[Finding],
        sure: Callable[[Finding], bool],
        index: StateIndex,
        marked: Callable[[Resource], bool],
    ) -> Sequence[Finding]:
        managed = index.all_accounts()
        return [told(finding, managed) for finding in findings]

    def missing(self, found: Iterable[str], finding: Finding) -> tuple[str, ...]:
        return () if [*found] else (outsider_of(finding).shown,)

    def evaluate(
        self, kind: str, content: Content, scope: Scope, place: tuple[str, str]
    ) -> Trusting:
        return Trusting.of(kind, content, scope, place)

    def candidates(
        self, cases: Sequence[Case], settings: Settings, editable: Callable[[str], bool]
    ) -> Iterator[Candidate] | Refusal:
        return within(trusting.candidates(cases), editable)

    def exact(
        self,
        before: Access,
        after: Access,
        findings: Sequence[Finding],
        settings: Settings,
        whole: bool = True,
    ) -> str | None:
        assert isinstance(before, PolicyAccess)
        assert isinstance(after, PolicyAccess)
        return trusting.inexact(before, after, [outsider_of(f) for f in findings], whole)

    def drift(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> str | None:
        live = finding.evidence.get("live")
        if not isinstance(live, dict) or not isinstance(live.get("document"), dict):
            return None
        for instance in instances:
            assert isinstance(instance.evaluation, Trusting)
            documents = instance.evaluation.access.documents
            if instance.kind == PERMISSION:  # one statement of the function's policy
                if outsider_of(finding).is_named_in(live["document"]):
                    continue
            elif any(same(d.tree, live["document"]) for d in documents):
                continue
            return (
                f"the live policy of {instance.address} is not the one in its code; apply its "
                "root, or import what was changed by hand"
            )
        return None

    def checks(
        self, finding: Finding, instances: Sequence[EvaluatedInstance], traits: frozenset[str]
    ) -> Sequence[Check]:
        live = finding.evidence.get("live")
        known = isinstance(live, dict) and isinstance(live.get("document"), dict)
        return [
            _account_check(traits),
            _live_check(known),
            *status_check(finding),
            *named_check(finding),
            *managed_check(finding),
            *delivery_check(finding, instances),
        ]

    def not_in_code(self, names: str) -> str:
        return f"the code of {names} does not let this principal in, and the live policy does"

    def drifted(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Advice:
        return Advice("apply its root, or take it away where it was given by hand")

    def unmanaged(self, finding: Finding) -> Advice:
        return Advice("import it, with its policy")


def _account_check(traits: frozenset[str]) -> Check:
    if traits & {"unknown-account", "known-account"}:
        return Check.passed("account", "it is known whose account it is")
    return Check.unknown("account", "nobody says whether the account is one that is trusted")


def _live_check(known: bool) -> Check:
    if not known:
        return Check.unknown("live-policy", "the finding does not say what the live policy is")
    return Check.passed("live-policy", "the live policy is the one in the code")


CLASS = ExternalAccess()
