"""AWS's own recommendation, as a bound: what it keeps must not go.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingRecommendation.html

It keeps what was used; a result here keeps that and what nobody can see the use of. So it is the
recommendation that must lie within the result, and never the other way round. It is not pasted:
it has neither the author's order, nor comments, nor conditions as they were written.
"""

from __future__ import annotations

from remediator.access.iam import MalformedPolicyError, parse
from remediator.model import Check, Disposition, Finding
from remediator.remediate.iam.catalogue import among, matching
from remediator.remediate.iam.removable import Removable
from remediator.remediate.iam.sharing import removable
from remediator.texts import listed, plain


def check(finding: Finding) -> Check:
    found = finding.evidence.get("recommendation")
    if found is None:
        return Check.skipped("recommendation", "AWS recommends nothing that could be compared")
    goes = removable(finding)[0]
    steps = found.get("steps") if isinstance(found, dict) else None
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        return Check.unknown(
            "recommendation", "what AWS recommends is said in no form that is known"
        )
    policies = (step.get("policy") for step in steps if isinstance(step, dict))
    taken: list[str] = []
    for policy in (p for p in policies if p is not None):
        kept = _kept(policy, goes) if isinstance(policy, str) else None
        if kept is None:
            return Check.unknown("recommendation", "AWS recommends a policy that is none")
        taken += kept
    if taken:
        names = listed(list(dict.fromkeys(taken)), 5)
        detail = f"AWS recommends to keep {names}, which would go, or may"
        return Check.lowers("recommendation", Disposition.REVIEW, detail)
    return Check.passed("recommendation", "all that AWS recommends to keep stays")


def _kept(policy: str, goes: Removable) -> list[str] | None:
    """The actions that it keeps and that would go."""
    try:
        parsed = parse(policy)
    except MalformedPolicyError:
        return None
    found: list[str] = []
    for statement in parsed.allows:
        if statement.actions.negated:
            return None
        for action in statement.actions.listed:
            known = matching(action.text)
            found += [a for a in known or (action.text,) if goes.takes(a)]
            if not known and not among(action.text, goes.new):
                found.append(f"{plain(action.text, 80)} (in no catalogue)")
    return found
