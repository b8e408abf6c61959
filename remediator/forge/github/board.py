"""Keeps the dashboard issue: found, written where it differs, and never twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from remediator.forge.github.advice import advice_for
from remediator.forge.github.calls import RefusedError
from remediator.forge.github.commands import ticks
from remediator.forge.github.comments import WINDOW
from remediator.forge.github.dashboard import TITLE, Content, dashboard_body
from remediator.forge.github.payloads import DASHBOARD
from remediator.forge.github.snapshot import Dashboard, Snapshot
from remediator.forge.github.there import LABEL
from remediator.forge.github.writes import Writes

_OFTEN = timedelta(days=1)
"""How old the mark of the comments that were seen may get, before it alone is a reason to write."""


@dataclass(slots=True)
class Board:
    writes: Writes
    notes: list[str] = field(default_factory=list)

    def update(self, snapshot: Snapshot, content: Content, now: datetime) -> None:
        if not snapshot.may_have_issues:
            self.notes.append(advice_for("issues has been disabled"))
            return
        obeyed = {(c.word, c.branch) for c in snapshot.commands if c.comment is None and c.word}
        failed = {(w, b) for w, b in obeyed if b in content.blocked}
        content = replace(content, ticked=failed)
        # One on a branch where something failed may not have been answered: the next run sees.
        waits = any(
            c.comment is not None and c.branch in content.blocked for c in snapshot.commands
        )
        there = next(iter(snapshot.dashboards), None)
        try:
            if there is None:
                body = dashboard_body(content, now - WINDOW if waits else now)
                self.writes.create_issue(TITLE, body, LABEL, DASHBOARD)
            else:
                self._mend(there, content, obeyed, _seen(there, now, waits))
                for other in snapshot.dashboards[1:]:
                    if other.is_open:
                        self.writes.edit_issue(other.number, {"state": "closed"})
        except RefusedError as error:
            if error.status not in (403, 404, 410):
                raise
            self.notes.append(advice_for(error.message))

    def _mend(
        self, there: Dashboard, content: Content, obeyed: set[tuple[Any, str]], seen: datetime
    ) -> None:
        body = dashboard_body(content, seen)
        if body == there.body and there.is_open:
            return
        # What was ticked while this run was at work is for the next one.
        current = {*ticks(self.writes.issue_body(there.number))} - obeyed
        body = dashboard_body(replace(content, ticked=content.ticked | current), seen)
        values = {"body": body} if there.is_open else {"body": body, "state": "open"}
        self.writes.edit_issue(there.number, values)


def _seen(there: Dashboard, now: datetime, waits: bool) -> datetime:
    """Up to when no comment has to be looked for any more."""
    if there.seen is None:
        return now - WINDOW if waits else now
    return now if now - there.seen > _OFTEN and not waits else there.seen
