"""Byte splices: each case in each file style, judged by `terraform fmt` and by python-hcl2."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.model import Edit, SourceError
from remediator.terraform.combine import reparsed
from remediator.terraform.edit import (
    combine,
    insert_block_after,
    insert_resource_after,
    remove_block,
    remove_entries,
    remove_item,
    remove_items,
    replace_block,
    replace_block_by_attribute,
    set_or_insert_attribute,
    set_value,
    splice,
    wrap_value,
)
from remediator.terraform.splices import merged
from remediator.terraform.syntax import Block, Body, Expression, SourceFile, parse

BOM = b"\xef\xbb\xbf"
Change = Callable[[SourceFile], tuple[Edit, ...]]


@dataclass(frozen=True)
class Case:
    """`clean` says whether terraform fmt leaves both texts alone."""

    name: str
    before: str
    change: Change
    after: str
    clean: bool = True


# Finding the piece that a case is about ---------------------------------------------------


def bodies(file: SourceFile) -> Iterator[Body]:
    stack = [file.body]
    while stack:
        body = stack.pop(0)
        yield body
        stack = [b.body for b in body.blocks] + stack


def value(file: SourceFile, name: str = "x") -> Expression:
    return next(a.value for body in bodies(file) if (a := body.attribute(name)))


def nth(file: SourceFile, block_type: str, n: int = 0) -> Block:
    return [b for body in bodies(file) for b in body.nested(block_type)][n]


def items(*indexes: int) -> Change:
    return lambda file: remove_items(value(file), indexes)


def block(n: int, block_type: str = "in") -> Change:
    return lambda file: remove_block(nth(file, block_type, n))


def attribute(name: str, text: str, where: str = "r") -> Change:
    return lambda file: set_or_insert_attribute(nth(file, where).body, name, text)


def replaced(text: str, n: int = 0) -> Change:
    return lambda file: replace_block(nth(file, "in", n), text)


def as_attribute(n: int = 0) -> Change:
    return lambda file: replace_block_by_attribute(nth(file, "in", n), "x", "[]")


def below(text: str, n: int = 0, where: str = "in") -> Change:
    return lambda file: insert_block_after(nth(file, where, n), text)


def to(text: str) -> Change:
    return lambda file: set_value(value(file), text)


NEW = "in {\n  a   = 1\n  bcd = 2\n}"

CHANGED = [
    # Items -------------------------------------------------------------------------------
    Case("inline, first", "x = [1, 2, 3]\n", items(0), "x = [2, 3]\n"),
    Case("inline, middle", "x = [1, 2, 3]\n", items(1), "x = [1, 3]\n"),
    Case("inline, last", "x = [1, 2, 3]\n", items(2), "x = [1, 2]\n"),
    Case("inline, several", "x = [1, 2, 3, 4]\n", items(0, 3), "x = [2, 3]\n"),
    Case("inline, all but the first", "x = [1, 2, 3]\n", items(1, 2), "x = [1]\n"),
    Case("inline, all", "x = [1, 2]\n", items(0, 1), "x = []\n"),
    Case("the only one", "x = [\n  1, # a\n]\n", items(0), "x = []\n"),
    Case("not clean, inside", "x = [ 1,2 , 3 ]\n", items(1), "x = [ 1,3 ]\n", clean=False),
    Case("not clean, last", "x = [ 1, 2 ]\n", items(1), "x = [ 1 ]\n", clean=False),
    Case("last comma inline", "x = [1, 2, ]\n", items(1), "x = [1, ]\n"),
    Case("a line", "x = [\n  1,\n  2,\n]\n", items(0), "x = [\n  2,\n]\n"),
    Case("last line with comma", "x = [\n  1,\n  2,\n]\n", items(1), "x = [\n  1,\n]\n"),
    Case("last line without comma", "x = [\n  1,\n  2\n]\n", items(1), "x = [\n  1\n]\n"),
    Case("two last lines", "x = [\n  1,\n  2,\n  3\n]\n", items(1, 2), "x = [\n  1\n]\n"),
    Case("bracket moves up", "x = [1,\n2]\n", items(1), "x = [1]\n"),
    Case("first after the bracket", "x = [1,\n2]\n", items(0), "x = [\n2]\n"),
    Case("two a line", "x = [\n  1, 2,\n  3, 4\n]\n", items(1, 2), "x = [\n  1, 4\n]\n"),
    Case(
        "trailing comment goes with its line",
        "x = [\n  1,\n  2, # two\n  3\n]\n",
        items(1),
        "x = [\n  1,\n  3\n]\n",
    ),
    Case(
        "comma goes, comment before it stays",
        "x = [\n  1, # one\n  2  # two\n]\n",
        items(1),
        "x = [\n  1 # one\n]\n",
    ),
    Case(
        "comments move with the widest item",
        'x = [      # list\n  1,       # one\n  "22222", # two\n]\n',
        items(1),
        "x = [ # list\n  1,  # one\n]\n",
    ),
    Case(
        "a heading with its only item",
        "x = [\n  # one\n  1,\n  # two\n  2,\n]\n",
        items(0),
        "x = [\n  # two\n  2,\n]\n",
    ),
    Case(
        "a heading with all its items",
        "x = [\n  # some\n  1,\n  2,\n\n  # more\n  3\n]\n",
        items(0, 1),
        "x = [\n  # more\n  3\n]\n",
    ),
    Case(
        "one blank line, not two",
        "x = [\n  1,\n\n  2,\n\n  3,\n]\n",
        items(1),
        "x = [\n  1,\n\n  3,\n]\n",
    ),
    Case(
        "no blank line at the end",
        "x = [\n  1,\n\n  # two\n  2,\n]\n",
        items(1),
        "x = [\n  1,\n]\n",
    ),
    Case(
        "an object over lines",
        "x = [\n  {\n    a = 1\n  },\n  {\n    a = 2\n  },\n]\n",
        items(0),
        "x = [\n  {\n    a = 2\n  },\n]\n",
    ),
    Case("objects inline", "x = [{ a = 1 }, { a = 2 }]\n", items(1), "x = [{ a = 1 }]\n"),
    Case(
        "objects back to back",
        "x = [{\n  a = 1\n  }, {\n  a = 2\n}]\n",
        items(1),
        "x = [{\n  a = 1\n}]\n",
    ),
    Case(
        "objects back to back, first",
        "x = [{\n  a = 1\n  }, {\n  a = 2\n}]\n",
        items(0),
        "x = [{\n  a = 2\n}]\n",
    ),
    Case(
        "objects back to back, middle",
        "x = [{\n  a = 1\n  }, {\n  a = 2\n  }, {\n  a = 3\n}]\n",
        items(1),
        "x = [{\n  a = 1\n  }, {\n  a = 3\n}]\n",
    ),
    Case(
        "comments beside the list are aligned anew",
        "x  = [1, 2] # x\nyy = 1      # y\n",
        items(1),
        "x  = [1] # x\nyy = 1   # y\n",
    ),
    Case("comment inside the item's bytes", "x = [1, /* b */ 2]\n", items(1), "x = [1]\n"),
    Case("comment before its comma", "x = [1 /* a */, 2]\n", items(0), "x = [2]\n"),
    # Indentation ---------------------------------------------------------------------------
    Case(
        "an object that closes with its call",
        "x = f(a,\n  {\n    b = 1\n})\n",
        lambda file: remove_entries(value(file).arguments[1], (0,)),
        "x = f(a,\n{})\n",
    ),
    Case(
        "a list that opens beside another",
        "x = f([\n  {\n    a = 1\n    }], a ? [{\n    b = 1 # b\n"
        "    c = [\n      2\n    ]\n}] : [])\n",
        lambda file: remove_item(value(file).arguments[0], 0),
        "x = f([], a ? [{\n  b = 1 # b\n  c = [\n    2\n  ]\n}] : [])\n",
    ),
    Case(
        "a heredoc that closes brackets it has not opened",
        "r {\n  in {\n    x = <<EOT\n${f({\n    a = 1\n})}\nEOT\n}\n}\n",
        to("1"),
        "r {\n  in {\n    x = 1\n  }\n}\n",
    ),
    Case(
        "two changes of one definition",
        "x = f(a,\n  {\n    b = 1\n    }, {\n    c = 1\n    d = 2\n})\n",
        lambda file: combine(
            file,
            [
                *remove_entries(value(file).arguments[1], (0,)),
                *remove_entries(value(file).arguments[2], (1,)),
            ],
        ),
        "x = f(a,\n  {}, {\n    c = 1\n})\n",
    ),
    # Blocks ------------------------------------------------------------------------------
    Case(
        "between blank lines",
        "r {\n  a = 1\n\n  in {\n    b = 1\n  }\n\n  c = 1\n}\n",
        block(0),
        "r {\n  a = 1\n\n  c = 1\n}\n",
    ),
    Case(
        "with its comments",
        "r {\n  a = 1 # a\n  # one\n  /* two\n  three */\n  in {\n  } # four\n  # five\n}\n",
        block(0),
        "r {\n  a = 1 # a\n  # five\n}\n",
    ),
    Case("first", "r {\n  in {\n  }\n\n  out {\n  }\n}\n", block(0), "r {\n  out {\n  }\n}\n"),
    Case("last", "r {\n  out {\n  }\n\n  in {\n  }\n}\n", block(0), "r {\n  out {\n  }\n}\n"),
    Case("one line", "r {\n  in { a = 1 }\n  b = 1\n}\n", block(0), "r {\n  b = 1\n}\n"),
    Case("the only one", "r {\n\n  # c\n  in { a = 1 }\n\n}\n", block(0), "r {\n}\n"),
    Case(
        "neighbours become one group",
        "r {\n  a = 1\n  in {\n  }\n  bcd = 2\n}\n",
        block(0),
        "r {\n  a   = 1\n  bcd = 2\n}\n",
    ),
    Case("top level, first", "in {\n}\n\nr {\n}\n", block(0), "r {\n}\n"),
    Case("top level, last", "r {\n}\n\n# c\nin {\n}\n", block(0), "r {\n}\n"),
    Case("top level, middle", "r {\n}\n\nin {\n}\n\ns {\n}\n", block(0), "r {\n}\n\ns {\n}\n"),
    Case(
        "replaced",
        "r {\n  # why\n  in { a = 1 } # c\n}\n",
        replaced(NEW),
        "r {\n  # why\n  in {\n    a   = 1\n    bcd = 2\n  } # c\n}\n",
    ),
    Case(
        "replaced with a heredoc",
        "r {\n  in {\n  }\n}\n",
        replaced("in {\n  a = <<EOT\n  b\nEOT\n}\n"),
        "r {\n  in {\n    a = <<EOT\n  b\nEOT\n  }\n}\n",
    ),
    Case(
        "replaced by an attribute",
        "r {\n  name = 1\n  # why\n  in {\n    a = 1\n  } # c\n\n  out {\n  }\n}\n",
        as_attribute(),
        "r {\n  name = 1\n  x    = []\n\n  out {\n  }\n}\n",
    ),
    # Attributes --------------------------------------------------------------------------
    Case("set", 'r {\n  x = "a" # c\n}\n', attribute("x", "[]"), "r {\n  x = [] # c\n}\n"),
    Case(
        "set, comments aligned anew",
        "r {\n  a = 1 # a\n  x = 2 # x\n}\n",
        to("[1, 2]"),
        "r {\n  a = 1      # a\n  x = [1, 2] # x\n}\n",
    ),
    Case(
        "set to lines",
        "r {\n  abc = 1\n  x   = 2\n  de  = 3\n}\n",
        to("[\n  1,\n]"),
        "r {\n  abc = 1\n  x = [\n    1,\n  ]\n  de = 3\n}\n",
    ),
    Case(
        "set from lines",
        "r {\n  abc = 1\n  x = [\n    1,\n  ]\n}\n",
        to("[]"),
        "r {\n  abc = 1\n  x   = []\n}\n",
    ),
    Case(
        "a longer name moves the group",
        "r {\n  a = 1 # one\n  b = 2\n\n  c = 3\n}\n",
        attribute("long", "4"),
        "r {\n  a    = 1 # one\n  b    = 2\n  long = 4\n\n  c = 3\n}\n",
    ),
    Case(
        "a shorter name joins the group",
        "r {\n  name = 1 # c\n\n  in {\n  }\n}\n",
        attribute("a", "[]"),
        "r {\n  name = 1 # c\n  a    = []\n\n  in {\n  }\n}\n",
    ),
    Case(
        "behind a heredoc",
        "r {\n  a = <<EOT\n\nb\nEOT\n}\n",
        attribute("name", "1"),
        "r {\n  a    = <<EOT\n\nb\nEOT\n  name = 1\n}\n",
    ),
    Case(
        "past the meta-arguments",
        "r {\n  count = 1\n\n  name = 2\n}\n",
        attribute("a", "1"),
        "r {\n  count = 1\n\n  name = 2\n  a    = 1\n}\n",
    ),
    Case("into {}", "r {}\n", attribute("a", "1"), "r {\n  a = 1\n}\n"),
    Case("into one line", "r { b = 1 }\n", attribute("abc", "2"), "r {\n  b   = 1\n  abc = 2\n}\n"),
    Case("into empty lines", "r {\n}\n", attribute("a", "1"), "r {\n  a = 1\n}\n"),
    Case(
        "above the first block",
        "r { # c\n  # d\n  in {\n  }\n}\n",
        attribute("a", "1"),
        "r { # c\n  a = 1\n\n  # d\n  in {\n  }\n}\n",
    ),
    Case(
        "into a nested block",
        "r {\n  in {}\n}\n",
        attribute("a", "1", "in"),
        "r {\n  in {\n    a = 1\n  }\n}\n",
    ),
    Case(
        "wrapped",
        "r {\n  x   = a.b # c\n  abc = 1   # d\n}\n",
        lambda file: wrap_value(value(file), "f(", ")"),
        "r {\n  x   = f(a.b) # c\n  abc = 1      # d\n}\n",
    ),
    Case(
        "wrapped over lines",
        "r {\n  x = f([\n    1,\n    2,\n  ])\n}\n",
        lambda file: wrap_value(value(file), "[for c in ", " : c if c != 2]"),
        "r {\n  x = [for c in f([\n    1,\n    2,\n  ]) : c if c != 2]\n}\n",
    ),
    # New blocks --------------------------------------------------------------------------
    Case(
        "below, as close as the neighbours",
        "r {\n  in {\n  }\n  in {\n  }\n}\n",
        below(NEW),
        "r {\n  in {\n  }\n  in {\n    a   = 1\n    bcd = 2\n  }\n  in {\n  }\n}\n",
    ),
    Case(
        "below, as far as the neighbours",
        "r {\n  a = 1\n\n  in {\n  } # c\n}\n",
        below(NEW),
        "r {\n  a = 1\n\n  in {\n  } # c\n\n  in {\n    a   = 1\n    bcd = 2\n  }\n}\n",
    ),
    Case(
        "below, at the top level",
        "in {\n}\nr {\n}\n",
        below(NEW),
        "in {\n}\n\nin {\n  a   = 1\n  bcd = 2\n}\n\nr {\n}\n",
    ),
    Case(
        "below the last resource",
        "r {\n}\n",
        lambda file: insert_resource_after(nth(file, "r"), "s {\n}\n"),
        "r {\n}\n\ns {\n}\n",
    ),
]

STAYS = [
    Case("no item", "x = [1, 2]\n", items(), "x = [1, 2]\n"),
    Case("no item of none", "x = []\n", items(), "x = []\n"),
    Case("the value that is there", "x = [1, 2]\n", to("[1, 2]"), "x = [1, 2]\n"),
    Case(
        "the attribute that is there", "r {\n  a = 1\n}\n", attribute("a", "1"), "r {\n  a = 1\n}\n"
    ),
    Case(
        "the block that is there",
        "r {\n  in {\n  }\n}\n",
        replaced("in {\n}"),
        "r {\n  in {\n  }\n}\n",
    ),
    Case(
        "a heading while one of its items stays",
        "x = [\n  # some\n  1,\n  2,\n]\n",
        items(0),
        "x = [\n  # some\n  2,\n]\n",
    ),
    Case(
        "a comment behind a blank line in a list",
        "x = [\n  # list\n\n  1,\n  2,\n]\n",
        items(0),
        "x = [\n  # list\n\n  2,\n]\n",
    ),
    Case(
        "the comment of a line with another item",
        "x = [\n  1, 2, # both\n  3,\n]\n",
        items(0),
        "x = [\n  2, # both\n  3,\n]\n",
    ),
    Case("the comment of the item before", "x = [1, /* a */ 2]\n", items(0), "x = [/* a */ 2]\n"),
    Case(
        "a comment behind a blank line",
        "r {\n  a = 1\n  # about a\n\n  in {\n  }\n}\n",
        block(0),
        "r {\n  a = 1\n  # about a\n}\n",
    ),
    Case(
        "a comment at the end of the line above",
        "r {\n  a = 1 # about a\n  in {\n  }\n}\n",
        block(0),
        "r {\n  a = 1 # about a\n}\n",
    ),
    Case(
        "a licence directly above",
        "# Copyright Someone\n# SPDX-License-Identifier: MIT\nin {\n}\n\nr {\n}\n",
        block(0),
        "# Copyright Someone\n# SPDX-License-Identifier: MIT\n\nr {\n}\n",
    ),
    Case(
        "a header behind a blank line",
        "# main\n\n# about in\nin {\n}\n",
        block(0),
        "# main\n",
    ),
    Case(
        "blank lines that were there already",
        "r {\n\n\n  a = 1\n\n  in {\n  }\n\n\n  b = 1\n}\n",
        block(0),
        "r {\n\n\n  a = 1\n\n  b = 1\n}\n",
    ),
    Case(
        "a group that nobody aligned",
        "r {\n  a  = 1\n  bcd = 2\n}\n",
        attribute("long", "1"),
        "r {\n  a  = 1\n  bcd = 2\n  long = 1\n}\n",
        clean=False,
    ),
    Case(
        "neighbours that nobody aligned",
        "r {\n  a  = 1\n  in {\n  }\n  bcd = 2\n}\n",
        block(0),
        "r {\n  a  = 1\n  bcd = 2\n}\n",
        clean=False,
    ),
    Case(
        "comments that nobody aligned",
        "x = [1, 2] # x\ny = 1 # y\n",
        items(1),
        "x = [1] # x\ny = 1 # y\n",
        clean=False,
    ),
    Case(
        "what is badly aligned farther off",
        "r {\n  a  = 1\n\n  b = 2\n}\n\ns {\n  c   = 1\n}\n",
        attribute("d", "1"),
        "r {\n  a  = 1\n  d = 1\n\n  b = 2\n}\n\ns {\n  c   = 1\n}\n",
        clean=False,
    ),
    Case(
        "lines that nobody indented",
        "x = f(a,\n    {\n    b = 1\n})\n",
        lambda file: remove_entries(value(file).arguments[1], (0,)),
        "x = f(a,\n    {})\n",
        clean=False,
    ),
    Case(
        "another block's comment",
        "r {\n  in {\n  }\n  # about out\n  out {\n  }\n}\n",
        block(0),
        "r {\n  # about out\n  out {\n  }\n}\n",
    ),
    Case(
        "the other blocks of the type",
        "r {\n  in { a = 1 }\n  in { a = 2 }\n  in { a = 3 }\n}\n",
        block(1),
        "r {\n  in { a = 1 }\n  in { a = 3 }\n}\n",
    ),
    Case(
        "alignment inside the values",
        "x = { a = 1, bc   = [1, 2] }\n",
        lambda file: remove_item(value(file).entries[1].value, 0),
        "x = { a = 1, bc   = [2] }\n",
        clean=False,
    ),
]
CASES = CHANGED + STAYS


def named(cases: list[Case]) -> list[object]:
    return [pytest.param(case, id=f"{n}-{case.name}") for n, case in enumerate(cases)]


def with_tabs(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        lines.append("\t" * ((len(line) - len(bare)) // 2) + bare)
    return "\n".join(lines)


STYLES: dict[str, Callable[[str], bytes]] = {
    "lf": str.encode,
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "bom": lambda text: BOM + text.encode(),
    "bom and crlf": lambda text: BOM + text.replace("\n", "\r\n").encode(),
    "no final newline": lambda text: text.removesuffix("\n").encode(),
    "no final crlf": lambda text: text.removesuffix("\n").replace("\n", "\r\n").encode(),
}


def changed(data: bytes, change: Change) -> bytes:
    return splice(data, change(parse("main.tf", data)))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", named(CASES))
def test_a_change_keeps_the_style_of_the_file(case: Case, style: str) -> None:
    shape = STYLES[style]
    if shape(case.before).count(b"\n") == 0:
        shape = STYLES["no final newline"]  # without a line end there is none to keep
    assert changed(shape(case.before), case.change) == shape(case.after)


NOT_WITH_TABS = (
    "comments move with the widest item",
    "replaced with a heredoc",
    "an object that closes with its call",
    "a list that opens beside another",
    "a heredoc that closes brackets it has not opened",
    "two changes of one definition",
)
"""Comments of lines of different depth are aligned by columns; a heredoc's lines are a value; and
what has tabs is not indented as `terraform fmt` does."""

WITH_TABS = [c for c in CASES if "\n  " in c.before and c.name not in NOT_WITH_TABS]


@pytest.mark.parametrize("case", named(WITH_TABS))
def test_a_change_keeps_tabs(case: Case) -> None:
    before, after = with_tabs(case.before).encode(), with_tabs(case.after).encode()
    assert changed(before, case.change) == after


@pytest.mark.parametrize("case", named(STAYS[:5]))
def test_what_is_there_already_makes_no_edit(case: Case) -> None:
    assert case.change(parse("main.tf", case.before.encode())) == ()


@pytest.mark.parametrize("case", named(CASES))
def test_the_second_reader_reads_the_result(case: Case) -> None:
    assert hcl2.loads(case.after) is not None


@pytest.fixture(scope="session")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files among all cases that terraform fmt would change: one run for all of them."""
    if shutil.which("terraform") is None:
        pytest.skip("no terraform on PATH: its fmt cannot judge the edits")
    folder: Path = tmp_path_factory.mktemp("fmt")
    for n, case in enumerate(CASES):
        for side, text in (("before", case.before), ("after", case.after)):
            (folder / f"{side}-{n}.tf").write_bytes(text.encode())
            (folder / f"{side}-{n}-crlf.tf").write_bytes(text.replace("\n", "\r\n").encode())
    return untidy_files(folder)


