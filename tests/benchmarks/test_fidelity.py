"""A table of zeros means something only where each check finds what it is there to find."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.fidelity.checks import (
    as_fmt_has_it,
    json_differs_at,
    lines_changed,
    outside_is_identical,
    says_what_was_meant,
)
from benchmarks.fidelity.places import Part
from benchmarks.fidelity.tally import AGREES, BEYOND, CLEAN_AFTER, EDITS, READ, Tally, table
from benchmarks.fidelity.trial import File, tried
from remediator.model import Edit

BEFORE = b"x = [\n  1, # one\n  2,\n  3\n]\ny    = 1\nzzzz = 2\n"
TWO = Part(BEFORE.index(b"2,"), BEFORE.index(b"2,") + 1)


def changed(old: bytes, new: bytes) -> bytes:
    assert BEFORE.count(old) == 1
    return BEFORE.replace(old, new)


def test_the_minimum_passes_every_check() -> None:
    after = changed(b"  2,\n", b"")
    edit = Edit("f", BEFORE.index(b"  2,"), BEFORE.index(b"  3"), b"")
    assert outside_is_identical(BEFORE, after, [edit])
    assert says_what_was_meant(BEFORE, after, [TWO])
    assert lines_changed(BEFORE, after, [TWO]).beyond == 0


@pytest.mark.parametrize(
    "after",
    [
        changed(b"  2,\n  3\n", b""),
        changed(b"  2,\n", b"  4,\n"),
        changed(b"  1, # one\n  2,\n", b""),
        changed(b"  2,\n", b"").replace(b"zzzz", b"zzz"),
        changed(b"  2,\n", b"") + b"more = 1\n",
        BEFORE,
    ],
)
def test_other_tokens_are_found(after: bytes) -> None:
    assert not says_what_was_meant(BEFORE, after, [TWO])


@pytest.mark.parametrize(
    "after",
    [
        changed(b"  2,\n", b"").replace(b"zzzz = 2", b"zzzz = 3"),
        changed(b"  2,\n", b"\n"),
        changed(b"  2,\n", b"") + b"\n",
        changed(b"  2,\n  3\n", b""),
        changed(b"  2,\n", b"  # about two\n"),
        BEFORE.replace(b"\n", b"\n\n"),
    ],
)
def test_other_lines_are_found(after: bytes) -> None:
    assert lines_changed(BEFORE, after, [TWO]).beyond > 0


@pytest.mark.parametrize(
    ("after", "meant"),
    [
        (b'x = "a ${f([2, 3])} b"', True),
        (b'x = "a ${f([1, 3])} b"', False),
        (b'x = "a ${f([2, 3])} c"', False),
    ],
)
def test_a_template_is_looked_into(after: bytes, meant: bool) -> None:
    before = b'x = "a ${f([1, 2, 3])} b"'
    part = Part(before.index(b"1"), before.index(b"1") + 1)
    assert says_what_was_meant(before, after, [part]) is meant


def test_lines_that_moved_are_left_to_fmt() -> None:
    after = changed(b"  2,\n", b"").replace(b"zzzz =", b"zzzz  =")
    found = lines_changed(BEFORE, after, [TWO])
    assert (found.beyond, found.moved) == (0, (b"zzzz  = 2",))
    assert not as_fmt_has_it(b"zzzz  = 2", [b"y    = 1", b"zzzz = 2"])
    assert as_fmt_has_it(b'zzzz = "${a}"', [b"  zzzz = a"])


def test_a_comment_that_goes_along_is_counted() -> None:
    before = b"x = [\n  # one\n  1,\n  2,\n]\n"
    part = Part(before.index(b"1"), before.index(b"1") + 1)
    assert lines_changed(before, b"x = [\n  2,\n]\n", [part]).comments == 1


@pytest.mark.parametrize("after", [b"a = 1\n", b"x", b"aXYbc\n", b"abc"])
def test_bytes_outside_are_found(after: bytes) -> None:
    assert not outside_is_identical(b"abc\n", after, [Edit("f", 1, 2, b"XY")])


def test_json_is_read_by_another() -> None:
    assert json_differs_at(b'{"a": 1, "b": 2}', b'{"a": 1, "b": 3}') == {"b"}
    assert json_differs_at(b'{"a": 1}', b'{"a": 1,}') is None
    assert json_differs_at(b"{}", b"[]") is None


# A whole run -------------------------------------------------------------------------------

MAIN = """\
resource "aws_security_group" "web" {
  name = "web" # why
  tags = { Name = "web", Team = "a", Env = "b" }

  # SSH
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0"]
  }

  egress {
    cidr_blocks = concat(var.cidrs, [
      "0.0.0.0/0",
    ])
  }
}

locals {
  one = { a = 1 }
}
"""


@pytest.fixture
def tally(tmp_path: Path) -> Tally:
    if shutil.which("terraform") is None:
        pytest.skip("no terraform on PATH: its fmt cannot judge the edits")
    texts = {
        "main.tf": MAIN,
        "untidy.tf": MAIN.replace("name = ", "name   = "),
        "broken.tf": "x = \n",
        "valid.tf": "x = 1e5\n",
        "live.tfvars": 'cidrs = ["10.0.0.0/8"]\n',
        "live.tfvars.json": '{"cidrs": ["10.0.0.0/8", "0.0.0.0/0"], "a": {"b": 1}}\n',
    }
    files = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        files.append(File("self", name, str(tmp_path / name)))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return tried(files, 3, scratch)


def test_every_kind_is_tried_and_every_promise_kept(tally: Tally) -> None:
    assert tally.failures == []
    assert tally.kept
    assert len(tally.kinds) >= 19
    for kind in tally.kinds:
        assert tally.cells[kind, EDITS] == tally.cells[kind, READ] == tally.cells[kind, AGREES]
        assert tally.cells[kind, CLEAN_AFTER] < tally.cells[kind, EDITS]
        assert tally.cells[kind, BEYOND] == 0


def test_files_are_told_apart(tally: Tally) -> None:
    counted = {what: n for (_, what), n in tally.files.items()}
    assert (counted["files"], counted["parsed"], counted["refused"]) == (6, 4, 2)
    assert {read: n for (_, read), n in tally.refused.items()} == {
        "reads it": 1,
        "refuses it": 1,
    }


def test_a_broken_promise_is_no_success() -> None:
    tally = Tally()
    assert tally.kept
    tally.cells["an edit", EDITS] = 1
    assert not tally.kept


def test_the_table_is_markdown_where_it_is_asked_for() -> None:
    rows = [["a", "1"], ["bb", "10"]]
    assert table(["name", "n"], rows, markdown=False) == "name   n\na      1\nbb    10"
    assert table(["name", "n"], rows, markdown=True).splitlines()[1] == "|------|---:|"
