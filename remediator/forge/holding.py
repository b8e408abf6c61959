"""Whether a branch already holds a change, on files as the base has them now."""

from __future__ import annotations

from remediator.forge import trailer
from remediator.forge.diffs import FileChange
from remediator.forge.git import GitForge
from remediator.model import Change, Disposition


def holds(forge: GitForge, head: str, change: Change) -> bool:
    """By the ids of the files alone: no tree is listed, however large it is. And by how its record
    says that it was decided."""
    files = change.patch.files
    wanted = {
        FileChange(p, forge.blob(change.before[p]), forge.blob(change.after[p])) for p in files
    }
    return {*forge.edits(head)} == wanted and _is_decided_so(forge.commit(head).message, change)


def _is_decided_so(message: str, change: Change) -> bool:
    """What merges by itself says by which row and for which findings; what waits for a person may
    have been decided a while ago, by an earlier policy, as its record says."""
    decision, record = change.decision, trailer.decode(message)
    wanted = {("Disposition", decision.disposition.word)}
    if decision.disposition is Disposition.AUTO:
        wanted.add(("Policy-Row", f"{decision.policy_row} sha256:{decision.policy_digest}"))
        wanted |= {("Finding-Id", finding.id) for finding in change.findings}
    keys = {key for key, _ in wanted}
    return {(key, value) for key, value in record if key in keys} == wanted
