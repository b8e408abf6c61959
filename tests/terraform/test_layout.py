"""The alignment of a few rows does not depend on how much of the file is looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from remediator.terraform.layout import misaligned
from remediator.terraform.syntax import parse

LINES = (
    "a@ = 1",
    "bb@  = 2 # c",
    "# alone",
    'k@ = "v"  # d',
    "l@ = [1,\n  2]",
    "l@=[\n  1, # x\n  22 # y\n]",
    "t@ = <<-EOT\n   body\nEOT",
    'q@ = "a${\n1\n}b" # z',
    'z@ = "x" /* k */',
    "",
    "o@ = {\n aa = 1\n b=2 # f\n}",
    "/* m\n n */",
    "f@ = foo(\n1)",
    "longer_one@ = 1 // x",
    "x@ {",
    "}",
)
BODIES = st.lists(st.sampled_from(LINES), max_size=30)


def source(lines: list[str]) -> bytes:
    """With names of their own, and as many braces that close as open, so that it can be parsed."""
    depth, kept = 0, []
    for line in lines:
        depth += {"x@ {": 1, "}": -1}.get(line, 0)
        if depth < 0:
            depth = 0
        else:
            kept.append(line)
    named = [line.replace("@", str(n)) for n, line in enumerate([*kept, *("}" * depth)])]
    return "\n".join([*named, ""]).encode()


@given(BODIES)
def test_a_file_is_tidy_where_each_of_its_rows_is(lines: list[str]) -> None:
    file = parse("main.tf", source(lines))
    rows = file.data.count(b"\n")
    each = [edit for row in range(rows + 1) for edit in misaligned(file, row, row)]
    assert bool(each) == bool(misaligned(file, 0, rows))


@given(BODIES, st.integers(0, 40), st.integers(0, 4))
def test_what_is_below_a_blank_line_does_not_matter(lines: list[str], row: int, more: int) -> None:
    alone = parse("main.tf", source(lines))
    row = min(row, alone.data.count(b"\n"))
    longer = parse("main.tf", alone.data + b"\n" + b"far = 1\nfarther_away = 2\n")
    last = min(row + more, alone.data.count(b"\n") - 1)
    assert misaligned(alone, row, last) == misaligned(longer, row, last)


def test_a_comment_behind_what_goes_on_below_the_rows_is_seen() -> None:
    text = b'l = 1\nq = "a${\n1\n}b" # z\nk = "v"  # d\n'
    file = parse("main.tf", text)
    first, last = 1, 2
    assert misaligned(file, first, last) == misaligned(file, first, last + 2) != []
