"""What is there on GitHub, and what is wanted there: the two sides of the reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from remediator.model import Kind

LABEL = "remediator"
GONE = "remediator:closed-by-bot"
STOPPED = "remediator:stopped"
LABELS = {
    LABEL: "A change that Remediator made",
    GONE: "Closed by Remediator itself: it is not ignored",
    STOPPED: "Somebody else pushed to the branch: Remediator leaves it alone",
}


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Why a closed pull request stays closed. `until` is its last day; None: no end was given."""

    reason: str = ""
    until: date | None = None
    by: str = ""

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request of ours. `head` is "" where the listing does not say it.

    `recorded`, `edit` and `text` are what its body's mark says of the head, the change and the
    body itself, when it was last written. `objections` are those of people, of one that has
    auto-merge or is in the merge queue (`queued`): the others are asked for before they are merged.
    `ours`: no person has left it to merge by itself; `method`: how it would then be merged.
    `gone`: its body says that we closed it.
    """

    number: int
    branch: str
    state: State
    created_at: datetime
    url: str = ""
    head: str = ""
    labels: frozenset[str] = frozenset()
    auto_merge: bool = False
    recorded: str = ""
    text: str = ""
    title: str = ""
    author: str = ""
    ignored: Ignored | None = None
    node: str = ""
    body: str = field(default="", repr=False)
    objections: tuple[str, ...] = ()
    queued: bool = False
    ours: bool = True
    gone: bool = False
    method: str = ""

    @property
    def closed_by_us(self) -> bool:
        """Whoever only sorts issues can put a label on, and not a mark into the body."""
        return self.gone and GONE in self.labels

    @property
    def by_itself(self) -> bool:
        """It merges without anybody doing more, and no person has decided that."""
        return (self.auto_merge or self.queued) and self.ours

    @property
    def complete(self) -> bool:
        """Its label is what a new pull request gets last."""
        return LABEL in self.labels


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of ours on the remote. `ours`: one commit by us, on the base's history, and
    nothing else. `holds`: it has exactly the wanted edit, on files as the base has them now.
    `current`: it was made on the base as it is now. `merged`: the base has its
    commit. `asked`: this run asked the source of its findings."""

    name: str
    head: str
    ours: bool = True
    holds: bool = False
    current: bool = False
    merged: bool = False
    findings: tuple[str, ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """A proven change that is to be a pull request. `text` is a digest of what its body says
    besides the head; `severity` sorts, the highest first."""

    branch: str
    title: str
    text: str
    auto: bool
    severity: int
    findings: tuple[str, ...]
    reviewers: tuple[str, ...] = ()


class Word(StrEnum):
    """What people ask for: in a comment, or by a box of the dashboard."""

    REBASE = "rebase"
    RECREATE = "recreate"
    IGNORE = "ignore"
    EXPLAIN = "explain"
    REOPEN = "reopen"
    OPEN_NOW = "open-now"


@dataclass(frozen=True, slots=True)
class Command:
    """`comment` is the id to answer, None for a box. `problem`: why it is not obeyed."""

    word: Word | None
    branch: str
    by: str = ""
    comment: int | None = None
    number: int = 0
    reason: str = ""
    until: date | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a finding ended in this run, where it is not by a change on a branch."""

    kind: Kind
    text: str = ""


@dataclass(frozen=True, slots=True)
class There:
    """`pulls` are all of ours. Comments of ours are not in it: whoever writes one looks first."""

    pulls: tuple[Pull, ...]
    branches: Mapping[str, Branch]
    commands: tuple[Command, ...] = ()

    def latest(self, branch: str) -> Pull | None:
        found = [p for p in self.pulls if p.branch == branch]
        still = [p for p in found if p.state is State.OPEN]
        return max(still or found, key=lambda p: p.number, default=None)


@dataclass(frozen=True, slots=True)
class Ways:
    """What the repository lets us do with an automatic change.

    `required`: the base has requirements, so that auto-merge can wait for them. `up_to_date`:
    one of them is that a branch is made on the base as it is. `hidden`: only GitHub knows
    whether there are any. `can_wait`: auto-merge is allowed. `method`: how it may be merged.
    `queue`: the base has a merge queue, whose method that is.
    `advice`: what of the settings is in the way; `hints`: what would make it surer.
    """

    required: bool = False
    up_to_date: bool = False
    hidden: bool = False
    can_wait: bool = True
    method: str = "merge"
    queue: bool = False
    advice: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        return (*self.advice, *self.hints)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of pull requests that stay open: at once, and new ones within an hour."""

    open: int = 10
    hourly: int = 2
