"""The register as one HTML page that needs nothing but itself: no network, no other file.

Everything foreign is escaped by the template engine; the page's own script is the only one that its
policy lets run (Content-Security-Policy, by digest).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediator.audit import figures
from remediator.audit.report import Report, full_row
from remediator.audit.table import duration
from remediator.forge.message import templates
from remediator.model import Json
from remediator.show import unified
from remediator.texts import visible

_LINES = 160
"""Of one file's diff."""


def as_html(report: Report) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": _shown,
        "duration": duration,
        "short": lambda s: (s or "")[:12],
    }
    rows = [full_row(report, record) for record in report.records]
    script = (templates() / "audit.js").read_text(encoding="utf-8")
    style = (templates() / "audit.css").read_text(encoding="utf-8")
    page = environment.get_template("audit.html.j2").render(
        about=report.about,
        rows=[_row(row) for row in rows],
        others=[full_row(report, it) for it in report.unrecorded],
        alarms=report.alarms,
        exposure=figures.exposure(rows),
        rules=figures.rules(rows),
        target=figures.TARGET_DAYS,
        waiting=[r for r in rows if not r.get("applied_at") and not r.get("resolved_at")],
        unresolved=[row for row in rows if row.get("applied_at") and not row.get("resolved_at")],
        automatic=sum(row.get("disposition") == "auto" for row in rows),
        script=script,
        style=style,
        script_digest=_digest(script),
        style_digest=_digest(style),
    )
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def _short(text: str | None) -> str:
    return (text or "")[:12]


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _row(row: Mapping[str, Json]) -> dict[str, Any]:
    return {
        **row,
        "state": figures.state(row),
        "access": figures.compared(row.get("before"), row.get("after")),
        "diffs": list(_diffs(row.get("changed"))),
        "timeline": list(_timeline(row)),
    }


def _timeline(row: Mapping[str, Json]) -> Iterator[tuple[str, Json, Json]]:
    """What happened, when, and by whom or how; a step that is not known says so."""
    yield "wrong since", row.get("created_at"), row.get("source")
    yield "decided", row.get("evaluated_at"), None
    yield "committed", row.get("committed_at"), row.get("actor")
    yield "merged", row.get("merged_at"), row.get("merged_by")
    yield "seen applied", row.get("applied_at"), row.get("applied_how")
    yield "seen resolved", row.get("resolved_at"), row.get("resolved_how")


def _diffs(changed: Json) -> Iterator[tuple[str, Sequence[str], int]]:
    """Path, lines, and how many more there are."""
    for file in changed if isinstance(changed, list) else []:
        if isinstance(file, dict):
            path = str(file.get("path"))
            before, after = (str(file.get(k) or "").encode() for k in ("before", "after"))
            lines = [line.rstrip("\n") for line in unified(path, before, after)]
            yield path, lines[2 : _LINES + 2], max(0, len(lines) - _LINES - 2)


def _shown(value: object) -> str:
    """Text without what could hide or reorder it; None is told."""
    return "not known" if value is None else visible(str(value), 4000)
