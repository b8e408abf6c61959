"""An access key, a password or a role that has not been used for long.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html (unused access)
CIS AWS Foundations Benchmark v3.0.0, 1.12: credentials unused for 45 days or more.

A key is set to Inactive, which one revert undoes; it is never deleted. Not safe without a person: a
key that was ever used, as a job that runs rarely may need it; a person's. A role or a password is
not rewritten at all: removing one cannot be undone by a revert, as what is made again is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType

from remediator.model import Check, Edit, Finding, Refusal
from remediator.remediate.access import Access
from remediator.remediate.advice import Advice
from remediator.remediate.candidates import Candidate, Rank, within
from remediator.remediate.classes import Settings
from remediator.remediate.iam.checks import identity_check
from remediator.remediate.iam.credential import (
    INACTIVE,
    KEY,
    PASSWORD,
    Credential,
    CredentialAccess,
)
from remediator.remediate.iam.evidence_checks import never_used_check, status_check
from remediator.remediate.iam.policies import ROLE
from remediator.remediate.iam.policy_class import FACTS, PolicyClass
from remediator.remediate.iam.principals import Known, no_arn, subject
from remediator.remediate.iam.root_account import is_root
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.terraform.content import Content
from remediator.terraform.edit import set_or_insert_attribute, set_value
from remediator.terraform.evaluate import Scope
from remediator.terraform.state import StateIndex, StateResource
from remediator.terraform.value import Known as KnownValue
from remediator.texts import plain

_TYPES = {"access-key": KEY, "password": PASSWORD, "role": ROLE}
_KINDS = tuple(_TYPES)
_WHOSE = frozenset({"service-role", "human-user", "program-user"})


class UnusedCredentials(PolicyClass):
    name = "unused-credentials"
    title = "a credential that is not used"
    reference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html"
    permissions: tuple[str, ...] = ()
    traits = FACTS | frozenset(f"unused-{kind}" for kind in _KINDS)
    arguments = MappingProxyType({KEY: ("status",), PASSWORD: (), ROLE: ()})

    def evidence_problem(self, finding: Finding) -> str | None:
        kind, key = finding.evidence.get("kind"), finding.evidence.get("access_key_id")
        if kind not in _KINDS:
            return f'evidence needs "kind": {", ".join(_KINDS)}'
        if kind == "access-key" and not isinstance(key, str):
            return 'evidence needs "access_key_id", as more than one key may be the user\'s'
        return None

    def traits_of(self, finding: Finding) -> frozenset[str]:
        return super().traits_of(finding) | {f"unused-{finding.evidence['kind']}"}

    def subject(self, finding: Finding) -> str:
        return "deactivate an unused access key"

    def site(self, finding: Finding) -> str:
        return str(finding.evidence.get("access_key_id") or finding.evidence.get("kind"))

    def joined(self, finding: Finding, index: StateIndex) -> Sequence[Known] | Refusal:
        """A key's id is its own in all of AWS; a user's name is not."""
        kind = finding.evidence["kind"]
        found = subject(finding)
        keys = index.by(KEY, "id", str(finding.evidence.get("access_key_id")))
        if kind == "access-key" and is_root(finding):  # which is left to a person
            return keys
        if found is None:
            return no_arn(finding)
        if kind == "access-key":
            other = next((k for k in keys if not _is_of(k[1], found.name)), None)
            return keys if other is None else _of_another(finding, *other)
        if kind == "role":
            return index.by(ROLE, "arn", finding.resource.arn or "")
        users = index.by("aws_iam_user", "arn", finding.resource.arn or "")
        roots = {root for root, _ in users}
        return [k for k in index.by(PASSWORD, "user", found.name) if k[0] in roots]

    def missing(self, found: Iterable[str], finding: Finding) -> tuple[str, ...]:
        return () if [*found] else (self.site(finding),)

    def evaluate(
        self, kind: str, content: Content, scope: Scope, place: tuple[str, str]
    ) -> Credential:
        return Credential.of(kind, content, scope)

    def candidates(
        self, cases: Sequence[Case], settings: Settings, editable: Callable[[str], bool]
    ) -> Iterator[Candidate] | Refusal:
        other = next((c for c in cases if c.instance.kind != KEY), None)
        if other is not None:
            return _left_to_owner(other)
        edits: list[Edit] = []
        for case in cases:
            made = _inactive(case.instance)
            if not made:
                return iter(())
            edits += made
        where = ", ".join(dict.fromkeys(c.instance.content.where for c in cases))
        what = f"set the key to {INACTIVE} at {where}"
        found = Candidate(Rank.LITERAL, 0, tuple(dict.fromkeys(edits)), what)
        return within([found], editable)

    def exact(
        self,
        before: Access,
        after: Access,
        findings: Sequence[Finding],
        settings: Settings,
        whole: bool = True,
    ) -> str | None:
        assert isinstance(after, CredentialAccess)
        if after.status == INACTIVE or (not whole and after == before):
            return None
        return f"the key would be {after.status}"

    def checks(
        self, finding: Finding, instances: Sequence[EvaluatedInstance], traits: frozenset[str]
    ) -> Sequence[Check]:
        return [
            identity_check(traits, _WHOSE),
            *status_check(finding),
            *never_used_check(finding),
        ]

    def not_in_code(self, names: str) -> str:
        return f"the code of {names} does not make this credential active"

    def drifted(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Advice:
        return Advice("apply its root")

    def unmanaged(self, finding: Finding) -> Advice:
        return Advice("deactivate it by hand, or import it")


def _is_of(key: StateResource, user: str) -> bool:
    """Names of users have no case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    of = key.attributes.user
    return of is None or of.casefold() == user.casefold()


def _of_another(finding: Finding, root: str, key: StateResource) -> Refusal:
    return Refusal(
        "locate",
        "another-user",
        f"the finding is of {plain(finding.resource.arn or '', 160)}, and the state of "
        f"{root or 'the top folder'} has its key as {key.address} of the user "
        f"{plain(key.attributes.user or '', 80)}: what was looked at is another user's",
    )


def _left_to_owner(case: Case) -> Refusal:
    what = "the role" if case.instance.kind == ROLE else "the password"
    return Refusal(
        "remediate",
        "left-to-owner",
        f"{what} {case.instance.address} ({case.instance.content.where}) has not been used, and "
        "removing it is not undone by a revert: what is made again is another. Ask its owner, and "
        "remove it by hand with all that refers to it, or exempt it",
    )


def _inactive(instance: EvaluatedInstance) -> Sequence[Edit]:
    """None where the status is said in a way that cannot be edited."""
    evaluation, block = instance.evaluation, instance.content.native
    assert isinstance(evaluation, Credential)
    if evaluation.status is None:
        return set_or_insert_attribute(block.body, "status", f'"{INACTIVE}"') if block else ()
    source = evaluation.status.source if isinstance(evaluation.status, KnownValue) else None
    if source is None or source.piece is not None or source.expression.kind != "string":
        return ()
    return set_value(source.expression, f'"{INACTIVE}"')


CLASS = UnusedCredentials()
