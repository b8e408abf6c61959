"""From what is wanted and what is there to what is to be done.

Pure. A run that died after any operation leaves a state from which the rest follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from remediator.forge.github.operations import (
    Answer,
    Ask,
    AutoMerge,
    Close,
    Describe,
    Ignore,
    Label,
    Merge,
    Open,
    Operation,
    Push,
    Stop,
)
from remediator.forge.github.sweep import left_over
from remediator.forge.github.there import (
    GONE,
    LABEL,
    STOPPED,
    Branch,
    Command,
    Ending,
    Ignored,
    Limits,
    Pull,
    State,
    There,
    Wanted,
    Ways,
    Word,
)

_AGAIN = (Word.REOPEN, Word.RECREATE, Word.OPEN_NOW)


class Fate(StrEnum):
    """How a wanted change stands once its operations are done."""

    MERGE = "merge"
    WAITS = "waits"
    BLOCKED = "blocked"
    OBJECTED = "objected"
    REVIEW = "review"
    LIMITED = "limited"
    IGNORED = "ignored"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Settled:
    branch: str
    fate: Fate
    operations: tuple[Operation, ...] = ()
    pull: Pull | None = None
    ignored: Ignored | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`groups` stand by themselves: where one operation fails, the rest of its group is left.
    `kept`: open pull requests that no change of this run is for, and why they stay."""

    settled: tuple[Settled, ...]
    groups: tuple[tuple[Operation, ...], ...]
    kept: Mapping[str, str]


def reconcile(
    wanted: Sequence[Wanted],
    there: There,
    endings: Mapping[str, Ending],
    *,
    complete: bool,
    ways: Ways,
    limits: Limits,
    now: datetime,
    settled_before: Set[str] = frozenset(),
) -> Plan:
    """`endings` is how every finding of this run ended, by its id; `complete`: all that there is
    was looked at, so that a finding that is not among them is gone. `settled_before`: branches
    whose change was dealt with earlier in this run."""
    branches = {w.branch for w in wanted} | settled_before
    swept = left_over(branches, there, endings, complete)
    closing = {o.branch for group in swept.groups for o in group if isinstance(o, Close | Ignore)}
    room = _Room.of(there, closing, limits, now)
    settled = []
    for want in sorted(wanted, key=lambda w: (-w.severity, w.branch)):
        settled.append(settle(want, there, ways, now, room=room.has(want, there)))
        room.take(settled[-1])
    groups = [s.operations for s in settled if s.operations] + [*swept.groups]
    return Plan(tuple(settled), tuple(groups), swept.kept)


def has_room(there: There, limits: Limits, now: datetime) -> bool:
    """For one more, before it is known what else this run wants."""
    return _Room.of(there, set(), limits, now).left > 0


def settle(want: Wanted, there: There, ways: Ways, now: datetime, *, room: bool) -> Settled:
    """One wanted change. `room`: the limits allow one more pull request."""
    pull, branch = there.latest(want.branch), there.branches.get(want.branch)
    commands = [c for c in there.commands if c.branch == want.branch]
    words = {c.word for c in commands if not c.problem}
    ignore = next((c for c in commands if c.word is Word.IGNORE and not c.problem), None)
    done = _settled(want, pull, branch, ways, now, words, ignore, room)
    merging = tuple(o for o in done.operations if _is_merging(o))
    steps = tuple(o for o in done.operations if o not in merging)
    # What is in the way of a merge may stay there: nobody waits for an answer until then.
    return replace(done, operations=(*steps, *_answers(commands, done), *merging))


def _is_merging(operation: Operation) -> bool:
    return isinstance(operation, Merge) or (isinstance(operation, AutoMerge) and operation.on)


def _settled(
    want: Wanted,
    pull: Pull | None,
    branch: Branch | None,
    ways: Ways,
    now: datetime,
    words: set[Word | None],
    ignore: Command | None,
    room: bool,
) -> Settled:
    foreign = is_foreign(branch, pull)
    if foreign and branch and Word.RECREATE not in words:
        return Settled(want.branch, Fate.FOREIGN, tuple(stopping(branch, pull)), pull)
    if ignore is not None and pull is not None and pull.state is not State.MERGED:
        mark = Ignored(ignore.reason, ignore.until, ignore.by)
        op = Ignore(want.branch, ignore.reason, ignore.until, ignore.by)
        return Settled(want.branch, Fate.IGNORED, (op,), pull, mark)
    why = _ignored(pull, now)
    if why is not None and not words.intersection(_AGAIN):
        return Settled(want.branch, Fate.IGNORED, (), pull, why)
    is_open = pull is not None and pull.state is State.OPEN
    if not is_open and not room and not words.intersection(_AGAIN):
        return Settled(want.branch, Fate.LIMITED, (), pull)
    fresh = not foreign and _fresh(want, branch, ways, words)
    there = pull if is_open else None
    # First: until then it may merge by itself, and what follows may fail.
    stop = _not_by_itself(want, there, ways, fresh)
    steps = [] if fresh else [Push(want.branch, branch.head if branch else None)]
    more = _mended(want, there, branch, fresh) if there else _opened(want)
    fate = _fate(want, there, ways)
    merging = _merging(want, there, ways, fresh) if fate is not Fate.OBJECTED else ()
    return Settled(want.branch, fate, (*stop, *steps, *more, *merging), there)


