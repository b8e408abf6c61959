"""Cases of the tables in tests/remediate as one root module that the real provider applies.

Each case is a folder of its own, called as a module; what only a root has (the default of a
variable, a tfvars file) stands in the root itself, with names of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase

sys.path.append(str(Path(__file__).parents[1] / "remediate"))  # where the tables are

from cases import by_path
from rewrites import SHAPES
from tables import Case

from remediator.terraform.roots import Modules, discover
from remediator.tree import MemoryTree

__all__ = ["CASES", "SHAPES", "Chosen", "Planned", "chosen_cases", "key_of"]

FETCHED = ".terraform/modules/ssh/"
FAR = "example.com/net/sg/aws"
GIT = "git::file://{}//{}"


@dataclass(frozen=True)
class Chosen:
    """Names of a shape's cases. `in_root`: they are no module's. `given`: arguments of the call
    that makes a module of one."""

    names: tuple[str, ...]
    in_root: bool = False
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """A case, and the files of it before and after as they lie in the checkout. `far` is a module
    that terraform fetches from a repository of its own."""

    key: str
    case: Case
    before: Mapping[str, str]
    after: Mapping[str, str]
    call: str
    far: str = ""


def planned(key: str, case: Case, chosen: Chosen, repository: Path) -> Planned:
    before = by_path(case.before)
    after = {**before, **by_path(case.after)}
    after = {path: text for path, text in after.items() if path in before or text}
    far = before.get(FETCHED + "main.tf", "")
    lay = _in_root if chosen.in_root else _in_folder
    was, now = (lay(key, _with_far(key, files, repository)) for files in (before, after))
    call = "" if chosen.in_root else "".join(_calls(key, before, chosen.given))
    return Planned(key, case, was, now, call, _named(far))


def _with_far(key: str, files: Mapping[str, str], repository: Path) -> dict[str, str]:
    """Without what `terraform init` is to fetch, which is asked of a repository here."""
    return {
        path: text.replace(FAR, GIT.format(repository, key))
        for path, text in files.items()
        if not path.startswith(".terraform/")
    }


def _in_folder(key: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{key}/{path}": _named(text) for path, text in files.items()}


def _named(text: str) -> str:
    """AWS takes the name of a group once, and one case may make several of it."""
    return re.sub(r'(\s"?)name("?\s*[=:]\s*)"edge"', r'\1name_prefix\2"edge-"', text)


def _in_root(key: str, files: Mapping[str, str]) -> dict[str, str]:
    """Every name that is declared gets the key, in all files; so do the files themselves."""
    text = "\n".join(files.values())
    declared = re.findall(r'^(?:variable|resource "\w+") "(\w+)"', text, re.MULTILINE)
    declared += re.findall(r"^locals \{\n  (\w+)", text, re.MULTILINE)
    made = {}
    for path, each in files.items():
        each = _named(each)
        for name in dict.fromkeys(declared):
            each = re.sub(rf"(?<![\w/-]){name}(?![\w/-])", f"{key}_{name}", each)
        made[path.replace("main.tf", f"{key}.tf")] = each
    return made


def _calls(key: str, files: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
    """Of each root that the case has."""
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    modules = Modules(tree)
    roots = [root.directory for root in discover(tree, modules)]
    arguments = "".join(f"  {name} = {value}\n" for name, value in given.items())
    for root in roots:
        name = f"{key}_{root.replace('/', '_')}" if root else key
        source = f"./{key}/{root}".rstrip("/")
        yield f'module "{name}" {{\n  source = "{source}"\n{arguments}}}\n\n'


# Which cases -------------------------------------------------------------------------------

CASES: Mapping[str, Chosen | str] = {
    "literals in an `ingress { }` block": Chosen(
        ("both families in one block", "a web port stays", "for_each over literals")
    ),
    "literals in `ingress = [{ }]`": Chosen(("one of two elements", "one CIDR of an element")),
    "literals in an `aws_security_group_rule` or `aws_vpc_security_group_ingress_rule`": Chosen(
        (
            "a rule goes",
            "ingress rule, IPv6",
            "the provider replaces a rule of several CIDRs, so that is for review",
        )
    ),
    "literal ports, of which SSH or RDP is a part": Chosen(
        ("20-25", "a rule becomes several", "a rule with another source stays")
    ),
    "the default of a variable of a root module": Chosen(
        ("a list", "all that an ingress rule has"), in_root=True
    ),
    "ports or a protocol from a variable, beside literal CIDRs": Chosen(
        ("one port", "an ingress rule between others goes")
    ),
    "locals, locals of locals, and what is computed of them": Chosen(
        ("locals of locals", "a text with commas", "format")
    ),
    "`terraform.tfvars`, `*.auto.tfvars`, both as JSON too, and what `terraform.var_files` names": (
        Chosen(("a map of rules", "an auto file in JSON, on one line"), in_root=True)
    ),
    "`override.tf`, `*_override.tf`": Chosen(("of two, the last", "in JSON syntax")),
    "`.tf.json`": Chosen(("a local in JSON", "the call of a module")),
    "`.tofu` files": Chosen(("a local in .tofu, a group in .tf", "an override")),
    "`jsondecode(file(…))`, and other files that are read": Chosen(
        ("JSON", "a file of the module, which two roots call", "YAML")
    ),
    "JSON in a template that `templatefile` renders": Chosen(
        ("over several lines", "a walk is in it: it is filtered")
    ),
    "rules made by `for_each` over a map": Chosen(
        (
            "of objects; the web port and the private network stay",
            "a group for each entry",
        )
    ),
    "rules made by `for_each` over a set": Chosen(
        ("toset", "another rule takes the same set: it is filtered")
    ),
    "rules made by `count`": Chosen(
        ("by index: the last one", "each instance has a group of its own")
    ),
    '`dynamic "ingress"` over a list or set of CIDRs': Chosen(
        ("a list that is written there", "the other is of a web port: it is filtered")
    ),
    '`dynamic "ingress"` over ports, open to literal CIDRs': Chosen(
        ("a map of names and ports", "the only port: the block goes")
    ),
    '`dynamic "ingress"` over objects, in a list or a map': Chosen(
        ("of a map", "the world is what lookup falls back to: the element goes, not the default")
    ),
    "`ingress = concat(…)`, a `for`, or a list from elsewhere": Chosen(
        ("concat with elements that are written there", "for")
    ),
    "an argument of a module call": Chosen(
        ("two modules away", "two calls of one local: the one with a web port keeps it")
    ),
    "the default of a module's variable, which several calls share": Chosen(
        ("two roots, one with a web port: the other call gets its own",)
    ),
    "a module from a registry or git": Chosen(
        ("its default is the world: the call is given its own", "it makes rules of their own")
    ),
    "`approved_admin_cidrs` in the configuration, for values from elsewhere": Chosen(
        (
            "one of a list",
            "a map: the text is replaced",
            "no new instance of a set is made: it is missing",
        )
    ),
    "a literal that feeds something else too": Chosen(
        ("a web port of another group", "a precondition that would not hold")
    ),
}
"""By the title of the shape; or why terraform cannot be asked, in words."""


def key_of(number: int) -> str:
    """The names of a shape's modules and root variables begin with it."""
    return f"s{number:02}"


def chosen_cases(repository: Path) -> Iterator[Planned]:
    for number, shape in enumerate(SHAPES):
        chosen = CASES.get(shape.title, "")
        if isinstance(chosen, str):
            continue
        by_name = {case.name: case for case in shape.rewritten}
        for letter, name in zip(ascii_lowercase, chosen.names, strict=False):
            yield planned(f"{key_of(number)}{letter}", by_name[name], chosen, repository)
