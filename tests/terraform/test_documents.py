"""Policies however they are written: the document, and the bytes that each value stands in."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import pytest

from remediator.remediate.candidates import of_sources
from remediator.terraform.configuration import Configuration
from remediator.terraform.documents import document
from remediator.terraform.evaluate import evaluate
from remediator.terraform.module import Sources
from remediator.terraform.splices import splice
from remediator.terraform.value import Known, Mapping, Sequence, Source, Unknown, Value
from remediator.terraform.variables import Definitions
from remediator.tree import MemoryTree

HEREDOC = """\
locals {
  bucket = "logs"
}

resource "aws_iam_policy" "x" {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": ["s3:GetObject", "s3:*"],
          "Resource": "arn:aws:s3:::${local.bucket}/$${aws:username}/*"
        }
      ]
    }
  EOT
}
"""
ENCODED = """\
resource "aws_iam_policy" "x" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:*"]
      Resource = "*"
    }]
  })
}
"""
IN_FILE = 'resource "aws_iam_policy" "x" {\n  policy = file("${path.module}/p.json")\n}\n'
POLICY = '{"Statement": [{"Action": ["s3:GetObject", "s3:*"], "Effect": "Allow"}]}\n'
FORMS = {
    "heredoc": ({"main.tf": HEREDOC}, "main.tf"),
    "jsonencode": ({"main.tf": ENCODED}, "main.tf"),
    "file": ({"main.tf": IN_FILE, "p.json": POLICY}, "p.json"),
}


def policy_in(files: dict[str, str]) -> Value:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    module = Configuration(Sources(tree), "", Definitions({}, {})).root
    content = module.content("resource", "aws_iam_policy", "x")
    assert content is not None
    return document(evaluate(content.arguments["policy"], module.scope))


def texts(value: Value) -> Iterator[Known]:
    match value:
        case Known():
            yield value
        case Sequence():
            for item in value.items:
                yield from texts(item)
        case Mapping():
            for item in value.entries.values():
                yield from texts(item)


def source_of(files: dict[str, str], text: str) -> Source:
    found = [k.source for k in texts(policy_in(files)) if k.value == text]
    assert len(found) == 1
    assert found[0] is not None
    return found[0]


@pytest.mark.parametrize("form", FORMS)
def test_an_action_knows_its_bytes(form: str) -> None:
    files, path = FORMS[form]
    where, start, end = source_of(files, "s3:*").span
    assert (where, files[where].encode()[start:end]) == (path, b'"s3:*"')


@pytest.mark.parametrize("form", FORMS)
def test_an_action_can_be_taken_out(form: str) -> None:
    files, path = FORMS[form]
    first = next(of_sources([source_of(files, "s3:*")], lambda _: True))
    after = splice(files[path].encode(), first.edits).decode()
    assert after == files[path].replace(', "s3:*"', "")
    left = [k.value for k in texts(policy_in({**files, path: after}))]
    assert "s3:GetObject" in left
    assert "s3:*" not in left


def test_an_interpolation_is_put_back_into_its_text() -> None:
    found = [k.value for k in texts(policy_in({"main.tf": HEREDOC}))]
    assert "arn:aws:s3:::logs/${aws:username}/*" in found


def heredoc(body: str) -> dict[str, str]:
    text = dedent(body).strip("\n")
    return {"main.tf": f'resource "aws_iam_policy" "x" {{\n  policy = <<EOT\n{text}\nEOT\n}}\n'}


def test_what_is_not_known_stays_unknown_alone() -> None:
    found = policy_in(heredoc('{"Action": ["a:B"], "Resource": "${aws_s3_bucket.b.arn}/*"}'))
    assert isinstance(found, Mapping)
    assert isinstance(found.get("Resource"), Unknown)
    assert [k.value for k in texts(found)] == ["a:B"]


NOT_TAKEN_APART = {
    "directives": '{"Action": [%{ if true }"a:B"%{ endif }]}',
    "an interpolated key": '{"${var.x}": 1}',
    "no JSON": "{ Action: a:B }",
    "a list": '["a:B"]',
    "half a document": '{"Action": ["a:B"',
    "words": "nothing of the kind",
}


@pytest.mark.parametrize("body", NOT_TAKEN_APART.values(), ids=NOT_TAKEN_APART)
def test_what_is_not_taken_apart(body: str) -> None:
    found = policy_in(heredoc(body))
    assert isinstance(found, Unknown) or not any(k.source for k in texts(found))
