"""Whether one policy allows nothing that another does not: with a proof, or with a witness.

It answers what AWS's CheckNoNewAccess asks, offline and for any actions and resources, also such
as no catalogue knows:
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from remediator.access.iam.budget import Budget, TooLargeError
from remediator.access.iam.cells import Cell
from remediator.access.iam.contexts import settling
from remediator.access.iam.difference import news
from remediator.access.iam.grammar import parse, policy_of
from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.patterns import Pattern, settled
from remediator.access.iam.people import People
from remediator.access.iam.requests import Request, about
from remediator.access.iam.statements import Kind, MalformedPolicyError, Policy, Statement
from remediator.access.iam.verdict import Answer, Verdict, sentence
from remediator.access.iam.witness import Pair, guesses, named, request_of
from remediator.texts import listed

_GUESSING = 40_000
_CELLS = 48
"""Of the cells that are in question, those in which a witness is looked for."""


def compare(after: Policy, before: Policy, quick: bool = True) -> Verdict:
    """What `after` allows against `before`. Without `quick` the same, all by automata."""
    early = _at_once(after, before)
    if early is not None:
        return early
    people = People.of(after, before)
    return _forward(Pair(after, before, people), quick) or _back(Pair(before, after, people), quick)


def _at_once(after: Policy, before: Policy) -> Verdict | None:
    if after.kind is not before.kind:
        return Verdict(
            Answer.UNKNOWN,
            f"a {after.kind} policy cannot be compared with one of another kind, {before.kind}",
        )
    if set(after.statements) == set(before.statements):
        return Verdict(Answer.SAME, "the statements are the same")
    return None


def compare_documents(after: Any, before: Any, kind: Kind | None = None) -> Verdict:
    """The same of two texts or JSON values: what is no policy is unknown, with the reason."""
    policies = _policies(after, before, kind)
    return policies if isinstance(policies, Verdict) else compare(*policies)


def allows_nothing_new(after: Any, before: Any, kind: Kind | None = None) -> bool:
    """Whether that is `same` or `narrower`, in half the time: which of the two is not asked."""
    policies = _policies(after, before, kind)
    if isinstance(policies, Verdict):
        return policies.nothing_new
    early = _at_once(*policies)
    if early is not None:
        return early.nothing_new
    return _forward(Pair(*policies, People.of(*policies)), quick=True) is None


def _policies(after: Any, before: Any, kind: Kind | None) -> tuple[Policy, Policy] | Verdict:
    policies = []
    for name, document in (("before", before), ("after", after)):
        try:
            read = parse if isinstance(document, str | bytes) else policy_of
            policies.append(read(document, kind))
        except MalformedPolicyError as why:
            return Verdict(Answer.UNKNOWN, f"the policy {name} is malformed: {why}")
    return policies[1], policies[0]


@dataclass(frozen=True, slots=True)
class _Found:
    """A request that shows it, or a cell where it is in question, or why that cannot be told."""

    request: Request | None = None
    cell: Cell | None = None
    why_not: str = ""


def _search(pair: Pair, quick: bool) -> _Found:
    """What `pair.wide` may allow alone. With values for the variables, if there are any, the
    cells of a witness are sought anew."""
    values = settling(_patterns(pair))
    if not values:
        return _walk(pair, pair, values, quick)
    found = _walk(pair, None, values, quick)
    if found == _Found():
        return found
    wide, narrow = _settled(pair.wide, values), _settled(pair.narrow, values)
    settled_pair = Pair(wide, narrow, pair.people)
    return replace(found, request=_walk(settled_pair, pair, values, quick).request)


def _walk(cut: Pair, told: Pair | None, values: Mapping[str, str], quick: bool) -> _Found:
    """Through the cells of one pair, for a request that tells it of the other."""
    first: Cell | None = None
    budget = Budget()
    try:
        for cell in islice(news(cut.wide, cut.narrow, cut.people, budget, quick), _CELLS):
            first = first or cell
            request = request_of(told, cell, values, budget) if told else None
            if request or not told:
                return _Found(request, first)
    except TooLargeError:
        why_not = "the patterns are too many to be compared"
        return _Found(_guessed(told, values) if told else None, first, why_not)
    return _Found(None, first)


def _guessed(pair: Pair, values: Mapping[str, str]) -> Request | None:
    budget = Budget(_GUESSING)
    with suppress(TooLargeError):
        for cell in guesses(pair.wide, pair.people):
            if request := request_of(pair, cell, values, budget):
                return request
    return None


def _forward(pair: Pair, quick: bool) -> Verdict | None:
    """None where it is proven that nothing is new."""
    found = _search(pair, quick)
    if found.request:
        text = f"only the policy after allows {sentence(found.request)}"
        return Verdict(Answer.WIDER, text, found.request)
    if found.cell is None and not found.why_not:
        return None
    return Verdict(Answer.UNKNOWN, found.why_not or _doubt(pair, found.cell))


def _back(pair: Pair, quick: bool) -> Verdict:
    """Nothing is new. The pair is turned round: what is it that only the policy before allows?"""
    found = _search(pair, quick)
    proof = _proof(after=pair.narrow, before=pair.wide)
    if found == _Found():
        return Verdict(Answer.SAME, f"{proof}, and the other way round")
    less = "whether it allows less cannot be told"
    if found.request:
        less = f"only the policy before allows {sentence(found.request)}"
    return Verdict(Answer.NARROWER, f"{proof}; {less}", gone=found.request)


def _proof(after: Policy, before: Policy) -> str:
    allowed, denied = after.allows, before.denies
    changed = len(set(allowed) - set(before.allows))
    lost = len(set(denied) - set(after.denies))
    found = "every Allow is one of the policy before" if allowed else "it has no Allow"
    if changed:
        total = f"of {len(allowed)} Allow, {changed} changed"
        found = f"{total}, and all that they match was allowed before"
    if lost:
        total = f"of {len(denied)} Deny before, {lost} changed"
        found += f"; {total}, and all that they match is denied"
    return found


def _patterns(pair: Pair) -> list[Pattern]:
    found: list[Pattern] = []
    for statement in pair.statements:
        found += statement.resources.listed if statement.resources else ()
        found += (value for c in statement.conditions for value in c.values)
    return found


def _settled(policy: Policy, values: Mapping[str, str]) -> Policy:
    def one(statement: Statement) -> Statement:
        if statement.resources is None:
            return statement
        made = (settled(p, values) for p in statement.resources.listed)
        listed = [p for p in made if p is not None]
        return replace(statement, resources=Patterns.of(listed, statement.resources.negated))

    return Policy(policy.kind, tuple(one(s) for s in policy.statements))


def _doubt(pair: Pair, cell: Cell | None) -> str:
    """Why a cell is neither proven nor a witness."""
    if cell is None:
        return "it cannot be told"
    request = Request(named(cell.action), cell.resource, cell.asker)
    statements = [s for s in pair.statements if about(s, request, pair.people) is not False]
    keys = sorted({c.key for s in statements for c in s.conditions})
    resources = [p for s in statements if s.resources for p in s.resources.listed]
    names = sorted({name for p in resources for name in p.variables})
    parts = [f"the conditions on {listed(keys)}"] if keys else []
    parts += [f"the variables {listed(names)}"] if names else []
    upon = " and ".join(parts) or "which principals are one and the same"
    return f"whether the policy after alone allows {sentence(request)} depends on {upon}"
