"""CloudTrail's event history: who had a session lately, and which grants were changed.

One query an event name and region, never one a principal: LookupEvents allows two requests a
second for an account and region, 50 events a page, and knows 90 days.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from remediator.aws.faults import upstream
from remediator.aws.identities import utc
from remediator.aws.permissions import Permission
from remediator.model import UpstreamError

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

PERMISSIONS = (
    Permission("cloudtrail:LookupEvents", "to see sessions of the last 48 hours, and new grants"),
)

SESSIONS = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "ConsoleLogin")
GRANTS = (
    *("PutRolePolicy", "PutUserPolicy", "PutGroupPolicy"),
    *("AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"),
    *("CreatePolicyVersion", "SetDefaultPolicyVersion", "AddUserToGroup"),
)
PAGE = 50
PAGES = 200
"""Of one event name in one region: 10,000 events. What has more is cut short, and unknown."""


@dataclass(frozen=True, slots=True)
class Event:
    """`who` are ARNs of the principals that it is about; `policy` a policy's ARN or name."""

    name: str
    time: datetime
    who: tuple[str, ...]
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """Events since `since`. `lacking` says, a sentence each, what may be missing."""

    since: datetime
    events: tuple[Event, ...] = ()
    lacking: tuple[str, ...] = ()


def lookup(
    client: CloudTrailClient,
    account: str,
    names: Sequence[str],
    since: datetime,
    until: datetime,
    pages: int = PAGES,
) -> Heard:
    """A fault or too many pages is told as lacking: absence of evidence is not inactivity."""
    events: list[Event] = []
    lacking: list[str] = []
    region = client.meta.region_name
    for name in names:
        try:
            whole = _lookup(client, account, name, since, until, pages, events)
        except UpstreamError as fault:
            lacking.append(str(fault))
            break
        if not whole:
            lacking.append(f"CloudTrail in {region} has more {name} events than were read")
    return Heard(since, tuple(events), tuple(lacking))


def _lookup(
    client: CloudTrailClient,
    account: str,
    name: str,
    since: datetime,
    until: datetime,
    pages: int,
    events: list[Event],
) -> bool:
    token: str | None = None
    for _ in range(pages):
        with upstream("cloudtrail", "LookupEvents", client.meta.region_name):
            more: dict[str, Any] = {"NextToken": token} if token else {}
            answer = client.lookup_events(
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
                StartTime=since,
                EndTime=until,
                MaxResults=PAGE,
                **more,
            )
            events += (e for raw in answer["Events"] if (e := event_of(raw, account)))
            token = answer.get("NextToken")
        if not token:
            return True
    return False


def event_of(raw: Any, account: str) -> Event | None:
    """Who an event is about. An event that failed counts too: somebody is there."""
    time = utc(raw.get("EventTime"))
    try:
        detail = msgspec.json.decode(raw.get("CloudTrailEvent") or "{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        detail = {}
    if time is None or not isinstance(detail, dict):
        return None
    asked = detail.get("requestParameters")
    asked = asked if isinstance(asked, dict) else {}
    who = tuple(dict.fromkeys(_who(raw, detail, asked, account)))
    policy = asked.get("policyArn") or asked.get("policyName") or ""
    return Event(str(raw.get("EventName", "")), time, who, str(policy))


def _who(raw: Any, detail: Any, asked: Any, account: str) -> Iterator[str]:
    if isinstance(role := asked.get("roleArn"), str):
        yield role
    for resource in raw.get("Resources", []):
        name = resource.get("ResourceName", "")
        if str(name).startswith("arn:") and ":sts:" not in str(name):
            yield str(name)
    for key, kind in (("roleName", "role"), ("userName", "user"), ("groupName", "group")):
        if isinstance(name := asked.get(key), str):
            yield f"{kind}/{name}"
    if raw.get("EventName") == "ConsoleLogin":
        identity = detail.get("userIdentity")
        identity = identity if isinstance(identity, dict) else {}
        if isinstance(arn := identity.get("arn"), str):
            yield arn
        issuer = identity.get("sessionContext")
        issuer = issuer.get("sessionIssuer") if isinstance(issuer, dict) else None
        if isinstance(issuer, dict) and isinstance(arn := issuer.get("arn"), str):
            yield arn
        if identity.get("type") == "Root":
            yield f"arn:aws:iam::{account}:root"


def window(now: datetime, session: timedelta, margin: timedelta) -> datetime:
    """Since when to look: CloudTrail may be late by some hours."""
    return now.astimezone(UTC) - session - margin
