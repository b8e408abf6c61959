"""External access, as IAM Access Analyzer finds it: who outside the zone of trust a policy lets in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html#access-analyzer-external
Plain and independent of `remediator.access`: every Allow is read alone, a Deny counts where it has
no conditions and names the same principal or everybody. AWS's own services count as trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediator.embedded.catalogue import expanded
from remediator.embedded.drafts import Draft
from remediator.embedded.granted import listed, statements

_OF_ACCOUNTS = """
aws:principalaccount aws:sourceaccount aws:sourceowner kms:calleraccount
"""
_OF_OTHERS = """
aws:principalorgid aws:principalorgpaths aws:sourceip aws:sourcevpc aws:sourcevpce aws:userid
aws:sourceorgid sts:externalid kms:viaservice saml:aud s3:dataaccesspointaccount
"""
_ACCOUNT_KEYS = frozenset(_OF_ACCOUNTS.split())
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn"})
_RESTRICTING = _ACCOUNT_KEYS | _ARN_KEYS | frozenset(_OF_OTHERS.split())
_EQUALS = re.compile(
    r"(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Guarded:
    """A resource (or a role, by its trust policy) and the policy that guards it."""

    type: str
    arn: str
    account: str
    document: str


def external_access(guarded: Guarded, zone: frozenset[str]) -> list[Draft]:
    """One finding a principal and condition, with all the actions that they may do."""
    found: dict[_Way, set[str]] = {}
    everything = statements(guarded.document)
    for statement in everything:
        condition = _flat(statement.get("Condition"))
        if statement.get("Effect") != "Allow" or _only_inside(condition, zone):
            continue
        for kind, name in _principals(statement, zone):
            way = _Way(kind, name, tuple(condition))
            actions = {
                a for a in _actions(statement) if not _denied(everything, statement, name, a)
            }
            found[way] = found.get(way, set()) | actions
    return [_draft(guarded, way, sorted(actions)) for way, actions in found.items() if actions]


@dataclass(frozen=True, slots=True, order=True)
class _Way:
    """A principal, as "AWS" and a name, and the (operator, key, values) of its conditions."""

    kind: str
    name: str
    condition: tuple[tuple[str, str, tuple[str, ...]], ...]


def _draft(guarded: Guarded, way: _Way, actions: list[str]) -> Draft:
    restricted = any(
        key.lower() in _RESTRICTING and _EQUALS.fullmatch(operator)
        for operator, key, _ in way.condition
    )
    details = {
        "action": actions,
        "condition": {key: ",".join(values) for _, key, values in way.condition},
        "isPublic": way.name == "*" and not restricted,
        "principal": {way.kind: way.name},
        "sources": [{"type": "POLICY"}],
    }
    return Draft(
        "ExternalAccess",
        guarded.type,
        guarded.arn,
        guarded.account,
        ({"externalAccessDetails": details},),
        json.dumps([way.kind, way.name, way.condition]),
    )


def _principals(statement: Mapping[str, Any], zone: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Those outside the zone; an account is told by its number."""
    if "NotPrincipal" in statement:
        yield "AWS", "*"
        return
    given = statement.get("Principal")
    pairs = given.items() if isinstance(given, dict) else [("AWS", given)]
    for kind, values in pairs:
        for value in listed(values):
            if not isinstance(value, str) or kind == "Service":
                continue
            name = _name(value) if kind == "AWS" else value
            if kind != "AWS" or (name == "*" or (_account(name) or "") not in zone | {""}):
                yield kind, name


def _name(value: str) -> str:
    found = _ARN.fullmatch(value)
    return found[1] if found and found[2] == "root" else value


def _account(name: str) -> str | None:
    if _ACCOUNT.fullmatch(name):
        return name
    found = _ARN.fullmatch(name)
    return found[1] if found else None


def _actions(statement: Mapping[str, Any]) -> list[str]:
    if "NotAction" in statement:
        return ["*"]
    return [text for text in listed(statement.get("Action")) if isinstance(text, str)]


def _denied(
    everything: list[dict[str, Any]], allowing: Mapping[str, Any], name: str, action: str
) -> bool:
    denying = (one for one in everything if one.get("Effect") == "Deny")
    return any(_denies(one, allowing, name, action) for one in denying)


def _denies(
    statement: Mapping[str, Any], allowing: Mapping[str, Any], name: str, action: str
) -> bool:
    if {"Condition", "NotPrincipal", "NotAction", "NotResource"} & statement.keys():
        return False
    given = statement.get("Principal")
    named = listed(given.get("AWS")) if isinstance(given, dict) else listed(given)
    if "*" not in named and name not in {_name(str(n)) for n in named}:
        return False
    over, wanted = listed(statement.get("Resource")), listed(allowing.get("Resource"))
    if "*" not in over and (not wanted or not all(w in over for w in wanted)) and over != wanted:
        return False
    return expanded([action]) <= expanded(_actions(statement))


def _flat(condition: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """(operator, key, values), in the policy's order."""
    if not isinstance(condition, dict):
        return []
    return [
        (operator, key, tuple(str(v) for v in listed(values)))
        for operator, keys in condition.items()
        if isinstance(keys, dict)
        for key, values in keys.items()
    ]


def _only_inside(condition: list[tuple[str, str, tuple[str, ...]]], zone: frozenset[str]) -> bool:
    """Whether a condition holds only for callers inside the zone of trust."""
    return any(
        _EQUALS.fullmatch(operator) and values and all(_inside(key, v, zone) for v in values)
        for operator, key, values in condition
    )


def _inside(key: str, value: str, zone: frozenset[str]) -> bool:
    if key.lower() in _ACCOUNT_KEYS:
        return value in zone
    return key.lower() in _ARN_KEYS and (_account(value) or "") in zone
