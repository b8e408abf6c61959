"""What is kept of what was made: never more than its weight, and never something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.kept import Kept


@given(st.integers(0, 12), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=60))
def test_the_answer_is_what_would_be_made_and_little_is_held(
    most: int, asked: list[tuple[int, int]]
) -> None:
    kept: Kept[tuple[int, int], tuple[int, int]] = Kept(most)
    made: list[tuple[int, int]] = []
    for key in asked:

        def make(key: tuple[int, int] = key) -> tuple[int, int]:
            made.append(key)
            return key

        assert kept.get(key, make, lambda k: k[1]) == key
        assert kept.weight <= most
    assert len(made) >= len(set(asked))


def test_the_one_asked_for_longest_ago_goes_first() -> None:
    kept: Kept[str, str] = Kept(2)
    made: list[str] = []

    def get(key: str) -> None:
        kept.get(key, lambda: made.append(key) or key, lambda _: 1)

    for key in "abacab":
        get(key)
    assert "".join(made) == "abcb"


def test_what_cannot_be_made_is_asked_for_again() -> None:
    kept: Kept[str, int] = Kept(4)

    def broken() -> int:
        raise KeyError

    with pytest.raises(KeyError):
        kept.get("a", broken, lambda _: 1)
    assert kept.get("a", lambda: 1, lambda _: 1) == 1
