"""What a finding's own evidence says against acting on it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from remediator.model import Check, Disposition, Finding, Json
from remediator.texts import listed, plain

UNUSED_DAYS = 45
"""CIS AWS Foundations Benchmark v3.0.0, 1.12: unused for 45 days or more."""


def status_check(finding: Finding) -> Iterator[Check]:
    """A finding that somebody archived was accepted by a person; a resolved one is over."""
    analyzer = finding.evidence.get("analyzer")
    status = analyzer.get("status") if isinstance(analyzer, dict) else None
    if isinstance(status, str) and status.upper() != "ACTIVE":
        detail = f"the analyzer has the finding as {plain(status, 40)}, and not as active"
        yield Check.lowers("finding-status", Disposition.REVIEW, detail)


def age_check(finding: Finding) -> Iterator[Check]:
    """A policy that was changed after the analysis: what it grants since looks unused."""
    analyzer, live = finding.evidence.get("analyzer"), finding.evidence.get("live")
    analyzed = time_of(analyzer.get("analyzed_at")) if isinstance(analyzer, dict) else None
    policies = live.get("policies") if isinstance(live, dict) else None
    dated = [
        (str(p.get("id")), time)
        for p in (policies if isinstance(policies, list) else [])
        if isinstance(p, dict) and (time := time_of(p.get("updated_at"))) is not None
    ]
    newer = [plain(name, 80) for name, time in dated if analyzed is not None and time > analyzed]
    if newer:
        detail = f"{listed(newer, 3)} changed after it was analyzed at {analyzed:%Y-%m-%d %H:%M}"
        yield Check.lowers("finding-age", Disposition.REVIEW, detail)


def never_used_check(finding: Finding) -> Iterator[Check]:
    """A key that was ever used may be that of a job that runs rarely."""
    name, evidence, days = "last-used", finding.evidence, unused_days(finding)
    if evidence.get("kind") != "access-key":
        return
    used, made = time_of(evidence.get("last_accessed")), time_of(evidence.get("created_at"))
    if used is not None:
        detail = f"it was last used at {used:%Y-%m-%d}, and a job that runs rarely may need it"
        yield Check.lowers(name, Disposition.REVIEW, detail)
    elif evidence.get("last_accessed", "") is not None:
        yield Check.unknown(name, "when it was last used is said in no form that is known")
    elif made is None:
        yield Check.unknown(name, "when it was made is not known (`created_at`)")
    elif finding.observed_at - made < timedelta(days=days):
        detail = f"it was made at {made:%Y-%m-%d}, less than {days} days before"
        yield Check.lowers(name, Disposition.REVIEW, detail)
    else:
        yield Check.passed(name, f"it was never used since it was made at {made:%Y-%m-%d}")


def unused_days(finding: Finding) -> int:
    """How long a key is unused at least: as the analyzer has it, where that is longer."""
    analyzer = finding.evidence.get("analyzer")
    days = analyzer.get("unused_days") if isinstance(analyzer, dict) else None
    return max(UNUSED_DAYS, days) if isinstance(days, int) else UNUSED_DAYS


def time_of(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo else None
