"""Our branches on the remote: one commit each, pushed or made through the API."""

from __future__ import annotations

from remediator.forge.git import GitForge, Rejected
from remediator.forge.github.desk import Desk, Made, StoppedError
from remediator.forge.github.signing import WORKSHOP, Signer
from remediator.forge.holding import holds
from remediator.forge.message import commit_message
from remediator.forge.remote import HEADS
from remediator.model import Change


class Branches:
    """`signer`: commits are made through the API."""

    def __init__(self, forge: GitForge, desk: Desk, signer: Signer | None) -> None:
        self._forge, self._desk, self._signer = forge, desk, signer

    def push(self, branch: str, expected: str | None) -> None:
        """The wanted commit, from exactly the head that is expected there."""
        made = self._desk.made[branch]
        message = commit_message(made.change, made.around.reference, made.when)
        pushed = self._commit(made, message, expected)
        if isinstance(pushed, Rejected):
            pushed = self._same_by_another(branch, made.change)
        self._desk.heads[branch] = pushed

    def delete(self, branch: str, head: str) -> None:
        """Rejected where somebody pushed to it, or deleted it: then there is nothing to do."""
        ref = HEADS + branch
        self._forge.push({ref: None}, {ref: head})
        self._desk.heads.pop(branch, None)

    def clear_workshop(self) -> None:
        """What a run that died has left of commits that it was about to make."""
        heads = self._desk.heads
        for name in [n for n in heads if n.startswith(WORKSHOP)]:
            self._forge.push({HEADS + name: None}, {HEADS + name: heads[name]})
            del heads[name]

    def _commit(self, made: Made, message: str, expected: str | None) -> str | Rejected:
        change, base = made.change, self._desk.base
        if self._signer is not None:
            return self._signer.push(change, base, message, expected)
        commit = self._forge.build(base, change.after, message, made.when)
        ref = HEADS + change.branch
        pushed = self._forge.push({ref: commit}, {ref: expected})
        return pushed if isinstance(pushed, Rejected) else commit

    def _same_by_another(self, branch: str, change: Change) -> str:
        """Another run of ours was faster, with the same change; anything else is left alone."""
        self._forge.fetch()
        head = self._forge.branch_heads().get(branch)
        if head and self._forge.is_ours(head) and holds(self._forge, head, change):
            return head
        raise StoppedError("somebody pushed to its branch at the same moment; the next run looks")
