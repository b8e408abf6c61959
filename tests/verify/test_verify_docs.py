"""docs/verify.md names what the program knows, and nothing else."""

from __future__ import annotations

import re

from documents import page
from twotrees import compared

from remediator.cli import main
from remediator.verify.difference import Answer
from remediator.verify.report import FAIL_ON

PAGE = page("docs/verify.md")


def first_cells(heading: str) -> list[str]:
    """The words in the first column of the table that begins with this heading."""
    table = PAGE.partition(f"| {heading} |")[2].split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [word for cell in rows for word in re.findall(r"`([^`]+)`", cell)]


def test_answers_and_words() -> None:
    assert first_cells("answer") == ["same", "narrower", "wider", "unknown"]
    assert {*first_cells("answer")} == {a.value for a in Answer}
    assert first_cells("word") == [*FAIL_ON]
    (option,) = [p for p in main.commands["verify"].params if p.name == "fail_on"]
    assert {*option.type.choices} == {*FAIL_ON}  # type: ignore[attr-defined]


def test_the_checks() -> None:
    assert first_cells("check") == ["digests", "policy", "addresses", "access", "narrower"]


def test_what_is_compared_has_the_names_of_the_program() -> None:
    told = {*first_cells("what")}
    rule = 'resource "aws_security_group" "g" {\n  ingress {\n    from_port = 1\n    to_port = 1\n'
    found = compared("", rule + '    protocol = "tcp"\n    self = true\n  }\n}\nresource {')
    found += compared("", 'resource "aws_lambda_permission" "l" {\n  action = "a"\n}\n')
    assert {d.spot.what for d in found} <= told
