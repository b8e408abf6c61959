"""A policy as frozen values: what the grammar makes, and what everything else reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from remediator.access.iam.conditions import Condition
from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.literals import Literals, Resolved
from remediator.access.iam.patterns import may_lack
from remediator.access.iam.principals import Principals


class MalformedPolicyError(ValueError):
    """The text is no policy that IAM would take. The message is a sentence that says why."""


class Kind(StrEnum):
    """Who and what a policy speaks of: the principal is left out in an identity policy, the
    resource in a trust policy (a role's, or an ECR repository's, which has none either)."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Statement:
    """`principals` is None in an identity policy, `resources` in a trust policy. A Sid is only a
    name, so that statements that differ in it alone are equal."""

    allow: bool
    actions: Patterns
    resources: Patterns | None
    principals: Principals | None
    conditions: frozenset[Condition]
    sid: str = field(default="", compare=False)

    @property
    def terms(self) -> Literals:
        """What must hold besides the principal, the action and the resource."""
        patterns = [v for c in self.conditions for v in c.values]
        patterns += self.resources.listed if self.resources else ()
        names = frozenset(name for one in patterns for name in one.variables if may_lack(name))
        return self.conditions | {Resolved(names)} if names else self.conditions


@dataclass(frozen=True, slots=True)
class Policy:
    kind: Kind
    statements: tuple[Statement, ...]

    @property
    def allows(self) -> tuple[Statement, ...]:
        """Without repetitions."""
        return tuple(dict.fromkeys(s for s in self.statements if s.allow))

    @property
    def denies(self) -> tuple[Statement, ...]:
        return tuple(dict.fromkeys(s for s in self.statements if not s.allow))
