"""Names, paths, layouts and sizes that nobody should write, and somebody will."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases import Files, by_path, fix, rewritten
from shapes import CLOSED, OPEN, both, dynamic, local, variable
from tables import found, group, ingress, vpc_rule

from remediator.model import Disposition, Kind
from remediator.terraform.literal import string_literal

LOCAL = group(ingress("local.admins"))
KEYS = (
    "a.b",
    'a"b',
    "a]b",
    "a\\b",
    "${x}",
    "%{if x}",
    "$${x}",
    "a\nb",
    "a\tb",
    "ä ö",
    "\u202eevil",
    "--help",
    "",
    " ",
    'x"].aws_security_group.web["y',
    "a[0]",
    "[?]",
    "data.x.y",
    "\U0001f512",
)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_for_each(key: str) -> None:
    rules = group("") + "\n" + vpc_rule("each.value", more="for_each          = local.admins")
    entry = f'{string_literal(key)} = "0.0.0.0/0"'
    before = f'locals {{\n  admins = {{\n    {entry}\n    vpn = "10.0.0.0/8"\n  }}\n}}\n\n{rules}'
    outcome = rewritten(before, before.replace(f"    {entry}\n", "")).only
    assert outcome.finding.address is not None
    assert "\n" not in outcome.finding.address
    assert "\n" not in outcome.text


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_a_modules_for_each(key: str) -> None:
    sg = variable(name="cidrs") + group(ingress("var.cidrs"))

    def files(cidrs: str) -> Files:
        entries = f'{{ {string_literal(key)} = {cidrs}, vpn = ["10.0.0.0/8"] }}'
        given = f'for_each = {entries}\n  source   = "./sg"\n  cidrs    = each.value'
        return {"sg/main.tf": sg, "main.tf": f'module "sg" {{\n  {given}\n}}\n'}

    rewritten(*both(files))


FOLDERS = ("a b", "ä", "-x", "a'b", 'a"b', "${x}", "a\nb", "..a", "a/.b/c", "%41", "a;b", "#x")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder(folder: str) -> None:
    rewritten(*both(lambda c: {f"{folder}/main.tf": local(c) + LOCAL}))


@pytest.mark.parametrize("folder", [f for f in FOLDERS if f != "${x}"])
def test_a_folder_of_a_module(folder: str) -> None:
    source = string_literal(f"./{folder}")
    rewritten(
        *both(
            lambda c: {
                f"{folder}/main.tf": variable() + group(ingress("var.admins")),
                "main.tf": f'module "x" {{\n  source = {source}\n  admins = {c}\n}}\n',
            }
        )
    )


@pytest.mark.parametrize("name", ["a-b", "a_b", "_x", "each_", "for", "if", "local", "c"])
def test_a_name(name: str) -> None:
    rewritten(*both(lambda c: local(c, name) + group(ingress(f"local.{name}"))))


def test_a_name_that_the_second_reader_does_not_read() -> None:
    before, after = both(lambda c: local(c, "ädmins") + group(ingress("local.ädmins")))
    outcome = rewritten(before, after, disposition=Disposition.REVIEW).only
    assert outcome.decision is not None
    assert "proof:second-reader" in {c.name for c in outcome.decision.checks}


LAYOUTS: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "BOM": lambda text: "\ufeff" + text,
    "tabs": lambda text: text.replace("  ", "\t"),
    "no final newline": lambda text: text.rstrip("\n"),
    "a licence above": lambda text: "# Copyright\n\n" + text,
    "comments in between": lambda text: text.replace(" = ", " /* = */ = "),
}
LONG = '[\n    "10.0.0.0/8", # office\n%s    "192.0.2.0/24",\n  ]'
SHAPES = {
    "a local": both(lambda c: local(c) + LOCAL),
    "lines": (
        local(LONG % '    "0.0.0.0/0", # everybody\n') + LOCAL,
        {"main.tf": local(LONG % "") + LOCAL},
    ),
    "a dynamic block": both(lambda c: group(dynamic(c))),
    "the only element": (group(dynamic('["0.0.0.0/0"]')), {"main.tf": group("ingress = []")}),
    "a filter": (
        local(OPEN) + LOCAL + '\noutput "x" {\n  value = local.admins\n}\n',
        {
            "main.tf": local(OPEN)
            + group(ingress('[for c in local.admins : c if c != "0.0.0.0/0"]'))
            + '\noutput "x" {\n  value = local.admins\n}\n'
        },
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_keeps_its_own_layout(shape: str, layout: str) -> None:
    change, (before, after) = LAYOUTS[layout], SHAPES[shape]
    if layout == "comments in between" and shape == "the only element":
        pytest.skip("the block goes, and the comments in it")
    text = by_path(before)["main.tf"]
    made = {**by_path(before), **by_path(after)}["main.tf"]
    assert fix(change(text)).text == change(made)


# Sizes and depths: bounded, with a refusal or nothing -----------------------------------------


def chain(length: int) -> str:
    links = "\n".join(f"  x{n} = local.x{n + 1}" for n in range(length))
    return f"locals {{\n{links}\n  x{length} = {OPEN}\n}}\n\n"


def test_a_chain_of_locals_that_is_long() -> None:
    before = chain(20) + group(ingress("local.x0"))
    rewritten(before, before.replace(OPEN, CLOSED))


def test_one_that_is_too_long_is_not_known() -> None:
    before = chain(5000) + group(ingress("local.x0"))
    assert not fix(before).outcomes
    result = fix(before, findings=(found("aws_security_group.web"),))
    assert (result.text, result.only.code) == (before, "unknown-value")


def test_nested_deeply() -> None:
    before = group(ingress("(" * 2000 + OPEN + ")" * 2000))
    result = fix(before)
    assert result.text == before
    assert all(o.kind is Kind.REFUSED for o in result.outcomes)


def test_a_list_of_a_thousand() -> None:
    items = [f'"10.{n // 256}.{n % 256}.0/24"' for n in range(1000)]
    wrong = [*items[:500], '"0.0.0.0/0"', *items[500:]]
    before = local(f"[{', '.join(wrong)}]") + LOCAL
    rewritten(before, local(f"[{', '.join(items)}]") + LOCAL)


def test_more_instances_than_are_counted() -> None:
    before = local(OPEN) + group("count = 20000\n\n" + ingress("local.admins"))
    result = fix(before)
    assert result.text == before
    assert not result.outcomes


def test_modules_that_multiply() -> None:
    """Two calls of each of thirty modules in the next are a thousand million instances."""
    files = {
        f"m{n}/main.tf": "".join(
            f'module "{name}" {{\n  source = "../m{n + 1}"\n}}\n\n' for name in "ab"
        )
        for n in range(30)
    }
    files["m30/main.tf"] = local(OPEN) + LOCAL
    result = fix(files)
    assert dict(result.files) == files
    assert {o.code for o in result.outcomes} <= {"too-many-instances"}


def test_a_module_that_calls_itself_twice() -> None:
    """Terraform refuses it; here it must only come to an end."""
    calls = "".join(f'module "{name}" {{\n  source = "../a"\n}}\n\n' for name in "xy")
    files = {
        "a/main.tf": calls + local(OPEN) + LOCAL,
        "b/main.tf": 'module "x" {\n  source = "../a"\n}\n',
    }
    assert {*fix(files).files} == {*files}
