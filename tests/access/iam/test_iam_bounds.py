"""However large or hostile the policies: an answer in seconds, and never a wrong one."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from iam_policies import S3, allow, but, deny, policy, trust, when

from remediator.access.iam import Answer, compare_documents

CHANCE = random.Random(3)  # noqa: S311 - the same every time
SECONDS = 20
"""Of processor time. They take two or three; a hang is what is looked for."""


def word(length: int) -> str:
    return "".join(CHANCE.choice("abc") for _ in range(length))


def stars(count: int) -> str:
    return f"{S3}*{'*'.join(word(2) for _ in range(count))}*"


def wild(count: int) -> list[str]:
    made = ("".join(CHANCE.choice("a?*b") for _ in range(12)) for _ in range(count))
    return [f"s3:{name}" for name in made]


def roles(count: int) -> list[str]:
    numbers = [CHANCE.randrange(10**11, 10**12) for _ in range(count)]
    return [f"arn:aws:iam::{number}:role/{word(5)}" for number in numbers]


def tags(number: int) -> dict[str, Any]:
    keys = {f"aws:RequestTag/k{n}": [f"v{number}", f"w{number}"] for n in range(12)}
    return {"Condition": {"StringEquals": keys}}


def exceptions(count: int) -> Any:
    lists = [[stars(3) for _ in range(10)] for _ in range(count)]
    return policy(*(but(allow("s3:*", some), "Resource") for some in lists))


ROLES = roles(2_000)
HOSTILE = {
    "many stars": lambda: policy(allow("s3:*", [stars(5) for _ in range(200)])),
    "many stars in Deny": lambda: policy(allow(), *(deny(resource=stars(3)) for _ in range(60))),
    "many exceptions": lambda: exceptions(8),
    "many statements": lambda: policy(
        *(allow(f"s3:G{word(9)}", S3 + word(6)) for _ in range(5000))
    ),
    "many wild actions": lambda: policy(allow(wild(3_000))),
    "a very long pattern": lambda: policy(allow(resource=S3 + "*a" * 50_000 + word(3))),
    "a very long text": lambda: policy(allow(resource=S3 + "a" * 100_000 + word(3))),
    "a late question mark": lambda: policy(allow(resource=f"{S3}*{word(1)}{'?' * 40}")),
    "many principals": lambda: policy(
        *(trust({"AWS": CHANCE.sample(ROLES, 30)}) for _ in range(60))
    ),
    "many conditions": lambda: policy(*(allow(**tags(CHANCE.randrange(90))) for _ in range(60))),
    "many values": lambda: policy(
        allow(**when("StringLike", "aws:x", *(f"*{word(4)}*{word(4)}*" for _ in range(800))))
    ),
    "many variables": lambda: policy(
        allow(resource=[f"{S3}*{word(3)}*${{aws:{word(2)}}}*" for _ in range(100)])
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends(name: str) -> None:
    before, after = HOSTILE[name](), HOSTILE[name]()
    start = time.process_time()
    verdict = compare_documents(after, before)
    assert time.process_time() - start < SECONDS
    assert verdict.answer in (Answer.WIDER, Answer.UNKNOWN)
    assert compare_documents(before, before).answer is Answer.SAME


@pytest.mark.parametrize("name", HOSTILE)
def test_more_than_a_bound_is_unknown_or_is_right(name: str) -> None:
    """One Deny more is narrower, however large the rest."""
    before = HOSTILE[name]()
    first = before["Statement"][0]
    after = policy(*before["Statement"], {**first, "Effect": "Deny", "Sid": "more"})
    start = time.process_time()
    assert compare_documents(after, before).answer in (Answer.NARROWER, Answer.SAME)
    assert time.process_time() - start < 2 * SECONDS
