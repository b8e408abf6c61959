"""Globs and their automata, against a plain reading of each by regular expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iam_oracle import texts

from remediator.access.iam.automaton import Atom, Cutter
from remediator.access.iam.budget import Budget
from remediator.access.iam.inclusion import within
from remediator.access.iam.patterns import Pattern, apart, matches, pattern, settled, widened

GLOBS = st.text("ab*?", max_size=5)
WORDS = [word for word in texts("abz", 5) if word]


def read(text: str) -> Pattern:
    return pattern(text, variables=True)


def expression(glob: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, c) for c in glob))


def language(glob: str) -> frozenset[str]:
    found = expression(glob)
    return frozenset(word for word in WORDS if found.fullmatch(word))


@given(GLOBS)
def test_matching(glob: str) -> None:
    found = read(glob)
    assert frozenset(w for w in WORDS if matches(found, w)) == language(glob)
    assert read(found.text) == found


@given(GLOBS, GLOBS)
def test_inclusion(inner: str, outer: str) -> None:
    if language(inner):
        expected = language(inner) <= language(outer)
        assert within(read(inner), read(outer), Budget()) == expected


@given(GLOBS, GLOBS)
def test_what_is_apart_has_nothing_in_common(a: str, b: str) -> None:
    if apart(read(a), read(b)):
        assert not language(a) & language(b)


@given(
    st.dictionaries(st.integers(0, 4), GLOBS, max_size=4),
    st.dictionaries(st.integers(5, 8), GLOBS, max_size=2),
    st.lists(GLOBS, min_size=1, max_size=2),
)
def test_atoms(fewest: Mapping[int, str], each: Mapping[int, str], inside: list[str]) -> None:
    """For each word there is an atom in the same of `each`, and in no more of `fewest`."""
    cutter = Cutter(
        {n: read(g) for n, g in fewest.items()}, {n: read(g) for n, g in each.items()}, Budget()
    )
    found = cutter.atoms([read(g) for g in inside])
    for atom in found:
        assert atom.text
        assert all(expression(g).fullmatch(atom.text) for g in inside)
        assert atom.signature == bits({**fewest, **each}, atom.text)
    for word in frozenset.intersection(*map(language, inside)):
        assert any(covers(atom, word, fewest, each) for atom in found)


def bits(globs: Mapping[int, str], text: str) -> int:
    return sum(1 << n for n, glob in globs.items() if expression(glob).fullmatch(text))


def covers(atom: Atom, word: str, fewest: Mapping[int, str], each: Mapping[int, str]) -> bool:
    same = bits(each, atom.text) == bits(each, word)
    return same and not bits(fewest, atom.text) & ~bits(fewest, word)


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("home/${aws:username}", "home/${AWS:UserName}", True),
        ("home/${aws:username}", "home/*", True),
        ("home/${aws:username}/x", "home/${aws:username}*", True),
        ("home/${aws:username}", "home/?*", False),
        ("home/${aws:username}", "home/${aws:userid}", False),
        ("home/*", "home/${aws:username}", False),
        ("${a:b}${c:d}", "*${c:d}", True),
        ("${a:b}${c:d}", "${c:d}*", False),
        ("${a:b, 'x'}", "${a:b}", False),
        ("${*}", "*", True),
        ("${*}", "?", True),
        ("*", "${*}", False),
        ("a", "${?}", False),
    ],
)
def test_a_variable_may_stand_for_any_text(inner: str, outer: str, expected: bool) -> None:
    assert within(read(inner), read(outer), Budget()) is expected


def test_values_of_variables_are_text() -> None:
    found = settled(read("a/${x:y}/*"), {"x:y": "*"})
    assert found is not None
    assert matches(found, "a/*/b")
    assert not matches(found, "a/c/b")
    assert settled(read("${x:y}"), {}) is None
    assert settled(read("${x:y, 'z'}"), {}) == read("z")
    assert widened(read("a/${x:y}*")) == read("a/*")


def test_without_variables_a_dollar_sign_is_one() -> None:
    found = pattern("${aws:x}", variables=False)
    assert found.literal
    assert found.plain == "${aws:x}"
    assert found.text == "${$}{aws:x}"
    assert found != read("${aws:x}")
