"""What is read of one account for the gates: in bulk, each part by itself, several at once.

A part that fails is kept as its fault, and whoever asks for it hears why it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from remediator.aws.credential_report import CredentialReport, read_credential_report
from remediator.aws.identities import Identities, LivePolicy, Principal, read_identities
from remediator.aws.organization import REGION, read_accounts
from remediator.aws.session import AwsSession
from remediator.aws.trail import GRANTS, SESSIONS, Event, Heard, lookup
from remediator.model import UpstreamError

_AT_ONCE = 8
_GLOBAL = {"cn": "cn-north-1", "us-gov": "us-gov-west-1"}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Since:
    """From when on CloudTrail is asked: for sessions, and for new grants."""

    sessions: datetime
    grants: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """`organization`: the organisation's accounts, the own one alone where there is none."""

    account: str
    identities: Identities | UpstreamError
    credentials: CredentialReport | UpstreamError
    sessions: tuple[Heard, ...]
    grants: Heard
    organization: frozenset[str] | UpstreamError
    heard: Mapping[str, datetime] = field(default_factory=dict)
    """The latest session in CloudTrail, by ARN and by `role/name`."""

    @property
    def problems(self) -> tuple[UpstreamError, ...]:
        """Not the organisation's: most accounts may not ask for that."""
        found = [p for p in (self.identities, self.credentials) if isinstance(p, UpstreamError)]
        lacking = dict.fromkeys(s for h in (*self.sessions, self.grants) for s in h.lacking)
        return (*found, *(UpstreamError("cloudtrail:LookupEvents", s) for s in lacking))

    def principal(self, arn: str | None) -> Principal | None:
        known = self.identities
        return known.principals.get(arn) if arn and isinstance(known, Identities) else None

    def granted(self, principal: Principal, policy: LivePolicy) -> datetime | None:
        """When the policy last changed or was given to the principal, as far as is known."""
        own = {principal.arn, f"{principal.kind}/{principal.name}", policy.holder}
        own |= {f"group/{name}" for name in principal.groups}
        times = [policy.updated_at] if policy.updated_at else []
        for event in self.grants.events:
            about = own.intersection(event.who)
            changed = event.policy == policy.id and (about or policy.kind != "inline")
            joined = about and event.name == "AddUserToGroup" and policy.holder != principal.arn
            if changed or joined:
                times.append(event.time)
        return max(times, default=None)


def latest(events: Iterable[Event]) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for event in events:
        for who in event.who:
            found[who] = max(event.time, found.get(who, event.time))
    return found


def read_account(
    session: AwsSession, account: str, since: Since, sleep: Callable[[float], None]
) -> AccountView:
    region = session.regions[0]
    home = global_region(region)
    regions = tuple(dict.fromkeys((*session.regions, home)))

    def sessions(where: str) -> Heard:
        return _heard(session, where, account, SESSIONS, since.sessions, since.now)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        identities = pool.submit(_or_fault, lambda: read_identities(session.client("iam", region)))
        credentials = pool.submit(
            _or_fault, lambda: read_credential_report(session.client("iam", region), sleep)
        )
        accounts = pool.submit(_or_fault, lambda: _organization(session, account))
        heard = [pool.submit(sessions, where) for where in regions]
        grants = pool.submit(_heard, session, home, account, GRANTS, since.grants, since.now)
        found = tuple(h.result() for h in heard)
        return AccountView(
            account,
            identities.result(),
            credentials.result(),
            found,
            grants.result(),
            accounts.result(),
            latest(e for h in found for e in h.events),
        )


def global_region(region: str) -> str:
    """Where a partition's IAM and its global sign-in are recorded."""
    return next((home for part, home in _GLOBAL.items() if region.startswith(part)), "us-east-1")


def _organization(session: AwsSession, account: str) -> frozenset[str]:
    found = read_accounts(session.client("organizations", REGION))
    return frozenset({account, *(a.id for a in found or ())})


def _heard(
    session: AwsSession,
    region: str,
    account: str,
    names: Sequence[str],
    since: datetime,
    now: datetime,
) -> Heard:
    try:
        client = session.client("cloudtrail", region)
    except UpstreamError as fault:
        return Heard(since, (), (str(fault),))
    return lookup(client, account, names, since, now)


def _or_fault(read: Callable[[], T]) -> T | UpstreamError:
    try:
        return read()
    except UpstreamError as fault:
        return fault
