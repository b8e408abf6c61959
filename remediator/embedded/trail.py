"""CloudTrail's event history, from the sessions that a scenario sets and the real ones. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from remediator.embedded.use import SIGN_IN, Session, TableOfUse

HISTORY = timedelta(days=90)
_OF_IAM = "us-east-1"
KEYS = ("EventId", "EventName", "EventSource", "Username", "ResourceName", "ResourceType")
"""The attributes by which events are looked up here."""


@dataclass(frozen=True, slots=True)
class Change:
    """A call of IAM that changed something. `asked` are the parameters that name what."""

    event: str
    account: str
    asked: Mapping[str, str]
    at: datetime


@dataclass(slots=True)
class Trail:
    """Of one server. Safe between threads. IAM's changes are events of us-east-1, as at AWS."""

    clock: Callable[[], datetime]
    table: TableOfUse
    _real: list[Session] = field(default_factory=list)
    _changes: list[Change] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def assumed(self, role: str, region: str, event: str, by: str) -> None:
        """What really was asked of STS."""
        with self._lock:
            self._real.append(Session(role, self.clock(), region, event, by))

    def changed(self, account: str, event: str, asked: Mapping[str, str]) -> None:
        """What IAM was really asked to change."""
        with self._lock:
            self._changes.append(Change(event, account, asked, self.clock()))

    def make_older(self, by: timedelta) -> None:
        """Every change until now was made that much earlier."""
        with self._lock:
            self._changes = [replace(c, at=c.at - by) for c in self._changes]

    def clear(self) -> None:
        with self._lock:
            self._real.clear()
            self._changes.clear()

    def events(self, account: str, region: str) -> list[dict[str, Any]]:
        """Of the last 90 days, as LookupEvents gives them: the newest first."""
        with self._lock:
            every = (*self.table.sessions, *self._real)
            changes = tuple(self._changes) if region == _OF_IAM else ()
        since = self.clock() - HISTORY
        here = (s for s in every if s.region == region and s.at >= since)
        made = [_event(s, account) for s in here if account in _accounts(s)]
        ours = (c for c in changes if c.account == account and c.at >= since)
        made += [_change_event(change, number) for number, change in enumerate(ours)]
        return sorted(made, key=lambda e: (e["EventTime"], e["EventId"]), reverse=True)


def looked_up(
    events: Sequence[Mapping[str, Any]],
    attribute: tuple[str, str] | None,
    start: datetime | None,
    end: datetime | None,
) -> list[Mapping[str, Any]]:
    """Those with the attribute's value, between the times, both included."""
    return [
        event
        for event in events
        if (start is None or event["EventTime"] >= start)
        and (end is None or event["EventTime"] <= end)
        and (attribute is None or attribute[1] in _values(event, attribute[0]))
    ]


def _values(event: Mapping[str, Any], key: str) -> Iterator[str]:
    if key.startswith("Resource"):
        yield from (resource[key] for resource in event["Resources"])
    elif key in event:
        yield event[key]


def _accounts(session: Session) -> set[str]:
    return {arn.split(":")[4] for arn in (session.principal, session.by) if arn.count(":") >= 5}


def _event(session: Session, account: str) -> dict[str, Any]:
    key = "|".join((session.principal, session.at.isoformat(), session.event, session.by, account))
    event_id = str(uuid5(NAMESPACE_URL, key))
    source = "signin.amazonaws.com" if session.event == SIGN_IN else "sts.amazonaws.com"
    detail = {
        "eventVersion": "1.11",
        "eventTime": session.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": session.event,
        "awsRegion": session.region,
        "eventID": event_id,
        "recipientAccountId": account,
        **(_sign_in(session) if session.event == SIGN_IN else _assumed(session)),
    }
    user = _last(session.principal if session.event == SIGN_IN else session.by)
    event: dict[str, Any] = {
        "EventId": event_id,
        "EventName": session.event,
        "ReadOnly": "false" if session.event == SIGN_IN else "true",
        "EventTime": session.at,
        "EventSource": source,
        "Resources": [
            {"ResourceType": kind, "ResourceName": name} for kind, name in _resources(session)
        ],
        "CloudTrailEvent": json.dumps(detail),
    }
    return event | ({"Username": user} if user else {})


def _change_event(change: Change, number: int) -> dict[str, Any]:
    key = "|".join((change.event, change.at.isoformat(), json.dumps(change.asked), str(number)))
    event_id = str(uuid5(NAMESPACE_URL, key))
    detail = {
        "eventVersion": "1.11",
        "eventTime": change.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "iam.amazonaws.com",
        "eventName": change.event,
        "awsRegion": _OF_IAM,
        "eventID": event_id,
        "recipientAccountId": change.account,
        "userIdentity": {"type": "AWSService", "invokedBy": "pipeline"},
        "requestParameters": change.asked,
    }
    return {
        "EventId": event_id,
        "EventName": change.event,
        "ReadOnly": "false",
        "EventTime": change.at,
        "EventSource": "iam.amazonaws.com",
        "Resources": [],
        "CloudTrailEvent": json.dumps(detail),
    }


def _resources(session: Session) -> list[tuple[str, str]]:
    if session.event == SIGN_IN:
        return []
    return [("AWS::IAM::Role", session.principal), ("AWS::STS::AssumedRole", _assumed_arn(session))]


def _sign_in(session: Session) -> dict[str, Any]:
    account, name = session.principal.split(":")[4], _last(session.principal)
    identity = {"accountId": account, "arn": session.principal}
    identity |= {"type": "Root"} if name == "root" else {"type": "IAMUser", "userName": name}
    return {"userIdentity": identity, "responseElements": {"ConsoleLogin": "Success"}}


def _assumed(session: Session) -> dict[str, Any]:
    by = session.by
    caller: dict[str, Any] = {"type": "AWSService", "invokedBy": by or "lambda.amazonaws.com"}
    if by.startswith("arn:"):
        kind = "AssumedRole" if ":assumed-role/" in by else "IAMUser"
        caller = {"type": kind, "arn": by, "accountId": by.split(":")[4]}
    return {
        "userIdentity": caller,
        "requestParameters": {"roleArn": session.principal, "roleSessionName": "session"},
        "responseElements": {"assumedRoleUser": {"arn": _assumed_arn(session)}},
        "resources": [
            {
                "type": "AWS::IAM::Role",
                "ARN": session.principal,
                "accountId": session.principal.split(":")[4],
            }
        ],
    }


def _assumed_arn(session: Session) -> str:
    account, name = session.principal.split(":")[4], _last(session.principal)
    return f"arn:aws:sts::{account}:assumed-role/{name}/session"


def _last(arn: str) -> str:
    return arn.rpartition("/")[2].rpartition(":")[2]
