"""What one policy may allow and another does not: the obvious first, the rest by automata.

A request is allowed by `after` where an Allow applies and no Deny. So it is new where such an
Allow is beyond every Allow of `before` (and every Deny of `after`), or where it meets a Deny of
`before` that is no Deny of `after` any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remediator.access.iam.budget import Budget
from remediator.access.iam.cells import Cell, holes, only
from remediator.access.iam.inclusion import (
    Patterns,
    certainly_apart,
    certainly_everything,
    certainly_within,
    within,
)
from remediator.access.iam.literals import implied
from remediator.access.iam.patterns import Pattern
from remediator.access.iam.people import People
from remediator.access.iam.principals import EVERYBODY, Principals, Sort
from remediator.access.iam.statements import Policy, Statement


def news(
    after: Policy, before: Policy, people: People, budget: Budget, quick: bool = True
) -> Iterator[Cell]:
    """The cells that `after` may allow and `before` may not; none proves that there are none.

    `quick` takes out first what is within one statement: the answer is the same without.
    Raises TooLargeError.
    """
    allowed, was_allowed, denied = after.allows, _set(before.allows), _set(after.denies)
    for allow in allowed:
        for asked in _uncovered(allow, was_allowed, budget) if quick else [allow]:
            yield from holes([asked], [*was_allowed, *denied], people, budget)
    for deny in before.denies:
        for lost in _uncovered(deny, denied, budget) if quick else [deny]:
            for allow in allowed:
                if not (quick and _certainly_apart(allow, lost, budget)):
                    yield from holes([allow, lost], [*denied], people, budget)


_Statements = Mapping[Statement, None]
"""A set in order: there may be thousands, and each is looked for."""


def _set(statements: Iterable[Statement]) -> _Statements:
    return dict.fromkeys(statements)


def _but_actions(inner: Statement, outer: Statement, budget: Budget) -> bool:
    """Whether all but the actions is within the other statement."""
    return (
        implied(inner.terms, outer.terms, budget)
        and _nobody_else(inner.principals, outer.principals, budget)
        and (
            inner.resources is None
            or outer.resources is None
            or certainly_within(inner.resources, outer.resources, budget)
        )
    )


def _nobody_else(inner: Principals | None, outer: Principals | None, budget: Budget) -> bool:
    if inner is None or outer is None or inner == outer:
        return True
    if outer.negated:
        return False
    if EVERYBODY in outer.listed:
        return True
    budget.spend(len(inner.listed) + len(outer.listed))
    named = set(outer.listed)
    accounts = {p.account for p in named if p.sort is Sort.ACCOUNT}
    return not inner.negated and all(p in named or p.account in accounts for p in inner.listed)


def _certainly_apart(a: Statement, b: Statement, budget: Budget) -> bool:
    if a.resources and b.resources and certainly_apart(a.resources, b.resources, budget):
        return True
    return certainly_apart(a.actions, b.actions, budget)


def _uncovered(one: Statement, covers: _Statements, budget: Budget) -> Iterator[Statement]:
    """The statement with those actions that are within no other one, a service at a time."""
    if one in covers:
        return
    budget.spend(len(covers))
    whole = [s.actions for s in covers if _but_actions(one, s, budget)]
    if one.actions.negated:
        if not any(certainly_within(one.actions, actions, budget) for actions in whole):
            yield one
        return
    index = _Index.of(whole)
    by_service: dict[str, list[Pattern]] = {}
    for action in one.actions.listed:
        if not index.has(action, budget):
            by_service.setdefault(_service(action), []).append(action)
    for listed in by_service.values():
        yield only(one, Patterns.of(listed))


def _service(one: Pattern) -> str:
    """Empty where the pattern does not name one."""
    service, colon, _ = one.prefix.partition(":")
    return service if colon else ""


@dataclass(frozen=True)
class _Index:
    """Many lists of actions, to be asked for one: by their text, and by service."""

    everything: bool
    texts: frozenset[str]
    globs: dict[str, list[Pattern]]
    negated: tuple[Patterns, ...]

    @staticmethod
    def of(whole: Iterable[Patterns]) -> _Index:
        some = list(whole)
        listed = [p for actions in some if not actions.negated for p in actions.listed]
        globs: dict[str, list[Pattern]] = {}
        for one in listed:
            if not one.literal:
                globs.setdefault(_service(one), []).append(one)
        return _Index(
            any(certainly_everything(actions) for actions in some),
            frozenset(p.text for p in listed),
            globs,
            tuple(actions for actions in some if actions.negated),
        )

    def has(self, one: Pattern, budget: Budget) -> bool:
        if self.everything or one.text in self.texts:
            return True
        globs = [*self.globs.get(_service(one), ()), *self.globs.get("", ())]
        alone = Patterns((one,))
        return any(within(one, glob, budget) for glob in globs) or any(
            certainly_apart(alone, Patterns(actions.listed), budget) for actions in self.negated
        )
