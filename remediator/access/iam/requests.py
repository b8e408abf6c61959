"""What one policy says to one request: plainly, pattern by pattern, statement by statement.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

It knows nothing of the automata by which policies are compared, so that it can check them. None
is "cannot be told": an operator on several values, a variable without a value, an alias.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.operators import holds
from remediator.access.iam.patterns import Pattern, matches, settled
from remediator.access.iam.people import CERTAIN, People
from remediator.access.iam.principals import IDENTITY, Principal
from remediator.access.iam.statements import Policy, Statement

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """`resource` is None for what a trust policy guards; `context` has condition keys in small
    letters, each with its values."""

    action: str
    resource: str | None
    principal: Principal = IDENTITY
    context: Context = field(default_factory=dict)


def allows(policy: Policy, request: Request, people: People | None = None) -> bool | None:
    """Whether the policy by itself allows the request. `people` are those of all policies that
    are compared, by default of this one."""
    known = people or People.of(policy)
    return decided((s.allow, applies(s, request, known)) for s in policy.statements)


def decided(said: Iterable[tuple[bool, bool | None]]) -> bool | None:
    """By statements: whether each is an Allow, and whether it applies."""
    answers = list(said)
    denied = _any(answer for allow, answer in answers if not allow)
    allowed = _any(answer for allow, answer in answers if allow)
    if denied or allowed is False:
        return False
    return True if allowed and denied is False else None


def applies(statement: Statement, request: Request, people: People) -> bool | None:
    return in_force(statement, about(statement, request, people), request.context)


def in_force(statement: Statement, is_about: bool | None, context: Context) -> bool | None:
    """Whether a statement applies that is about the request, by its conditions."""
    if is_about is False:
        return False
    return _all((is_about, *(holds(condition, context) for condition in statement.conditions)))


def about(statement: Statement, request: Request, people: People) -> bool | None:
    """Whether it is about this principal, action and resource, whatever its conditions."""
    values = {key: texts[0] for key, texts in request.context.items() if len(texts) == 1}
    return _all(
        (
            _matches(statement.actions, request.action.lower(), values),
            _resource(statement, request.resource, values),
            _principal(statement, request.principal, people),
        )
    )


def _resource(statement: Statement, text: str | None, values: Mapping[str, str]) -> bool | None:
    if statement.resources is None or text is None:
        return statement.resources is None and text is None
    return _matches(statement.resources, text, values)


def _principal(statement: Statement, principal: Principal, people: People) -> bool | None:
    ways = people.applies(statement.principals, principal)
    if ways == CERTAIN:
        return True
    return None if ways else False


def _matches(patterns: Patterns, text: str, values: Mapping[str, str]) -> bool | None:
    answers = {_one(one, text, values) for one in patterns.listed}
    if None in answers:
        return None
    return (True in answers) != patterns.negated


def _one(one: Pattern, text: str, values: Mapping[str, str]) -> bool | None:
    made = settled(one, values)
    if made is None:
        return None
    return made.plain == text if made.literal else matches(made, text)


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return True if True in found else (None if None in found else False)


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return False if False in found else (None if None in found else True)
