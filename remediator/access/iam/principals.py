"""The principals of a Principal or NotPrincipal element.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html

An account is every principal in it. `*` is everybody, signed in or not. A wildcard within a name
or an ARN is not allowed there, so that the elements are finitely many names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:(aws[a-z-]*):(iam|sts)::(\d{12}|cloudfront):(.+)")
_UNIQUE = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,124}(:[\w+=,.@-]+)?")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[^\s*?]*)?")
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(saml|oidc)-provider/[^\s*?]+")


class Sort(StrEnum):
    """What a principal is. The first, and the last two, are no names in a policy."""

    ANONYMOUS = "anonymous"
    EVERYBODY = "*"
    ACCOUNT = "root"
    USER = "user"
    ROLE = "role"
    SESSION = "assumed-role"
    FEDERATED_USER = "federated-user"
    UNIQUE_ID = "unique id"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL = "CanonicalUser"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """One of an element, or one who makes a request: then an account is its root user, and a role
    one of its sessions that no policy names. `account` has the partition, "aws:123456789012".
    """

    sort: Sort
    name: str = ""
    account: str = ""
    session: str = ""

    @property
    def role(self) -> str:
        """A role's name without its path, which its sessions' ARNs do not tell."""
        return self.name.rpartition("/")[2]

    def __str__(self) -> str:
        partition, _, number = self.account.partition(":")
        match self.sort:
            case Sort.ACCOUNT:
                return f"arn:{partition}:iam::{number}:root"
            case Sort.USER | Sort.ROLE:
                return f"arn:{partition}:iam::{number}:{self.sort}/{self.name}"
            case Sort.SESSION:
                return f"arn:{partition}:sts::{number}:assumed-role/{self.name}/{self.session}"
            case Sort.FEDERATED_USER:
                return f"arn:{partition}:sts::{number}:federated-user/{self.name}"
            case Sort.ANONYMOUS | Sort.EVERYBODY:
                return "*"
            case Sort.IDENTITY:
                return "the identity that has the policy"
            case _:
                return self.name


EVERYBODY = Principal(Sort.EVERYBODY)
ANONYMOUS = Principal(Sort.ANONYMOUS)
IDENTITY = Principal(Sort.IDENTITY)


@dataclass(frozen=True, slots=True)
class Principals:
    """The value of Principal, or with `negated` of NotPrincipal. Sorted."""

    listed: tuple[Principal, ...]
    negated: bool = False

    @staticmethod
    def of(listed: Iterable[Principal], negated: bool = False) -> Principals:
        found = set(listed)
        return Principals((EVERYBODY,) if EVERYBODY in found else tuple(sorted(found)), negated)


def principal(kind: str, text: str, partition: str) -> Principal:
    """One entry of a principal map; `partition` is that of an account written as its number.

    Raises ValueError with a sentence.
    """
    if kind == "AWS":
        return _aws(text, partition)
    if "*" in text or "?" in text:
        raise ValueError(f"a wildcard is not allowed in the {kind} principal {text!r}")
    if kind == "Service" and _SERVICE.fullmatch(text):
        return Principal(Sort.SERVICE, text)
    if kind == "Federated" and (_PROVIDER.fullmatch(text) or _DOMAIN.fullmatch(text)):
        return Principal(Sort.FEDERATED, text)
    if kind == "CanonicalUser" and _CANONICAL.fullmatch(text.lower()):
        return Principal(Sort.CANONICAL, text.lower())
    if kind not in ("Service", "Federated", "CanonicalUser"):
        raise ValueError(
            f"{kind!r} is no kind of principal: use AWS, Service, Federated or CanonicalUser"
        )
    raise ValueError(f"{text!r} is no {kind} principal")


def _aws(text: str, partition: str) -> Principal:
    if text == "*":
        return EVERYBODY
    if "*" in text or "?" in text:
        raise ValueError(f"a wildcard is not allowed within the AWS principal {text!r}")
    if _ACCOUNT.fullmatch(text):
        return Principal(Sort.ACCOUNT, account=f"{partition}:{text}")
    if found := _ARN.fullmatch(text):
        if made := _named(found[2], f"{found[1]}:{found[3]}", found[4]):
            return made
    elif _UNIQUE.fullmatch(text):
        return Principal(Sort.UNIQUE_ID, text)
    raise ValueError(
        f"{text!r} is no AWS principal: use *, an account's number, or the ARN of an account, "
        "a user, a role or a session"
    )


def _named(service: str, account: str, rest: str) -> Principal | None:
    """The part of an ARN after the account."""
    kind, _, name = rest.partition("/")
    if service == "iam" and rest == "root":
        return Principal(Sort.ACCOUNT, account=account)
    if not name or name.endswith("/"):
        return None
    if service == "iam" and kind in ("user", "role"):
        return Principal(Sort(kind), name, account)
    if service == "sts" and kind == "federated-user":
        return Principal(Sort.FEDERATED_USER, name, account)
    role, _, session = name.rpartition("/")
    if service == "sts" and kind == "assumed-role" and role:
        return Principal(Sort.SESSION, role.rpartition("/")[2], account, session)
    return None
