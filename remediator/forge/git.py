"""Changes on a git remote, any server's: read its branches, build commits, push them.

A local checkout or bare clone lends its object database; its work tree, index, HEAD, branches
and configuration stay as they are. GitPython opens it, git's plumbing does the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from remediator.forge import commits, diffs, trailer
from remediator.forge.commit_tree import CommitTree
from remediator.forge.commits import Commit, Person
from remediator.forge.diffs import FileChange
from remediator.forge.notes import Notes
from remediator.forge.objects import Batch, object_id
from remediator.forge.remote import (
    BRANCHES,
    HEADS,
    Pushed,
    Rejected,
    Remote,
    lacks_atomic,
    verdict,
)
from remediator.forge.repository import Repository
from remediator.model import UpstreamError

__all__ = ["GitForge", "Proposal", "Pushed", "Rejected"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A branch of ours on the remote. `alone`: exactly one commit on top of the base's history.
    `ours`: made by us besides, and by nobody else since."""

    branch: str
    head: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    trailers: tuple[tuple[str, str], ...]
    alone: bool
    ours: bool


class GitForge:
    """`identity` is the name and the e-mail address that commits are made by.

    Raises ConfigurationError where `path` is no repository or has no such remote.
    """

    def __init__(self, path: Path, remote: str, base: str, identity: tuple[str, str]) -> None:
        self.base = base
        self._repository = Repository(path)
        self._remote = Remote(self._repository, remote)
        self._identity = identity
        self._heads: Mapping[str, str] = {}
        self._base_commit = ""

    def fetch(self) -> str:
        """The base's commit as it is now, and all branches of ours, in one `git fetch`."""
        heads = self._remote.fetch(self.base)
        self._heads = {n: c for n, c in heads.items() if n.startswith(BRANCHES) and n != self.base}
        self._base_commit = heads[self.base]
        return self._base_commit

    @property
    def base_commit(self) -> str:
        """The base as the last fetch saw it, or as our last push made it."""
        return self._base_commit

    def branch_heads(self) -> Mapping[str, str]:
        """Our branches as the last fetch saw them, by name (`remediator/…`)."""
        return self._heads

    def notes(self) -> Notes:
        """The notes on merged changes, as the last fetch saw them."""
        return Notes(self._repository, self._remote, self.base, self._identity)

    def close(self) -> None:
        self._repository.close()

    # Reading -------------------------------------------------------------------------------

    def tree(self, commit: str) -> CommitTree:
        return CommitTree(self._repository, commit)

    def updated(self, tree: CommitTree, commit: str, files: Mapping[str, bytes]) -> CommitTree:
        return tree.updated(commit, files)

    def commit(self, name: str) -> Commit:
        found = self._repository.objects.read(name)
        if found is None or found.data is None or found.kind != "commit":
            raise UpstreamError("git cat-file", f"there is no commit {name}")
        return commits.parse(found.id, found.data)

    def parent(self, commit: str) -> str:
        """The first parent. Raises UpstreamError for a commit that has none."""
        parents = self.commit(commit).parents
        if not parents:
            raise UpstreamError("git cat-file", f"{commit} is a history's first commit")
        return parents[0]

    def changed(self, commit: str) -> frozenset[str]:
        """The paths that a commit changed, compared with its first parent."""
        files = diffs.changes(self._repository, [(commit, self.parent(commit))])[commit]
        return frozenset(file.path for file in files)

    def edits(self, commit: str) -> tuple[FileChange, ...]:
        """What a commit changed, compared with its first parent."""
        return diffs.changes(self._repository, [(commit, self.parent(commit))])[commit]

    def blob(self, data: bytes) -> str:
        """The id that these bytes have as a file."""
        return object_id("blob", data, self._repository.algorithm)

    def proposals(self, heads: Mapping[str, str]) -> tuple[Proposal, ...]:
        """What each of these branches holds, by branch."""
        return tuple(self._proposal(branch, head) for branch, head in sorted(heads.items()))

    def is_ours(self, head: str) -> bool:
        """Exactly one commit on top of the base's history, by us, with a record.

        Anything else means that somebody else pushed there.
        """
        it = self.commit(head)
        return self._is_by_us(it) and self._is_alone(it)

    def _proposal(self, branch: str, head: str) -> Proposal:
        it = self.commit(head)
        trailers, alone = trailer.decode(it.message), self._is_alone(it)
        ours = alone and self._is_by_us(it)
        return Proposal(branch, head, it.parents, it.author, it.committer, trailers, alone, ours)

    def _is_alone(self, commit: Commit) -> bool:
        parents = commit.parents
        return len(parents) == 1 and self._is_ancestor(parents[0], self._base_commit)

    def _is_by_us(self, commit: Commit) -> bool:
        """By the address alone: a name may be changed in the configuration. Of a commit that a
        forge made and signed for us, by its author."""
        forges = commit.committer.email.startswith("noreply@")
        whose = commit.author if forges else commit.committer
        return whose.email == self._identity[1] and bool(trailer.decode(commit.message))

    def _is_ancestor(self, older: str, newer: str) -> bool:
        if older == newer:
            return True
        answer = self._repository.ask("merge-base", "--is-ancestor", older, newer)
        if answer.status > 1:
            raise UpstreamError("git merge-base", answer.error)
        return answer.status == 0

    # Building ------------------------------------------------------------------------------

    def build(self, parent: str, files: Mapping[str, bytes], message: str, when: datetime) -> str:
        """A commit on top of `parent` with these files in it; nothing refers to it yet."""
        batch = Batch(self._repository)
        return self._committed(batch, batch.tree(parent, files), (parent,), message, when)

    def merge(self, base: str, change: str, message: str, when: datetime) -> str:
        """A two-parent commit with the change's tree: the change was made on this very base.

        Raises ValueError where it was not.
        """
        it = self.commit(change)
        if it.parents != (base,):
            raise ValueError(f"{change} was not made on {base}, so its tree is not the merge's")
        return self._committed(Batch(self._repository), it.tree, (base, change), message, when)

    def _committed(
        self, batch: Batch, tree: str, parents: tuple[str, ...], message: str, when: datetime
    ) -> str:
        name = batch.add("commit", commits.render(tree, parents, self._identity, when, message))
        batch.write()
        return name

    # Pushing -------------------------------------------------------------------------------

    def push(
        self, updates: Mapping[str, str | None], expected: Mapping[str, str | None]
    ) -> Pushed | Rejected:
        """All refs or none, each from the commit that is expected there (None: no such ref).

        Only our own branches may be forced: the base, and any other, must go forward. Where the
        server cannot push atomically, our branches go first, so that a base that has a merge
        also has its branch. Raises UpstreamError where the remote is away or declines.
        """
        base = HEADS + self.base
        forced = {r for r in updates if r.startswith(HEADS + BRANCHES) and r != base}
        for ref in updates.keys() - forced:
            self._must_go_forward(ref, expected[ref], updates[ref])
        pushed = self._pushed(updates, expected, forced)
        if isinstance(pushed, Pushed):
            self._base_commit = updates.get(base) or self._base_commit
        return pushed

    def _pushed(
        self,
        updates: Mapping[str, str | None],
        expected: Mapping[str, str | None],
        forced: Set[str],
    ) -> Pushed | Rejected:
        answer = self._remote.push(updates, expected)
        if not lacks_atomic(answer):
            return verdict(answer, self._remote.name)
        done: list[str] = []
        for names in (forced, updates.keys() - forced):
            part = {ref: commit for ref, commit in updates.items() if ref in names}
            if part:
                pushed = verdict(self._remote.push(part, expected, atomic=False), self._remote.name)
                if isinstance(pushed, Rejected):
                    return pushed
                done += pushed.refs
        return Pushed(tuple(done))

    def _must_go_forward(self, ref: str, old: str | None, new: str | None) -> None:
        if new is None or (old is not None and not self._is_ancestor(old, new)):
            raise ValueError(f"{ref} is not a branch of ours: it only ever goes forward")
