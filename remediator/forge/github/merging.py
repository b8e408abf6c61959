"""Merges an automatic change, or leaves it to GitHub to merge once the base's rules are met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from remediator.forge.git import GitForge
from remediator.forge.github.branches import Branches
from remediator.forge.github.calls import RefusedError
from remediator.forge.github.desk import Desk, StoppedError
from remediator.forge.github.standing import UNKNOWN, standings
from remediator.forge.github.texts import objected
from remediator.forge.github.there import State, Ways
from remediator.forge.github.writes import Writes
from remediator.forge.message import commit_message, merge_message
from remediator.texts import plain

Again = Callable[[str], str]
"""Proves a merge again on what it was made onto, and says what came of it."""


class Merging:
    def __init__(
        self,
        forge: GitForge,
        writes: Writes,
        ways: Ways,
        desk: Desk,
        branches: Branches,
        again: Again,
    ) -> None:
        self._forge, self._writes, self._ways = forge, writes, ways
        self._desk, self._branches, self._again = desk, branches, again

    def auto_merge(self, branch: str) -> None:
        self._heed(branch)
        pull = self._desk.pulls[branch]
        values = {
            "mergeMethod": self._ways.method.upper(),
            "expectedHeadOid": self._desk.heads[branch],
        }
        said = self._said_by_merge(branch)
        values |= (
            {"commitHeadline": said["commit_title"], "commitBody": said["commit_message"]}
            if said
            else {}
        )
        try:
            self._writes.auto_merge(pull, values)
        except RefusedError as error:
            if "clean status" not in error.message:
                raise
            # All that the base asks for is there already: nothing to wait for.
            self.merge(branch)

    def _heed(self, branch: str) -> None:
        """A base that asks for no review would let us merge over a person's objection, and GitHub
        merges into whatever a person has made its base since."""
        if branch in self._desk.opened:
            return
        pull = self._desk.pulls[branch]
        found = standings(self._writes.calls, [pull]).get(pull.number, UNKNOWN)
        if found.objections:
            raise StoppedError(objected(found.objections))
        if found.base != self._forge.base:
            raise StoppedError(f"its base is {plain(found.base)} now; the next run looks again")

    def merge(self, branch: str) -> None:
        """One at a time, onto the very base that the change was proven on."""
        self._heed(branch)
        if self._forge.fetch() != self._desk.base:
            raise StoppedError("the base moved meanwhile; the next run looks again")
        pull, head = self._desk.pulls[branch], self._desk.heads[branch]
        values = {"sha": head, "merge_method": self._ways.method, **self._said_by_merge(branch)}
        result = self._desk.result_of(branch)
        result.merged = self._writes.merge(pull.number, values)
        result.pull = replace(pull, state=State.MERGED)
        # GitHub's `sha` guards the head alone: the base may have moved since we looked.
        self._forge.fetch()
        if self._forge.parent(result.merged) != self._desk.base:
            result.moved = self._again(result.merged)
        self._branches.delete(branch, head)

    def _said_by_merge(self, branch: str) -> Mapping[str, str]:
        """A squash makes a new commit, which has to have the record; a rebase keeps ours."""
        made = self._desk.made[branch]
        if self._ways.method == "rebase":
            return {}
        text = merge_message(made.change)
        if self._ways.method == "squash":
            text = commit_message(made.change, made.around.reference, made.when)
        title, _, body = text.partition("\n")
        return {"commit_title": title, "commit_message": body.strip()}
