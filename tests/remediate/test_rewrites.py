"""The shapes as a whole: the page is in step, and each shape is looked at from three sides."""

from __future__ import annotations

import pytest
import rewrites
from rewrites import SHAPES, filled
from shapes import Shape
from tables import REVIEW

TRACED = SHAPES[4:]


def test_the_readme_is_in_step() -> None:
    page = rewrites.README.read_text(encoding="utf-8")
    assert page == filled(page), "run .venv/bin/python tests/remediate/rewrites.py"


def titled(shape: Shape) -> str:
    return shape.title.replace("`", "").replace("…", "...")


@pytest.mark.parametrize("shape", SHAPES, ids=titled)
def test_each_shape_is_rewritten_refused_and_left(shape: Shape) -> None:
    assert shape.rewritten
    assert shape.refused
    assert shape.untouched


@pytest.mark.parametrize("shape", SHAPES, ids=titled)
def test_a_shape_says_when_a_person_looks(shape: Shape) -> None:
    """It does where it has cases for review, and only there."""
    assert bool(shape.review) == any(case.disposition is REVIEW for case in shape.rewritten)


def test_a_third_of_the_cases_change_nothing() -> None:
    rewritten = sum(len(s.rewritten) for s in TRACED)
    unchanged = sum(len(s.refused) + len(s.untouched) for s in TRACED)
    assert unchanged * 2 >= rewritten


def test_no_name_is_given_twice() -> None:
    for shape in SHAPES:
        for cases in (shape.rewritten, shape.refused, shape.untouched):
            names = [case.name for case in cases]
            assert len(names) == len(set(names)), shape.title


def test_no_cell_breaks_the_table() -> None:
    for shape in SHAPES:
        assert not {"|", "\n"} & {*shape.title, *shape.done, *shape.review}
