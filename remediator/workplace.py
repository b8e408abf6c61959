"""Where changes go: a git remote, a checkout, or nowhere. The loop sees only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from remediator.model import Change, Disposition, Kind, Record, Refusal, sha256
from remediator.tree import OverlayTree, Tree


@dataclass(frozen=True, slots=True)
class Delivered:
    """`applied`: the workplace's tree now has the change, and the next one is made on top. `word`
    says to people what was done, where the kind does not."""

    kind: Kind
    code: str
    text: str
    applied: bool
    commit: str | None = None
    branch: str | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The tree is no longer the one that the change was made from: look again, and rebuild."""

    text: str


FOR_REVIEW = ("for review", "wants a person; `--review` writes it too")
"""The word and the sentence of what `fix` leaves to one."""


class Workplace(Protocol):
    def tree(self) -> Tree: ...

    def closed(self, finding_id: str) -> Record | None:
        """The latest merged record that says it closed this finding."""
        ...

    def deliver(
        self, change: Change, reference: str, when: datetime
    ) -> Delivered | Moved | Refusal: ...


def stale(change: Change, tree: Tree) -> Moved | None:
    """(g) of the proof: the input hashes still hold when it is written."""
    for path, digest in change.patch.inputs:
        try:
            now = sha256(tree.read(path))
        except KeyError:
            now = ""
        if now != digest:
            return Moved(f"{path} changed since it was read")
    return None


class Preview:
    """Takes changes and writes nothing: observation mode, and `fix --diff`.

    Automatic changes are laid over the tree, so that the next one sees what it would see.
    `folder`: they would be written into one, not merged. `keep`: hold every change, for whoever
    shows them; a run may make thousands.
    """

    def __init__(
        self,
        tree: Tree,
        below: Workplace | None = None,
        *,
        apply_reviews: bool = False,
        folder: bool = False,
        keep: bool = True,
    ) -> None:
        self._tree, self._below = tree, below
        self._apply_reviews, self._folder, self._keep = apply_reviews, folder, keep
        self.changes: list[Change] = []

    def tree(self) -> Tree:
        return self._tree

    def closed(self, finding_id: str) -> Record | None:
        return self._below.closed(finding_id) if self._below else None

    def deliver(self, change: Change, reference: str, when: datetime) -> Delivered | Moved:
        moved = stale(change, self._tree)
        if moved:
            return moved
        if self._keep:
            self.changes.append(change)
        auto = change.decision.disposition is Disposition.AUTO
        applied = auto or self._apply_reviews
        if applied:
            self._tree = _over(self._tree, change.after)
        kind = Kind.MERGED if auto else Kind.PROPOSED
        word, text = self._told(change, auto, applied)
        return Delivered(kind, f"would-be-{kind}", text, applied, word=word)

    def _told(self, change: Change, auto: bool, applied: bool) -> tuple[str, str]:
        if not self._folder:
            verb = "merged" if auto else "proposed for review"
            word = "would be merged" if auto else "would be proposed"
            return word, f"would be {verb}; nothing was written"
        if applied:
            return "would be written", f"would be written to {', '.join(change.patch.files)}"
        return FOR_REVIEW


def _over(tree: Tree, files: Mapping[str, bytes]) -> Tree:
    return OverlayTree(tree, files)
