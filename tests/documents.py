"""Pages as tests read them: their examples and their tables."""

from __future__ import annotations

import re
from pathlib import Path

from remediator.remediate.registry import registry

TOP = Path(__file__).parents[1]
TRAITS = frozenset({"bastion", "wider", "world-in-pieces"})
KNOWN = {name: traits | TRAITS for name, traits in registry().known().items()}


def page(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def yaml_examples(text: str, name: str) -> list[str]:
    """The YAML examples that say in their first line that they are this file."""
    examples = fenced(text, "yaml")
    nameless = [e for e in examples if not re.match(r"# \S+\.yaml\n", e)]
    assert not nameless, "an example does not say which file it is"
    return [e for e in examples if e.startswith(f"# {name}\n")]


def fenced(text: str, language: str) -> list[str]:
    """The blocks of a language, in list items too."""
    form = rf"^( *)```{language}\n(.*?)^\1```$"
    found = re.findall(form, text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def section(text: str, heading: str) -> str:
    """What stands below a heading (`## Limits`), up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    _, found, rest = f"\n{text}".partition(f"\n{heading}\n")
    assert found, f"there is no {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row but the headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = [n for n, line in enumerate(lines) if set(line) <= set("|-: ")]
    heads = {n - 1 for n in rules} | {*rules}
    body = [line for n, line in enumerate(lines) if n not in heads]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in body]


def code(cell: str) -> str:
    """The text of a cell that is one code span and nothing else."""
    assert re.fullmatch(r"`[^`]+`", cell), f"{cell!r} is not a name in backquotes"
    return cell.strip("`")
