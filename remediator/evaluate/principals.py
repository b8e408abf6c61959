"""The gates about who has a permission: root, people, sessions, escalation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from remediator.aws.identities import LivePolicy, Principal
from remediator.evaluate.catalogue import escalates
from remediator.evaluate.facts import (
    ACTIVE_SESSION,
    ESCALATION,
    HUMAN_USER,
    PROGRAM_USER,
    ROOT_ACCOUNT,
    SERVICE_ROLE,
    Facts,
)
from remediator.evaluate.granted import granted_actions, listed, may_grant, statements
from remediator.fields import matches
from remediator.model import Check, Disposition, Resource
from remediator.texts import listed as enumerated
from remediator.texts import plain

ROLE = "AWS::IAM::Role"
IDENTITIES = frozenset({ROLE, "AWS::IAM::User", "AWS::IAM::Group"})


@dataclass(frozen=True, slots=True)
class Sessions:
    """What is known of a principal's sessions. `last_used`: by RoleLastUsed and the credential
    report; `heard`: in CloudTrail; `lacking`: why there may be more than is known."""

    last_used: datetime | None
    heard: datetime | None
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A session since `now - session - margin` counts: records are late by up to `margin`."""

    now: datetime
    session: timedelta
    margin: timedelta

    @property
    def since(self) -> datetime:
        return self.now - self.session - self.margin


def is_root(resource: Resource) -> bool:
    arn = resource.arn or ""
    return (arn.startswith("arn:") and arn.endswith(":root")) or resource.name == "<root_account>"


def principal_facts(
    resource: Resource,
    principal: Principal | None,
    password: bool | None,
    mfa: bool | None = None,
    why: str = "",
) -> Facts:
    """Who it is. `password`: whether a user has one for the console, `mfa`: a device; None is not
    known, and then it may be a person. `why`: why the principal is not known."""
    if is_root(resource):
        text = "the root account: each step there carries a risk, and a person takes it"
        check = Check.lowers("principal", Disposition.REVIEW, text)
        return Facts(frozenset({ROOT_ACCOUNT}), (check,))
    if resource.type not in IDENTITIES:
        return Facts()
    if principal is None:
        text = why or f"IAM has no {plain(resource.arn or resource.id)} any more"
        return Facts(checks=(Check.unknown("principal", text),))
    if principal.kind == "user":
        if password is False and mfa is False:
            text = "an IAM user without a password or an MFA device: a program's"
            return _known(text, PROGRAM_USER)
        if password is False and mfa is None:
            text = "an IAM user without a password, and whether it has an MFA device is not known"
            return Facts(checks=(Check.unknown("principal", text),))
        return _known("a human user", HUMAN_USER)
    if principal.kind == "group":
        return _known("a group of users", HUMAN_USER)
    return _role(principal)


def _known(text: str, *traits: str) -> Facts:
    return Facts(frozenset(traits), (Check.passed("principal", text),))


def _role(role: Principal) -> Facts:
    who = [*_trusted(role.trust)]
    if not who:
        text = "a role whose trust policy names nobody that is understood"
        return Facts(checks=(Check.unknown("principal", text),))
    kinds = {kind for kind, _ in who}
    if kinds == {"Service"}:
        names = enumerated(sorted(plain(name) for _, name in who), 3)
        return _known(f"a service role ({names})", SERVICE_ROLE)
    if any(kind == "Federated" and ":saml-provider/" in name for kind, name in who):
        return _known("a role that people sign in to", HUMAN_USER)
    return _known("a role that others may assume than services of AWS alone")


def _trusted(trust: Any) -> Iterable[tuple[str, str]]:
    """(kind, name) of all that may assume a role; nothing where any of it is not understood."""
    found: list[tuple[str, str]] = []
    for statement in statements(trust) if trust is not None else ():
        if statement.get("Effect") == "Deny":
            continue
        principal = statement.get("Principal")
        if principal == "*":
            principal = {"AWS": "*"}
        if not isinstance(principal, dict) or not principal:
            return ()
        for kind, names in principal.items():
            each = listed(names)
            if not each:
                return ()
            found += ((kind, name) for name in each)
    return found


def session_facts(
    resource: Resource, sessions: Sessions | None, window: Window, why: str = ""
) -> Facts:
    """Whether it was active lately. Absence of evidence is not inactivity."""
    name = "session"
    if resource.type not in IDENTITIES:
        return Facts(checks=(Check.passed(name, "a resource with a policy has no sessions"),))
    if sessions is None:
        return Facts(checks=(Check.unknown(name, why or "nobody could be asked about sessions"),))
    known = [t for t in (sessions.last_used, sessions.heard) if t is not None]
    latest = max(known, default=None)
    hours = int((window.session + window.margin).total_seconds()) // 3600
    if latest is not None and latest >= window.since:
        source = "CloudTrail" if latest == sessions.heard else "IAM's record of last use"
        text = f"active at {latest:%Y-%m-%d %H:%M} UTC ({source}), within {hours} hours"
        lowers = Check.lowers(name, Disposition.REVIEW, text)
        return Facts(frozenset({ACTIVE_SESSION}), (lowers,))
    if sessions.lacking:
        text = f"sessions of the last {hours} hours are not all known: "
        return Facts(checks=(Check.unknown(name, text + enumerated([*sessions.lacking], 3)),))
    last = f"last active at {latest:%Y-%m-%d %H:%M} UTC" if latest else "no session is known"
    return Facts(checks=(Check.passed(name, f"none in {hours} hours; {last}"),))


def escalation_facts(traits: frozenset[str], policies: Sequence[LivePolicy] | None) -> Facts:
    """Permissions by which a person could get more than was given."""
    name = "escalation"
    if HUMAN_USER not in traits:
        return Facts()
    if policies is None:
        return Facts(checks=(Check.unknown(name, "the user's policies are not known"),))
    found = [*escalating(policies)]
    if not found:
        return Facts(checks=(Check.passed(name, "no permission is granted that gives more"),))
    text = f"a person has {enumerated(found, 5)}: a reduction needs somebody who knows why"
    return Facts(frozenset({ESCALATION}), (Check.lowers(name, Disposition.REVIEW, text),))


def escalating(policies: Sequence[LivePolicy]) -> Iterable[str]:
    """The escalating actions that may be granted, `sts:AssumeRole` on everything among them."""
    documents = [p.document for p in policies]
    if any(d is None for d in documents):
        yield "a policy that could not be read"
        return
    yield from (a for a in granted_actions(documents, "iam") if escalates(a))
    for document in documents:
        assert document is not None
        for statement in statements(document):
            if may_grant({"Statement": [dict(statement)]}, "sts:AssumeRole") and _everything(
                statement
            ):
                yield "sts:AssumeRole on *"
                return


def _everything(statement: Any) -> bool:
    patterns = listed(statement.get("Resource"))
    if patterns is None:
        return True
    return any(p == "*" or matches(p, "arn:aws:iam::000000000000:role/any") for p in patterns)
