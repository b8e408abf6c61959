"""aws_iam_policy_document: where each text of the document stands, and what is not known of it.

That the texts themselves are the provider's is held by tests/e2e/test_evaluator_aws.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from remediator.terraform.configuration import Configuration
from remediator.terraform.data_sources import attribute
from remediator.terraform.module import Sources
from remediator.terraform.value import Known, Mapping, Sequence, Unknown, Value
from remediator.terraform.variables import Definitions
from remediator.tree import MemoryTree

KIND = "aws_iam_policy_document"


def text_of(source: str, name: str = "x", files: dict[str, str] | None = None) -> Value:
    """`json` of the document of that name."""
    found = {"main.tf": source, **(files or {})}
    tree = MemoryTree({path: text.encode() for path, text in found.items()})
    root = Configuration(Sources(tree), "", Definitions({}, {})).root
    content = root.content("data", KIND, name)
    assert content is not None
    (expansion,) = root.expansions(content)
    value = attribute(KIND, "json", content, root.scope_of(expansion))
    assert value is not None
    return value


def leaves(value: Value | None, path: str = "") -> Iterator[tuple[str, Known | Unknown]]:
    match value:
        case Known() | Unknown():
            yield path, value
        case Sequence():
            for number, item in enumerate(value.items):
                yield from leaves(item, f"{path}[{number}]")
            for unknown in value.open:
                yield f"{path}[?]", unknown
        case Mapping():
            for key, item in value.entries.items():
                yield from leaves(item, f"{path}.{key}")


def document(source: str, name: str = "x", files: dict[str, str] | None = None) -> dict[str, str]:
    """By its path, each text of the document as it is written in its file; `?` for an unknown."""
    found = {"main.tf": source, **(files or {})}
    value = text_of(source, name, files)
    tree = value.structure if isinstance(value, Known) else value.parts[0]
    written = {}
    for path, leaf in leaves(tree):
        if isinstance(leaf, Unknown):
            written[path] = "?"
        elif leaf.source is not None:
            file, start, end = leaf.source.span
            written[path] = found[file].encode()[start:end].decode()
    return written


def data(body: str, name: str = "x") -> str:
    return f'data "{KIND}" "{name}" {{\n{body}\n}}\n'


def test_each_text_stands_where_it_is_written() -> None:
    source = 'locals {\n  more = ["ec2:*"]\n}\n' + data(
        """
  statement {
    sid       = "Own"
    actions   = concat(["s3:GetObject"], local.more)
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["111111111111"]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["&{aws:username}", "b"]
    }
  }"""
    )
    assert document(source) == {
        ".Statement[0].Sid": '"Own"',
        ".Statement[0].Action[0]": '"s3:GetObject"',
        ".Statement[0].Action[1]": '"ec2:*"',
        ".Statement[0].Resource": '"*"',
        ".Statement[0].Principal.AWS": '"111111111111"',
        ".Statement[0].Condition.StringLike.s3:prefix[0]": '"&{aws:username}"',
        ".Statement[0].Condition.StringLike.s3:prefix[1]": '"b"',
    }


def test_a_dynamic_statement_leads_to_the_collection() -> None:
    source = 'locals {\n  rules = { a = ["x:Y"], b = ["z:*"] }\n}\n' + data(
        """
  dynamic "statement" {
    for_each = local.rules
    content {
      actions   = statement.value
      resources = ["*"]
    }
  }"""
    )
    found = document(source)
    assert found[".Statement[0].Action"] == '"x:Y"'
    assert found[".Statement[1].Action"] == '"z:*"'


def test_texts_keep_their_place_through_other_documents_and_files() -> None:
    policy = '{"Statement": [{"Sid": "File", "Action": ["file:*"], "Resource": "*"}]}\n'
    source = data('  statement {\n    actions   = ["inner:*"]\n    resources = ["*"]\n  }', "inner")
    source += data(
        f"""
  source_policy_documents = [
    data.{KIND}.inner.json,
    jsonencode({{ Statement = [{{ Action = "encoded:*" }}] }}),
    file("policy.json"),
  ]
  override_policy_documents = [<<-EOT
    {{"Statement": [{{"Sid": "File", "Action": "heredoc:*"}}]}}
  EOT
  ]"""
    )
    found = document(source, files={"policy.json": policy})
    assert found[".Statement[0].Action"] == '"inner:*"'
    assert found[".Statement[1].Action"] == '"encoded:*"'
    assert found[".Statement[2].Action"] == '"heredoc:*"'
    value = text_of(source, files={"policy.json": policy})
    assert isinstance(value, Known)
    via = [
        str(hop) for _, leaf in leaves(value.structure) for hop in getattr(leaf.source, "via", ())
    ]
    assert f"data.{KIND}.inner.json (main.tf:1)" in via


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (
            'statement {\n actions = ["a:*", var.x]\n resources = ["*"]\n}',
            {".Statement[0].Action[0]": '"a:*"', ".Statement[0].Action[?]": "?"},
        ),
        (
            'statement {\n sid = "A"\n actions = ["a:*"]\n}\noverride_policy_documents = [var.x]',
            {".Version": "?", ".Id": "?", ".Statement[?]": "?"},
        ),
        (
            'statement {\n actions = ["a:*"]\n}\noverride_policy_documents = [var.x]',
            {".Statement[0].Action": '"a:*"', ".Statement[?]": "?"},
        ),
        (
            (
                'dynamic "statement" {\n for_each = var.x\n content {\n actions = ["b:*"]\n }\n}\n'
                'statement {\n sid = "A"\n actions = ["a:*"]\n}'
            ),
            {".Statement[0].Action": '"a:*"', ".Statement[?]": "?"},
        ),
        (
            'statement {\n sid = var.x\n actions = ["a:*"]\n}',
            {".Statement[?]": "?"},
        ),
        (
            (
                'statement {\n principals {\n type = "AWS"\n identifiers = ["1"]\n }\n'
                ' principals {\n type = var.x\n identifiers = ["2"]\n }\n}'
            ),
            {
                ".Statement[0].Principal.AWS[0]": '"1"',
                ".Statement[0].Principal.AWS[?]": "?",
            },
        ),
    ],
)
def test_what_is_not_known_leaves_the_rest(body: str, known: dict[str, str]) -> None:
    source = 'variable "x" {}\n' + data(body)
    value = text_of(source)
    assert isinstance(value, Unknown)
    assert not value.fails
    found = document(source)
    assert {path: found.get(path) for path in known} == known
    assert {p for p in found if p.endswith("Action")} <= {p for p in known if p.endswith("Action")}


@pytest.mark.parametrize(
    "body",
    [
        'statement {\n sid = "A"\n}\nstatement {\n sid = "A"\n}',
        'source_policy_documents = ["{\\"Statement\\": {}}"]',
        'source_policy_documents = ["[1]"]',
        'version = "2008-10-17"\nstatement {\n resources = ["&{aws:username}"]\n}',
        'statement {\n principals {\n identifiers = ["*"]\n }\n}',
    ],
)
def test_what_the_provider_refuses_fails(body: str) -> None:
    value = text_of(data(body))
    assert isinstance(value, Unknown)
    assert value.fails


def test_the_old_arguments_come_first_and_last() -> None:
    source = data(
        """
  source_json   = "{\\"Statement\\": [{\\"Sid\\": \\"A\\", \\"Action\\": \\"s:*\\"}]}"
  override_json = "{\\"Statement\\": [{\\"Sid\\": \\"B\\", \\"Action\\": \\"o:*\\"}]}"
  statement {
    sid     = "A"
    actions = ["own:*"]
  }
  statement {
    sid     = "B"
    actions = ["own:*"]
  }"""
    )
    value = text_of(source)
    assert isinstance(value, Known)
    statements = json.loads(str(value.value))["Statement"]
    assert [s["Action"] for s in statements] == ["own:*", "o:*"]
