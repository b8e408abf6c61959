"""From what is wanted and what is there to operations: a table, and what holds for every pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from remediator.forge.github.operations import Operation
from remediator.forge.github.reconcile import Plan, reconcile
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
from remediator.model import Kind

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=3)
NAME, HEAD, FINDING = "remediator/ssh-1", "a" * 40, "finding-1"
REVIEW = Wanted(NAME, "Close SSH", "text-1", False, 4, (FINDING,), ("@org/net",))
AUTO = replace(REVIEW, auto=True, reviewers=())
BRANCH = Branch(NAME, HEAD, True, True, True, False, (FINDING,))
PULL = Pull(
    7,
    NAME,
    State.OPEN,
    OLD,
    head=HEAD,
    labels=frozenset([LABEL]),
    recorded=HEAD,
    text="text-1",
    title="Close SSH",
)
OBJECTED = replace(PULL, auto_merge=True, objections=("pat asked for changes",))
THEIRS = replace(PULL, auto_merge=True, ours=False)
QUEUED = replace(PULL, queued=True)
QUEUED_BY_A_PERSON = replace(QUEUED, ours=False)
QUEUE = Ways(required=True, queue=True)
CLOSED = replace(PULL, state=State.CLOSED)
STALE = replace(BRANCH, holds=False)
FOREIGN = replace(BRANCH, ours=False, holds=False, head="f" * 40)
NO_RULES, RULES, USUAL = Ways(), Ways(required=True), Limits()


def said(operation: Operation) -> str:
    """An operation as a short word: what the tables are written in."""
    name = type(operation).__name__.lower()
    for key in ("on", "add", "remove", "why"):
        value = getattr(operation, key, ())
        if value != ():
            name += f" {value if isinstance(value, bool | str) else ' '.join(value)}"
    return name


@dataclass(frozen=True)
class Case:
    name: str
    expected: str
    wanted: Wanted | None = REVIEW
    pull: Pull | None = None
    branch: Branch | None = None
    ways: Ways = NO_RULES
    commands: Sequence[Command] = ()
    endings: Mapping[str, Ending] = field(default_factory=dict)
    complete: bool = True
    limits: Limits = USUAL

    def plan(self) -> Plan:
        pulls = (self.pull,) if self.pull else ()
        branches = {NAME: self.branch} if self.branch else {}
        wanted = [self.wanted] if self.wanted else []
        return reconcile(
            wanted,
            There(pulls, branches, tuple(self.commands)),
            self.endings,
            complete=self.complete,
            ways=self.ways,
            limits=self.limits,
            now=NOW,
        )


def ended(kind: Kind, text: str = "") -> dict[str, Ending]:
    return {FINDING: Ending(kind, text)}


def asks(word: Word, **more: object) -> tuple[Command, ...]:
    return (Command(word, NAME, "pat", 99, 7, **more),)  # type: ignore[arg-type]


def ticked(word: Word) -> tuple[Command, ...]:
    return (Command(word, NAME),)


UNTIL = date(2026, 12, 31)
OVER = Ignored("later", date(2026, 11, 28), "pat")
NEW = "push; open; ask; label remediator"

CASES = [
    # Nothing there yet, or half of it.
    Case("a review is proposed, and its owners are asked", NEW),
    Case("an automatic one asks nobody", "push; open; label remediator; merge", AUTO),
    Case(
        "and waits for the base's rules",
        "push; open; label remediator; automerge True",
        AUTO,
        ways=RULES,
    ),
    Case("died after the push", "open; ask; label remediator", branch=BRANCH),
    Case(
        "died before the label",
        "ask; label remediator",
        pull=replace(PULL, labels=frozenset()),
        branch=BRANCH,
    ),
    Case("died before auto-merge", "automerge True", AUTO, pull=PULL, branch=BRANCH, ways=RULES),
    Case("died before the merge", "merge", AUTO, pull=PULL, branch=BRANCH),
    # Unchanged: nothing.
    Case("a review waits", "", pull=PULL, branch=BRANCH),
    Case(
        "an automatic one waits",
        "",
        AUTO,
        pull=replace(PULL, auto_merge=True),
        branch=BRANCH,
        ways=RULES,
    ),
    Case("the base moved elsewhere", "", pull=PULL, branch=replace(BRANCH, current=False)),
    # Changed.
    Case("the base moved under it", "push; describe", pull=PULL, branch=STALE),
    Case("what is said changed", "describe", pull=replace(PULL, text="old"), branch=BRANCH),
    Case(
        "died between push and describe",
        "describe",
        pull=replace(PULL, recorded="b" * 40),
        branch=BRANCH,
    ),
    Case(
        "a rule wants it up to date",
        "push; describe",
        AUTO,
        pull=replace(PULL, auto_merge=True),
        branch=replace(BRANCH, current=False),
        ways=Ways(required=True, up_to_date=True),
    ),
    Case(
        "automatic no more",
        "automerge False; ask",
        pull=replace(PULL, auto_merge=True),
        branch=BRANCH,
    ),
    Case(
        "objected to, so not merged by itself",
        "automerge False",
        AUTO,
        pull=OBJECTED,
        branch=BRANCH,
        ways=RULES,
    ),
    Case(
        "objected to, and made again: off comes first",
        "automerge False; push; describe",
        AUTO,
        pull=OBJECTED,
        branch=STALE,
        ways=RULES,
    ),
    Case(
        "objected to, where the base asks for nothing any more",
        "automerge False",
        AUTO,
        pull=OBJECTED,
        branch=BRANCH,
    ),
    Case(
        "automatic no more, and objected to", "automerge False; ask", pull=OBJECTED, branch=BRANCH
    ),
    Case(
        "automatic no more, and made again: off comes first",
        "automerge False; push; describe; ask",
        pull=replace(PULL, auto_merge=True),
        branch=STALE,
    ),
    Case(
        "a review that a person left to merge by itself",
        "",
        pull=THEIRS,
        branch=BRANCH,
        ways=RULES,
    ),
    Case(
        "and that is made again: as they saw it, it is not any more",
        "automerge False; push; describe",
        pull=THEIRS,
        branch=STALE,
        ways=RULES,
    ),
    Case("a review that a person put into the queue", "", pull=QUEUED_BY_A_PERSON, branch=BRANCH),
    Case(
        "what could not be looked at, and a person left to merge",
        "",
        None,
        THEIRS,
        BRANCH,
        complete=False,
    ),
    Case("in the queue", "", AUTO, pull=QUEUED, branch=BRANCH, ways=QUEUE),
    Case(
        "in the queue, and made again: the push took it out",
        "push; describe; automerge True",
        AUTO,
        pull=QUEUED,
        branch=STALE,
        ways=QUEUE,
    ),
    Case(
        "in the queue, and objected to",
        "automerge False",
        AUTO,
        pull=replace(QUEUED, objections=("pat asked for changes",)),
        branch=BRANCH,
        ways=QUEUE,
    ),
    Case(
        "in the queue, which has come to squash",
        "automerge False",
        AUTO,
        pull=QUEUED,
        branch=BRANCH,
        ways=replace(QUEUE, can_wait=False),
    ),
    Case(
        "made again, where a squash keeps the words of the first time",
        "automerge False; push; describe; automerge True",
        AUTO,
        pull=replace(PULL, auto_merge=True),
        branch=STALE,
        ways=replace(RULES, method="squash"),
    ),
    Case(
        "left by another bot to merge in another way",
        "automerge False; automerge True",
        AUTO,
        pull=replace(PULL, auto_merge=True, method="squash"),
        branch=BRANCH,
        ways=RULES,
    ),
    Case(
        "and in our way",
        "",
        AUTO,
        pull=replace(PULL, auto_merge=True, method="merge"),
        branch=BRANCH,
        ways=RULES,
    ),
    Case(
        "a queue has a way of its own",
        "",
        AUTO,
        pull=replace(PULL, auto_merge=True, method="squash"),
        branch=BRANCH,
        ways=QUEUE,
    ),
    Case(
        "and so may one that is hidden",
        "",
        AUTO,
        pull=replace(PULL, auto_merge=True, method="squash"),
        branch=BRANCH,
        ways=replace(RULES, hidden=True),
    ),
    Case(
        "left by a person to merge in another way",
        "",
        AUTO,
        pull=replace(THEIRS, method="squash"),
        branch=BRANCH,
        ways=RULES,
    ),
    Case(
        "the same where a person had switched it on",
        "automerge False; push; describe; automerge True",
        AUTO,
        pull=THEIRS,
        branch=STALE,
        ways=replace(RULES, method="squash"),
    ),
    Case("automatic no more, in the queue", "automerge False; ask", pull=QUEUED, branch=BRANCH),
    Case("automatic now", "automerge True", AUTO, pull=PULL, branch=BRANCH, ways=RULES),
    Case("the branch was deleted", "push; describe", pull=PULL),
    # Somebody else pushed.
    Case("a foreign head is left alone", "stop", pull=PULL, branch=FOREIGN),
    Case(
        "and must not merge by itself",
        "automerge False; stop",
        AUTO,
        pull=replace(PULL, auto_merge=True),
        branch=FOREIGN,
        ways=RULES,
    ),
    Case(
        "it was said already",
        "",
        pull=replace(PULL, labels=frozenset([LABEL, STOPPED])),
        branch=FOREIGN,
    ),
    Case("a foreign branch without a pull request", "", branch=FOREIGN),
    Case(
        "recreate throws theirs away",
        "push; describe; label remediator:stopped; answer",
        pull=replace(PULL, labels=frozenset([LABEL, STOPPED])),
        branch=FOREIGN,
        commands=asks(Word.RECREATE),
    ),
    Case(
        "rebase does not",
        "stop; answer",
        pull=PULL,
        branch=FOREIGN,
        commands=asks(Word.REBASE),
    ),
    Case(
        "the App's own commit is ours by its recorded head",
        "",
        pull=replace(PULL, recorded="f" * 40, head="f" * 40),
        branch=replace(FOREIGN, holds=True),
    ),
    # Closed, merged, come back.
    Case("closed by a person is ignored", "", pull=CLOSED, branch=BRANCH),
    Case("also when its branch is gone", "", pull=CLOSED),
    Case("with a time that is over", NEW, pull=replace(CLOSED, ignored=OVER)),
    Case(
        "until its last day",
        "",
        pull=replace(CLOSED, ignored=replace(OVER, until=NOW.date())),
    ),
    Case(
        "closed by us, and opened again by a person",
        "label remediator:closed-by-bot",
        pull=replace(PULL, labels=frozenset([LABEL, GONE])),
        branch=BRANCH,
    ),
    Case(
        "closed by us it comes back",
        NEW,
        pull=replace(CLOSED, labels=frozenset([LABEL, GONE]), gone=True),
    ),
    Case("a ticked box opens it again", NEW, pull=CLOSED, commands=ticked(Word.REOPEN)),
    Case("a comment does", f"{NEW}; answer", pull=CLOSED, commands=asks(Word.RECREATE)),
    Case("rebase does not open it", "answer", pull=CLOSED, commands=asks(Word.REBASE)),
    Case(
        "a merged fix whose finding is back is a new one",
        NEW,
        pull=replace(PULL, state=State.MERGED),
        branch=replace(BRANCH, merged=True),
    ),
    # Limits.
    Case("no room", "", limits=Limits(0, 2)),
    Case("none in this hour", "", limits=Limits(10, 0)),
    Case("a ticked box overrides", NEW, commands=ticked(Word.OPEN_NOW), limits=Limits(0, 0)),
    Case("what is open is kept up", "push; describe", pull=PULL, branch=STALE, limits=Limits(0, 0)),
    # Commands.
    Case(
        "rebase",
        "push; describe; answer",
        pull=PULL,
        branch=replace(BRANCH, current=False),
        commands=asks(Word.REBASE),
    ),
    Case("rebase of a current one", "answer", pull=PULL, branch=BRANCH, commands=asks(Word.REBASE)),
    Case(
        "ignore",
        "ignore; answer",
        pull=PULL,
        branch=BRANCH,
        commands=asks(Word.IGNORE, reason="no", until=UNTIL),
    ),
    Case("explain", "answer", pull=PULL, branch=BRANCH, commands=asks(Word.EXPLAIN)),
    Case(
        "from somebody who may not",
        "answer",
        pull=PULL,
        branch=STALE,
        wanted=None,
        endings=ended(Kind.REFUSED, "no place"),
        commands=asks(Word.RECREATE, problem="Not done: you may not."),
    ),
    # No change is wanted any more.
    Case("gone", "close the finding is gone; delete", None, PULL, BRANCH),
    Case(
        "gone, automatic",
        "close the finding is gone; delete",
        None,
        replace(PULL, auto_merge=True),
        BRANCH,
        RULES,
    ),
    Case("perhaps gone", "", None, PULL, BRANCH, complete=False),
    Case(
        "perhaps gone, so not merged by itself",
        "automerge False",
        None,
        replace(PULL, auto_merge=True),
        BRANCH,
        complete=False,
    ),
    Case("refused now", "", None, PULL, BRANCH, endings=ended(Kind.REFUSED, "no-place")),
    Case(
        "exempt now",
        "close it is exempt now; delete",
        None,
        PULL,
        BRANCH,
        endings=ended(Kind.EXEMPTED),
        complete=False,
    ),
    Case(
        "closed by another",
        "close another pull request closes it now; delete",
        None,
        PULL,
        BRANCH,
        endings=ended(Kind.PROPOSED),
    ),
    Case("gone, but not ours", "", None, PULL, FOREIGN),
    Case("gone, branch too", "", None, PULL),
    Case(
        "died between close and delete",
        "delete",
        None,
        replace(CLOSED, labels=frozenset([GONE]), gone=True),
        BRANCH,
    ),
    Case("merged", "delete", None, replace(PULL, state=State.MERGED), replace(BRANCH, merged=True)),
    Case("a person closed it", "", None, CLOSED, BRANCH),
    Case("never proposed, gone", "delete", None, None, BRANCH),
    Case("never proposed, perhaps gone", "", None, None, BRANCH, complete=False),
    Case("never proposed, not ours", "", None, None, FOREIGN),
    Case(
        "ignore what cannot be made now",
        "ignore; answer",
        None,
        PULL,
        BRANCH,
        endings=ended(Kind.REFUSED, "x"),
        commands=asks(Word.IGNORE, reason="no", until=UNTIL),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_table(case: Case) -> None:
    plan = case.plan()
    assert "; ".join(said(o) for group in plan.groups for o in group) == case.expected


def test_a_third_of_the_cases_change_nothing() -> None:
    quiet = [c for c in CASES if c.expected in ("", "answer", "stop", "stop; answer")]
    assert len(quiet) * 3 >= len(CASES)


def some(count: int, severity: int = 2, **more: object) -> list[Wanted]:
    names = (f"remediator/s{severity}-{n:02}" for n in range(count))
    return [replace(REVIEW, branch=n, severity=severity, **more) for n in names]  # type: ignore[arg-type]


def opened(plan: Plan) -> list[str]:
    return [s.branch for s in plan.settled if any(said(o) == "open" for o in s.operations)]


def test_the_most_severe_come_first_and_the_rest_is_limited() -> None:
    there = There((), {})
    plan = reconcile(
        [*some(3, 1), *some(2, 4)],
        there,
        {},
        complete=True,
        ways=Ways(),
        limits=Limits(10, 3),
        now=NOW,
    )
    assert opened(plan) == ["remediator/s4-00", "remediator/s4-01", "remediator/s1-00"]
    assert [s.fate.value for s in plan.settled] == ["review"] * 3 + ["limited"] * 2


def test_open_ones_and_those_of_this_hour_take_room() -> None:
    lately = NOW - timedelta(minutes=59)
    pulls = tuple(
        replace(PULL, number=n, branch=f"remediator/x{n}", created_at=at)
        for n, at in enumerate([OLD] * 7 + [lately])
    )
    branches = {p.branch: replace(BRANCH, name=p.branch) for p in pulls}
    endings = ended(Kind.REFUSED, "stays")
    for limits, expected in ((Limits(10, 9), 2), (Limits(10, 2), 1), (Limits(8, 9), 0)):
        plan = reconcile(
            some(5),
            There(pulls, branches),
            endings,
            complete=True,
            ways=Ways(),
            limits=limits,
            now=NOW,
        )
        assert len(opened(plan)) == expected


def test_one_that_is_closed_in_this_run_makes_room() -> None:
    plan = reconcile(
        some(2),
        There((PULL,), {NAME: BRANCH}),
        {},
        complete=True,
        ways=Ways(),
        limits=Limits(1, 5),
        now=NOW,
    )
    assert len(opened(plan)) == 1


def test_the_order_of_what_is_given_does_not_matter() -> None:
    wanted = [*some(3, 1), *some(3, 4)]
    plans = [
        reconcile(w, There((), {}), {}, complete=True, ways=Ways(), limits=Limits(10, 4), now=NOW)
        for w in (wanted, wanted[::-1])
    ]
    assert plans[0] == plans[1]


def test_kept_ones_say_why() -> None:
    case = Case("", "", None, PULL, BRANCH, endings=ended(Kind.REFUSED, "no place is left"))
    assert case.plan().kept == {NAME: "no place is left"}
