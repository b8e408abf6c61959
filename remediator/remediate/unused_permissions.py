"""Permissions that a role, user or group has and does not use.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html (unused access)

What may go is told by the finding (`removable`); a policy loses exactly that. Not safe without a
person: where the live policy is not known or another than the code's; where somebody else has the
policy and no finding says that they leave the same unused; for a group, whose members nobody
counts; where AWS's own recommendation keeps what would go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from remediator.model import Check, Disposition, Finding, Json, Refusal
from remediator.remediate.access import Access
from remediator.remediate.advice import Advice
from remediator.remediate.candidates import Candidate, within
from remediator.remediate.classes import Settings
from remediator.remediate.iam import emergency, granting, principals, recommendation, sharing
from remediator.remediate.iam.attaching import ATTACHMENTS, EXCLUSIVE, live_documents
from remediator.remediate.iam.checks import identity_check
from remediator.remediate.iam.evidence_checks import age_check, status_check
from remediator.remediate.iam.exactness import inexact
from remediator.remediate.iam.grant_checks import elsewhere, unseen_check, wildcard_check
from remediator.remediate.iam.granting import Granting
from remediator.remediate.iam.live import same
from remediator.remediate.iam.policies import INLINE, POLICY, ROLE
from remediator.remediate.iam.policy_access import PolicyAccess
from remediator.remediate.iam.policy_class import PolicyClass
from remediator.remediate.iam.removable import Removable, contradicted
from remediator.remediate.iam.unapplied import unapplied
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.remediate.staying import Staying
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.state import StateIndex
from remediator.texts import listed, plain


class UnusedPermissions(PolicyClass):
    name = "unused-permissions"
    title = "permissions that are not used"
    reference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html"
    permissions: tuple[str, ...] = ()
    arguments = MappingProxyType(
        {
            POLICY: ("policy",),
            **dict.fromkeys(INLINE, ("policy",)),
            ROLE: ("inline_policy", "managed_policy_arns"),
            **dict.fromkeys((*ATTACHMENTS, EXCLUSIVE), ("policy_arn",)),
        }
    )
    removed = frozenset((*INLINE, *ATTACHMENTS))

    def evidence_problem(self, finding: Finding) -> str | None:
        try:
            goes = sharing.removable(finding)[0]
            given = finding.evidence.get("removable")
            both = contradicted(goes, given) if isinstance(given, dict) else None
        except ValueError as why:
            return str(why)
        return f'evidence "removable" lets go of {plain(both, 120)}, and keeps it' if both else None

    def unready(self, finding: Finding) -> Refusal | None:
        if (root := super().unready(finding)) is not None or sharing.removable(finding)[0]:
            return root
        if finding.evidence.get("removable") is None:
            return Refusal(
                "detect",
                "no-use-data",
                "the finding does not say what may go (`removable`), and no whole service is "
                "unused: which actions are in use is not known; detect it with `run`, or give it",
            )
        return Refusal(
            "detect",
            "nothing-removable",
            "nothing of what is unused may go: its use is not tracked, or it is too new",
        )

    def subject(self, finding: Finding) -> str:
        return "remove unused permissions"

    def site(self, finding: Finding) -> str:
        return self.kin(finding)

    def joined(self, finding: Finding, index: StateIndex) -> Sequence[principals.Known] | Refusal:
        return principals.joined(finding, index)

    def informed(
        self,
        findings: Sequence[Finding],
        sure: Callable[[Finding], bool],
        index: StateIndex,
        marked: emergency.Marked,
    ) -> Sequence[Finding]:
        def speaks(finding: Finding) -> bool:
            return sure(finding) and all(c.limit is Disposition.AUTO for c in self._own(finding))

        return sharing.informed(findings, speaks, index, marked)

    def spared(self, finding: Finding) -> Sequence[Check]:
        return [*emergency.whole(finding, sharing.removable(finding)[0], sharing.spared(finding))]

    def agreed(self, cases: Sequence[Case]) -> Mapping[str, Finding]:
        return sharing.agreed(cases, _spans)

    def stays(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Staying:
        found = [w for i in instances if (w := _withheld(finding, i))]
        patterns = [p for i in instances for p in _granting(i).patterns(finding)]
        found += elsewhere(finding, instances)
        return Staying(tuple(dict.fromkeys(found)), sharing.kept(finding, patterns))

    def missing(self, found: Iterable[str], finding: Finding) -> tuple[str, ...]:
        there = {*found}
        return tuple(p for p in sharing.removable(finding)[0].parts() if p not in there)

    def evaluate(
        self, kind: str, content: Content, scope: Scope, place: tuple[str, str]
    ) -> Granting:
        return Granting.of(kind, content, scope, place)

    def candidates(
        self, cases: Sequence[Case], settings: Settings, editable: Callable[[str], bool]
    ) -> Iterator[Candidate] | Refusal:
        return within(granting.candidates(cases), editable)

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
        goes: Removable | None = None
        for finding in findings:
            own = sharing.held_at(finding, before.place).removable
            goes = own if goes is None else goes & own
        live = {arn: d for f in findings for arn, d in live_documents(f).items()}
        return inexact(before, after, goes or Removable(), whole, live)

    def drift(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> str | None:
        for instance, live, code in _beside_live(finding, instances):
            if live is not None and not same(code, live):
                return (
                    f"the live policy of {instance.address} is not the one in its code, so that "
                    "what would be narrowed is not what is in use; apply its root, or import what "
                    "was changed by hand"
                )
        return None

    def checks(
        self, finding: Finding, instances: Sequence[EvaluatedInstance], traits: frozenset[str]
    ) -> Sequence[Check]:
        return [
            identity_check(traits),
            _use_check(finding),
            _live_check(finding, instances),
            _who_else(finding, instances),
            recommendation.check(finding),
            *_attachment_check(finding, instances),
            *status_check(finding),
            *age_check(finding),
            *wildcard_check(finding, instances),
            *unseen_check(finding, instances),
        ]

    def _own(self, finding: Finding) -> Iterator[Check]:
        """Those of its checks that a finding answers alone: where they leave it to a person, it
        does not let go of a policy that others have, too."""
        yield identity_check(self.traits_of(finding))
        yield recommendation.check(finding)
        yield from status_check(finding)
        yield from age_check(finding)

    def creates(self, kind: str) -> bool:
        return kind == POLICY

    def replaces(self, kind: str) -> bool:
        """The provider cannot change what an attachment attaches."""
        return kind in (EXCLUSIVE, *ATTACHMENTS)

    def not_in_code(self, names: str) -> str:
        return f"the code of {names} does not grant what is unused, and the live account does"

    def drifted(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Advice:
        return Advice(
            "apply its root, or take it away where it was granted: another policy, or by hand"
        )

    def unmanaged(self, finding: Finding) -> Advice:
        return Advice("import it, with its policies")


def _spans(case: Case) -> list[tuple[str, int, int]]:
    return _granting(case.instance).spans()


def _granting(instance: EvaluatedInstance) -> Granting:
    assert isinstance(instance.evaluation, Granting)
    return instance.evaluation


def _withheld(finding: Finding, instance: EvaluatedInstance) -> str | None:
    """What of a policy is unused by the finding's principal, and not let go by others."""
    held = sharing.held_at(finding, (instance.root, instance.address))
    parts = held.removable.parts()
    left = [p for p in _granting(instance).parts(finding) if p not in parts]
    left = [p for p in left if p.endswith(":*") or not held.removable.takes(p)]
    if not left:
        return None
    who = listed([*(held.spared or held.others)]) or "others whose policies have the same text"
    why = ", which is break-glass" if held.spared else ""
    return f"{listed(left, 5)} of {instance.address} stays for {who}{why}"


