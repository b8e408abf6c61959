"""What was recomputed and is not as it should be, each with a name. An empty list is the evidence.

Codes, and what they mean: docs/audit.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from remediator.fields import matches
from remediator.forge import trailer
from remediator.forge.notes import Note
from remediator.model import Record
from remediator.texts import plain

REWRITTEN_BASE, HIDDEN = "rewritten-base", "hidden-record"
AMENDED, MISSING = "amended-record", "missing-record"
FOREIGN = "foreign-author"
NOTE_ALONE, NOTE_REWRITTEN, NOTE_EARLY, NOTE_FOREIGN = (
    "note-without-merge",
    "rewritten-note",
    "note-before-merge",
    "foreign-note",
)
SIGNATURE, SIGNER = "bad-signature", "unknown-signer"
CLAIM = "unproven-claim"
UNSEEN, OTHER_RECORD = "unseen-merge", "other-record"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`commit` is what it is about."""

    code: str
    commit: str
    text: str


def of_records(records: Iterable[Record]) -> Iterator[Alarm]:
    for record in records:
        for code, text in zip(record.codes, record.problems, strict=True):
            yield Alarm(code, record.commit, text)


def of_authors(records: Iterable[Record], allowed: Iterable[str]) -> Iterator[Alarm]:
    """Records that somebody wrote who is not the bot."""
    patterns = [*allowed]
    for record in records:
        if not _is_one_of(record.actor, patterns):
            text = (
                f"the record is by {plain(record.actor)}, who is not among the authors of records"
            )
            yield Alarm(FOREIGN, record.commit, text)


def of_note_authors(commits: Iterable[tuple[str, str]], allowed: Iterable[str]) -> Iterator[Alarm]:
    """`commits` of the notes' own history, each with its author: notes that somebody else wrote."""
    patterns = [*allowed]
    for commit, actor in commits:
        if not _is_one_of(actor, patterns):
            text = f"notes are written there by {plain(actor)}, who is not among the authors"
            yield Alarm(NOTE_FOREIGN, commit, text)


def _is_one_of(actor: str, patterns: Iterable[str]) -> bool:
    address = actor.rpartition("<")[2].rstrip(">").casefold()
    return any(matches(pattern.casefold(), address) for pattern in patterns)


def of_notes(
    notes: Mapping[str, Note],
    records: Iterable[Record],
    rewritten: Iterable[tuple[str, str]],
    now: datetime,
) -> Iterator[Alarm]:
    """What is noted for later than tomorrow has not been seen."""
    merged = {record.merge or record.commit: record for record in records}
    for commit, note in sorted(notes.items()):
        record = merged.get(commit)
        if record is None:
            text = "there is a note on it, and it is no merge of a record in this history"
            yield Alarm(NOTE_ALONE, commit, text)
            continue
        for key in ("Applied", "Resolved"):
            when = time(note.one(key))
            if note.one(key) is None:
                continue
            words = f"it is noted as {key.lower()} {plain(note.one(key) or '')}"
            if when is None or when < record.merged_at:
                yield Alarm(NOTE_EARLY, commit, f"{words}, before it merged")
            elif when > now + timedelta(days=1):
                yield Alarm(NOTE_EARLY, commit, f"{words}, which is still to come")
    for commit, by in dict.fromkeys(rewritten):
        text = f"its note was changed or taken away after it was written, by {by[:12]}"
        yield Alarm(NOTE_REWRITTEN, commit, text)


def of_signatures(found: Mapping[str, str]) -> Iterator[Alarm]:
    """`found`: git's own letter (%G?) by commit."""
    for commit, letter in found.items():
        if letter == "B":
            yield Alarm(SIGNATURE, commit, "its signature is not that of its content")
        elif letter not in "GN":
            text = "it is signed by a key that the allowed signers do not have, or have no more"
            yield Alarm(SIGNER, commit, text)


# Against the last report -------------------------------------------------------------------


def fingerprint(record: Record) -> str:
    """Of everything that a record says, to be compared with the next report's."""
    return hashlib.sha256(trailer.encode(record.trailers).encode(errors="replace")).hexdigest()


def of_anchor(anchor: str, base: str, is_ancestor: bool, on_line: bool) -> Iterator[Alarm]:
    """`on_line`: of the base's own commits, and not of a branch that was merged into it."""
    if not is_ancestor:
        text = f"the history was rewritten: {anchor[:12]} of the last report is not in {base[:12]}"
        yield Alarm(REWRITTEN_BASE, anchor, text)
    elif not on_line:
        text = f"another branch took the base's place, and {anchor[:12]} was merged into it"
        yield Alarm(REWRITTEN_BASE, anchor, text)


def of_hidden(commits: Iterable[str]) -> Iterator[Alarm]:
    for commit in commits:
        text = (
            "it carries a record and is not in the register: it came with other commits, or the "
            "base was merged into another branch, which took its place"
        )
        yield Alarm(HIDDEN, commit, text)


def of_last_report(last: Mapping[str, Any], records: Iterable[Record]) -> Iterator[Alarm]:
    """Every record of the last report is still there, and says what it said."""
    now = {record.commit: record for record in records}
    same = {_key([*r.all("Finding-Id")], r.one("Evaluated-At")): r for r in now.values()}
    rows = last.get("records")
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        commit, said = str(row.get("commit")), row.get("record_sha256")
        record = now.get(commit)
        if record is not None and (said is None or said == fingerprint(record)):
            continue
        other = record or same.get(_key(row.get("findings"), row.get("evaluated_at")))
        if other is not None:
            text = f"the record was amended: the last report had it as {plain(commit[:12])}"
            if said == fingerprint(other):
                text = f"the record was made anew: the last report had it as {plain(commit[:12])}"
            yield Alarm(AMENDED, other.commit, text)
        else:
            yield Alarm(MISSING, plain(commit, 64), "the last report has it, and this history not")


def _key(findings: object, evaluated: object) -> str:
    return json.dumps([findings, evaluated], sort_keys=True, default=str)


def time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None
