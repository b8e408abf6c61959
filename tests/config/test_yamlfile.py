"""What of YAML is read, with which lines, and what is refused with which sentence."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import yamlfile
from remediator.model import ConfigurationError
from remediator.yamlfile import InvalidFile


def refusal(data: bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        yamlfile.parse("rules.yaml", data)
    return "\n".join(caught.value.problems)


def test_values_keep_the_line_of_their_key() -> None:
    document = yamlfile.parse(
        "f.yaml", b"# about\na: 1\nb:\n  - x\n  - y: |\n      two\n      z: 3\n"
    )
    assert document.value == {"a": 1, "b": ["x", {"y": "two\nz: 3\n"}]}
    assert [document.line(k) for k in [("a",), ("b",), ("b", 0), ("b", 1, "y")]] == [2, 3, 4, 5]


def test_the_line_of_what_is_not_there_is_that_of_what_is_around_it() -> None:
    document = yamlfile.parse("f.yaml", b"\na:\n  - b: 1\n")
    assert document.line(("a", 0, "missing", "deeper")) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("22:30", "22:30"),
        ("0x10", "0x10"),
        ("012345670123", "012345670123"),
        ("1_000", "1_000"),
        ("2027-03-31", "2027-03-31"),
        ('"2027-03-31"', "2027-03-31"),
        ('"12"', "12"),
        ("'true'", "true"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars(text: str, value: object) -> None:
    assert yamlfile.parse("f.yaml", f"k: {text}".encode()).value == {"k": value}


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    document = yamlfile.parse("f.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert document.value == {"a": 1, "b": 2}
    assert document.line(("b",)) == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "rules.yaml:1: is empty; begin it with version: 1"),
        (b"# only this\n", "rules.yaml:1: is empty; begin it with version: 1"),
        (b"a: 1\n\tb: 2\n", "rules.yaml:2: is indented with a tab; write spaces"),
        (b"a:\n\t- b\n", "rules.yaml:2: is indented with a tab; write spaces"),
        (
            b"a: 1\nb: 2\na: 3\n",
            "rules.yaml:3: a: is written twice, first on line 1; remove one of the two",
        ),
        (
            b"l:\n- x: 1\n- x: 1\n  x: 2\n",
            "rules.yaml:4: l[1].x: is written twice, first on line 3; remove one of the two",
        ),
        (b"a:\n  22: x\n", "rules.yaml:2: a: the key 22 is not text; put it in quotes"),
        (b"true: x\n", "rules.yaml:1: the key true is not text; put it in quotes"),
        (b"? [a]\n: b\n", "rules.yaml:1: a list or a mapping is not a key; write a name"),
        (
            b"n: [*bastion*]\n",
            "rules.yaml:1: a text that begins with * must be put in quotes",
        ),
        (
            b"a: 1\nn: *bastion\n",
            (
                'rules.yaml:2: "*bastion" is an alias, which is not read here; write the value out,'
                " or put a text that begins with * in quotes"
            ),
        ),
        (
            b"a: &x [1]\nb: *x\n",
            'rules.yaml:1: "&x" is an anchor, which is not read here; remove it',
        ),
        (
            b"a: !!python/object:os.system x\n",
            (
                'rules.yaml:1: the tag "tag:yaml.org,2002:python/object:os.system" is not read'
                " here; remove it"
            ),
        ),
        (b"a: @team\n", "rules.yaml:1: a text that begins with @ must be put in quotes"),
        (b"a: 1\nb: [1, 2\nc: 3\n", "rules.yaml:2: the bracket that opens here is not closed"),
        (b"a: {b: 1\n", "rules.yaml:1: the bracket that opens here is not closed"),
        (b"a: 1\nb: 'x\nc: 3\n", "rules.yaml:2: the quote that opens here is not closed"),
        (
            b"reason: see: here\n",
            (
                "rules.yaml:1: a colon stands where no key can be; put the text in quotes,"
                " or indent the line as its neighbours"
            ),
        ),
        (b"a: 1\n---\nb: 2\n", "rules.yaml:2: a second document begins here; one file holds one"),
        (b"a: 1\nb: \xff\n", "rules.yaml:2: is not UTF-8; save the file as UTF-8"),
        (
            b"a: 1\nb: \x1b[2J\n",
            "rules.yaml:2: holds the control character U+001B; remove it",
        ),
        (b"[" * 5000, "rules.yaml:1: nested deeper than 20 levels; no rule is"),
        (b"#" * (1024 * 1024 + 1), "rules.yaml: is larger than 1048576 bytes; split it"),
        (b"a: [" + b"1," * 100_000 + b"]", "rules.yaml:1: more than 100000 values; split the file"),
    ],
)
def test_refused(data: bytes, sentence: str) -> None:
    assert refusal(data) == sentence


def test_every_duplicate_is_told_at_once() -> None:
    assert len(refusal(b"a: 1\na: 2\nb: 1\nb: 2\n").splitlines()) == 2


def test_a_key_cannot_forge_a_line_of_the_log() -> None:
    key = b'"x\\n::error::forged"'
    sentence = refusal(key + b": 1\n" + key + b": 2\n")
    assert sentence.startswith('rules.yaml:2: ["x\\n::error::forged"]: is written twice')


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InvalidFile) as caught:
            yamlfile.read(path)
        assert str(caught.value) == f"{path}: there is no such file"


_SCALARS = st.text(alphabet=st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")))
_VALUES = st.recursive(
    _SCALARS | st.integers(-(10**17), 10**17) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SCALARS, inner, max_size=3),
    max_leaves=10,
)


@given(_VALUES)
def test_json_is_read_as_it_is(value: object) -> None:
    assert yamlfile.parse("f.yaml", json.dumps({"k": value}).encode()).value == {"k": value}


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    problems = problems_of(data)
    assert all(p.startswith("f.yaml:") and "\n" not in p for p in problems)


def problems_of(data: bytes) -> tuple[str, ...]:
    try:
        yamlfile.parse("f.yaml", data)
    except ConfigurationError as error:
        return error.problems
    return ()
