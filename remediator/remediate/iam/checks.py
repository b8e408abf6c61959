"""Checks that several classes about identities make."""

from __future__ import annotations

from remediator.model import Check


def identity_check(traits: frozenset[str]) -> Check:
    if traits & {"service-role", "human-user"}:
        return Check.passed("identity", "it is known whether a service or a person has it")
    return Check.unknown("identity", "nobody says whether a service or a person has it")
