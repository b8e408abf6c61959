"""docs/record.md: its example is a record, and it has every trailer in its order."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence

import pytest
from documents import code, fenced, page, rows, section

from remediator.forge import message
from remediator.forge.message import RECORD_FORMAT
from remediator.forge.trailer import MARK, decode, encode
from remediator.model import Disposition, Verdict

TEXT = page("docs/record.md")
TABLE = rows(section(TEXT, "## Trailers"))
KEYS = [code(row[0]) for row in TABLE]
TIMES = {code(row[0]): row[1] for row in TABLE}


def example() -> str:
    (text,) = fenced(TEXT, "text")
    return text


def once(keys: Sequence[str]) -> list[str]:
    return [*dict.fromkeys(keys)]


@pytest.mark.parametrize(
    "text", [example(), *fenced(page("README.md"), "text")], ids=["the page's", "the README's"]
)
def test_a_record_has_these_trailers_in_this_order(text: str) -> None:
    pairs = decode(text)
    keys = [key for key, _ in pairs]
    assert once(keys) == [key for key in KEYS if key in keys]
    assert keys == sorted(keys, key=KEYS.index)
    for key, times in TIMES.items():
        least, most = {"1": (1, 1), "0 or 1": (0, 1), "1 or more": (1, 99), "0 or more": (0, 99)}[
            times
        ]
        assert least <= keys.count(key) <= most, key


def test_the_example_is_written_as_the_program_writes_it() -> None:
    assert example().rstrip("\n").endswith(encode(decode(example())))


def test_the_values_of_the_example() -> None:
    pairs = decode(example())
    values = dict(pairs)
    assert values[MARK] == RECORD_FORMAT
    assert values["Disposition"] in {d.word for d in Disposition}
    assert re.fullmatch(r"\S+ sha256:[0-9a-f]{64}", values["Policy-Row"])
    for key, value in pairs:
        if key in ("Check", "Proof"):
            assert re.match(rf"[a-z-]+: ({'|'.join(Verdict)}): ", value)
        if key in ("Before", "After"):
            assert json.dumps(json.loads(value), sort_keys=True, separators=(",", ":")) == value
        if key.endswith("-SHA256"):
            assert re.fullmatch(r"[0-9a-f]{64} modules/fleet/100% ours\.tf", value)


def test_the_trailers_are_those_that_the_program_writes() -> None:
    written = re.findall(r'\("([A-Z][A-Za-z0-9-]+)",', inspect.getsource(message.trailers))
    assert once(written) == KEYS


def test_the_version_is_told() -> None:
    assert f"format version {RECORD_FORMAT}" in re.sub(r"\s+", " ", TEXT)
