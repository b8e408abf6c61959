"""After a run: what became of the changes that were merged before. Noted once, and pushed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from remediator.audit.follow import Looked, Waiting, document, follow
from remediator.audit.follow_analyzer import resolved_notes, unresolved
from remediator.audit.history import records
from remediator.config import Config
from remediator.detect.sweep import Swept
from remediator.forge.git import GitForge
from remediator.model import Json, UpstreamError
from remediator.texts import listed

Resolved = Callable[[frozenset[str]], tuple[frozenset[str], tuple[UpstreamError, ...]]]


def follow_up(
    config: Config,
    forge: GitForge,
    swept: Swept,
    at: datetime,
    enforced: bool,
    note: Callable[[str], None],
    resolved_of: Resolved | None = None,
) -> tuple[list[Json], list[UpstreamError]]:
    """What is merged and not applied, for the `--json` output, and the faults of writing notes.

    Writes nothing unless `enforced`. `resolved_of` asks the analyzers which of their findings are
    resolved; None where not all of them were looked at.
    """
    notes = forge.notes()
    there = notes.all()
    looked = Looked(
        swept.findings,
        tuple(outcome.finding for outcome in swept.resolved),
        swept.looked_into,
        not swept.problems,
        at,
    )

    def noted(commit: str, key: str) -> bool:
        return commit in there and there[commit].one(key) is not None

    merged = tuple(records(config.repository.path, forge.base_commit, verify=False))
    found = follow(merged, noted, looked, config.limits.apply_within)
    for waiting in found.waiting:
        if waiting.overdue:
            note(_overdue(waiting))
    faults: list[UpstreamError] = []
    wanted = dict(found.notes)
    if enforced and resolved_of is not None:
        asked = unresolved(merged, noted, {f.id for f in swept.findings})
        resolved, problems = resolved_of(frozenset(i for ids in asked.values() for i in ids))
        faults += problems
        wanted |= resolved_notes(asked, resolved, at)
    if wanted and enforced:
        try:
            written = notes.add(wanted, at, config.limits.push_attempts)
        except UpstreamError as fault:
            faults.append(fault)
        else:
            if written:
                note(f"noted what became of merged changes: {written}")
    return document(found.waiting), faults


def _overdue(waiting: Waiting) -> str:
    where = listed([*waiting.record.all("Terraform-Address")], 3)
    return (
        f"merged as {waiting.commit[:12]} {_days(waiting.since)} ago and not applied: {where}; "
        "apply it, or see why the pipeline did not"
    )


def _days(span: timedelta) -> str:
    return f"{span.days} d {span.seconds // 3600} h"
