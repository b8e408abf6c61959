"""A configuration that was told to forget: who still holds a part of it gets the same answers."""

from __future__ import annotations

from remediator.model import Refusal
from remediator.terraform.configuration import Configuration, ModuleInstance
from remediator.terraform.configurations import Configurations
from remediator.terraform.effects import snapshot
from remediator.terraform.evaluate import evaluate
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules
from remediator.terraform.value import canonical
from remediator.tree import MemoryTree

INNER = """\
variable "name" {}

resource "aws_iam_role" "this" {
  for_each = toset([var.name, "${var.name}-2"])
  name     = each.key
}

output "names" {
  value = [for r in aws_iam_role.this : r.name]
}
"""
OUTER = """\
variable "names" {}

module "inner" {
  source   = "../inner"
  for_each = toset(var.names)
  name     = each.value
}

output "names" {
  value = [for m in module.inner : m.names]
}
"""
MAIN = """\
locals {
  names = ["a", "b"]
  loop  = local.loop
}

module "outer" {
  source = "../outer"
  names  = local.names
}

module "far" {
  source = "example.com/far"
}

resource "aws_iam_role" "top" {
  count = length(module.outer.names)
  name  = join("-", module.outer.names[count.index])
}

output "loop" {
  value = local.loop
}
"""
FILES = {
    **{f"root{n}/main.tf": MAIN.encode() for n in range(12)},
    "outer/main.tf": OUTER.encode(),
    "inner/main.tf": INNER.encode(),
}


def configurations() -> Configurations:
    tree = MemoryTree(FILES)
    return Configurations(Sources(tree), Modules(tree), {})


def modules(configuration: Configuration) -> dict[str, ModuleInstance]:
    return {str(m): m for m in configuration.modules()}


def told(module: ModuleInstance) -> dict[str, str]:
    """What the module makes, and every argument of it."""
    assert not isinstance(module.declared, Refusal)
    found: dict[str, str] = {}
    for kind in ("resource", "output", "module"):
        for labels, content in module.declared.of_kind(kind):
            for expansion in module.expansions(content):
                scope = module.scope_of(expansion)
                for name, expression in content.arguments.items():
                    at = f"{kind} {labels} {expansion.key!r} {name}"
                    found[at] = repr(canonical(evaluate(expression, scope)))
    return found


def test_who_holds_a_module_gets_the_same_of_it() -> None:
    one = configurations().of("root0")
    before = {name: told(m) for name, m in modules(one).items()}
    assert {*before} == {"", "module.outer", *(f'module.outer.module.inner["{n}"]' for n in "ab")}
    held = modules(one)
    one.forget()
    assert {name: told(m) for name, m in held.items()} == before
    assert {name: told(m) for name, m in modules(one).items()} == before


def test_what_it_counts_begins_anew_and_is_counted_once() -> None:
    one, fresh = (configurations().of("root0") for _ in range(2))
    for _ in range(3):
        assert snapshot(one) == snapshot(fresh)
        assert (one.blocks, one.expanded) == (fresh.blocks, fresh.expanded)
        one.forget()
        assert (one.blocks, one.expanded, one.is_cut) == (0, 0, False)


def test_one_that_had_to_make_room_while_it_is_walked_through() -> None:
    """Eight are kept: the others are asked for between two of its modules."""
    whole = configurations()
    expected = {name: told(m) for name, m in modules(configurations().of("root0")).items()}
    seen: dict[str, dict[str, str]] = {}
    for module in whole.of("root0").modules():
        for n in range(1, 12):
            assert whole.of(f"root{n}").root.children
        seen[str(module)] = told(module)
    assert seen == expected
    assert whole.snapshot("root0") == configurations().snapshot("root0")
