"""A git remote: what it holds, and one push for all that changes on it.

What was fetched lives under refs/remediator/<remote>/, a namespace of our own. As with every
`git push`, git itself moves its remote-tracking refs to what it has pushed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remediator.forge.repository import Answer, Repository
from remediator.model import ConfigurationError, UpstreamError
from remediator.texts import plain

HEADS = "refs/heads/"
BRANCHES = "remediator/"
"""The folder of the branches that are ours."""
NOTES = "refs/notes/remediator"
"""Where notes on merged changes are (git-notes(1)): not a branch, and only ever forward."""


@dataclass(frozen=True, slots=True)
class Pushed:
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The remote is no longer as it was read: look again, and rebuild."""

    text: str


class Remote:
    def __init__(self, repository: Repository, name: str) -> None:
        if name not in repository.remotes:
            hint = f"add it with `git remote add {name} URL`"
            raise ConfigurationError(f"{repository.path} has no remote called {name}; {hint}")
        self._repository, self.name = repository, name
        self._namespace = f"refs/remediator/{name}/heads/"
        self._notes = f"refs/remediator/{name}/notes"

    def fetch(self, base: str) -> Mapping[str, str]:
        """The base branch and all of ours, by name. Raises UpstreamError where it is away."""
        options = ["--no-tags", "--no-write-fetch-head", "--refmap=", "--prune", "--quiet"]
        options += ["--no-recurse-submodules", "--no-auto-maintenance", "--no-write-commit-graph"]
        if self._repository.is_shallow:
            options.append("--unshallow")  # ancestors and the register need the whole history
        refspecs = [
            f"+{HEADS}{base}:{self._namespace}{base}",
            f"+{HEADS}{BRANCHES}*:{self._namespace}{BRANCHES}*",
            # As a pattern: a remote without notes is not an error.
            f"+{NOTES}*:{self._notes}*",
        ]
        answer = self._repository.over_network("fetch", *options, self.name, *refspecs)
        if answer.status:
            raise UpstreamError(f"git fetch {self.name}", answer.error)
        return self._heads()

    def notes_head(self) -> str | None:
        """The notes' commit as the last fetch saw it."""
        asked = ["for-each-ref", "--format=%(objectname)", self._notes]
        return self._repository.run(*asked).decode("ascii").strip() or None

    def push(
        self,
        updates: Mapping[str, str | None],
        expected: Mapping[str, str | None],
        *,
        atomic: bool = True,
    ) -> Answer:
        """One push, each ref from exactly the commit that is expected there."""
        options = ["--atomic" if atomic else "--no-atomic", "--no-verify", "--porcelain"]
        options += ["--no-follow-tags", "--no-signed", "--recurse-submodules=no"]
        options += [f"--force-with-lease={ref}:{expected[ref] or ''}" for ref in updates]
        refspecs = [f"{commit or ''}:{ref}" for ref, commit in updates.items()]
        # A clone made by `git clone --mirror` would refuse to push single refs.
        setting = f"remote.{self.name}.mirror=false"
        return self._repository.over_network(
            "push", *options, self.name, *refspecs, settings=[setting]
        )

    def _heads(self) -> Mapping[str, str]:
        asked = ["for-each-ref", "--format=%(objectname) %(refname)", self._namespace]
        lines = self._repository.run(*asked).decode("utf-8", "surrogateescape").splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return {name.removeprefix(self._namespace): commit for commit, name in pairs}


# What became of a push ---------------------------------------------------------------------

# Somebody else was there first: what git push says by itself, and what a server says that met
# two pushes at once.
_MOVED = re.compile(
    r"stale info|fetch first|non-fast-forward|needs force|remote ref updated since checkout"
    r"|cannot lock ref|failed to update ref|reference already exists|incorrect old value"
)
_ALONG = re.compile(r"atomic push fail|atomic transaction failed|transaction aborted")
# A branch `remediator` leaves no room for `remediator/…`: looking again does not help.
_BLOCKED = re.compile(r"exists; cannot create")


def lacks_atomic(answer: Answer) -> bool:
    return bool(answer.status) and "does not support --atomic" in answer.error


def verdict(answer: Answer, remote: str) -> Pushed | Rejected:
    """Raises UpstreamError where the remote is away, or does not want this at all."""
    refused, accepted = _lines(answer.out.decode("utf-8", "replace").splitlines())
    declined = [f"{ref}: {reason}" for ref, reason in refused if _is_final(reason)]
    # With --atomic a server may give its reason on the side, and call all refs carried along.
    said = " ".join([answer.error, *(reason for _, reason in refused)])
    moved = refused and not declined and _MOVED.search(said) and not _BLOCKED.search(said)
    if answer.status and not moved:
        text = "; ".join([*declined[:1], answer.error])
        raise UpstreamError(f"git push {remote}", plain(text, 600))
    if moved:
        return Rejected(plain("; ".join(f"{ref}: {reason}" for ref, reason in refused)))
    return Pushed(tuple(accepted))


def _is_final(reason: str) -> bool:
    return not (_MOVED.search(reason) or _ALONG.search(reason))


def _lines(lines: Iterable[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """git-push(1), --porcelain: flag, refs and summary, between tabs."""
    refused, accepted = [], []
    for fields in (line.split("\t") for line in lines):
        if len(fields) == 3:
            ref = fields[1].rpartition(":")[2]
            if fields[0] == "!":
                refused.append((ref.removeprefix(HEADS), fields[2]))
            else:
                accepted.append(ref)
    return refused, accepted
