"""Where one or two statements reach beyond others: exactly, cell by cell.

A cell is one kind of principal, one atom of the actions, one of the resources. In a cell every
pattern either matches or does not, and what is left is a question of which conditions imply
which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediator.access.iam.axes import ACTION, RESOURCE, Point, Ways, combined, cut
from remediator.access.iam.budget import Budget
from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.literals import Literals, implied, impossible
from remediator.access.iam.people import CERTAIN, Alternatives, Named, People
from remediator.access.iam.principals import Principal
from remediator.access.iam.statements import Statement


@dataclass(frozen=True, slots=True)
class Cell:
    """A request that is in question, as one of its kind."""

    asker: Principal
    action: str
    resource: str | None


def holes(
    inside: Sequence[Statement], covers: Sequence[Statement], people: People, budget: Budget
) -> Iterator[Cell]:
    """Cells that are in all of `inside` and, as far as is known, in none of `covers`: some of
    them, if there are any. Without conditions, variables and aliases that is exact.

    Raises TooLargeError.
    """
    held: Literals = frozenset(term for s in inside for term in s.terms)
    usable = [s for s in covers if implied(held, s.terms, budget)]
    actions = cut([s.actions for s in inside], [s.actions for s in usable], ACTION, budget)
    first = len(inside)
    met = [n for n in range(len(usable)) if any(a.ways[first + n] for a in actions)]
    usable = [usable[n] for n in met]
    masks = [_mask(actions, first + n) for n in met]
    everything = (1 << len(actions)) - 1
    askers = _askers([*inside, *usable], first, people, budget)
    for resource in _resources(inside, usable, budget) if actions else ():
        for asker, asker_ways in askers:
            budget.spend(1 + len(usable))
            ways = [combined(*pair) for pair in zip(resource.ways, asker_ways, strict=True)]
            for premise in combined(*ways[:first]):
                if impossible(premise):
                    continue
                left = everything & ~_covered(premise | held, ways[first:], masks, budget)
                for number in _numbers(left):
                    text = resource.text if inside[0].resources is not None else None
                    yield Cell(asker, actions[number].text, text)


def _mask(actions: Sequence[Point], place: int) -> int:
    """The actions that a statement has, a bit each: actions have no variables."""
    return sum(1 << number for number, one in enumerate(actions) if one.ways[place])


def _covered(
    premise: Literals, ways: Sequence[Alternatives], masks: Sequence[int], budget: Budget
) -> int:
    found = 0
    for way, mask in zip(ways, masks, strict=True):
        if way == CERTAIN or any(implied(premise, one, budget) for one in way):
            found |= mask
    return found


def _numbers(mask: int) -> Iterator[int]:
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


def _askers(
    statements: Sequence[Statement], inside: int, people: People, budget: Budget
) -> list[tuple[Principal, Ways]]:
    """One of each kind of principal that is in the first `inside` statements."""
    found: dict[Ways, Principal] = {}
    named = [Named.of_element(s.principals) if s.principals else None for s in statements]
    budget.spend(sum(len(one.listed) for one in named if one))
    for asker in people.askers:
        budget.spend(4)
        ways = tuple(people.applies_to(one, asker) for one in named[:inside])
        if all(ways):
            budget.spend(len(named))
            ways += tuple(people.applies_to(one, asker) for one in named[inside:])
            found.setdefault(ways, asker)
    return [(asker, ways) for ways, asker in found.items()]


def _resources(
    inside: Sequence[Statement], covers: Sequence[Statement], budget: Budget
) -> list[Point]:
    held = [s.resources for s in inside if s.resources is not None]
    others = [s.resources for s in covers if s.resources is not None]
    if not held:
        return [Point("", (CERTAIN,) * (len(inside) + len(covers)))]
    return cut(held, others, RESOURCE, budget)


def only(statement: Statement, actions: Patterns) -> Statement:
    """The statement with these of its actions."""
    return Statement(
        statement.allow, actions, statement.resources, statement.principals, statement.conditions
    )
