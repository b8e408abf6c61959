"""What holds for any arguments: the algebra of sets and lists, and that an unknown argument never
makes a known answer that differs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_functions_words import FAILS, UNKNOWN, Of, called, plain, value

from remediator.terraform.functions.regex_machine import Machine
from remediator.terraform.functions.regex_syntax import NotEvaluatedError, parse
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    canonical,
    is_known,
    scalar_text,
)

TEXT = st.sampled_from(["", "a", "b", "c", "1", "22", "true", "0.0.0.0/0", "a,b"])
SCALAR = st.one_of(TEXT, st.sampled_from([0, 1, 2, 22, True, False, None]))
NUMBER = st.sampled_from([0, 1, 2, 22, "1", "2", "x"])
ITEM = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
FLAT = st.one_of(
    st.lists(TEXT, max_size=4),
    st.lists(st.sampled_from([1, 2, 22]), max_size=4),
    st.lists(st.fixed_dictionaries({"a": TEXT, "b": SCALAR}), max_size=3),
    st.lists(ITEM, max_size=3),
)
SEQUENCE = st.one_of(FLAT, st.builds(Of, st.sampled_from(["list", "set"]), FLAT), ITEM)
MAPPING = st.one_of(
    st.dictionaries(st.sampled_from("abc"), ITEM, max_size=3),
    st.builds(Of, st.just("map"), st.dictionaries(st.sampled_from("abc"), SCALAR, max_size=3)),
)
ANYTHING = st.one_of(SEQUENCE, MAPPING, SCALAR)
KEY = st.sampled_from("abc")

ARGUMENTS: dict[str, list[st.SearchStrategy[Any]]] = {
    "alltrue": [SEQUENCE],
    "anytrue": [SEQUENCE],
    "can": [ANYTHING],
    "chunklist": [SEQUENCE, NUMBER],
    "coalesce": [ANYTHING, ANYTHING, ANYTHING],
    "coalescelist": [SEQUENCE, SEQUENCE],
    "compact": [SEQUENCE],
    "concat": [SEQUENCE, SEQUENCE, SEQUENCE],
    "contains": [SEQUENCE, ITEM],
    "distinct": [SEQUENCE],
    "element": [SEQUENCE, NUMBER],
    "flatten": [SEQUENCE],
    "format": [st.just("%v-%s"), ANYTHING, SCALAR],
    "formatlist": [st.just("%v-%v"), SEQUENCE, ANYTHING],
    "index": [SEQUENCE, ITEM],
    "join": [TEXT, SEQUENCE],
    "jsondecode": [TEXT],
    "jsonencode": [ANYTHING],
    "keys": [MAPPING],
    "length": [ANYTHING],
    "lookup": [MAPPING, KEY, ANYTHING],
    "matchkeys": [SEQUENCE, SEQUENCE, SEQUENCE],
    "max": [NUMBER, NUMBER],
    "merge": [MAPPING, MAPPING, MAPPING],
    "one": [SEQUENCE],
    "range": [NUMBER, NUMBER],
    "regexall": [st.just("[a-z]"), TEXT],
    "replace": [TEXT, TEXT, TEXT],
    "reverse": [SEQUENCE],
    "setintersection": [SEQUENCE, SEQUENCE, SEQUENCE],
    "setproduct": [SEQUENCE, SEQUENCE],
    "setsubtract": [SEQUENCE, SEQUENCE],
    "setunion": [SEQUENCE, SEQUENCE, SEQUENCE],
    "slice": [SEQUENCE, NUMBER, NUMBER],
    "sort": [SEQUENCE],
    "split": [TEXT, TEXT],
    "sum": [SEQUENCE],
    "tolist": [SEQUENCE],
    "tomap": [MAPPING],
    "toset": [SEQUENCE],
    "tostring": [ANYTHING],
    "transpose": [MAPPING],
    "try": [ANYTHING, ANYTHING],
    "values": [MAPPING],
    "zipmap": [SEQUENCE, SEQUENCE],
}

# Unknown arguments -------------------------------------------------------------------------

HIDDEN = Unknown("hidden")


def places(given: Value) -> list[tuple[Any, ...]]:
    """The path of every value in it, its own being ()."""
    inside: list[tuple[Any, Value]] = []
    if isinstance(given, Sequence):
        inside = list(enumerate(given.items))
    if isinstance(given, Mapping):
        inside = list(given.entries.items())
    return [(), *((key, *path) for key, item in inside for path in places(item))]


def hidden(given: Value, path: tuple[Any, ...]) -> Value:
    """The value with an unknown at that place. A set of something unknown is open."""
    if not path:
        return HIDDEN
    if isinstance(given, Mapping):
        inside = {**given.entries, path[0]: hidden(given.entries[path[0]], path[1:])}
        return Mapping.of(inside.items(), given.kind)
    assert isinstance(given, Sequence)
    items = [hidden(v, path[1:]) if n == path[0] else v for n, v in enumerate(given.items)]
    made = Sequence(tuple(items), given.kind)
    return called("toset", made) if given.kind == "set" else made


def consistent(partial: Value, whole: Value) -> bool:
    """Whether what is known of the one is so in the other."""
    if isinstance(whole, Unknown) and not whole.fails:
        return True  # nothing to compare with
    if isinstance(partial, Unknown):
        return not partial.fails or isinstance(whole, Unknown)
    if isinstance(whole, Unknown):
        return True  # what is known does not depend on what makes it fail
    if isinstance(partial, Sequence) and isinstance(whole, Sequence):
        return _consistent_sequences(partial, whole)
    if isinstance(partial, Mapping) and isinstance(whole, Mapping):
        same = all(k in whole.entries for k in partial.entries) and (
            bool(partial.open) or len(partial.entries) == len(whole.entries)
        )
        return same and all(consistent(v, whole.entries[k]) for k, v in partial.entries.items())
    return canonical(partial) == canonical(whole)


def _consistent_sequences(partial: Sequence, whole: Sequence) -> bool:
    if whole.open:
        return True
    if partial.open or "set" in (partial.kind, whole.kind):
        counted = bool(partial.open) or len(partial.items) == len(whole.items)
        return counted and all(any(consistent(p, w) for w in whole.items) for p in partial.items)
    return len(partial.items) == len(whole.items) and all(
        map(consistent, partial.items, whole.items)
    )


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_an_unknown_never_makes_a_known_answer_that_differs(name: str, data: st.DataObject) -> None:
    arguments = [value(data.draw(strategy)) for strategy in ARGUMENTS[name]]
    position = data.draw(st.integers(0, len(arguments) - 1))
    path = data.draw(st.sampled_from(places(arguments[position])))
    whole = called(name, *arguments)
    given_less = [*arguments]
    given_less[position] = hidden(arguments[position], path)
    found = called(name, *given_less)
    if name == "concat":  # which keeps numbers that an unknown list might make texts
        found, whole = as_texts(found), as_texts(whole)
    assert consistent(found, whole)


def as_texts(given: Value) -> Value:
    match given:
        case Known():
            return Known(scalar_text(given.value))
        case Sequence():
            return Sequence(tuple(map(as_texts, given.items)), given.kind, None, given.open)
        case Mapping():
            entries = ((key, as_texts(item)) for key, item in given.entries.items())
            return Mapping.of(entries, given.kind, None, given.open)
    return given


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_argument_that_fails_makes_a_failure(name: str, data: st.DataObject) -> None:
    arguments = [value(data.draw(strategy)) for strategy in ARGUMENTS[name]]
    position = data.draw(st.integers(0, len(arguments) - 1))
    broken = Unknown("broken", fails=True)
    path = data.draw(st.sampled_from(places(arguments[position])))
    arguments[position] = _broken(arguments[position], path, broken)
    found = called(name, *arguments)
    if name not in ("try", "can"):
        assert plain(found) == FAILS


def _broken(given: Value, path: tuple[Any, ...], broken: Unknown) -> Value:
    if not path:
        return broken
    if isinstance(given, Mapping):
        inside = {**given.entries, path[0]: _broken(given.entries[path[0]], path[1:], broken)}
        return Mapping.of(inside.items(), given.kind)
    assert isinstance(given, Sequence)
    items = [_broken(v, path[1:], broken) if n == path[0] else v for n, v in enumerate(given.items)]
    return Sequence(tuple(items), given.kind)


# Algebra -----------------------------------------------------------------------------------

TEXTS = st.lists(st.text(st.sampled_from("abé漢-"), max_size=3), max_size=6)


def items(found: Value) -> list[Any]:
    listed = plain(found)
    assert isinstance(listed, list)
    return listed


@given(TEXTS, TEXTS)
def test_sets_are_sets(a: list[str], b: list[str]) -> None:
    in_order = sorted(set(a) | set(b), key=str.encode)
    assert items(called("setunion", a, b)) == in_order
    assert items(called("setunion", b, a)) == in_order
    assert set(items(called("setsubtract", a, b))) == set(a) - set(b)
    assert set(items(called("setintersection", a, b))) == set(a) & set(b)
    assert items(called("toset", [*a, *b])) == in_order


@given(TEXTS, TEXTS, TEXTS)
def test_lists_are_lists(a: list[str], b: list[str], c: list[str]) -> None:
    assert items(called("concat", a, b, c)) == [*a, *b, *c]
    assert items(called("flatten", [a, [b, [c]]])) == [*a, *b, *c]
    assert items(called("distinct", a)) == list(dict.fromkeys(a))
    assert items(called("compact", a)) == [text for text in a if text]
    assert items(called("sort", a)) == sorted(a, key=str.encode)
    assert items(called("reverse", called("reverse", a))) == a
    assert plain(called("length", called("setproduct", a, b))) == len(a) * len(b)


@given(st.text(st.sampled_from("a,é\n"), max_size=12))
def test_joining_undoes_splitting(text: str) -> None:
    assert plain(called("join", ",", called("split", ",", text))) == text


@given(ITEM)
def test_json_comes_back(document: Any) -> None:
    text = called("jsonencode", document)
    assert isinstance(text, Known)
    assert plain(called("jsondecode", text)) == document
    assert plain(called("jsondecode", text.value)) == document


@given(st.dictionaries(KEY, ITEM, max_size=3), st.dictionaries(KEY, ITEM, max_size=3))
def test_the_later_map_wins(a: dict[str, Any], b: dict[str, Any]) -> None:
    merged = called("merge", a, b)
    assert plain(merged) == {**a, **b}
    assert plain(called("zipmap", called("keys", merged), called("values", merged))) == {**a, **b}


@given(st.binary(max_size=20))
def test_base64_comes_back(data: bytes) -> None:
    text = data.decode("latin-1")
    assert plain(called("base64decode", called("base64encode", text))) == text


# Bounds ------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("ab()[]{}|*+?^$\\.-0,1dwsP<>:i"), max_size=14), TEXT)
def test_any_pattern_is_matched_or_refused(pattern: str, text: str) -> None:
    try:
        found = list(Machine(parse(pattern), text).all())
    except NotEvaluatedError:
        return
    assert len(found) <= len(text) + 1


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a?){50}a{50}", "(.*)(.*)(.*)(.*)x"])
def test_no_pattern_takes_forever(pattern: str) -> None:
    assert plain(called("regex", pattern, "a" * 2000 + "b")) in (FAILS, UNKNOWN, ["a"])


def test_what_is_too_large_is_not_known() -> None:
    long = Sequence(tuple(Known(n) for n in range(1000)), "list")
    assert plain(called("setproduct", long, long)) == UNKNOWN
    assert plain(called("join", "x" * 100_000, long)) == UNKNOWN
    assert plain(called("replace", "a" * 100_000, "a", "b" * 100)) == UNKNOWN
    assert plain(called("indent", 1_000_000, "\n" * 100)) == UNKNOWN
    assert plain(called("format", "%999999d", 1)) == UNKNOWN
    assert plain(called("jsondecode", "[" * 10_000)) == UNKNOWN
    assert plain(called("yamldecode", "[" * 10_000)) == UNKNOWN


def test_known_values_are_known_through_and_through() -> None:
    assert is_known(called("merge", {"a": 1}, {"b": [1, {"c": None}]}))
