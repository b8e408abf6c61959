"""A snapshot after an edit, from the one before it: the same as one that is made anew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.terraform.configurations import Configurations
from remediator.terraform.effects import differing, snapshot
from remediator.terraform.module import Sources
from remediator.terraform.reach import Reach
from remediator.terraform.roots import Modules
from remediator.tree import MemoryTree, OverlayTree

MODULE = """\
variable "names" {
  type = list(string)
}

variable "unread" {
  default = "x"
}

resource "aws_iam_role" "this" {
  count = length(var.names)
  name  = var.names[count.index]
}

output "names" {
  value = aws_iam_role.this[*].name
}
"""
MAIN = """\
locals {
  names  = ["a", "b"]
  prefix = "p"
  suffix = upper(local.prefix)
}

variable "size" {
  default = 2
}

module "first" {
  source = "./module"
  names  = local.names
}

module "second" {
  source = "./module"
  names  = ["c"]
}

data "aws_iam_policy_document" "one" {
  statement {
    actions   = ["s3:${local.suffix}"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "one" {
  name   = "one"
  policy = data.aws_iam_policy_document.one.json
}

resource "aws_iam_policy" "many" {
  count = var.size
  name  = "${local.prefix}-${count.index}"
}

resource "aws_iam_user" "lone" {
  name = "lone"
}

resource "aws_iam_policy" "read" {
  policy = file("policy.json")
}

output "all" {
  value = concat(module.first.names, aws_iam_policy.many[*].name)
}
"""
FILES = {
    "main.tf": MAIN.encode(),
    "module/main.tf": MODULE.encode(),
    "policy.json": b'{"Version": "2012-10-17"}',
}
EDITS = (
    ("main.tf", '["a", "b"]', '["a"]'),
    ("main.tf", 'prefix = "p"', 'prefix = "q"'),
    ("main.tf", "default = 2", "default = 3"),
    ("main.tf", '["c"]', '["c", "d"]'),
    ("main.tf", '"s3:${local.suffix}"', '"s3:Get"'),
    ("main.tf", 'name = "lone"', 'name = "other"'),
    ("main.tf", 'resource "aws_iam_user" "lone" {\n  name = "lone"\n}\n', ""),
    ("main.tf", "upper(", "lower("),
    ("module/main.tf", "var.names[count.index]", '"x${var.names[count.index]}"'),
    ("module/main.tf", 'default = "x"', 'default = "y"'),
    ("module/main.tf", "aws_iam_role.this[*].name", "[]"),
    ("policy.json", "2012-10-17", "2008-10-17"),
)


def configurations(files: dict[str, bytes]) -> Configurations:
    tree = MemoryTree(files)
    return Configurations(Sources(tree), Modules(tree), {})


def edited(was: Configurations, files: dict[str, bytes]) -> Configurations:
    tree = OverlayTree(was.sources.tree, files)
    return was.edited(Sources(tree, like=was.sources, differing=files), files)


def after(files: dict[str, bytes], edit: tuple[str, str, str]) -> dict[str, bytes]:
    path, old, new = edit
    return {path: files[path].replace(old.encode(), new.encode())}


def test_every_edit_changes_something_but_the_one_of_what_nobody_reads() -> None:
    same = [e for e in EDITS if not _changes(e)]
    assert [new for _, _, new in same] == ['default = "y"']


def _changes(edit: tuple[str, str, str]) -> bool:
    was = configurations(FILES)
    was.snapshot("")
    now = edited(was, after(FILES, edit))
    return bool(differing(was.snapshot("").digests, now.snapshot("").digests))


@settings(deadline=None)
@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=6))
def test_a_chain_of_edits_comes_to_the_same(edits: list[tuple[str, str, str]]) -> None:
    files, here = dict(FILES), configurations(FILES)
    here.snapshot("")
    for edit in edits:
        changed = after(files, edit)
        files |= changed
        here = edited(here, changed)
        found, anew = here.snapshot(""), snapshot(configurations(files).of(""))
        assert found == anew


@pytest.mark.parametrize(
    ("edit", "reached"),
    [
        (EDITS[5], {("resource", ("aws_iam_user", "lone"))}),
        (
            EDITS[2],
            {
                ("variable", ("size",)),
                ("resource", ("aws_iam_policy", "many")),
                ("output", ("all",)),
            },
        ),
    ],
)
def test_only_what_names_it_is_reached(
    edit: tuple[str, str, str], reached: set[tuple[str, tuple[str, ...]]]
) -> None:
    changed = after(FILES, edit)
    was = Sources(MemoryTree(FILES))
    now = Sources(OverlayTree(was.tree, changed), like=was, differing=changed)
    found = Reach(was, now, changed).within(configurations(FILES | changed).of(""))
    assert found is not None
    assert found[()] == reached | {("resource", ("aws_iam_policy", "read"))}
    assert found["module.second",] == frozenset()


@pytest.mark.parametrize(
    "more",
    [
        {"main_override.tf": b'resource "aws_iam_user" "lone" {\n  path = "/"\n}\n'},
        {"more.tf.json": b'{"resource": {"aws_iam_group": {"g": {"name": "g"}}}}'},
        {"again.tf": b'resource "aws_iam_user" "lone" {\n  name = "lone"\n}\n'},
    ],
)
def test_where_blocks_are_put_together_all_is_reached(more: dict[str, bytes]) -> None:
    files = FILES | more
    changed = after(files, EDITS[5])
    was = Sources(MemoryTree(files))
    now = Sources(OverlayTree(was.tree, changed), like=was, differing=changed)
    assert Reach(was, now, changed).within(configurations(files | changed).of("")) is None


def test_modules_that_go_deep_are_looked_at_once() -> None:
    """Twice at each level would be for ever."""
    deep = 29
    files = {f"m{n}/main.tf": _calling(n + 1) for n in range(deep)}
    files["main.tf"] = _calling(0)
    files[f"m{deep}/main.tf"] = (
        b'variable "x" {}\n\nresource "aws_iam_user" "u" {\n  name = var.x\n}\n'
    )
    here = configurations(files)
    was = here.snapshot("")
    changed = {"main.tf": files["main.tf"].replace(b"var.x", b'"new"')}
    now = edited(here, changed).snapshot("")
    assert now == snapshot(configurations(files | changed).of(""))
    assert differing(was.digests, now.digests)


def _calling(number: int) -> bytes:
    call = f'module "next" {{\n  source = "../m{number}"\n  x      = var.x\n}}\n'
    text = call if number else call.replace("../", "./")
    return f'variable "x" {{\n  default = "old"\n}}\n\n{text}'.encode()