def untidy_files(folder: Path) -> set[str]:
    env = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull}
    run = subprocess.run(
        ["terraform", "fmt", "-check", "-list=true", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert "Error" not in run.stderr, run.stderr
    return {Path(line).name for line in run.stdout.splitlines()}


@pytest.mark.parametrize("line_end", ["", "-crlf"])
@pytest.mark.parametrize("case", named(CASES))
def test_terraform_fmt_leaves_the_result_alone(case: Case, line_end: str, untidy: set[str]) -> None:
    n = CASES.index(case)
    found = {side for side in ("before", "after") if f"{side}-{n}{line_end}.tf" in untidy}
    assert found == (set() if case.clean else found or {"neither"})


# What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "change", "error"),
    [
        ("x = [1, 2]\n", items(2), IndexError),
        ("x = [1, 2]\n", items(-1), IndexError),
        ("x = []\n", items(0), IndexError),
        ("x = 1\n", items(0), ValueError),
        ("x = [for a in b : a]\n", items(0), ValueError),
        ("x = concat([1], [2])\n", items(0), ValueError),
        ("x = ([1])\n", items(0), ValueError),
        ("r {\n}\n", attribute("a b", "1"), ValueError),
        ("r {\n}\n", attribute("a\nb", "1"), ValueError),
        ("r {\n}\n", attribute("", "1"), ValueError),
        (
            "r {\n  in {\n  }\n}\n",
            lambda f: insert_resource_after(nth(f, "in"), "s {}"),
            ValueError,
        ),
    ],
)
def test_what_cannot_be_is_refused(text: str, change: Change, error: type[Exception]) -> None:
    with pytest.raises(error):
        change(parse("main.tf", text.encode()))


@pytest.mark.parametrize(
    "edits",
    [
        (Edit("f", 0, 2, b"x"), Edit("f", 1, 3, b"y")),
        (Edit("f", 0, 4, b""), Edit("f", 2, 2, b"x")),
        (Edit("f", 0, 2, b"x"), Edit("f", 0, 2, b"y")),
    ],
)
def test_contradicting_edits_are_refused(edits: tuple[Edit, ...]) -> None:
    file = parse("f", b"a = 1\nb = 2\n")
    with pytest.raises(ValueError, match="in f at"):
        combine(file, edits)
    with pytest.raises(ValueError, match="overlap"):
        splice(file.data, edits)


def test_an_edit_beyond_the_file_is_refused() -> None:
    with pytest.raises(ValueError, match="leave the file"):
        splice(b"a", [Edit("f", 1, 2, b"")])


# Properties --------------------------------------------------------------------------------


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A list as people write them, and the indexes of some items; item n is the number n."""
    count = draw(st.integers(1, 6))
    chosen = draw(st.lists(st.integers(0, count - 1), unique=True))
    text = draw(st.sampled_from(["x = [", "x = [\n", "x = [ # list\n", "x = [\n  # head\n"]))
    for n in range(count):
        text += (
            draw(st.sampled_from(["", "  # one\n  ", "/* c */ "])) if text.endswith("\n") else ""
        )
        last = n == count - 1
        comma = draw(st.sampled_from(["", ","])) if last else ","
        gap = draw(st.sampled_from([" ", "\n", " # c\n", "\n\n", " /* d */ "]))
        text += f"{n}{comma}{gap}"
    return text + "]\n", sorted(chosen)


@given(lists(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([b"", BOM]))
@settings(max_examples=150, deadline=None)
def test_the_items_that_are_not_removed_stay(
    made: tuple[str, list[int]], newline: str, start: bytes
) -> None:
    text, indexes = made
    data = start + text.replace("\n", newline).encode()
    file = parse("main.tf", data)
    kept = [i.text for n, i in enumerate(value(file).items) if n not in indexes]
    after = changed(data, items(*indexes))
    left = value(parse("main.tf", after)).items
    assert [i.text for i in left] == kept
    assert hcl2.loads(after.removeprefix(BOM).decode())["x"] == [int(k) for k in kept]
    assert after.count(b"\r") == after.count(b"\n") * (newline == "\r\n")


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """A body of attributes and blocks with comments and blank lines; block n has `n = n`."""
    text = ""
    for n in range(draw(st.integers(1, 6))):
        text += draw(st.sampled_from(["", "\n", f"  name{n} = 1\n", f"  b{n} = 1 # c\n\n"]))
        text += draw(st.sampled_from(["", "  # above\n", "  # far\n\n", "  /* a\n  b */\n"]))
        text += draw(st.sampled_from([f"  in {{ n = {n} }}", f"  in {{\n    n = {n}\n  }}"]))
        text += draw(st.sampled_from(["\n", "\n\n", " # beside\n\n"]))
    return f"r {{\n{text}}}\n"


def numbers(data: bytes) -> list[int]:
    read = hcl2.loads(data.decode())["r"][0]
    return [b["n"] for b in read.get("in", [])]


@given(blocks(), st.data())
@settings(max_examples=60, deadline=None)
def test_removing_blocks_at_once_or_one_by_one_is_the_same(text: str, data: st.DataObject) -> None:
    before = text.encode()
    count = len(parse("main.tf", before).blocks[0].body.blocks)
    chosen = data.draw(st.lists(st.integers(0, count - 1), unique=True, min_size=1))
    file = parse("main.tf", before)
    together: list[Edit] = []
    for n in chosen:
        together += remove_block(nth(file, "in", n))
    combined = combine(file, together)
    at_once = splice(before, combined)
    assert combine(parse("main.tf", before), combined) == combined
    one_by_one = before
    for n in sorted(chosen, reverse=True):
        one_by_one = changed(one_by_one, block(n))
    assert at_once == one_by_one
    assert numbers(at_once) == [n for n in range(count) if n not in chosen]


@given(blocks(), st.integers(0, 5), st.sampled_from(["a", "name0", "much_longer"]))
@settings(max_examples=60, deadline=None)
def test_every_change_leaves_the_other_blocks(text: str, n: int, name: str) -> None:
    before = text.encode()
    count = len(parse("main.tf", before).blocks[0].body.blocks)
    n %= count
    for change, left in [
        (below("in {\n  n = 9\n}", n), [*range(n + 1), 9, *range(n + 1, count)]),
        (attribute(name, "[1]"), [*range(count)]),
        (as_attribute(n), [i for i in range(count) if i != n]),
        (replaced("in {\n  n = 8\n}", n), [8 if i == n else i for i in range(count)]),
    ]:
        after = changed(before, change)
        parse("main.tf", after)
        assert numbers(after) == left


@given(blocks(), st.data())
@settings(max_examples=40, deadline=None)
def test_outside_the_edits_every_byte_stays(text: str, data: st.DataObject) -> None:
    before = text.encode()
    file = parse("main.tf", before)
    n = data.draw(st.integers(0, len(file.blocks[0].body.blocks) - 1))
    edits = remove_block(nth(file, "in", n))
    after = splice(before, edits)
    done = shift = 0
    for edit in edits:
        assert after[done + shift : edit.start + shift] == before[done : edit.start]
        shift += len(edit.text) - (edit.end - edit.start)
        done = edit.end
    assert after[done + shift :] == before[done:]
    changed_lines = [e for e in edits if e.text.strip(b" ")]
    assert changed_lines == []


def nodes(file: SourceFile) -> list[tuple[str, int, int, tuple[int, int]]]:
    found, waiting = [], [file.tree.root_node]
    while waiting:
        node = waiting.pop()
        found.append((node.type, node.start_byte, node.end_byte, tuple(node.start_point)))
        waiting += node.children
    return found


PIECES = ["", "\n", "  ", "{", "}", '"', "é", "x = [\n1,\n]\n", "<<E\n${a}\nE\n", "# c\n", "/*"]


@given(blocks(), st.data())
@settings(max_examples=200, deadline=None)
def test_what_is_parsed_where_it_differs_is_what_is_parsed_anew(
    text: str, data: st.DataObject
) -> None:
    file = parse("main.tf", text.encode())
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    edits = merged(
        Edit("main.tf", a, b, data.draw(st.sampled_from(PIECES)).encode())
        for a, b in dict(pairs).items()
    )
    quick, whole = reparsed(file, edits), splice(file.data, edits)
    assert quick.data == whole
    try:
        anew = parse("main.tf", whole)
    except SourceError:
        return  # how what is wrong is recovered from may differ: it is refused
    assert nodes(quick) == nodes(anew)


def test_insertions_at_one_place_keep_their_order() -> None:
    file = parse("main.tf", b"r {\n}\n")
    first = insert_resource_after(file.blocks[0], "a {\n}")
    second = insert_resource_after(file.blocks[0], "b {\n}")
    edits = combine(file, [*first, *second])
    assert splice(file.data, edits) == b"r {\n}\n\na {\n}\n\nb {\n}\n"
    assert combine(file, edits) == edits


def test_changes_of_one_list_and_its_neighbours_are_laid_out_together() -> None:
    text = "r {\n  x   = [1, 2] # x\n  in {\n  }\n  long = 1 # y\n}\n".replace("x   =", "x =")
    file = parse("main.tf", text.encode())
    edits = [*remove_item(value(file), 0), *remove_block(nth(file, "in"))]
    after = splice(file.data, combine(file, edits))
    assert after == b"r {\n  x    = [2] # x\n  long = 1   # y\n}\n"


def test_what_no_longer_parses_is_returned_as_it_is_and_left_to_the_proof() -> None:
    file = parse("main.tf", b"x = 1\n")
    assert splice(file.data, set_value(value(file), '"')) == b'x = "\n'
