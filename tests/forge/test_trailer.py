"""One codec, both ways, and git's own reading of what it writes."""

from __future__ import annotations

import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.forge.trailer import MARK, decode, encode

VERSION = (MARK, "1")

keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,20}", fullmatch=True)
# All of Unicode, lone surrogates too, and more often what could break a line or a parser.
hostile = st.sampled_from(
    "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029\0\u202e\u2066\ud800\udfff% :#-\t\xa0"
)
values = st.text(st.one_of(hostile, st.characters(exclude_categories=())), max_size=40)
pairs = st.lists(st.tuples(keys, values), max_size=6)


@given(pairs)
def test_every_value_comes_back(given_pairs: list[tuple[str, str]]) -> None:
    record = [VERSION, *given_pairs]
    assert decode(f"subject\n\nbody\n\n{encode(record)}\n") == tuple(record)


@given(pairs)
def test_every_value_stays_on_its_line(given_pairs: list[tuple[str, str]]) -> None:
    text = encode(given_pairs)
    assert len(text.splitlines()) == len(given_pairs)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text if c != "\n")
    assert not any(line != line.strip() for line in text.split("\n"))


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_git_reads_as_many_trailers(given_pairs: list[tuple[str, str]]) -> None:
    message = f"subject\n\nbody: text\n\n{encode([VERSION, *given_pairs])}\n"
    parsed = _git(["interpret-trailers", "--parse"], message.encode())
    assert parsed.count(b"\n") == len(given_pairs) + 1


FORGERIES = [
    "web\nDisposition: exempt",
    "web\r\nDisposition: exempt",
    "web\rDisposition: exempt",
    "web\x85Disposition: exempt",
    "web\u2028Disposition: exempt",
    "web\vDisposition: exempt",
    "web\n\nRemediator-Version: 9\nDisposition: exempt",
    "\nDisposition: exempt",
    " folded\n Disposition: exempt",
    "web\0\nDisposition: exempt",
    "web%0ADisposition: exempt",
]


@pytest.mark.parametrize("name", FORGERIES)
def test_a_name_cannot_forge_a_trailer(name: str, tmp_path: Path) -> None:
    record = [VERSION, ("Resource", name), ("Disposition", "review")]
    message = f"subject\n\nbody\n\n{encode(record)}\n"
    _git(["init", "-q", str(tmp_path)])
    tree = _git(["-C", str(tmp_path), "mktree"]).decode().strip()
    commit = _git(["-C", str(tmp_path), *_AS, "commit-tree", tree], message.encode())
    shown = ["-C", str(tmp_path), "log", "-1", commit.decode().strip()]
    assert _git([*shown, "--format=%(trailers:key=Disposition,valueonly)"]).strip() == b"review"
    whole = _git([*shown, "--format=%B"]).decode()
    assert dict(decode(whole)) == dict(record)


READABLE = [
    ("name: value", "name: value"),
    ("arn:aws:iam::1:role/a b", "arn:aws:iam::1:role/a b"),
    ('{"a": [1, 2]}', '{"a": [1, 2]}'),
    ("größe 🔒", "größe 🔒"),
    ("100%", "100%25"),
    (" x ", "%20x%20"),
    ("a\nb", "a%0Ab"),
    ("\u202eevil", "%E2%80%AEevil"),
    ("\ud800", "%ED%A0%80"),
    ("alice@example.com, statement #1", "alice@example.com, statement #1"),
    ("@team (@x)", "%40team (%40x)"),
    ("closes #1, Fixed: o/r#2", "closes %231, Fixed: o/r%232"),
    ("resolve GH-1 fix https://x/1", "resolve %47H-1 fix %68ttps://x/1"),
    ("closes it; prefix #1", "closes it; prefix #1"),
    ("", ""),
]


@pytest.mark.parametrize(("value", "written"), READABLE)
def test_plain_values_stay_readable(value: str, written: str) -> None:
    assert encode([("Key", value)]) == f"Key: {written}".strip()


@pytest.mark.parametrize("key", ["", "a b", "a:b", "a\nb", "-a", "é", "a_b", " a"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a trailer's key"):
        encode([(key, "x")])


RECORD = "Remediator-Version: 1\nFinding-Id: f1"
TAKEN = [
    f"s\n\n{RECORD}",
    f"s\n\n{RECORD}\n\n\n",
    f"s\r\n\r\n{RECORD}\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
    f"s\n\n{RECORD}\n\nCo-authored-by: A <a@example.com>\n",
    f"s\n\n{RECORD}\n\nCo-authored-by: A <a@b>\n\nSigned-off-by: B <b@b>\n",
    f"s\n\nFinding-Id: not this\n\n{RECORD}",
    f"s\n\nRemediator-Version: 1\nFinding-Id: not this\n\n{RECORD}",
]


@pytest.mark.parametrize("message", TAKEN)
def test_the_last_paragraph_is_the_record(message: str) -> None:
    assert decode(message) == (("Remediator-Version", "1"), ("Finding-Id", "f1"))


def test_credits_in_the_same_paragraph_are_tolerated() -> None:
    found = decode(f"s\n\n{RECORD}\nCo-authored-by: A <a@example.com>\n")
    assert found[:2] == (("Remediator-Version", "1"), ("Finding-Id", "f1"))


NOT_TAKEN = [
    "",
    "\n\n",
    "s\n\nbody",
    f"s\n\n{RECORD}\n\nA sentence below it.",
    f"s\n\nLook at this:\n{RECORD}",
    f"s\n\n{RECORD}\nand a sentence",
    "s\n\nFinding-Id: f1\nSigned-off-by: A <a@b>",
    f"s\n\n{RECORD}\n\nReviewed-on: somewhere\n",
    f"s\n\n{RECORD}\n  folded",
    f"s\n\n> {RECORD}",
    "s\n\nCo-authored-by: A <a@b>\n",
    "s\n\nx\x85Remediator-Version: 1",
]


@pytest.mark.parametrize("message", NOT_TAKEN)
def test_text_that_looks_like_a_record_is_not_one(message: str) -> None:
    assert decode(message) == ()


@given(st.text(st.characters(exclude_categories=())))
def test_any_message_can_be_read(message: str) -> None:
    assert isinstance(decode(message), tuple)


@pytest.mark.parametrize("value", ["50% done", "%zz", "%ff", "%C3", "a%"])
def test_what_is_not_our_encoding_stands_as_it_is(value: str) -> None:
    assert decode(f"s\n\n{RECORD}\nNote: {value}")[-1] == ("Note", value)


_AS = ["-c", "user.name=T", "-c", "user.email=t@example.com"]


def _git(arguments: list[str], stdin: bytes = b"") -> bytes:
    return subprocess.run(["git", *arguments], input=stdin, capture_output=True, check=True).stdout
