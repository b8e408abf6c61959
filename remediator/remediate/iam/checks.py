"""Checks that several classes about identities make."""

from __future__ import annotations

from remediator.model import Check

_KNOWN = frozenset({"service-role", "human-user"})


def identity_check(traits: frozenset[str], known: frozenset[str] = _KNOWN) -> Check:
    """`known`: the traits that say who has it."""
    if traits & known:
        return Check.passed("identity", "it is known whether a service or a person has it")
    return Check.unknown("identity", "nobody says whether a service or a person has it")
