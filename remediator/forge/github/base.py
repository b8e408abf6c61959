"""The base branch as a run sees it: its tree, what its history has closed, who owns its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from remediator.forge.commit_tree import CommitTree
from remediator.forge.git import GitForge
from remediator.forge.github.codeowners import PLACES
from remediator.model import Change, Record

Records = Callable[[str], Iterable[Record]]
"""The records in a commit's history, latest first."""


class Base:
    """`merged` are the commits of the records in its history; `owners` is CODEOWNERS' text."""

    def __init__(self, forge: GitForge, records: Records) -> None:
        """Raises UpstreamError where the remote is away."""
        self._forge, self._records = forge, records
        self.refetch()

    commit: str
    tree: CommitTree

    def refetch(self) -> None:
        self.commit = self._forge.fetch()
        self.tree = self._forge.tree(self.commit)
        records = tuple(self._records(self.commit))
        self.merged = frozenset(record.commit for record in records)
        self._closed: dict[str, Record] = {}
        for record in records:
            for closed in record.all("Finding-Id"):
                self._closed.setdefault(closed, record)
        there = {*self.tree.paths()}
        file = next((p for p in PLACES if p in there), None)
        self.owners = self.tree.read(file).decode("utf-8", "replace") if file else ""

    def closed(self, finding_id: str) -> Record | None:
        return self._closed.get(finding_id)

    def has_merged(self, merged: str, change: Change) -> bool:
        """The tree with the change in it; whether nothing else came in. Where another commit did
        at the same moment, what the loop knows of the code is not all of it."""
        before, self.commit = self.commit, self._forge.fetch()
        alone = self.commit == merged and self._forge.parent(merged) == before
        self.tree = (
            self._forge.updated(self.tree, self.commit, change.after)
            if alone
            else self._forge.tree(self.commit)
        )
        return alone
