"""The account's credential report: passwords and access keys, and when each was last used.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
AWS makes a new one every four hours at the most.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission
from remediator.aws.polling import attempts
from remediator.model import UpstreamError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = (
    Permission("iam:GenerateCredentialReport", "to have the credential report made"),
    Permission("iam:GetCredentialReport", "to read when passwords and access keys were last used"),
)

ROOT = "<root_account>"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One of a user's two, of which the report tells no id. `made_at`: when it was made, or
    rotated; `never_used`: since then, as far back as AWS tracks. None is not known."""

    active: bool | None
    made_at: datetime | None
    never_used: bool | None


@dataclass(frozen=True, slots=True)
class UserCredentials:
    """`password`, `mfa` None: not known. `last_used` is the latest of password and keys."""

    arn: str
    name: str
    password: bool | None
    last_used: datetime | None
    mfa: bool | None = None
    keys: tuple[AccessKey, ...] = ()

    @property
    def is_root(self) -> bool:
        return self.name == ROOT


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """`users` by ARN; `made_at` is when AWS made the report."""

    users: Mapping[str, UserCredentials]
    made_at: datetime | None = None


def read_credential_report(client: IAMClient, sleep: Callable[[float], None]) -> CredentialReport:
    """Has the report made and waits for it. Raises UpstreamError where it is not ready in time, or
    is none."""
    from botocore.exceptions import ClientError

    region = client.meta.region_name
    for _ in attempts(sleep):
        with upstream("iam", "GenerateCredentialReport", region):
            if client.generate_credential_report().get("State") == "COMPLETE":
                break
    with upstream("iam", "GetCredentialReport", region):
        try:
            answer = client.get_credential_report()
        except ClientError as error:
            if error_code(error) != "ReportNotPresent" and "NotReady" not in error_code(error):
                raise
            text = "the credential report was not ready in time"
            raise UpstreamError(f"iam:GetCredentialReport in {region}", text) from error
    return parse_report(answer["Content"], answer.get("GeneratedTime"))


def parse_report(content: bytes, made_at: datetime | None = None) -> CredentialReport:
    """Raises UpstreamError for what is no such report."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8", errors="replace")))
    if not {"user", "arn"} <= {*(rows.fieldnames or ())}:
        raise UpstreamError("iam:GetCredentialReport", "the credential report has no users")
    users = [_user(row) for row in rows]
    return CredentialReport({u.arn: u for u in users}, made_at)


def _user(row: Mapping[str, str | None]) -> UserCredentials:
    used = (
        "password_last_used",
        "access_key_1_last_used_date",
        "access_key_2_last_used_date",
    )
    times = [_time(row.get(name)) for name in used]
    latest = max((t for t in times if t), default=None)
    return UserCredentials(
        row.get("arn") or "",
        row.get("user") or "",
        _truth(row.get("password_enabled")),
        latest,
        _truth(row.get("mfa_active")),
        tuple(_key(row, f"access_key_{number}") for number in (1, 2)),
    )


def _key(row: Mapping[str, str | None], name: str) -> AccessKey:
    used = row.get(f"{name}_last_used_date")
    never = True if used == "N/A" else False if _time(used) else None
    made_at = _time(row.get(f"{name}_last_rotated"))
    return AccessKey(_truth(row.get(f"{name}_active")), made_at, never)


def _truth(text: str | None) -> bool | None:
    return {"true": True, "false": False}.get((text or "").casefold())


def _time(text: str | None) -> datetime | None:
    """N/A, no_information and not_supported are no times."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
