"""Repositories that nobody wrote: whatever is traced, an automatic change takes only its finding.

What is compared is every root, whoever is said to be reached by a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from cases import by_path, fix, lost
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import dynamic
from tables import group, ingress, rule, vpc_rule

from remediator.model import Kind
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules, discover
from remediator.tree import MemoryTree

WORLD = '"0.0.0.0/0"'
CIDRS = st.sampled_from([WORLD, WORLD, '"10.0.0.0/8"', '"192.0.2.0/24"', '"10.1.0.0/16"'])
PORTS = st.sampled_from([22, 22, 22, 3389, 443, 8080])
WRAPPERS = (
    "concat({0}, {1})",
    "concat({0}, var.unknown)",
    "distinct({0})",
    "flatten([{0}, {1}])",
    "true ? {0} : {1}",
    "var.unknown ? {0} : {1}",
    "[for z in {0} : z]",
    '[for z in {0} : z if z != "10.0.0.0/8"]',
    "compact({0})",
    "({0})",
    "setunion({0}, {1})",
    "tolist(toset({0}))",
    "try({0}, [])",
    "slice({0}, 0, length({0}))",
    "sort({0})",
)
Draw = st.DrawFn


@st.composite
def literals(draw: Draw) -> str:
    items = draw(st.lists(CIDRS, max_size=3))
    if items and draw(st.booleans()):
        return "[\n" + "".join(f"  {item}, # {n}\n" for n, item in enumerate(items)) + "]"
    return f"[{', '.join(items)}]"


def lists(names: list[str]) -> st.SearchStrategy[str]:
    """Expressions of lists over what is declared."""
    plain = st.one_of(st.sampled_from(names), literals()) if names else literals()
    return st.recursive(
        plain,
        lambda inner: st.builds(
            lambda wrapper, one, other: wrapper.format(one, other),
            st.sampled_from(WRAPPERS),
            inner,
            inner,
        ),
        max_leaves=4,
    )


@st.composite
def declarations(draw: Draw) -> tuple[str, list[str], list[str]]:
    """Their text, and the names of the lists and of the maps."""
    text, names, maps = 'variable "unknown" {}\n\n', [], []
    for n in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["local", "local", "var", "map"]))
        if kind == "map":
            cidrs = draw(st.lists(CIDRS, min_size=1, max_size=3))
            entries = "".join(f"    k{i} = {cidr}\n" for i, cidr in enumerate(cidrs))
            text += f"locals {{\n  n{n} = {{\n{entries}  }}\n}}\n\n"
            maps.append(f"local.n{n}")
            names.append(f"values(local.n{n})")
            continue
        value = draw(lists(names) if kind == "local" else literals())
        inside = indent(value, "  ").lstrip()
        head = f'variable "n{n}" {{\n  default' if kind == "var" else f"locals {{\n  n{n}"
        text += f"{head} = {inside}\n}}\n\n"
        names.append(f"{kind}.n{n}")
    return text, names, maps


@st.composite
def resources(draw: Draw, label: str, names: list[str], maps: list[str]) -> str:
    value, port = draw(lists(names)), draw(PORTS)
    kinds = ["group", "group", "dynamic", "ports", "set", "rule", "x", "output"]
    match draw(st.sampled_from([*kinds, "map"] if maps else kinds)):
        case "group":
            more = draw(st.lists(st.tuples(lists(names), PORTS), max_size=2))
            blocks = [ingress(value, low=port), *(ingress(v, low=p) for v, p in more)]
            return group("\n".join(blocks), label)
        case "dynamic":
            return group(dynamic(value, low=port), label)
        case "ports":
            ports = draw(st.lists(PORTS, min_size=1, max_size=3))
            return group(dynamic(str(ports), value, "ingress.value"), label)
        case "set":
            return vpc_rule("each.value", port, f"for_each = toset({value})", label)
        case "map":
            return vpc_rule("each.value", port, f"for_each = {draw(st.sampled_from(maps))}", label)
        case "rule":
            return rule(value, port, label=label)
        case "x":
            return f'resource "x" "{label}" {{\n  a = {value}\n}}\n'
    return f'output "{label}" {{\n  value = {value}\n}}\n'


@st.composite
def repositories(draw: Draw) -> dict[str, str]:
    text, names, maps = draw(declarations())
    text += group("") + "\n"
    for n in range(draw(st.integers(1, 4))):
        text += draw(resources(f"r{n}", names, maps)) + "\n"
    files = {}
    if draw(st.booleans()):
        default = indent(draw(literals()), "  ").lstrip()
        files["sg/main.tf"] = (
            f'variable "c" {{\n  default = {default}\n}}\n\nvariable "p" {{\n  default = 22\n}}\n\n'
        ) + group(ingress(draw(st.sampled_from(["var.c", "concat(var.c, [])"])), low="var.p"))
        for n in range(draw(st.integers(1, 3))):
            given = f"  c      = {draw(lists(names))}\n" if draw(st.booleans()) else ""
            text += f'module "m{n}" {{\n  source = "./sg"\n  p      = {draw(PORTS)}\n{given}}}\n\n'
        files["b/main.tf"] = f'module "z" {{\n  source = "../sg"\n  p      = {draw(PORTS)}\n}}\n'
    return {"main.tf": text, **files}


def others_in(files: dict[str, str]) -> dict[tuple[str, str], bytes]:
    """What the resources of other types, and the outputs, come to."""
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    modules = Modules(tree)
    here = Configurations(Sources(tree), modules, {})
    return {
        (place.root, place.address): digest
        for root in discover(tree, modules)
        for place, digest in here.snapshot(root.directory).digests.items()
        if place.kind in ("x", "output")
    }


def ports_of(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line.partition(" from ")[0].rpartition(" ")[2]


SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])


@SLOW
@given(repositories())
def test_an_automatic_change_takes_its_finding_and_nothing_else(files: dict[str, str]) -> None:
    result = fix(files, reviews=False)
    gone = [*lost(files, dict(result.files))]
    assert not [line for line in gone if line.startswith("NEW")]
    assert {*ports_of(gone)} <= {"22", "3389"}
    assert others_in(by_path(files)) == others_in(dict(result.files))
    assert dict(fix(result.files, reviews=False).files) == dict(result.files)


@SLOW
@given(repositories())
def test_a_review_opens_nothing_and_leaves_the_web_ports(files: dict[str, str]) -> None:
    result = fix(files)
    gone = [*lost(files, dict(result.files))]
    assert not [line for line in gone if line.startswith("NEW")]
    assert {*ports_of(gone)} <= {"22", "3389", "8080"}
    codes = {o.code for o in result.outcomes if o.kind is Kind.REFUSED}
    assert codes <= {"no-safe-place", "unknown-value", "may-keep-live-rules"}
