"""Expressions that our grammar reads otherwise than Terraform, and what bounds an evaluation.

That values are what Terraform makes of them is held against the real one, in tests/e2e.
"""

from __future__ import annotations

import pytest

from remediator.model import Refusal
from remediator.terraform.configuration import Configuration
from remediator.terraform.configurations import Configurations
from remediator.terraform.evaluate import evaluate
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules
from remediator.terraform.value import Known, Sequence, Unknown, Value
from remediator.tree import MemoryTree


def configuration(files: dict[str, str]) -> Configuration:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return Configurations(Sources(tree), Modules(tree), {}).of("")


def value(expression: str, more: str = "") -> Value:
    root = configuration({"main.tf": f"locals {{\n  x = {expression}\n}}\n{more}"}).root
    assert not isinstance(root.declared, Refusal)
    return evaluate(root.declared.locals["x"], root.scope)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("true ? false : true ? true : true", False),
        ('true ? "a" : true ? "b" : "c"', "a"),
        ('false ? "a" : true ? "b" : "c"', "b"),
        ('false ? "a" : false ? "b" : false ? "c" : "d"', "d"),
        ('(true ? false : true) ? "a" : "b"', "b"),
        ('true ? "a" : (true ? "b" : "c")', "a"),
        ('true ? false ? "a" : "b" : "c"', "b"),
        ("1 > 2 ? 1 : 1 + 1 > 1 ? 2 : 3", 2),
    ],
)
def test_conditionals_in_a_row_choose_from_the_left(expression: str, wanted: object) -> None:
    found = value(expression)
    assert isinstance(found, Known)
    assert found.value == wanted


def test_a_condition_in_the_row_that_is_not_known_decides_only_what_is_behind_it() -> None:
    found = value('true ? "a" : aws_x.y.z ? "b" : "c"')
    assert isinstance(found, Known)
    assert found.value == "a"
    assert isinstance(value('false ? "a" : aws_x.y.z ? "b" : "c"'), Unknown)
    assert isinstance(value('aws_x.y.z ? "a" : true ? "b" : "c"'), Unknown)


def test_a_resource_may_be_named_in_full() -> None:
    resource = 'resource "aws_x" "y" {\n  z = "a"\n}\n'
    for name in ("aws_x.y.z", "resource.aws_x.y.z"):
        found = value(name, resource)
        assert isinstance(found, Known)
        assert found.value == "a"


# Bounds ------------------------------------------------------------------------------------


def test_reasons_to_be_open_are_told_once() -> None:
    found = value(
        "concat(local.y, local.y, aws_x.y.b)", "locals {\n  y = concat(aws_x.y.a, [1])\n}\n"
    )
    assert isinstance(found, Sequence)
    assert len(found.open) == 2


def test_a_module_that_calls_itself_is_refused() -> None:
    call = 'module "again" {\n  source = "../a"\n}\n'
    inside = configuration({"main.tf": call.replace("..", "."), "a/main.tf": call}).root
    (called,) = inside.children
    refused = called.called("again")
    assert isinstance(refused, Refusal)
    assert refused.code == "too-deep"
    assert "from within itself" in refused.text


def test_modules_that_multiply_are_refused() -> None:
    call = 'module "next" {\n  source = "%s"\n  count  = 200\n}\n'
    files = {"main.tf": call % "./a", "a/main.tf": call % "../b", "b/main.tf": "locals {}\n"}
    modules = list(configuration(files).modules())
    refused = [m.called("next") for m in modules if m.directory == "a"]
    codes = {r.code for r in refused if isinstance(r, Refusal)}
    assert codes == {"too-many-instances"}
    assert len(modules) < 30_000
