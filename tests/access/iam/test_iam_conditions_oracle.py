"""With conditions and variables: what is proven holds in every context of a small world, and
every witness is one. Unknown is an answer there, but not for most."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from iam_condition_pairs import ACTIONS, RESOURCES, Maker
from iam_requests_oracle import Context, World, allows, contexts

from remediator.access.iam import Answer, Request, allows_nothing_new, compare, policy_of

SIZE = 150
WORLD = World(ACTIONS, RESOURCES)
READINGS = [(context, strict) for context in contexts() for strict in (False, True)]


def counterexample(answer: Answer, after: Any, before: Any) -> tuple[Context, bool] | None:
    for context, strict in READINGS:
        now = WORLD.allowed(after, context, strict)
        then = WORLD.allowed(before, context, strict)
        new = any(a & ~b for a, b in zip(now, then, strict=True))
        if new or (answer is Answer.SAME and now != then):
            return context, strict
    return None


def shows(request: Request, wide: Any, narrow: Any) -> bool:
    assert request.resource is not None
    asked = (request.action, request.resource, request.context)
    return all(
        allows(wide, *asked, strict=s) and not allows(narrow, *asked, strict=s)
        for s in (False, True)
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_is_said_is_so(seed: int) -> None:
    maker, answers = Maker(seed), Counter[Answer]()
    for number in range(SIZE):
        before, after = maker.pair()
        verdict = compare(policy_of(after), policy_of(before), quick=number % 3 > 0)
        answers[verdict.answer] += 1
        assert allows_nothing_new(after, before) is verdict.nothing_new, (before, after)
        if verdict.witness:
            assert shows(verdict.witness, after, before), (verdict, before, after)
        if verdict.gone:
            assert shows(verdict.gone, before, after), (verdict, before, after)
        if verdict.nothing_new:
            assert not counterexample(verdict.answer, after, before), (verdict, before, after)
    assert answers[Answer.UNKNOWN] < SIZE / 4
    assert all(answers[answer] for answer in Answer)
