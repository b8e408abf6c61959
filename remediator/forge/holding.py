"""Whether a branch already holds a change, on files as the base has them now."""

from __future__ import annotations

from remediator.forge.diffs import FileChange
from remediator.forge.git import GitForge
from remediator.model import Change


def holds(forge: GitForge, head: str, change: Change) -> bool:
    """By the ids of the files alone: no tree is listed, however large it is."""
    files = change.patch.files
    wanted = {
        FileChange(p, forge.blob(change.before[p]), forge.blob(change.after[p])) for p in files
    }
    return {*forge.edits(head)} == wanted
