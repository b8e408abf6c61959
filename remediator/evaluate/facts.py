"""What is known live of a finding's resource, as the gate takes it: traits, and checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from remediator.model import Check, Finding

SERVICE_ROLE, HUMAN_USER = "service-role", "human-user"
PROGRAM_USER = "program-user"
ACTIVE_SESSION, ROOT_ACCOUNT = "active-session", "root-account"
PRODUCTION_DATABASE, PASS_ROLE_UNUSED = "production-database", "pass-role-unused"
ESCALATION = "escalation"
KNOWN_ACCOUNT, UNKNOWN_ACCOUNT = "known-account", "unknown-account"
BREAK_GLASS, PRODUCTION = "break-glass", "production"
"""Markers of the configuration; the others are what AWS says."""

TRAITS = frozenset(
    {
        *(
            SERVICE_ROLE,
            HUMAN_USER,
            PROGRAM_USER,
            ACTIVE_SESSION,
            ROOT_ACCOUNT,
            PRODUCTION_DATABASE,
        ),
        *(PASS_ROLE_UNUSED, ESCALATION, KNOWN_ACCOUNT, UNKNOWN_ACCOUNT),
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one finding. What nobody knows is a check that is `unknown`, never a missing one."""

    traits: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()

    def and_(self, other: Facts) -> Facts:
        return Facts(self.traits | other.traits, self.checks + other.checks)


NO_FACTS = Facts()
FactsOf = Callable[[Finding], Facts]


def none(finding: Finding) -> Facts:
    """For findings that no live fact decides."""
    return NO_FACTS
