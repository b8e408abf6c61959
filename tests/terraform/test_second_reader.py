"""The second reader, piece by piece: it sees what it would see in the whole file."""

from __future__ import annotations

import pytest

from remediator.terraform.second_reader import changed_blocks

HEAD = """\
resource "aws_iam_role" "a" {
  name = "a"
}

"""
TAIL = """\

variable "last" {
  default = 1
}
"""
HEREDOC = """\
resource "aws_iam_policy" "text" {
  policy = <<EOT
{
  "a": 1
}
resource "aws_iam_role" "in_text" {
}
EOT
}
"""
COMMENT = """\
/*
resource "aws_iam_role" "old" {
  name = "1"
}

resource "aws_iam_role" "older" {
}
*/
"""
QUOTED = """\
locals {
  text = "one
}
resource 1"
}
"""
OBJECT = """\
locals {
  x = {
a = {
  b = 1
}
c = 2
}
}
"""


def seen(middle: str, old: str, new: str) -> frozenset[str]:
    before, after = (f"{HEAD}{m}{TAIL}".encode() for m in (middle, middle.replace(old, new)))
    assert before != after
    found = changed_blocks(before, after)
    assert (found.unread_before, found.unread_after) == ("", "")
    return found.addresses


@pytest.mark.parametrize(
    ("middle", "old", "new", "addresses"),
    [
        (HEREDOC, '"a": 1', '"a": 2', {"aws_iam_policy.text"}),
        (HEREDOC, "in_text", "other", {"aws_iam_policy.text"}),
        (COMMENT, '"1"', '"2"', set()),
        (COMMENT, "older", "oldest", set()),
        (QUOTED, "one", "two", {"locals"}),
        (QUOTED, "resource 1", "resource 2", {"locals"}),
        (OBJECT, "b = 1", "b = 3", {"locals"}),
        (OBJECT, "c = 2", "c = 3", {"locals"}),
        (HEREDOC, HEREDOC, "", {"aws_iam_policy.text"}),
        (OBJECT, OBJECT, f"{OBJECT}{HEREDOC}", {"aws_iam_policy.text"}),
    ],
)
def test_what_looks_like_the_end_of_a_block_is_none(
    middle: str, old: str, new: str, addresses: set[str]
) -> None:
    assert seen(middle, old, new) == addresses


def test_all_of_a_file_is_read_not_only_what_differs() -> None:
    broken = "locals {\n  x = [for]\n}\n"
    before = f"{HEAD}{broken}".encode()
    after = before.replace(b'name = "a"', b'name = "b"')
    found = changed_blocks(before, after)
    assert found.unread_before
    assert not found.addresses


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_moved_blocks_and_layout_are_no_change(newline: str) -> None:
    before = f"{HEAD}{HEREDOC}{TAIL}".replace("\n", newline)
    after = f"{TAIL}{HEREDOC}\n\n{HEAD}".replace("\n", newline)
    assert changed_blocks(before.encode(), after.encode()).addresses == frozenset()
