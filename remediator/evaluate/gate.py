"""The gate: the minimum of the policy's row and of every check. Pure; unknown is never safe."""

from __future__ import annotations

from collections.abc import Sequence

from remediator.evaluate.policy import Policy, Row
from remediator.model import Check, Decision, Disposition


def decide(
    policy: Policy, finding_class: str, traits: frozenset[str], checks: Sequence[Check]
) -> Decision:
    """What may happen to a finding. The first check of the record is `policy`, with its row.

    Raises ConfigurationError for a class that the policy does not have.
    """
    row = policy.verdict(finding_class, traits)
    decision = Decision(Disposition.AUTO, (), row.id, policy.digest, row.rationale)
    return decision.after(_as_check(row), *checks)


def _as_check(row: Row) -> Check:
    detail = f"{row.id}: {row.disposition.word}. {row.rationale}"
    if row.disposition is Disposition.AUTO:
        return Check.passed("policy", detail)
    return Check.lowers("policy", row.disposition, detail)