def _not_by_itself(want: Wanted, pull: Pull | None, ways: Ways, fresh: bool) -> Iterator[Operation]:
    """Auto-merge that was switched on before the change fell to review, somebody objected, or a
    setting changed, or with another record in its message. What a person left to merge by itself
    does, as that person saw it."""
    if pull is None:
        return
    stays = want.auto and ways.can_wait and not pull.objections
    theirs = pull.auto_merge and not pull.ours
    stale = pull.auto_merge and _goes_otherwise(pull, ways, fresh)
    if (pull.by_itself and not stays) or (theirs and not want.auto and not fresh) or stale:
        yield AutoMerge(want.branch, on=False)


def _goes_otherwise(pull: Pull, ways: Ways, fresh: bool) -> bool:
    """GitHub takes the method, and the message of a squash, when auto-merge is switched on: the
    commit may be made again after that, another method be the only one that is allowed, and a
    workflow may have switched it on for all that bots open. A queue has its own method,
    and where rules are hidden there may be one."""
    if ways.method == "squash" and not fresh:
        return True
    if ways.queue or ways.hidden:
        return False
    return pull.by_itself and pull.method not in ("", ways.method)


def is_foreign(branch: Branch | None, pull: Pull | None) -> bool:
    """Neither is it ours by what git says, nor the head that was written down."""
    if branch is None or branch.ours:
        return False
    return not (pull is not None and pull.recorded == branch.head)


def stopping(branch: Branch, pull: Pull | None) -> Iterator[Operation]:
    if pull is None or pull.state is not State.OPEN:
        return
    if pull.by_itself:
        yield AutoMerge(branch.name, on=False)
    if STOPPED not in pull.labels:
        yield Stop(branch.name, branch.head)


def _ignored(pull: Pull | None, now: datetime) -> Ignored | None:
    """Closed by a person, and not for so long that its time is over."""
    if pull is None or pull.state is not State.CLOSED or pull.closed_by_us:
        return None
    ignored = pull.ignored or Ignored()
    return ignored if ignored.holds(now.date()) else None


def _fresh(want: Wanted, branch: Branch | None, ways: Ways, words: set[Word | None]) -> bool:
    if branch is None or branch.merged or not branch.holds:
        return False
    asked = words & {Word.REBASE, Word.RECREATE} or (want.auto and ways.up_to_date)
    return branch.current or not asked


def _opened(want: Wanted) -> Iterator[Operation]:
    yield Open(want.branch)
    if not want.auto and want.reviewers:
        yield Ask(want.branch, want.reviewers)
    yield Label(want.branch, add=(LABEL,))


def _mended(want: Wanted, pull: Pull, branch: Branch | None, fresh: bool) -> Iterator[Operation]:
    written = (pull.title, pull.text, pull.recorded)
    # It is open: whoever closes it the next time says so anew.
    past = pull.gone or pull.ignored is not None
    if past or not fresh or branch is None or written != (want.title, want.text, branch.head):
        yield Describe(want.branch)
    lowered = pull.by_itself and not want.auto
    if (lowered or not pull.complete) and not want.auto and want.reviewers:
        yield Ask(want.branch, want.reviewers)
    add = () if pull.complete else (LABEL,)
    remove = tuple(sorted(pull.labels & {STOPPED, GONE}))
    if add or remove:
        yield Label(want.branch, add, remove)


def _merging(want: Wanted, pull: Pull | None, ways: Ways, fresh: bool) -> Iterator[Operation]:
    if not want.auto:
        return
    # A push takes a pull request out of the queue, and leaves auto-merge on.
    waits = pull is not None and (
        (pull.auto_merge and not _goes_otherwise(pull, ways, fresh)) or (pull.queued and fresh)
    )
    if not ways.required:
        yield Merge(want.branch)
    elif ways.can_wait and not waits:
        yield AutoMerge(want.branch, on=True)


def _fate(want: Wanted, pull: Pull | None, ways: Ways) -> Fate:
    if not want.auto:
        return Fate.REVIEW
    if pull is not None and pull.objections:
        return Fate.OBJECTED
    if not ways.required:
        return Fate.MERGE
    return Fate.WAITS if ways.can_wait else Fate.BLOCKED


_DONE = "Done: the change is made again from the base as it is now."
_SAID = {
    Fate.LIMITED: "Not now: the limit of open pull requests is reached.",
    Fate.FOREIGN: "Not done: somebody else pushed to this branch. `recreate` throws that away.",
}


def _answers(commands: Sequence[Command], done: Settled) -> Iterator[Operation]:
    for command in commands:
        if command.comment is None:
            continue
        if command.problem:
            yield Answer(command, command.problem)
        elif command.word is Word.EXPLAIN:
            yield Answer(command, "")
        elif done.fate is Fate.IGNORED and command.word is Word.IGNORE:
            yield Answer(command, f"Ignored until {command.until}, and listed as such.")
        elif command.word is Word.IGNORE and done.fate is not Fate.FOREIGN:
            yield Answer(command, "Not done: it is merged, or has no pull request.")
        elif done.fate is Fate.IGNORED:
            yield Answer(command, "Not done: it is ignored.")
        else:
            yield Answer(command, _SAID.get(done.fate, _DONE))


@dataclass(slots=True)
class _Room:
    """How many pull requests may still be opened in this run."""

    left: int

    @staticmethod
    def of(there: There, closing: set[str], limits: Limits, now: datetime) -> _Room:
        still = [p for p in there.pulls if p.state is State.OPEN and p.branch not in closing]
        new = [
            p
            for p in there.pulls
            if p.state is not State.MERGED and p.created_at > now - timedelta(hours=1)
        ]
        return _Room(min(limits.open - len(still), limits.hourly - len(new)))

    def has(self, want: Wanted, there: There) -> bool:
        return self.left > 0

    def take(self, settled: Settled) -> None:
        if any(isinstance(o, Open) for o in settled.operations):
            self.left -= 1
