"""Changes delivered to a git remote: automatic ones merged into the base, others as branches.

One atomic push carries a change's branch and its merge, so that a run which dies leaves both or
neither, and the next run finds the same thing to do or finds it done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from remediator.forge.commit_tree import CommitTree
from remediator.forge.git import GitForge, Rejected
from remediator.forge.holding import holds
from remediator.forge.message import commit_message, merge_message
from remediator.model import Change, Disposition, Kind, Record, Refusal, UpstreamError
from remediator.tree import Tree
from remediator.workplace import Delivered, Moved, stale

_ENOUGH = 3
"""So many faults of the remote in a row, and the run asks it no more."""


class GitWorkplace:
    """`problems` are the remote's faults: each refused one change, and the others went on."""

    def __init__(self, forge: GitForge, records: Callable[[str], Iterable[Record]]) -> None:
        """`records` reads the merged records of a commit's history."""
        self._forge, self._records = forge, records
        self.problems: list[UpstreamError] = []
        self.notes: tuple[str, ...] = ()
        self._failed_in_a_row = 0
        self.refresh()

    def refresh(self) -> None:
        """Looks at the remote again. Raises UpstreamError where it is away."""
        self._base = self._forge.fetch()
        self._heads = dict(self._forge.branch_heads())
        self._tree: CommitTree = self._forge.tree(self._base)
        self._closed: dict[str, Record] | None = None
        self._merged: frozenset[str] = frozenset()

    def tree(self) -> Tree:
        return self._tree

    def closed(self, finding_id: str) -> Record | None:
        return self._history().get(finding_id)

    def _history(self) -> dict[str, Record]:
        if self._closed is None:
            self._closed = {}
            records = tuple(self._records(self._base))
            self._merged = frozenset(record.commit for record in records)
            for record in records:
                for closed in record.all("Finding-Id"):
                    self._closed.setdefault(closed, record)
        return self._closed

    def deliver(
        self, change: Change, reference: str, when: datetime
    ) -> Delivered | Moved | Refusal:
        if self._failed_in_a_row >= _ENOUGH:
            return _failed(self.problems[-1])
        try:
            answer = self._deliver(change, reference, when)
        except UpstreamError as fault:
            self.problems.append(fault)
            self._failed_in_a_row += 1
            return _failed(fault)
        self._failed_in_a_row = 0
        return answer

    def _deliver(
        self, change: Change, reference: str, when: datetime
    ) -> Delivered | Moved | Refusal:
        moved = stale(change, self._tree)
        if moved is not None:
            return moved
        head = self._heads.get(change.branch)
        if head is not None and not self._forge.is_ours(head):
            return Refusal(
                "deliver",
                "foreign-branch",
                f"somebody else pushed to {change.branch} ({head[:12]}); it is left as it is. "
                "Merge or delete it, and the next run goes on",
            )
        if change.decision.disposition is Disposition.AUTO:
            return self._merge(change, reference, when, head)
        return self._propose(change, reference, when, head)

    def _propose(
        self, change: Change, reference: str, when: datetime, head: str | None
    ) -> Delivered | Moved:
        if head is not None and self._proposes(head, change):
            text = f"waits for review on {change.branch}, unchanged"
            return Delivered(Kind.PROPOSED, "waiting", text, False, head, change.branch)
        commit = self._commit(change, reference, when)
        pushed = self._forge.push({_ref(change.branch): commit}, {_ref(change.branch): head})
        if isinstance(pushed, Rejected):
            self.refresh()
            return Moved(pushed.text)
        self._heads[change.branch] = commit
        text = f"pushed to {change.branch} for review"
        return Delivered(Kind.PROPOSED, "review", text, False, commit, change.branch)

    def _merge(
        self, change: Change, reference: str, when: datetime, head: str | None
    ) -> Delivered | Moved:
        commit = self._commit(change, reference, when)
        merge = self._forge.merge(self._base, commit, merge_message(change), when)
        base = _ref(self._forge.base)
        pushed = self._forge.push(
            {_ref(change.branch): commit, base: merge},
            {_ref(change.branch): head, base: self._base},
        )
        if isinstance(pushed, Rejected):
            self.refresh()
            return Moved(pushed.text)
        self._base, self._heads[change.branch] = merge, commit
        self._tree = self._forge.updated(self._tree, merge, change.after)
        text = f"merged into {self._forge.base} as {merge[:12]}"
        return Delivered(Kind.MERGED, "merged", text, True, merge, change.branch)

    def _commit(self, change: Change, reference: str, when: datetime) -> str:
        message = commit_message(change, reference, when)
        return self._forge.build(self._base, change.after, message, when)

    def _proposes(self, head: str, change: Change) -> bool:
        """Whether a branch already holds this very edit, on files that the base still has.

        One that was merged, and then reverted, proposes nothing any more.
        """
        self._history()
        if head in self._merged:
            return False
        return holds(self._forge, head, change)


def _failed(fault: UpstreamError) -> Refusal:
    return Refusal("deliver", "remote-failed", f"{fault}; the next run tries again")


def _ref(branch: str) -> str:
    return f"refs/heads/{branch}"
