"""The gate about an access key: whether it was ever used, by the credential report. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
The report tells no ids of keys: what holds for each active one of the user's holds for this one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from remediator.aws.credential_report import CredentialReport
from remediator.evaluate.facts import Facts
from remediator.model import Check, UpstreamError

TRACKED = datetime(2015, 4, 22, tzinfo=UTC)
"""Since when AWS records the use of access keys."""
MAX_AGE = timedelta(hours=24)
"""Of a report: AWS makes a new one whenever the last is four hours old."""


def key_facts(report: CredentialReport | UpstreamError, arn: str | None, now: datetime) -> Facts:
    """Whether no active key of the user was ever used. `now` has its zone."""
    name = "key-use"
    why = _unusable(report, now)
    if why is not None or isinstance(report, UpstreamError):
        return Facts(checks=(Check.unknown(name, why or ""),))
    made = never_used_since(report, arn)
    if isinstance(made, str):
        return Facts(checks=(Check.unknown(name, made),))
    return Facts(checks=(Check.passed(name, f"never used since it was made at {made:%Y-%m-%d}"),))


def _unusable(report: CredentialReport | UpstreamError, now: datetime) -> str | None:
    if isinstance(report, UpstreamError):
        return str(report)
    if report.made_at is None:
        return "when the credential report was made is not known"
    age = now - report.made_at
    if age > MAX_AGE or age < -timedelta(minutes=5):
        return f"the credential report is of {report.made_at:%Y-%m-%d %H:%M} UTC, and too old"
    return None


def never_used_since(report: CredentialReport | UpstreamError, arn: str | None) -> datetime | str:
    """When the youngest of the active keys was made, of which none was ever used; or why nobody
    can tell."""
    row = report.users.get(arn or "") if isinstance(report, CredentialReport) else None
    if row is None:
        return "the credential report does not have the user"
    if any(k.active is None for k in row.keys) or not row.keys:
        return "the credential report does not say which keys are active"
    active = [k for k in row.keys if k.active]
    if any(k.never_used is None for k in active):
        return "the credential report does not say when each key was last used"
    if not active or not all(k.never_used for k in active):
        return "an active key of the user was used, and the credential report tells no ids"
    made = [k.made_at for k in active]
    known = [m for m in made if m is not None and m > TRACKED]
    if len(known) < len(made):
        return "when it was made is not known, or before AWS recorded the use of keys"
    return max(known)