def _beside_live(
    finding: Finding, instances: Sequence[EvaluatedInstance]
) -> Iterator[tuple[EvaluatedInstance, Json, Json]]:
    """Each policy that may change, with the live document, or None where that is not known."""
    live = {p.id: p.document for p in principals.live_policies(finding)}
    for instance in instances:
        evaluation = instance.evaluation
        assert isinstance(evaluation, Granting)
        held = sharing.held_at(finding, (instance.root, instance.address))
        documents = evaluation.access.by_label()
        for text in evaluation.texts:
            name = text.name if instance.kind == ROLE else held.policy
            document = documents[text.label]
            if not document.unread:
                yield instance, live.get(name or ""), document.tree


def _attachment_check(finding: Finding, instances: Sequence[EvaluatedInstance]) -> list[Check]:
    """What AWS manages is taken away as a whole, or written out: a person looks at that."""
    goes = sharing.removable(finding)[0]
    found = [
        one.arn
        for instance in instances
        if isinstance(instance.evaluation, Granting)
        for one, _ in instance.evaluation.too_wide(finding, goes)
    ]
    if not found:
        return []
    detail = f"{listed(found)} is managed by AWS, which may change it any day"
    return [Check.lowers("aws-managed", Disposition.REVIEW, detail)]


def _use_check(finding: Finding) -> Check:
    if sharing.removable(finding)[1]:
        return Check.passed("use-data", "what may go was computed from what is used")
    return Check.unknown("use-data", "only whole services are told, and not what may go of them")


def _live_check(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Check:
    unknown = [
        instance.address for instance, live, _ in _beside_live(finding, instances) if live is None
    ]
    if unknown:
        return Check.unknown("live-policy", f"not known of {listed(list(dict.fromkeys(unknown)))}")
    return Check.passed("live-policy", "each live policy is the one in the code")


def _who_else(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Check:
    held = [sharing.held_at(finding, (i.root, i.address)) for i in instances]
    kept = list(dict.fromkeys(s for h in held for s in h.spared))
    if kept:
        detail = f"what {listed(kept)} has, too, is break-glass's, and kept as it is"
        return Check.lowers("who-else", Disposition.REVIEW, detail)
    alone = list(dict.fromkeys(a for h in held for a in h.alone))
    if alone:
        detail = f"the policy is also that of {listed(alone)}, who may use what would go"
        return Check.lowers("who-else", Disposition.REVIEW, detail)
    unsure = list(dict.fromkeys(h.unsure for h in held if h.unsure))
    unsure += [
        w for h, i in zip(held, instances, strict=True) for w in unapplied(i, h.policy, h.applied)
    ]
    if unsure:
        return Check.unknown("who-else", listed(unsure))
    others = list(dict.fromkeys(o for h in held for o in h.others))
    if others:
        return Check.passed("who-else", f"{listed(others)} leave unused what goes of their policy")
    return Check.passed("who-else", "nobody else has these policies")


CLASS = UnusedPermissions()
