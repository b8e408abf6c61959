"""Changes written into a folder in place: `remediator fix`."""

from __future__ import annotations

from datetime import datetime

from remediator.model import Change, Disposition, Kind, Record, sha256
from remediator.tree import Tree
from remediator.workplace import Delivered, Moved, stale
from remediator.worktree import WorkTree


class Checkout:
    """Automatic changes are written; those for review too where they were asked for."""

    def __init__(self, tree: WorkTree, *, reviews: bool) -> None:
        self._tree, self._reviews = tree, reviews
        self.changes: list[Change] = []

    def tree(self) -> Tree:
        return self._tree

    def closed(self, finding_id: str) -> Record | None:
        return None

    def deliver(self, change: Change, reference: str, when: datetime) -> Delivered | Moved:
        auto = change.decision.disposition is Disposition.AUTO
        if not auto and not self._reviews:
            text = "wants a person; `--review` writes it too"
            return Delivered(Kind.PROPOSED, "review", text, False)
        moved = stale(change, self._tree)
        if moved is not None:
            return moved
        self._tree.write(change.after, {p: sha256(change.before[p]) for p in change.patch.files})
        self.changes.append(change)
        kind = Kind.MERGED if auto else Kind.PROPOSED
        return Delivered(kind, "written", f"written to {', '.join(change.patch.files)}", True)
