"""The gates about whom access is given, and whether a change can be undone. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from remediator.evaluate.facts import KNOWN_ACCOUNT, UNKNOWN_ACCOUNT, Facts
from remediator.model import Check, Disposition, Finding, Json
from remediator.texts import listed, plain


def trust_facts(
    evidence: Mapping[str, Json], known: frozenset[str] | None, trusted: frozenset[str]
) -> Facts:
    """Whether the accounts that may come in are known. `known`: the organisation's and our own,
    None where nobody says; `trusted`: the configuration's, also those that it has looked into."""
    if evidence.get("is_public") is True or evidence.get("principal") == {"AWS": "*"}:
        return _unknown("the whole world may come in, which may be what the resource is for")
    accounts = evidence.get("accounts")
    names = [a for a in accounts if isinstance(a, str)] if isinstance(accounts, list) else []
    if not names:
        principal = evidence.get("principal")
        shown = plain(str(principal)) if principal else "whom the finding does not name"
        return _unknown(f"no account is let in, but {shown}")
    ours = [a for a in names if a in trusted or a in (known or ())]
    strange = [a for a in names if a not in ours]
    if ours:
        text = f"{listed(ours)} is of the organisation or of the configuration's accounts"
        if strange:
            return _unknown(f"{text}, and {listed(strange)} is not")
        return Facts(frozenset({KNOWN_ACCOUNT}), (Check.passed("trust", text),))
    if known is None:
        return _unknown(f"whether {listed(strange)} is of the organisation could not be read")
    text = f"{listed(strange)} is not of the organisation, nor of the configuration's accounts"
    return Facts(frozenset({UNKNOWN_ACCOUNT}), (Check.passed("trust", text),))


def _unknown(text: str) -> Facts:
    return Facts(checks=(Check.unknown("trust", text),))


def reversible_facts(finding: Finding) -> Facts:
    """Whether `git revert` undoes what the finding asks for, on the very same identity."""
    name = "reversible"
    kind = finding.evidence.get("kind")
    if finding.finding_class == "unused-credentials":
        if kind == "access-key":
            return _undone("a key that is made inactive can be made active again")
        what = "a role that is deleted" if kind == "role" else "a password that is deleted"
        text = f"{what} does not come back by a revert: a new one is another one"
        return Facts(checks=(Check.lowers(name, Disposition.REVIEW, text),))
    return _undone("a policy is changed in place, and a revert brings back the old text")


def _undone(text: str) -> Facts:
    return Facts(checks=(Check.passed("reversible", text),))
