"""On AWS-managed policies, as moto carries them; `benchmarks/policy_compare.py` takes them all."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.policy_compare import Pair, managed, pairs, wrong
from remediator.access.iam import Answer, Request, allows, compare, parse

CHANCE = random.Random(20)  # noqa: S311 - the same every time
DOCUMENTS = managed()
SAMPLE = CHANCE.sample(sorted(DOCUMENTS), 250)


def changed() -> Iterator[Pair]:
    for name in SAMPLE:
        yield from (p for p in pairs(name, DOCUMENTS[name], 2, CHANCE) if p.kind != "same")


CHANGED = list(changed())


def of_kind(kind: str) -> list[Pair]:
    return [p for p in CHANGED if p.kind == kind and p.effect == "Allow"]


def answer(pair: Pair) -> Answer:
    return compare(parse(pair.after), parse(pair.before)).answer


def filled(pattern: str) -> str:
    return pattern.replace("*", "zz9").replace("?", "z")


def plainly(pair: Pair, action: str) -> tuple[bool | None, bool | None]:
    """What the evaluation of one request says: after, before."""
    request = Request(action, "arn:aws:zz9:zz9:zz9:zz9")
    return allows(parse(pair.after), request), allows(parse(pair.before), request)


def test_there_are_as_many_as_ever() -> None:
    assert len(DOCUMENTS) >= 1_500
    assert sum(p.effect == "Allow" for p in CHANGED) > 1_000


def test_each_is_read_and_is_the_same_as_itself() -> None:
    for name, document in DOCUMENTS.items():
        shuffled = _shuffled(document)
        verdict = compare(parse(json.dumps(shuffled)), parse(json.dumps(document)))
        assert verdict.answer is Answer.SAME, name


def _shuffled(document: Any) -> Any:
    """The same in another order."""
    statements = document["Statement"] if isinstance(document["Statement"], list) else []
    turned = [dict(reversed(s.items())) for s in reversed(statements)]
    return {**document, "Statement": turned or document["Statement"]}


@pytest.mark.parametrize("name", SAMPLE[:40])
def test_it_is_the_same_by_automata_alone(name: str) -> None:
    found = parse(json.dumps(DOCUMENTS[name]))
    again = parse(json.dumps(_shuffled(DOCUMENTS[name])))
    assert compare(again, found, quick=False).answer is Answer.SAME


def test_less_one_action_is_narrower() -> None:
    pairs_of_kind = of_kind("less one action")
    answers = [answer(p) for p in pairs_of_kind]
    for pair, found in zip(pairs_of_kind, answers, strict=True):
        assert found in (Answer.NARROWER, Answer.SAME), pair
        if found is Answer.SAME:
            # Then another pattern has the action: a plain evaluation agrees.
            after, before = plainly(pair, filled(pair.pattern))
            assert after == before, pair
    assert answers.count(Answer.NARROWER) > 0.98 * len(answers)


def test_and_not_the_other_way_round() -> None:
    answers = [answer(p) for p in of_kind("one action more")]
    assert Answer.NARROWER not in answers
    assert answers.count(Answer.WIDER) > 0.97 * len(answers)
    less = [answer(p) for p in of_kind("less one action")]
    assert answers.count(Answer.SAME) == less.count(Answer.SAME)


def test_a_wider_pattern_is_caught() -> None:
    found = of_kind("one pattern wider")
    answers = [answer(p) for p in found]
    assert Answer.NARROWER not in answers
    assert answers.count(Answer.WIDER) > 0.97 * len(answers)
    for pair, one in zip(found, answers, strict=True):
        if one is Answer.SAME and pair.element == "Action":
            after, before = plainly(pair, filled(pair.wider))
            assert after == before, pair


def test_a_deny_works_the_other_way_round() -> None:
    denies = [p for p in CHANGED if p.effect == "Deny"]
    assert denies
    assert not [p for p in denies if wrong(p, answer(p))]
