"""`remediator audit`: the register, read from the base branch's history on the remote."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from remediator.audit.history import records, unrecorded
from remediator.audit.report import Report, write
from remediator.commands.assembly import forge_of
from remediator.config import load


def audit(
    config_path: Path | None, since: datetime | None, until: datetime | None, form: str
) -> int:
    """`since` and `until` are days in UTC, both inclusive. 1 where a record does not hold."""
    config = load(config_path)
    commit = forge_of(config).fetch()
    path = config.repository.path
    first = since.replace(tzinfo=UTC) if since else None
    last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else None
    report = Report.of(records(path, commit), unrecorded(path, commit), first, last)
    write(report, form, sys.stdout)
    if not report.problems:
        return 0
    of = f"{report.problems} of {len(report.records)} records"
    click.echo(f"{of} did not hold when they were computed again: see their problems", err=True)
    return 1
