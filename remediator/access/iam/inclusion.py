"""Whether one pattern matches no more than another, and the same of two lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remediator.access.iam.automaton import Cutter
from remediator.access.iam.budget import Budget
from remediator.access.iam.patterns import ANY, EVERYTHING, STAR, Pattern, apart, matches

_STRANGE = "\uffff"
"""A character that no policy names; where one does, the examples show less, but nothing false."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The value of Action, or with `negated` of NotAction; likewise of Resource. Sorted."""

    listed: tuple[Pattern, ...]
    negated: bool = False

    @staticmethod
    def of(listed: Iterable[Pattern], negated: bool = False) -> Patterns:
        by_text = {one.text: one for one in listed}
        return Patterns(tuple(by_text[text] for text in sorted(by_text)), negated)


def within(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    """Whether `outer` matches all that `inner` matches, whatever the variables stand for.

    Raises TooLargeError, as all that follows.
    """
    budget.spend(1)
    if inner.text == outer.text or outer.text == EVERYTHING.text:
        return True
    if inner.literal and outer.literal:
        return False
    # The character after inner's prefix may be any, so a longer prefix of outer asks too much.
    if not inner.prefix.startswith(outer.prefix) or not inner.suffix.endswith(outer.suffix):
        return False
    if outer.text == f"{outer.prefix}*":
        return True
    budget.spend(len(inner.tokens))
    if any(not matches(outer, text) for text in _examples(inner, outer)):
        return False
    return budget.kept((inner, outer), lambda: _within(inner, outer, budget))


def _examples(one: Pattern, outer: Pattern) -> Iterator[Sequence[str]]:
    """Two texts that the pattern matches, one of which most others do not."""
    many = (_STRANGE,) * (1 + outer.tokens.count(ANY))
    for star in ((), many):
        instead = {STAR: star, ANY: (_STRANGE,)}
        text = [piece for token in one.tokens for piece in instead.get(token, (token,))]
        if text:
            yield text


def _within(inner: Pattern, outer: Pattern, budget: Budget) -> bool:
    return all(atom.signature for atom in Cutter({0: outer}, {}, budget).atoms([inner]))


def certainly_within(inner: Patterns, outer: Patterns, budget: Budget) -> bool:
    """True proves it; False proves nothing, for a union may match what no one pattern does."""
    if inner == outer or certainly_everything(outer):
        return True
    if outer.negated and inner.negated:
        return all(any(within(o, i, budget) for i in inner.listed) for o in outer.listed)
    if outer.negated:
        return certainly_apart(inner, Patterns(outer.listed), budget)
    return not inner.negated and all(
        any(within(i, o, budget) for o in outer.listed) for i in inner.listed
    )


def certainly_everything(patterns: Patterns) -> bool:
    if patterns.negated:
        return not patterns.listed
    return EVERYTHING in patterns.listed


def certainly_apart(a: Patterns, b: Patterns, budget: Budget) -> bool:
    """True proves that nothing matches both; False proves nothing."""
    if a.negated or b.negated:
        return False
    for one in a.listed:
        budget.spend(len(b.listed))
        if not all(apart(one, other) for other in b.listed):
            return False
    return True
