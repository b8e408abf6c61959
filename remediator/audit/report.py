"""The register of changes as auditors take it: a row a change, as a table, JSON or CSV.

A row comes from the record alone, and says whether its digests held. Commits that changed
Terraform or the rules without a record are part of the population, and are listed with it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from remediator.audit.alarms import Alarm
from remediator.audit.history import Unrecorded
from remediator.model import Json, Record
from remediator.texts import plain

VERSION = 1
UNRECORDED = "unrecorded"
_DEEPEST = 64

_COLUMNS = (
    "kind",
    "commit",
    "merge",
    "merged_at",
    "merged_by",
    "actor",
    "committed_at",
    "subject",
    "findings",
    "class",
    "source",
    "resources",
    "addresses",
    "disposition",
    "policy_row",
    "policy_digest",
    "checks",
    "proofs",
    "before",
    "after",
    "created_at",
    "evaluated_at",
    "open_seconds",
    "digests",
    "problems",
    "files",
)
MORE = (
    *("record_sha256", "parent", "team", "cost_center", "code_owners", "policy_commit"),
    *("policy_merged_by", "policy_merged_at", "policy_author", "applied_at", "resolved_at"),
    *("merged_to_applied_seconds", "open_to_resolved_seconds", "signature", "direct", "touches"),
    *("pull_request", "reviewers", "forge_merged_by", "forge_merged_at", "auto_merge"),
)
"""Further columns, where a whole register was read."""
# What a spreadsheet takes for a formula (OWASP, CSV Injection), in its wide forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, slots=True)
class Report:
    """Records and others latest first. `more` has further columns by commit, `about` says of what
    and when the report is; `alarms` are what does not hold."""

    records: tuple[Record, ...]
    unrecorded: tuple[Unrecorded, ...]
    more: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    about: Mapping[str, Json] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()

    @staticmethod
    def of(
        records: Iterable[Record],
        unrecorded: Iterable[Unrecorded] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Report:
        """What was merged in [since, until); None is open. Both need a time zone."""

        def within(time: datetime) -> bool:
            return (since is None or since <= time) and (until is None or time < until)

        return Report(
            tuple(record for record in records if within(record.merged_at)),
            tuple(commit for commit in unrecorded if within(commit.time)),
        )

    @property
    def problems(self) -> int:
        """How many records do not hold."""
        return sum(bool(record.problems) for record in self.records)


def as_json(report: Report) -> str:
    document: dict[str, Json] = {
        "version": VERSION,
        **report.about,
        "records": [full_row(report, record) for record in report.records],
        "unrecorded": [full_row(report, commit) for commit in report.unrecorded],
    }
    return json.dumps(document, indent=2) + "\n"


def as_csv(report: Report) -> str:
    """One table for the whole population; `kind` tells records from unrecorded commits."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    columns = (*_COLUMNS, *MORE) if report.more else _COLUMNS
    writer.writerow(columns)
    rows = [{"kind": "record", **full_row(report, record)} for record in report.records]
    rows += [{"kind": UNRECORDED, **full_row(report, it)} for it in report.unrecorded]
    for cells in rows:
        writer.writerow([_cell(cells.get(column)) for column in columns])
    return text.getvalue()


# Rows --------------------------------------------------------------------------------------


def full_row(report: Report, it: Record | Unrecorded) -> dict[str, Json]:
    own = row(it) if isinstance(it, Record) else unrecorded_row(it)
    return {**own, **report.more.get(it.commit, {})}


def row(record: Record) -> dict[str, Json]:
    """Times are ISO 8601 in UTC; what the record does not say is null, never guessed.

    `before` and `after` are the evaluated access; a text that is no JSON stays a text.
    """
    policy, _, digest = (record.one("Policy-Row") or "").partition(" sha256:")
    return {
        "commit": record.commit,
        "merge": record.merge,
        "merged_at": iso(record.merged_at),
        "merged_by": record.merged_by,
        "actor": record.actor,
        "committed_at": iso(record.committed_at),
        "subject": record.subject,
        "findings": [*record.all("Finding-Id")],
        "class": record.one("Finding-Class"),
        "source": record.one("Finding-Source"),
        "resources": [*record.all("Resource")],
        "addresses": [*record.all("Terraform-Address")],
        "disposition": record.one("Disposition"),
        "policy_row": policy or None,
        "policy_digest": digest or None,
        "checks": [_check(value) for value in record.all("Check")],
        "proofs": [_check(value) for value in record.all("Proof")],
        "before": _state(record.one("Before")),
        "after": _state(record.one("After")),
        "created_at": record.one("Finding-Created"),
        "evaluated_at": record.one("Evaluated-At"),
        "open_seconds": open_seconds(record),
        "digests": "problems" if record.problems else "ok",
        "problems": [*record.problems],
    }


def unrecorded_row(commit: Unrecorded) -> dict[str, Json]:
    return {
        "commit": commit.commit,
        "merged_at": iso(commit.time),
        "actor": commit.actor,
        "subject": commit.subject,
        "files": [*commit.files],
    }


def open_seconds(record: Record) -> int | None:
    """From when it first was wrong to when it was merged; None where that is not known."""
    created = _time(record.one("Finding-Created"))
    if created is None or created > record.merged_at:
        return None
    return int((record.merged_at - created).total_seconds())


def iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo else None


def _check(value: str) -> Json:
    name, _, rest = value.partition(": ")
    verdict, _, detail = rest.partition(": ")
    return {"name": name, "verdict": verdict, "detail": detail}


def _state(text: str | None) -> Json:
    if text is None:
        return None
    try:
        state: Json = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text
    return text if _is_deep(state) else state


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON (RFC 8259)")


def _is_deep(state: Json) -> bool:
    """Deeper than any access that was evaluated, and than what can safely be written again."""
    level: list[Json] = [state]
    for _ in range(_DEEPEST):
        level = [child for value in level for child in _children(value)]
        if not level:
            return False
    return True


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else []


# Cells -------------------------------------------------------------------------------------


# Where a semicolon is what parts cells, it begins one inside of ours.
_INSIDE = re.compile(r"(?<=[;\t])(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def _cell(value: Json) -> str:
    text = _INSIDE.sub("'", _said(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _said(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_listed(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return _encodable(str(value))


def _listed(item: Json) -> str:
    if isinstance(item, dict) and item.keys() == {"name", "verdict", "detail"}:
        return _encodable(f"{item['name']}: {item['verdict']}: {item['detail']}")
    return _said(item)


def _encodable(text: str) -> str:
    """Paths may hold bytes that are no UTF-8, which no output could take."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(values: Sequence[str], limit: int = 80) -> str:
    """A few values in one line for a person."""
    more = len(values) - 1
    return plain(values[0], limit) + (f" (+{more})" if more else "") if values else ""
