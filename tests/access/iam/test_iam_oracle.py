"""Equal answers with brute force: 20,000 pairs of policies, all short actions and resources.

The policies of `iam_pairs` have globs of at most three tokens, and texts of four characters (with
one that no policy names) tell apart what these tell apart.
"""

from __future__ import annotations

from typing import Any

import pytest
from iam_oracle import PREFIX, World, allows, texts
from iam_pairs import Maker

from remediator.access.iam import Answer, Request, allows_nothing_new, compare, policy_of

SIZE = 500
RESOURCES = ["*", "arn:aws:z:::z", f"{PREFIX}A", *(PREFIX + t for t in texts("ab:z", 4))]
WORLD = World([f"{s}:{name}" for s in "stu" for name in texts("abz", 4)], RESOURCES)


def expected(after: Any, before: Any) -> Answer:
    new = gone = False
    for now, then in zip(WORLD.allowed(after), WORLD.allowed(before), strict=True):
        new = new or bool(now & ~then)
        gone = gone or bool(then & ~now)
    return Answer.WIDER if new else Answer.NARROWER if gone else Answer.SAME


def shows(request: Request, wide: Any, narrow: Any) -> bool:
    assert request.resource is not None
    asked = (str(request.principal), request.action, request.resource)
    return allows(wide, *asked) and not allows(narrow, *asked)


def check(seed: int, principals: bool) -> None:
    maker = Maker(seed)
    for number in range(SIZE):
        before, after = maker.pair(principals)
        # By turns with the short cuts, and all by automata.
        verdict = compare(policy_of(after), policy_of(before), quick=number % 2 == 0)
        assert verdict.answer is expected(after, before), (verdict, before, after)
        assert allows_nothing_new(after, before) is verdict.nothing_new, (before, after)
        if verdict.witness:
            assert shows(verdict.witness, after, before), (verdict, before, after)
        if verdict.answer is Answer.NARROWER:
            assert verdict.gone, (verdict, before, after)
            assert shows(verdict.gone, before, after), (verdict, before, after)


@pytest.mark.parametrize("seed", range(30))
def test_identity_policies(seed: int) -> None:
    check(seed, principals=False)


@pytest.mark.parametrize("seed", range(100, 110))
def test_resource_policies(seed: int) -> None:
    check(seed, principals=True)
