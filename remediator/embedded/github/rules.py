"""What a branch asks for before something is merged into it: protection and rulesets.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Requirements:
    """Of one branch protection, or of one ruleset."""

    contexts: tuple[str, ...] = ()
    """Required checks, by name."""
    strict: bool = False
    """The branch must be up to date."""
    pull_request: bool = False
    approvals: int = 0
    code_owners: bool = False
    dismiss_stale: bool = False
    linear_history: bool = False
    signatures: bool = False
    merge_queue: bool = False
    queue_method: str = "merge"
    """How the queue merges: it asks nobody else."""
    no_force_push: bool = True
    no_deletion: bool = True
    enforce_admins: bool = False
    merge_methods: tuple[str, ...] = ("merge", "squash", "rebase")

    @property
    def asks(self) -> bool:
        """Whether there is anything that a pull request must wait for."""
        return bool(self.contexts or self.approvals or self.code_owners or self.merge_queue)

    @property
    def forbids_pushes(self) -> bool:
        return bool(self.pull_request or self.approvals or self.contexts or self.merge_queue)


@dataclass(frozen=True)
class Ruleset:
    id: int
    name: str
    branches: tuple[str, ...]
    """Patterns of branch names; `~DEFAULT_BRANCH` and `~ALL` as in GitHub's own."""
    requirements: Requirements
    bypass_apps: frozenset[int] = frozenset()

    def holds_for(self, branch: str, default: str) -> bool:
        return any(
            pattern == "~ALL"
            or (pattern == "~DEFAULT_BRANCH" and branch == default)
            or fnmatchcase(branch, pattern)
            for pattern in self.branches
        )


def combined(several: Iterable[Requirements]) -> Requirements | None:
    """All of them at once: the stricter of each. None where there is none."""
    parts = tuple(several)
    if not parts:
        return None
    return Requirements(
        contexts=tuple(dict.fromkeys(c for p in parts for c in p.contexts)),
        strict=any(p.strict for p in parts),
        pull_request=any(p.pull_request for p in parts),
        approvals=max(p.approvals for p in parts),
        code_owners=any(p.code_owners for p in parts),
        dismiss_stale=any(p.dismiss_stale for p in parts),
        linear_history=any(p.linear_history for p in parts),
        signatures=any(p.signatures for p in parts),
        merge_queue=any(p.merge_queue for p in parts),
        queue_method=next((p.queue_method for p in parts if p.merge_queue), "merge"),
        no_force_push=any(p.no_force_push for p in parts),
        no_deletion=any(p.no_deletion for p in parts),
        enforce_admins=any(p.enforce_admins for p in parts),
        merge_methods=tuple(
            m for m in ("merge", "squash", "rebase") if all(m in p.merge_methods for p in parts)
        ),
    )
