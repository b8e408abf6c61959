"""Whether a branch already holds a change, on files as the base has them now."""

from __future__ import annotations

from datetime import UTC, datetime

from remediator.forge import trailer
from remediator.forge.diffs import FileChange
from remediator.forge.git import GitForge
from remediator.forge.message import trailers
from remediator.forge.sameness import differing
from remediator.model import Change, Disposition

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def holds(forge: GitForge, head: str, change: Change) -> bool:
    """By the ids of the files alone: no tree is listed, however large it is. And by how its record
    says that it was decided."""
    files = change.patch.files
    wanted = {
        FileChange(p, forge.blob(change.before[p]), forge.blob(change.after[p])) for p in files
    }
    return {*forge.edits(head)} == wanted and _is_decided_so(forge.commit(head).message, change)


def _is_decided_so(message: str, change: Change) -> bool:
    """Whoever may push can write a commit under our address, so that of what merges by itself the
    whole record counts; what waits for a person may have been decided a while ago, by an earlier
    policy, as its record says."""
    record = trailer.decode(message)
    if change.decision.disposition is not Disposition.AUTO:
        said = [value for key, value in record if key == "Disposition"]
        return said == [change.decision.disposition.word]
    wanted = trailer.decode(trailer.encode(trailers(change, _ANY_TIME)))
    return not differing(record, wanted)
