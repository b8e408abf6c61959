"""What a change of an identity's policies in the code would not reach, or might take unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remediator.model import Check, Disposition, Finding
from remediator.remediate.iam.attaching import grants_any
from remediator.remediate.iam.catalogue import service_of
from remediator.remediate.iam.granting import Granting
from remediator.remediate.iam.narrowing import narrowed
from remediator.remediate.iam.policies import ROLE
from remediator.remediate.iam.principals import live_policies
from remediator.remediate.iam.removable import ANY
from remediator.remediate.iam.sharing import held_at, removable
from remediator.remediate.instances import EvaluatedInstance
from remediator.texts import listed, plain


def elsewhere(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Iterator[str]:
    """Live policies that grant it too, and that no code which changes has."""
    goes = removable(finding)[0]
    reached: set[str] = set()
    for instance in instances:
        evaluation = _granting(instance)
        reached |= {a.arn for a in evaluation.attached}
        if instance.kind == ROLE:
            reached |= {t.name for t in evaluation.texts if t.name is not None}
        else:
            reached.add(held_at(finding, (instance.root, instance.address)).policy)
    for policy in live_policies(finding):
        if policy.id not in reached and grants_any(policy.document, goes):
            yield f"{plain(policy.id, 120)} grants it live, too, and does not change here"


def wildcard_check(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Iterator[Check]:
    """`*` written out loses the services that no catalogue has yet, whose use nobody was told."""
    found = [
        pattern
        for instance in instances
        for pattern in _granting(instance).patterns(finding)
        if {"*", "?"} & {*service_of(pattern)}
        and narrowed(pattern, _granting(instance).removable(finding)) is not None
    ]
    if found:
        names = listed([plain(p) for p in dict.fromkeys(found)], 3)
        detail = f"{names} is written out service by service, and loses those that are not known"
        yield Check.lowers("wildcard-service", Disposition.REVIEW, detail)


def unseen_check(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Iterator[Check]:
    """A wildcard also grants what no catalogue has yet. Written out it loses that, and where the
    service is in use, that may be what was used: by anybody who has the policy."""
    found: dict[str, None] = {}
    for instance in instances:
        goes = _granting(instance).removable(finding)
        whose = dict(sorted(goes.unexplained))
        for pattern in _granting(instance).patterns(finding) if whose else ():
            service = service_of(pattern)
            untold = whose.get(ANY) if service not in goes.services else None
            why = whose.get(service) or untold
            if why and {"*", "?"} & {*pattern} and narrowed(pattern, goes) is not None:
                found[f"{plain(pattern, 120)} ({plain(why, 120)})"] = None
    if found:
        detail = f"{listed([*found], 3)} would be written out, and may grant what is in use"
        yield Check.unknown("unseen-use", detail)


def _granting(instance: EvaluatedInstance) -> Granting:
    assert isinstance(instance.evaluation, Granting)
    return instance.evaluation
