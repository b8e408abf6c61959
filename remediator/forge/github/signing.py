"""A commit that GitHub signs: made through its API, as the App.

https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch. It is made on a branch
of its own and then moved to the change's: a pull request whose branch were set back to the base,
to build on it, would be closed by GitHub.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from remediator.forge.git import GitForge, Pushed, Rejected
from remediator.forge.github.calls import Calls
from remediator.forge.holding import holds
from remediator.forge.remote import BRANCHES, HEADS
from remediator.model import Change

WORKSHOP = f"{BRANCHES}signing/"


@dataclass(slots=True)
class Signer:
    calls: Calls
    forge: GitForge
    repository: str

    def push(self, change: Change, base: str, message: str, expected: str | None) -> str | Rejected:
        """The commit's id, once it is the change's branch. Raises UpstreamError."""
        self.forge.fetch()
        name = f"{WORKSHOP}{change.id}"
        ref, workshop = HEADS + change.branch, HEADS + name
        there = self.forge.branch_heads().get(name)
        if there != base:
            begun = self.forge.push({workshop: base}, {workshop: there})
            if isinstance(begun, Rejected):
                return begun
        commit = self._committed(change, name, base, message)
        self.forge.fetch()
        moved = self.forge.push({ref: commit, workshop: None}, {ref: expected, workshop: commit})
        return commit if isinstance(moved, Pushed) else moved

    def _committed(self, change: Change, name: str, base: str, message: str) -> str:
        headline, _, body = message.partition("\n")
        additions = [
            {"path": path, "contents": base64.b64encode(change.after[path]).decode("ascii")}
            for path in change.patch.files
        ]
        values = {
            "branch": {"repositoryNameWithOwner": self.repository, "branchName": name},
            "message": {"headline": headline, "body": body.strip("\n")},
            "fileChanges": {"additions": additions},
            "expectedHeadOid": base,
        }

        def send() -> str:
            made = self.calls.mutate("createCommitOnBranch", values, "commit { oid }")
            return str(made["commit"]["oid"])

        def look() -> str | None:
            self.forge.fetch()
            head = self.forge.branch_heads().get(name)
            if not head or head == base:
                return None
            # Whoever may write can push there; the second try then finds another head.
            ours = self.forge.is_ours(head) and holds(self.forge, head, change)
            return head if ours else None

        return self.calls.sure(send, look)
