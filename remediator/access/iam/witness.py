"""A request that one policy allows and another does not, found in a cell and checked plainly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from remediator.access.iam.budget import Budget
from remediator.access.iam.cells import Cell
from remediator.access.iam.contexts import contexts, determined, independent
from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.literals import implied
from remediator.access.iam.patterns import ANY, STAR, Pattern, matches, settled
from remediator.access.iam.people import People
from remediator.access.iam.principals import IDENTITY
from remediator.access.iam.requests import (
    Context,
    Request,
    about,
    allows,
    applies,
    decided,
    in_force,
)
from remediator.access.iam.statements import Policy, Statement

_GUESSES, _WANTED = 8, 8


@dataclass(frozen=True, slots=True)
class Pair:
    """The policy that is asked about, the one that it is compared with, and their people."""

    wide: Policy
    narrow: Policy
    people: People

    @property
    def both(self) -> tuple[Policy, Policy]:
        return self.wide, self.narrow

    @property
    def statements(self) -> tuple[Statement, ...]:
        return (*self.wide.statements, *self.narrow.statements)

    def tells(self, request: Request) -> bool:
        """Whether the request shows for sure that `wide` allows what `narrow` does not."""
        if not allows(self.wide, request, self.people):
            return False
        return allows(self.narrow, request, self.people) is False


def request_of(pair: Pair, cell: Cell, values: Mapping[str, str], budget: Budget) -> Request | None:
    """A request of the cell that shows it; `values` are those of variables."""
    plain = Request(cell.action, cell.resource, cell.asker, _context(values))
    found = _in_context(pair, plain, values, budget)
    return _readable(pair, found, Budget()) if found else None


def guesses(policy: Policy, people: People) -> Iterator[Cell]:
    """Requests that are likely to be allowed, where cutting the policy into cells is too much."""
    for allow in policy.allows:
        asker = next((a for a in people.askers if people.applies(allow.principals, a)), IDENTITY)
        actions = [_filled(p) for p in allow.actions.listed[:_GUESSES]]
        listed = allow.resources.listed[:_GUESSES] if allow.resources else ()
        resources: list[str | None] = [_filled(p) for p in listed]
        for action, resource in product(actions, resources or [None]):
            yield Cell(asker, named(action if ":" in action else "any:"), resource)


def _filled(one: Pattern) -> str:
    return "".join({STAR: "any", ANY: "x"}.get(token, token) for token in one.tokens)


def _context(values: Mapping[str, str]) -> Context:
    return {key: (value,) for key, value in values.items()}


def _in_context(
    pair: Pair, plain: Request, values: Mapping[str, str], budget: Budget
) -> Request | None:
    """Tries contexts, with the statements that are about the request alone."""
    budget.spend(len(pair.wide.statements) + len(pair.narrow.statements))
    here = _here(pair, plain)
    said = [[(s, about(s, plain, pair.people)) for s in p.statements] for p in here.both]
    conditions = {c for s in here.statements for c in s.conditions}
    kept = frozenset(here.narrow.statements)
    first = sorted(here.wide.allows, key=kept.__contains__)
    for wanted in islice(dict.fromkeys(s.conditions for s in first), _WANTED):
        for context in contexts(conditions, wanted, plain.principal, values):
            budget.spend(20 + 10 * len(conditions))
            wide, narrow = (
                decided((s.allow, in_force(s, is_about, context)) for s, is_about in one)
                for one in said
            )
            request = replace(plain, context=context)
            if wide and narrow is False and _shows(pair, request, budget):
                return request
    return None


def _here(pair: Pair, request: Request) -> Pair:
    """With the statements that may be about the request."""
    wide, narrow = (
        Policy(
            p.kind, tuple(s for s in p.statements if about(s, request, pair.people) is not False)
        )
        for p in pair.both
    )
    return replace(pair, wide=wide, narrow=narrow)


def _shows(pair: Pair, request: Request, budget: Budget) -> bool:
    return pair.tells(request) and _certain(_here(pair, request), request, budget)


def _certain(pair: Pair, request: Request, budget: Budget) -> bool:
    """Whether such a context can be. Keys may depend on each other (a VPC and its endpoint, an
    organization and its accounts), so a context that plays one against another proves nothing.

    It does where there is one key, where all are known to be free, and where a condition is
    only loosened.
    """
    keys = {c.key for s in pair.statements for c in s.conditions}
    keys = {key for key in keys if not determined(key, request.principal)}
    return len(keys) < 2 or independent(keys) or _loosened(pair, request, budget)


def _loosened(pair: Pair, request: Request, budget: Budget) -> bool:
    """Whether an Allow that applies asks for no more than each of the other policy's, and no Deny
    has a condition."""
    if any(s.conditions for s in pair.statements if not s.allow):
        return False
    return any(
        all(implied(other.conditions, one.conditions, budget) for other in pair.narrow.allows)
        for one in pair.wide.allows
        if applies(one, request, pair.people)
    )


def _readable(pair: Pair, found: Request, budget: Budget) -> Request:
    """The same with a nicer action and resource, where that shows it as well."""
    allow = next(s for s in pair.wide.allows if applies(s, found, pair.people))
    for action in (*_written(pair, found.action), *_actions(allow, found), found.action):
        for resource in (*_resources(allow, found, action), found.resource):
            request = replace(found, action=action, resource=resource)
            if _shows(pair, request, budget):
                return request
    return found


def _written(pair: Pair, action: str) -> Iterator[str]:
    """The action with its case, where a policy names it."""
    yield from (p.shown for s in pair.statements for p in s.actions.listed if p.text == action)


def _actions(allow: Statement, found: Request) -> Iterator[str]:
    for one in _matching(allow.actions, found.action.lower(), found.context):
        text = one.shown.replace("*", "AnyAction").replace("?", "x")
        yield text if ":" in text else "any:AnyAction"
    yield named(found.action)


def named(action: str) -> str:
    """The action with a name: any one fits where none does."""
    service, _, name = action.partition(":")
    return f"{service}:{name or 'AnyAction'}"


def _resources(allow: Statement, found: Request, action: str) -> Iterator[str]:
    if allow.resources is None or found.resource is None:
        return
    for one in _matching(allow.resources, found.resource, found.context):
        if one.text != "*":
            yield _filled(one)
    yield f"arn:aws:{action.partition(':')[0].lower()}:::any"
    yield "*"


def _matching(patterns: Patterns, text: str, context: Context) -> Iterator[Pattern]:
    """The patterns of a list that match, with values for their variables."""
    values = {key: texts[0] for key, texts in context.items()}
    for one in patterns.listed:
        made = settled(one, values)
        if made is not None and not patterns.negated and matches(made, text):
            yield made
