"""Changes written into a folder in place: `remediator fix`."""

from __future__ import annotations

from datetime import datetime

from remediator.model import Change, Disposition, Kind, Record, sha256
from remediator.tree import Tree
from remediator.workplace import FOR_REVIEW, Delivered, Moved, stale
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
            word, text = FOR_REVIEW
            return Delivered(Kind.PROPOSED, "review", text, False, word=word)
        moved = stale(change, self._tree)
        if moved is not None:
            self._tree = self._tree.again()
            return moved
        self._tree.write(change.after, {p: sha256(change.before[p]) for p in change.patch.files})
        self._tree = self._tree.again()
        self.changes.append(change)
        kind = Kind.MERGED if auto else Kind.PROPOSED
        text = f"written to {', '.join(change.patch.files)}"
        return Delivered(kind, "written", text, True, word="written")
