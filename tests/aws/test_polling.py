"""Waiting for what AWS makes in the background: together, in order, and never for ever."""

from __future__ import annotations

import pytest

from remediator.aws.polling import PAUSES, polled


class Making:
    """Ready at the look of that number, or never."""

    def __init__(self, **ready: int | None) -> None:
        self.ready, self.looks = ready, dict.fromkeys(ready, 0)

    def look(self, name: str) -> str | None:
        self.looks[name] += 1
        at = self.ready[name]
        return name.upper() if at is not None and self.looks[name] >= at else None


def test_each_answer_is_its_own_whenever_it_came() -> None:
    slept: list[float] = []
    made = Making(a=3, b=1, c=2, d=1)
    assert polled(list("abcd"), made.look, slept.append) == ["A", "B", "C", "D"]
    assert made.looks == {"a": 3, "b": 1, "c": 2, "d": 1}  # what is ready is not asked for again
    assert slept == [*PAUSES[:2]]


@pytest.mark.parametrize("many", [1, 3, 100])
def test_what_is_never_ready_is_waited_for_once(many: int) -> None:
    """All of them together for the time of one."""
    slept: list[float] = []
    made = Making(**{f"n{n}": None for n in range(many)}, last=12, late=13)
    answers = polled([*made.ready], made.look, slept.append)
    assert answers == [*[None] * many, "LAST", None]
    assert slept == [*PAUSES]
    assert sum(slept) == pytest.approx(15)
    assert set(made.looks.values()) == {len(PAUSES) + 1}


def test_nothing_is_waited_for_where_nothing_was_asked() -> None:
    slept: list[float] = []
    assert polled([], Making().look, slept.append) == []
    assert polled(["a"], Making(a=1).look, slept.append) == ["A"]
    assert slept == []
