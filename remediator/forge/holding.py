"""Whether a branch already holds a change, on files as the base has them now."""

from __future__ import annotations

from remediator.forge.git import GitForge
from remediator.model import Change


def holds(forge: GitForge, head: str, change: Change) -> bool:
    then, now = forge.tree(forge.parent(head)), forge.tree(head)
    try:
        same = all(
            then.read(p) == change.before[p] and now.read(p) == change.after[p]
            for p in change.patch.files
        )
    except KeyError:
        return False
    return same and forge.changed(head) == set(change.patch.files)
