"""The values of a root module's variables, in Terraform's own order of precedence.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
Values from the environment (TF_VAR_…) and the command line are not in the repository.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass
from posixpath import basename, dirname

from remediator.model import SourceError
from remediator.terraform.content import json_source
from remediator.terraform.expression import Expression
from remediator.terraform.syntax import parse
from remediator.tree import Tree

_AUTO = (".auto.tfvars", ".auto.tfvars.json")
_FIRST = ("terraform.tfvars", "terraform.tfvars.json")
ENDINGS = (".tfvars", ".tfvars.json")


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = expression` in a variable definitions file; `literal`: a JSON text is no template."""

    name: str
    expression: Expression
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """`assigned`: the last one counts. `elsewhere`: by variable, the files that set it too and
    that nobody says are used."""

    assigned: dict[str, Assignment]
    elsewhere: dict[str, tuple[str, ...]]
    problems: tuple[str, ...] = ()


def definitions(
    tree: Tree,
    paths: Iterable[str],
    root: str,
    named: Iterable[str],
    modules: Container[str] = frozenset(),
) -> Definitions:
    """`paths`: the tfvars files of the repository. `named`: those that the configuration says are
    given with -var-file, in their order. `modules`: the directories that hold code; a file that
    stands in none of them may be given to any root."""
    paths = list(paths)
    own = sorted(p for p in paths if _beside(dirname(p), root))
    loose = sorted(p for p in paths if p not in own and dirname(p) not in modules)
    named = list(named)
    loaded = [p for name in _FIRST for p in own if p == _joined(root, name)]
    loaded += [p for p in own if dirname(p) == root and p.endswith(_AUTO)]
    loaded += named
    assigned: dict[str, Assignment] = {}
    elsewhere: dict[str, list[str]] = {}
    problems: list[str] = []
    for path in [*loaded, *(p for p in own if p not in loaded)]:
        try:
            found = read_definitions(path, tree.read(path))
        except SourceError as broken:
            problems.append(str(broken))
            continue
        except KeyError:
            problems.append(f"{path} is named as a variable file and is not there")
            continue
        for assignment in found:
            if path in loaded:
                assigned[assignment.name] = assignment
            elif not named:
                elsewhere.setdefault(assignment.name, []).append(path)
    for path in loose if not named else ():
        with suppress(SourceError, KeyError):
            for assignment in read_definitions(path, tree.read(path)):
                elsewhere.setdefault(assignment.name, []).append(path)
    return Definitions(assigned, {k: tuple(v) for k, v in elsewhere.items()}, tuple(problems))


def read_definitions(path: str, data: bytes) -> list[Assignment]:
    if path.endswith(".json"):
        _, document = json_source(path, data)
        return [Assignment(e.name, e.value, True) for e in document.entries if e.name is not None]
    return [Assignment(a.name, a.value) for a in parse(path, data).body.attributes]


def _beside(directory: str, root: str) -> bool:
    """In the root's folder or below it: where teams keep a file for each environment."""
    return directory == root or root == "" or directory.startswith(f"{root}/")


def _joined(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def is_definitions(path: str) -> bool:
    return path.endswith(ENDINGS) and not basename(path).startswith(".")
