"""Every principal of an account with its policies, in bulk: one call a page of a thousand.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

import msgspec

from remediator.aws.faults import upstream
from remediator.aws.permissions import Permission
from remediator.model import Json

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = (
    Permission(
        "iam:GetAccountAuthorizationDetails",
        "to read roles, users and groups with their tags, policies and last use, in bulk",
    ),
)

PAGE = 1000
"""GetAccountAuthorizationDetails' own maximum."""

PrincipalKind = Literal["role", "user", "group"]
PolicyKind = Literal["inline", "customer", "aws"]
Document = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """A policy that a principal has. `id` is an ARN, or an inline policy's name.

    `document` None: it is not JSON. `holder` is who has an inline one (a user has its groups'
    too). `attached`: the ARNs of all who have it, also as their boundary. `updated_at`: AWS tells
    none of inline ones.
    """

    id: str
    kind: PolicyKind
    document: Document | None
    attached: tuple[str, ...]
    updated_at: datetime | None = None
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """A role, user or group. `policies` are all that it has, by its groups too; `attached` are the
    ARNs of those that are attached to itself; `boundary` is an ARN. `last_used` is a role's alone:
    None where AWS knows of no use in 400 days."""

    arn: str
    kind: PrincipalKind
    name: str
    path: str
    created_at: datetime | None
    tags: tuple[tuple[str, str], ...] = ()
    policies: tuple[LivePolicy, ...] = ()
    groups: tuple[str, ...] = ()
    trust: Document | None = None
    last_used: datetime | None = None
    boundary: str | None = None
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identities:
    """One account's principals by ARN, and its managed policies that are attached or its own."""

    principals: Mapping[str, Principal]
    policies: Mapping[str, LivePolicy]


def read_identities(client: IAMClient) -> Identities:
    """Raises UpstreamError where any page is missing: half an account is no account."""
    raw: dict[str, list[Any]] = {"Role": [], "User": [], "Group": [], "Policy": []}
    with upstream("iam", "GetAccountAuthorizationDetails", client.meta.region_name):
        pages = client.get_paginator("get_account_authorization_details").paginate(
            PaginationConfig={"PageSize": PAGE}
        )
        for page in pages:
            raw["Role"] += page["RoleDetailList"]
            raw["User"] += page["UserDetailList"]
            raw["Group"] += page["GroupDetailList"]
            raw["Policy"] += page["Policies"]
    return identities_of(raw["Role"], raw["User"], raw["Group"], raw["Policy"])


def identities_of(
    roles: Sequence[Any], users: Sequence[Any], groups: Sequence[Any], policies: Sequence[Any]
) -> Identities:
    """From AWS's own shapes. Pure."""
    members: dict[str, list[str]] = {}
    for user in users:
        for group in user.get("GroupList", []):
            members.setdefault(group, []).append(user["Arn"])
    attached: dict[str, set[str]] = {}
    for entity in (*roles, *users, *groups):
        for one in entity.get("AttachedManagedPolicies", []):
            holders = members.get(entity["GroupName"], []) if "GroupName" in entity else []
            attached.setdefault(one["PolicyArn"], set()).update([entity["Arn"], *holders])
        boundary = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        if boundary:  # to narrow it takes permissions from whom it bounds, too
            attached.setdefault(boundary, set()).add(entity["Arn"])
    managed = {
        p["Arn"]: _managed(p, tuple(sorted(attached.get(p["Arn"], set())))) for p in policies
    }
    of_group = {
        g["GroupName"]: tuple(_policies(g, "Group", managed, attached, members)) for g in groups
    }
    found: dict[str, Principal] = {}
    for group in groups:
        found[group["Arn"]] = _principal(group, "group", of_group[group["GroupName"]])
    for role in roles:
        own = tuple(_policies(role, "Role", managed, attached, {}))
        found[role["Arn"]] = _principal(role, "role", own)
    for user in users:
        own = tuple(_policies(user, "User", managed, attached, {}))
        for name in user.get("GroupList", []):
            own += of_group.get(name, ())
        found[user["Arn"]] = _principal(user, "user", _once(own))
    return Identities(found, managed)


def _once(policies: Iterable[LivePolicy]) -> tuple[LivePolicy, ...]:
    return tuple({(p.id, p.holder): p for p in policies}.values())


def _principal(raw: Any, kind: PrincipalKind, policies: tuple[LivePolicy, ...]) -> Principal:
    name = raw[f"{kind.capitalize()}Name"]
    tags = tuple(sorted((t["Key"], t["Value"]) for t in raw.get("Tags", [])))
    return Principal(
        raw["Arn"],
        kind,
        name,
        raw.get("Path", "/"),
        utc(raw.get("CreateDate")),
        tags,
        policies,
        tuple(raw.get("GroupList", [])),
        document_of(raw.get("AssumeRolePolicyDocument")),
        utc(raw.get("RoleLastUsed", {}).get("LastUsedDate")),
        raw.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        tuple(one["PolicyArn"] for one in raw.get("AttachedManagedPolicies", [])),
    )


def _policies(
    raw: Any,
    kind: Literal["Role", "User", "Group"],
    managed: Mapping[str, LivePolicy],
    attached: Mapping[str, set[str]],
    members: Mapping[str, Sequence[str]],
) -> Iterator[LivePolicy]:
    """Inline first, as AWS lists them."""
    holders = (raw["Arn"], *(members.get(raw["GroupName"], ()) if kind == "Group" else ()))
    for one in raw.get(f"{kind}PolicyList", []):
        document = document_of(one.get("PolicyDocument"))
        yield LivePolicy(one["PolicyName"], "inline", document, holders, None, raw["Arn"])
    for one in raw.get("AttachedManagedPolicies", []):
        arn = one["PolicyArn"]
        unread = LivePolicy(arn, _kind(arn), None, tuple(sorted(attached.get(arn, set()))))
        yield managed.get(arn, unread)


def _managed(raw: Any, attached: tuple[str, ...]) -> LivePolicy:
    versions = [v for v in raw.get("PolicyVersionList", []) if v.get("IsDefaultVersion")]
    times = [raw.get("UpdateDate"), *(v.get("CreateDate") for v in versions)]
    document = document_of(versions[0].get("Document")) if versions else None
    updated = max((t for time in times if (t := utc(time))), default=None)
    return LivePolicy(raw["Arn"], _kind(raw["Arn"]), document, attached, updated)


def _kind(arn: str) -> PolicyKind:
    return "aws" if arn.split(":")[4:5] == ["aws"] else "customer"


def document_of(raw: Any) -> Document | None:
    """botocore decodes what AWS sends percent-encoded; other clients leave it as it is."""
    if isinstance(raw, str):
        try:
            raw = msgspec.json.decode(raw if raw.lstrip().startswith("{") else unquote(raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    return raw if isinstance(raw, dict) else None


def utc(time: Any) -> datetime | None:
    if not isinstance(time, datetime):
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
