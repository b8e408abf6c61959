"""The actions, or the resources, of some statements, cut by the patterns of others into atoms.

Only those atoms are kept where the others cover least: what is not covered anywhere is not
covered there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from remediator.access.iam.automaton import Atom, Cutter
from remediator.access.iam.budget import Budget
from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.literals import Variable
from remediator.access.iam.patterns import EVERYTHING, Pattern, apart, pattern, widened
from remediator.access.iam.people import CERTAIN, NEVER, Alternatives

ACTION = pattern("?*:*", variables=False)
"""The form of every action: a service, a colon, a name."""
RESOURCE = EVERYTHING
_PAIRS = 20_000
_CHOICES = 200

Ways = tuple[Alternatives, ...]
"""Of each statement, whether it applies."""


@dataclass(frozen=True, slots=True)
class Point:
    """An atom, and whether each list of patterns matches it: first those that were cut."""

    text: str
    ways: Ways


@dataclass(frozen=True, slots=True)
class _Bits:
    """Of a list of patterns: the bits of those without variables, and each with them. A variable
    may stand for anything, so one with them has the bit of all that it could match."""

    plain: int
    variable: tuple[tuple[int, Pattern], ...]
    negated: bool

    @staticmethod
    def of(patterns: Patterns, numbers: Mapping[str, int]) -> _Bits:
        listed = [(1 << numbers[p.text], p) for p in patterns.listed if p.text in numbers]
        plain = 0
        for bit, one in listed:
            plain |= 0 if one.variables else bit
        return _Bits(plain, tuple(pair for pair in listed if pair[1].variables), patterns.negated)

    def ways(self, signature: int) -> Alternatives:
        if self.plain & signature:
            return NEVER if self.negated else CERTAIN
        here = [one for bit, one in self.variable if bit & signature]
        if self.negated:
            return (frozenset(Variable(one, negated=True) for one in here),)
        return tuple(frozenset({Variable(one)}) for one in here)


def cut(
    inside: Sequence[Patterns], others: Sequence[Patterns], form: Pattern, budget: Budget
) -> list[Point]:
    """The atoms within each of `inside`, of any text that has the form. Raises TooLargeError."""
    regions = list(_regions(inside, budget))
    relevant = list(_relevant({p.text: p for r in regions for p in r}, others))
    held_out = {p.text: p for some in inside if some.negated for p in some.listed}
    named = {p.text: p for p in (*held_out.values(), *(p for _, p in relevant))}
    numbers = {text: number for number, text in enumerate(named)}
    choices = _choices(others)
    exact = {p.text for negated, p in relevant if negated and (choices is None or p.variables)}
    cutter = Cutter(
        {numbers[p.text]: widened(p) for p in named.values() if p.text not in exact},
        {numbers[text]: widened(named[text]) for text in exact},
        budget,
    )
    bits = [_Bits.of(some, numbers) for some in others]
    barred = [_Bits.of(some, numbers) for some in inside if some.negated]
    found: dict[Ways, Point] = {}
    for region, chosen in product(regions, choices or [()]):
        for atom in cutter.atoms([*_formed(region, form), *chosen]):
            ways = (*_inside(region, barred, atom), *(one.ways(atom.signature) for one in bits))
            if all(ways[: len(region) + len(barred)]):
                found.setdefault(ways, Point(atom.text, ways))
    return list(found.values())


def _choices(others: Sequence[Patterns]) -> list[tuple[Pattern, ...]] | None:
    """What a negated list covers not is within one of its patterns. So each of them is a region,
    too, and so is each combination of several lists; None where these are too many."""
    negated = [[(), *((widened(p),) for p in some.listed)] for some in others if some.negated]
    if prod(map(len, negated)) > _CHOICES:
        return None
    return list(dict.fromkeys(sum(chosen, ()) for chosen in product(*negated)))


def _regions(inside: Sequence[Patterns], budget: Budget) -> Iterator[tuple[Pattern, ...]]:
    """One pattern of each list, in all combinations that may have something in common."""
    listed = [some.listed for some in inside if not some.negated]
    for chosen in product(*listed):
        budget.spend(1)
        if len(chosen) < 2 or not apart(widened(chosen[0]), widened(chosen[1])):
            yield chosen


def _formed(region: Sequence[Pattern], form: Pattern) -> list[Pattern]:
    """A pattern that begins with a service has the form of an action already."""
    wide = [widened(one) for one in region]
    has_it = wide and (form is EVERYTHING or any(":" in one.prefix for one in wide))
    return wide if has_it else [*wide, form]


def _inside(
    region: Sequence[Pattern], barred: Iterable[_Bits], atom: Atom
) -> Iterator[Alternatives]:
    for one in region:
        yield (frozenset({Variable(one)}),) if one.variables else CERTAIN
    for bits in barred:
        yield bits.ways(atom.signature)


def _relevant(
    regions: Mapping[str, Pattern], others: Sequence[Patterns]
) -> Iterator[tuple[bool, Pattern]]:
    """The patterns that have anything in common with what is cut; with them, whether negated."""
    listed = [(some.negated, p) for some in others for p in some.listed]
    all_of_them = not regions or len(regions) * len(listed) > _PAIRS
    for negated, one in listed:
        if all_of_them or not all(apart(one, p) for p in regions.values()):
            yield negated, one


def combined(*ways: Alternatives) -> Alternatives:
    """Where all of them are to hold."""
    if all(way == CERTAIN for way in ways):
        return CERTAIN
    return tuple(frozenset().union(*chosen) for chosen in product(*ways))
