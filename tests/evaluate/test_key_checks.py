"""Whether an access key was ever used, by AWS's credential report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from remediator.aws.credential_report import parse_report
from remediator.evaluate.key_checks import key_facts, never_used_since
from remediator.model import UpstreamError, Verdict

NOW = datetime(2026, 6, 15, tzinfo=UTC)
ARN = "arn:aws:iam::111122223333:user/ci"
HEAD = (
    "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date"
)
NO_KEY = "false,N/A,N/A"
NEVER = "true,2025-01-02T03:04:05+00:00,N/A"
YOUNG = "true,2026-06-10T00:00:00+00:00,N/A"
USED = "true,2025-01-02T03:04:05+00:00,2025-06-01T00:00:00+00:00"
OFF = "false,2020-01-02T03:04:05+00:00,2025-06-01T00:00:00+00:00"
OLD = "true,2014-01-02T03:04:05+00:00,N/A"
MADE = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def report(keys: str, made_at: datetime | None = NOW - timedelta(hours=3)) -> object:
    return parse_report(f"{HEAD}\nci,{ARN},false,false,{keys}\n".encode(), made_at)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (f"{NEVER},{NO_KEY}", Verdict.PASS),
        (f"{NO_KEY},{NEVER}", Verdict.PASS),
        (f"{NEVER},{OFF}", Verdict.PASS),
        (f"{NEVER},{YOUNG}", Verdict.PASS),
        (f"{USED},{NO_KEY}", Verdict.UNKNOWN),
        (f"{NEVER},{USED}", Verdict.UNKNOWN),  # it may be the one that was used
        (f"{OFF},{NO_KEY}", Verdict.UNKNOWN),
        (f"{OLD},{NO_KEY}", Verdict.UNKNOWN),
        ("true,N/A,N/A,false,N/A,N/A", Verdict.UNKNOWN),
        (f"true,2025-01-02T03:04:05+00:00,no_information,{NO_KEY}", Verdict.UNKNOWN),
        (f"{NEVER},true", Verdict.UNKNOWN),
        (NEVER, Verdict.UNKNOWN),  # cut short
        ("true", Verdict.UNKNOWN),
    ],
)
def test_a_key_that_was_never_used(keys: str, said: Verdict) -> None:
    (check,) = key_facts(report(keys), ARN, NOW).checks  # type: ignore[arg-type]
    assert check.verdict is said, check.detail


def test_the_youngest_key_counts() -> None:
    assert never_used_since(report(f"{NEVER},{NO_KEY}"), ARN) == MADE  # type: ignore[arg-type]
    young = never_used_since(report(f"{NEVER},{YOUNG}"), ARN)  # type: ignore[arg-type]
    assert young == datetime(2026, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made_at", "said"),
    [
        (NOW, Verdict.PASS),
        (NOW - timedelta(hours=23), Verdict.PASS),
        (NOW - timedelta(hours=25), Verdict.UNKNOWN),
        (NOW + timedelta(hours=1), Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_a_report_that_is_old_tells_nothing(made_at: datetime | None, said: Verdict) -> None:
    found = report(f"{NEVER},{NO_KEY}", made_at)
    (check,) = key_facts(found, ARN, NOW).checks  # type: ignore[arg-type]
    assert check.verdict is said


def test_no_report_and_no_row_tell_nothing() -> None:
    for found, arn in (
        (UpstreamError("iam:GetCredentialReport", "denied"), ARN),
        (report(f"{NEVER},{NO_KEY}"), f"{ARN}2"),
        (report(f"{NEVER},{NO_KEY}"), None),
    ):
        (check,) = key_facts(found, arn, NOW).checks  # type: ignore[arg-type]
        assert check.verdict is Verdict.UNKNOWN
