"""Changes delivered as pull requests.

Where the base asks for nothing, an automatic change is merged when it is made, and the next one is
made on top. All others are kept until every change is known: then limits can let the most severe
through, and what is there is made what it should be, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from remediator.forge.git import GitForge
from remediator.forge.github.base import Base, Records
from remediator.forge.github.board import Board
from remediator.forge.github.branch_states import branch_states
from remediator.forge.github.dashboard import Content
from remediator.forge.github.desk import Desk
from remediator.forge.github.execute import Executor, branch_of
from remediator.forge.github.making import made_of
from remediator.forge.github.merging import Again
from remediator.forge.github.operations import Open, Operation
from remediator.forge.github.outcomes import amended, but, failed
from remediator.forge.github.reconcile import (
    Fate,
    Plan,
    Settled,
    has_room,
    reconcile,
    settle,
)
from remediator.forge.github.signing import Signer
from remediator.forge.github.snapshot import Reader
from remediator.forge.github.there import (
    Ending,
    Limits,
    There,
    Wanted,
)
from remediator.forge.github.writes import Writes
from remediator.model import (
    Change,
    Kind,
    Outcome,
    Record,
    Refusal,
    UpstreamError,
)
from remediator.tree import Tree
from remediator.workplace import Delivered, Moved, stale

_ENOUGH = 3
"""So many faults in a row, and the run asks no more."""
_AT_ONCE = (Fate.MERGE, Fate.WAITS)


class PullWorkplace:
    """`problems` are faults of GitHub or of the remote, `notes` what its settings do not allow."""

    def __init__(
        self,
        forge: GitForge,
        records: Records,
        writes: Writes,
        limits: Limits,
        now: datetime,
        *,
        is_asked: Callable[[str], bool] = lambda source: True,
        dashboard: bool = True,
        sign: bool = False,
        again: Again = lambda merge: "the base had moved, and nobody looked again",
    ) -> None:
        """`is_asked`: whether this run asks that source of findings by itself. `sign`: commits
        are made through the API. `again` proves a merge again on the base that it was made onto.

        Raises UpstreamError where GitHub or the remote is away.
        """
        self._is_asked = is_asked
        self._forge, self._limits, self._now = forge, limits, now
        self._reader: Reader = writes.reader
        self._board = Board(writes) if dashboard else None
        self._base = Base(forge, records)
        self._snapshot = self._reader.read(now)
        signer = Signer(writes.calls, forge, self._reader.repository) if sign else None
        self._desk = Desk(self._base.commit, heads=dict(forge.branch_heads()))
        self._desk.pulls |= {p.branch: p for p in self._snapshot.pulls}
        self._do = Executor(forge, writes, self._snapshot.ways, self._desk, signer, again)
        self._known = {p.number: p for p in self._snapshot.pulls}
        self._commands = self._snapshot.commands
        self._early: dict[str, Settled] = {}
        self._queue: dict[str, Wanted] = {}
        self.problems: list[UpstreamError] = []
        self._failed_in_a_row = 0
        self._merged_onto_another = False

    # What the loop sees ----------------------------------------------------------------------

    def tree(self) -> Tree:
        return self._base.tree

    def closed(self, finding_id: str) -> Record | None:
        return self._base.closed(finding_id)

    def deliver(
        self, change: Change, reference: str, when: datetime
    ) -> Delivered | Moved | Refusal:
        if self._failed_in_a_row >= _ENOUGH:
            return failed(self.problems[-1])
        try:
            if self._merged_onto_another:
                self._refetch()
                return Moved("somebody else's commit came in while a change was merged")
            moved = stale(change, self._base.tree)
            return moved if moved is not None else self._deliver(change, reference, when)
        except UpstreamError as fault:
            self._fault(fault)
            return self._merged_all_the_same(change.branch) or failed(fault)

    def _merged_all_the_same(self, branch: str) -> Delivered | None:
        """Where GitHub has merged, and what comes after that failed."""
        result = self._desk.results.get(branch)
        if result is None or result.merged is None or result.pull is None:
            return None
        self._known[result.pull.number] = result.pull
        self._early[branch] = Settled(branch, Fate.MERGE, (), result.pull)
        self._merged_onto_another = True  # the base is read again before the next change
        text = f"merged into {self._forge.base} as {result.merged[:12]}{but(result.moved)}"
        return Delivered(Kind.MERGED, "merged", text, False, result.merged, branch)

    def _deliver(self, change: Change, reference: str, when: datetime) -> Delivered | Moved:
        made = made_of(change, reference, when, self._base, self._snapshot.ways)
        self._desk.made[change.branch] = made
        ways = self._snapshot.ways
        if made.wanted.auto and (ways.hidden or not ways.required):
            there = self._there([made.wanted])
            room = not ways.required or has_room(there, self._limits, self._now)
            settled = settle(made.wanted, there, ways, self._now, room=room)
            if settled.fate in _AT_ONCE:
                return self._merge(change, settled)
        self._queue[change.branch] = made.wanted
        return Delivered(Kind.PROPOSED, "review", "", False, branch=change.branch)

    def _merge(self, change: Change, settled: Settled) -> Delivered | Moved:
        branch, before = change.branch, self._base.commit
        settled = self._looked_up(settled)
        if settled.fate not in _AT_ONCE:
            self._queue[branch] = self._desk.made[branch].wanted
            return Delivered(Kind.PROPOSED, "review", "", False, branch=branch)
        self._run(settled.operations)
        result = self._desk.result_of(branch)
        if result.merged is None and self._forge.fetch() != before:
            self._desk.results.pop(branch)
            self._refetch()
            return Moved(result.blocked)
        self._early[branch] = settled
        self._commands = tuple(c for c in self._commands if c.branch != branch)
        if result.merged is None:
            # The words follow, once everything is delivered.
            return Delivered(Kind.PROPOSED, "review", "", False, branch=branch)
        self._merged_onto_another = not self._base.has_merged(result.merged, change)
        self._desk.base = self._base.commit
        text = f"merged into {self._forge.base} as {result.merged[:12]}{but(result.moved)}"
        return Delivered(Kind.MERGED, "merged", text, True, result.merged, branch)

    # The rest, once every change is known ----------------------------------------------------

    def finish(self, outcomes: Sequence[Outcome], *, complete: bool) -> tuple[Outcome, ...]:
        """Makes what is there what it should be; the outcomes as they stand then. `complete`: all
        that there is was looked at, so that what is not among the outcomes is gone."""
        try:
            self._forge.fetch()
            self._desk.heads = dict(self._forge.branch_heads())
            plan = self._plan(outcomes, complete)
            for group in plan.groups:
                self._grouped(group)
            settled = {s.branch: s for s in (*self._early.values(), *plan.settled)}
            plan = replace(plan, settled=tuple(settled.values()))
            self._do.clear_workshop()
            ended = amended(outcomes, settled, self._desk.results, self._desk.heads)
            if self._board is not None and self._failed_in_a_row < _ENOUGH:
                self._tell(ended, plan)
        except UpstreamError as fault:
            self._fault(fault)
            ended = amended(outcomes, {}, self._desk.results, self._desk.heads, fault)
        return ended

    @property
    def merged_elsewhere(self) -> frozenset[str]:
        """The merges onto another base than the change was proven on."""
        return frozenset(r.merged for r in self._desk.results.values() if r.merged and r.moved)

    @property
    def notes(self) -> tuple[str, ...]:
        said = [*self._snapshot.ways.told, *(self._board.notes if self._board else ())]
        for result in self._desk.results.values():
            said += result.notes
        return tuple(dict.fromkeys(said))

    def _plan(self, outcomes: Sequence[Outcome], complete: bool) -> Plan:
        endings = {o.finding.id: Ending(o.kind, o.text) for o in outcomes}
        wanted = [*self._queue.values()]
        looked: set[str] = set()
        while True:
            plan = reconcile(
                wanted,
                self._there(wanted),
                endings,
                complete=complete,
                ways=self._snapshot.ways,
                limits=self._limits,
                now=self._now,
                settled_before=self._early.keys(),
            )
            new = {s.branch for s in plan.settled if self._is_new(s)} - looked
            found = {branch for branch in sorted(new) if self._look_up(branch)}
            if not found:
                return plan
            looked |= new

    def _looked_up(self, settled: Settled) -> Settled:
        if not self._is_new(settled) or not self._look_up(settled.branch):
            return settled
        want = self._desk.made[settled.branch].wanted
        there = self._there([want])
        return settle(want, there, self._snapshot.ways, self._now, room=True)

    def _is_new(self, settled: Settled) -> bool:
        """It would be opened, and no listing has one: labels and marks can be taken away."""
        opens = any(isinstance(o, Open) for o in settled.operations)
        return opens and all(p.branch != settled.branch for p in self._known.values())

    def _look_up(self, branch: str) -> bool:
        found = self._reader.latest(branch)
        if found is None:
            return False
        self._known[found.number] = self._desk.pulls[branch] = found
        return True

    def _grouped(self, group: Sequence[Operation]) -> None:
        if self._failed_in_a_row >= _ENOUGH:
            self._do.result(group[0]).fault = self.problems[-1]
            return
        try:
            self._run(group)
        except UpstreamError as fault:
            self._fault(fault)
            self._do.result(group[0]).fault = fault

    def _run(self, group: Sequence[Operation]) -> None:
        self._do.run(group)
        self._failed_in_a_row = 0
        branch = branch_of(group[0]) if group else ""
        pull = self._desk.results[branch].pull if branch in self._desk.results else None
        if pull is not None:
            self._known[pull.number] = pull

    def _tell(self, outcomes: Sequence[Outcome], plan: Plan) -> None:
        assert self._board is not None
        results = self._desk.results
        blocked = {b: r.blocked or str(r.fault) for b, r in results.items() if r.blocked or r.fault}
        done = {branch for branch, result in results.items() if result.merged}
        content = Content(
            tuple(outcomes),
            replace(plan, settled=tuple(s for s in plan.settled if s.branch not in done)),
            {b: m.wanted.title for b, m in self._desk.made.items()},
            {b: r.pull for b, r in results.items() if r.pull} | self._desk.pulls,
            blocked,
            (*self._snapshot.ways.told, *(n for r in results.values() for n in r.notes)),
            self._now.date(),
        )
        self._board.update(self._snapshot, content, self._now)

    # What is there ---------------------------------------------------------------------------

    def _there(self, wanted: Iterable[Wanted]) -> There:
        pulls = tuple(sorted(self._known.values(), key=lambda p: p.number))
        changes = {w.branch: self._desk.made[w.branch].change for w in wanted}
        branches = branch_states(
            self._forge, self._base, self._desk.heads, changes, pulls, self._is_asked
        )
        return There(pulls, branches, self._commands)

    def _refetch(self) -> None:
        self._base.refetch()
        self._desk.base, self._desk.heads = self._base.commit, dict(self._forge.branch_heads())
        self._merged_onto_another = False

    def _fault(self, fault: UpstreamError) -> None:
        self.problems.append(fault)
        self._failed_in_a_row += 1
