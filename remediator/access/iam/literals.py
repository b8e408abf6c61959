"""What cannot be told of a request for sure, as named unknowns, and which of them imply which.

In one request each is true or false, and the same in both policies. A policy is proven narrower
where it is for every combination, whether or not that combination can be: so the answer is safe,
and only what is implied below is ever used. These are the conditions, the patterns with
variables, and principals that may be one and the same (an account and a canonical user id).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from remediator.access.iam.budget import Budget
from remediator.access.iam.conditions import Condition, Family, moment, network, number
from remediator.access.iam.inclusion import within
from remediator.access.iam.patterns import Pattern, sections
from remediator.access.iam.principals import Principal


@dataclass(frozen=True, slots=True)
class Variable:
    """The resource matches a pattern with variables; with `negated` it does not."""

    pattern: Pattern
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """These variables have values: "If AWS cannot resolve a variable, this might cause the entire
    statement to be invalid", so that not even its patterns without variables match."""

    variables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Alias:
    """The one who asks is this principal under another name."""

    principal: Principal


@dataclass(frozen=True, slots=True)
class Excepted:
    """A NotPrincipal applies to one whom it names in part: the account and not the user, say."""

    listed: frozenset[Principal]


Literal = Condition | Variable | Resolved | Alias | Excepted
Literals = frozenset[Literal]
NONE: Literals = frozenset()


def impossible(premise: Literals) -> bool:
    """Whether not all of them can hold: nobody is two users, or has two ids."""
    sorts = [one.principal.sort for one in premise if isinstance(one, Alias)]
    return len(sorts) > len(set(sorts))


def implied(premise: Literals, conclusion: Literals, budget: Budget) -> bool:
    """Whether all of `conclusion` holds wherever all of `premise` does, as far as is known.

    Raises TooLargeError.
    """
    if conclusion <= premise:
        return True
    budget.spend(len(premise) * len(conclusion))
    return all(any(implies(p, c, budget) for p in premise) for c in conclusion)


def implies(one: Literal, other: Literal, budget: Budget) -> bool:
    if one == other:
        return True
    match one, other:
        case Condition(), Condition():
            return one.key == other.key and budget.kept(
                (one, other), lambda: _readable(one, other, budget)
            )
        case Variable(), Variable() if one.negated == other.negated:
            a, b = (other, one) if one.negated else (one, other)
            return within(a.pattern, b.pattern, budget)
        case Resolved(), Resolved():
            return other.variables <= one.variables
        case Excepted(), Excepted():
            # Who is denied although all of a longer list is excepted is so with a shorter one.
            return other.listed <= one.listed
        case _:
            return False


def _readable(one: Condition, other: Condition, budget: Budget) -> bool:
    """Nothing is known of values that are not what the operator compares: AWS takes them."""
    try:
        return bool(one.values and other.values) and _condition(one, other, budget)
    except (ValueError, OverflowError):
        return False


def _condition(one: Condition, other: Condition, budget: Budget) -> bool:
    if other.operator.family is Family.NULL:
        present = {value.text for value in other.values} == {"false"}
        return present and not other.qualifier and _needs_its_key(one)
    if one.qualifier != other.qualifier or (one.if_exists and not other.if_exists):
        return False
    if one.operator.negated != other.operator.negated:
        return False
    # A condition is true for any of its values, a negated one for none of them.
    if one.operator.negated:
        one, other = other, one
    if one.operator.order or other.operator.order:
        return _ordered(one, other)
    related = _RELATED.get((one.operator.family, other.operator.family))
    if related is None:
        return False
    budget.spend(len(one.values) * len(other.values))
    return all(any(related(i, o, budget) for o in other.values) for i in one.values)


def _needs_its_key(one: Condition) -> bool:
    operator = one.operator
    free = operator.negated or one.if_exists or operator.family is Family.NULL
    return not free and one.qualifier != "ForAllValues"


def _same(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    return inner == outer


def _folded(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    return not inner.variables and inner.text.lower() == outer.text


def _arn(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    """Each of the six sections is compared by itself, so a `*` stays within one."""
    a, b = sections(inner), sections(outer)
    return inner == outer or (
        len(a) == len(b) == 6 and all(within(i, o, budget) for i, o in zip(a, b, strict=True))
    )


def _number(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    return number(inner.plain) == number(outer.plain)


def _date(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    return moment(inner.plain) == moment(outer.plain)


def _address(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    a, b = network(inner.plain), network(outer.plain)
    return a.version == b.version and a[0] in b and a[-1] in b


_RELATED: dict[tuple[Family, Family], Callable[[Pattern, Pattern, Budget], bool]] = {
    (Family.EQUALS, Family.EQUALS): _same,
    (Family.EQUALS, Family.LIKE): within,
    (Family.EQUALS, Family.FOLDED): _folded,
    (Family.FOLDED, Family.FOLDED): _same,
    (Family.LIKE, Family.LIKE): within,
    (Family.ARN, Family.ARN): _arn,
    (Family.NUMBER, Family.NUMBER): _number,
    (Family.DATE, Family.DATE): _date,
    (Family.BOOL, Family.BOOL): _same,
    (Family.BINARY, Family.BINARY): _same,
    (Family.ADDRESS, Family.ADDRESS): _address,
}


def _ordered(one: Condition, other: Condition) -> bool:
    """Less than 5 is less than 9. Of several values the widest counts."""
    a, b = one.operator, other.operator
    if not (a.order and b.order) or a.family is not b.family or a.order[0] != b.order[0]:
        return False
    if a.family is Family.NUMBER:
        return _bounded(one, other, number)
    return _bounded(one, other, moment)


def _bounded(one: Condition, other: Condition, read: Callable[[str], Any]) -> bool:
    less = one.operator.order[0] == "<"
    a, b = (sorted(read(v.plain) for v in c.values)[-1 if less else 0] for c in (one, other))
    if a == b:
        return one.operator.order in (other.operator.order, other.operator.order[0])
    return bool((a < b) == less)
