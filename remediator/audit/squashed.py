"""A squash's record against the one of the commit that it squashed.

Whoever squashes may write the message; GitHub says which head it was, and keeps that as
refs/pull/NUMBER/head. Only where this clone has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediator.audit.alarms import OTHER_RECORD, Alarm
from remediator.forge import commits, trailer
from remediator.forge.github.merges import Merges
from remediator.forge.repository import Repository
from remediator.forge.sameness import differing
from remediator.model import Record
from remediator.texts import listed, plain


def of_squashes(
    repository: Repository, records: Iterable[Record], told: Merges | str
) -> Iterator[Alarm]:
    """`told` is a sentence where the forge could not be asked."""
    if isinstance(told, str):
        return
    heads = {r.commit: told.of[r.commit].head for r in records if _is_squash(r, told)}
    found = repository.objects.read_many([*heads.values()])
    there = dict(zip(heads, found, strict=True))
    for record in records:
        it = there.get(record.commit)
        if it is None or it.data is None or it.kind != "commit":
            continue
        own = trailer.decode(commits.parse(it.id, it.data).message)
        other = differing(record.trailers, own) if own else ()
        if other:
            text = f"its record is not that of the commit {it.id[:12]} that it squashes: "
            yield Alarm(OTHER_RECORD, record.commit, text + plain(listed([*other]), 200))


def _is_squash(record: Record, told: Merges) -> bool:
    return record.merge is None and record.commit in told.of and bool(told.of[record.commit].head)
