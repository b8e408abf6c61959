"""The algebra: what any comparison must satisfy, whatever the policies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from iam_condition_pairs import Maker as ConditionMaker
from iam_pairs import Maker
from iam_policies import policy

from remediator.access.iam import Answer, allows_nothing_new, compare, compare_documents, policy_of

SEEDS = st.integers(0, 1 << 30)
A_THIRD_FITS = [HealthCheck.filter_too_much]
"""Of two policies by themselves: too few for Hypothesis, once in some hundred runs."""
NOTHING_NEW = (Answer.SAME, Answer.NARROWER)
OPPOSITE = {
    Answer.SAME: {Answer.SAME},
    Answer.NARROWER: {Answer.WIDER, Answer.UNKNOWN, Answer.NARROWER},
    Answer.WIDER: {Answer.WIDER, Answer.NARROWER, Answer.UNKNOWN},
    Answer.UNKNOWN: {Answer.WIDER, Answer.NARROWER, Answer.UNKNOWN},
}


@st.composite
def documents(draw: st.DrawFn, conditions: bool = True) -> Any:
    seed, principals = draw(SEEDS), draw(st.booleans())
    if conditions and draw(st.booleans()):
        return ConditionMaker(seed).pair()[0]
    return Maker(seed).policy(principals)


@st.composite
def chains(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Three policies, mostly each a part of the one before."""
    one = draw(documents())
    two, three = _part(draw, one), None
    three = _part(draw, two)
    return one, two, three


def _part(draw: st.DrawFn, document: Any) -> Any:
    """With fewer Allow statements and fewer actions in them."""
    kept = []
    for statement in document["Statement"]:
        actions = statement.get("Action")
        if statement["Effect"] == "Allow" and draw(st.booleans()):
            if not isinstance(actions, list) or len(actions) < 2:
                continue
            statement = {**statement, "Action": actions[:-1]}
        kept.append(statement)
    assume(kept)
    return {**document, "Statement": kept}


def answer(after: Any, before: Any) -> Answer:
    return compare_documents(after, before).answer


@given(documents())
def test_reflexive(one: Any) -> None:
    assert answer(one, one) is Answer.SAME


@given(chains())
@settings(deadline=None)
def test_transitive(three: tuple[Any, Any, Any]) -> None:
    wide, middle, narrow = three
    assert answer(middle, wide) in NOTHING_NEW
    assert answer(narrow, middle) in NOTHING_NEW
    assert answer(narrow, wide) in NOTHING_NEW


@given(SEEDS, SEEDS, st.booleans())
@settings(deadline=None)
def test_transitive_for_any_three(a: int, b: int, principals: bool) -> None:
    maker, other = Maker(a), Maker(b)
    one, two = maker.pair(principals)
    three = other.policy(principals)
    for x, y, z in ((one, two, three), (two, one, three), (three, one, two), (one, three, two)):
        if answer(x, y) in NOTHING_NEW and answer(y, z) in NOTHING_NEW:
            assert answer(x, z) in NOTHING_NEW


@given(SEEDS, st.booleans(), st.booleans())
@settings(deadline=None)
def test_antisymmetric_up_to_the_same(seed: int, principals: bool, conditions: bool) -> None:
    before, after = ConditionMaker(seed).pair() if conditions else Maker(seed).pair(principals)
    forth, back = answer(after, before), answer(before, after)
    assert back in OPPOSITE[forth]
    if not conditions and forth is Answer.NARROWER:
        assert back is Answer.WIDER


@given(documents(), documents())
@settings(deadline=None, suppress_health_check=A_THIRD_FITS)
def test_a_deny_never_widens(one: Any, two: Any) -> None:
    denies = [s for s in two["Statement"] if s["Effect"] == "Deny"]
    assume(denies and _like(one, two))
    assert answer(policy(*one["Statement"], *denies), one) in NOTHING_NEW


@given(documents(), documents())
@settings(deadline=None, suppress_health_check=A_THIRD_FITS)
def test_an_allow_never_narrows(one: Any, two: Any) -> None:
    allows = [s for s in two["Statement"] if s["Effect"] == "Allow"]
    assume(allows and _like(one, two))
    more = policy(*one["Statement"], *allows)
    assert answer(one, more) in NOTHING_NEW
    assert answer(more, one) is not Answer.NARROWER


def _like(one: Any, two: Any) -> bool:
    return ("Principal" in one["Statement"][0]) == ("Principal" in two["Statement"][0])


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_statements_is_nothing(one: Any, chance: Any) -> None:
    statements = list(one["Statement"])
    chance.shuffle(statements)
    assert answer(policy(*statements), one) is Answer.SAME


@given(documents(conditions=False))
@settings(deadline=None)
def test_one_statement_an_action_is_the_same_union(one: Any) -> None:
    statements = []
    for statement in one["Statement"]:
        actions = statement.get("Action", "")
        split = actions if isinstance(actions, list) else [actions]
        statements += [{**statement, "Action": a} for a in split] if actions else [statement]
    assert answer(policy(*statements), one) is Answer.SAME


@given(documents())
def test_the_case_of_actions_is_nothing(one: Any) -> None:
    def turned(statement: dict[str, Any]) -> dict[str, Any]:
        name = "Action" if "Action" in statement else "NotAction"
        actions = statement[name]
        listed = actions if isinstance(actions, list) else [actions]
        return {**statement, name: [a.swapcase() for a in listed]}

    assert answer(policy(*map(turned, one["Statement"])), one) is Answer.SAME


@given(SEEDS, st.booleans(), st.booleans())
@settings(deadline=None)
def test_the_short_cuts_change_no_proof(seed: int, principals: bool, conditions: bool) -> None:
    before, after = ConditionMaker(seed).pair() if conditions else Maker(seed).pair(principals)
    found = [compare(policy_of(after), policy_of(before), quick=q) for q in (True, False)]
    assert found[0].nothing_new == found[1].nothing_new == allows_nothing_new(after, before)
    assert conditions or found[0].answer is found[1].answer


SAID = """
from iam_condition_pairs import Maker
from remediator.access.iam import compare_documents
maker = Maker(5)
for before, after in (maker.pair() for _ in range(80)):
    print(compare_documents(after, before))
"""


def test_the_same_policies_have_the_same_verdict_in_any_process() -> None:
    folder = str(Path(__file__).parent)
    said = {
        subprocess.run(
            [sys.executable, "-c", SAID],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": folder},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
