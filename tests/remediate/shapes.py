"""Shapes of Terraform: how a value reaches a rule, and what becomes of each.

A shape is a row of the table in README.md, which `rewrites` makes, and a table of cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import indent

import pytest
from _pytest.mark.structures import ParameterSet
from cases import Files, by_path, lost, refused, rewritten, untouched
from tables import Case

from remediator.model import Disposition, Finding, Kind, Outcome


@dataclass(frozen=True)
class Refused:
    """`says`: words of the sentence. `findings` are given where the code alone shows none."""

    name: str
    before: Files
    code: str
    says: str = ""
    config: Mapping[str, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True)
class Untouched:
    name: str
    before: Files
    config: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """`done` is what a change does; `review`, when that is for a person to look at first."""

    title: str
    done: str
    review: str = ""
    rewritten: tuple[Case, ...] = ()
    refused: tuple[Refused, ...] = ()
    untouched: tuple[Untouched, ...] = ()


def check_rewritten(case: Case) -> None:
    assert bool(case.because) == (case.disposition is not Disposition.AUTO), "say why"
    default = case.disposition is Disposition.AUTO and edits_a_default(case)
    result = rewritten(
        case.before,
        case.after,
        disposition=Disposition.REVIEW if default else case.disposition,
        config=case.config,
        findings=case.findings,
    )
    changed = [o for o in result.outcomes if o.kind in (Kind.MERGED, Kind.PROPOSED)]
    assert case.because in " | ".join(_reasons(changed)), _reasons(changed)
    if default:
        assert {r.partition(":")[0] for r in _reasons(changed)} == {"overridable"}
    if case.trail:
        assert _trails(changed) == [*case.trail]
    assert not [line for line in lost(case.before, case.after, case.config) if not _meant(line)]


def edits_a_default(case: Case) -> bool:
    """Whether a root module's variable changes: a pipeline may give it another value."""
    before, after = by_path(case.before), by_path(case.after)
    called = re.findall(r'"?source"?\s*[=:]\s*"[./]*([^"]*)"', "\n".join(before.values()))
    return any(
        _variables(text) != _variables(after.get(path, text))
        for path, text in before.items()
        if "/" not in path or not any(path.rpartition("/")[0].endswith(c) for c in called if c)
    )


def _variables(text: str) -> list[str]:
    """The variable blocks of a file, whose lines all begin at the left or are indented."""
    blocks = re.findall(r"^variable \"[^\n]*\{.*?^\}", text, re.MULTILINE | re.DOTALL)
    return [block.replace("\r", "") for block in blocks]


def _reasons(outcomes: Iterable[Outcome]) -> list[str]:
    checks = [c for o in outcomes if o.decision for c in o.decision.checks]
    return [f"{c.name}: {c.detail}" for c in checks if c.limit < Disposition.AUTO]


def _trails(outcomes: Iterable[Outcome]) -> list[str]:
    proofs = [c.detail for o in outcomes if o.proof for c in o.proof.checks if c.name == "traced"]
    return list(dict.fromkeys(part for detail in proofs for part in detail.split("; ")))


def _meant(line: str) -> bool:
    """What a change may take: of an administration port, or of another that wants review."""
    ports = line.partition(" from ")[0].rpartition(" ")[2]
    return not line.startswith("NEW ") and ports not in ("80", "443")


def check_refused(case: Refused) -> None:
    outcome = refused(case.before, case.code, config=case.config, findings=case.findings)
    assert case.says in outcome.text, outcome.text
    assert len(outcome.text) < 1500


def check_untouched(case: Untouched) -> None:
    untouched(case.before, config=case.config)


Test = Callable[..., None]


def made_of(shapes: Iterable[Shape]) -> tuple[Test, Test, Test]:
    """A test of each rewritten, refused and untouched case, for a file of tests to name."""
    shapes = tuple(shapes)

    @pytest.mark.parametrize("case", _params((s, s.rewritten) for s in shapes))
    def is_rewritten(case: Case) -> None:
        check_rewritten(case)

    @pytest.mark.parametrize("case", _params((s, s.refused) for s in shapes))
    def is_refused(case: Refused) -> None:
        check_refused(case)

    @pytest.mark.parametrize("case", _params((s, s.untouched) for s in shapes))
    def is_untouched(case: Untouched) -> None:
        check_untouched(case)

    return is_rewritten, is_refused, is_untouched


def _params(
    tables: Iterable[tuple[Shape, Iterable[Case | Refused | Untouched]]],
) -> list[ParameterSet]:
    return [
        pytest.param(case, id=f"{_short(shape.title)}: {case.name}")
        for shape, cases in tables
        for case in cases
    ]


def _short(title: str) -> str:
    return title.replace("`", "").replace("…", "...").split(",")[0]


# Texts that many shapes begin with ----------------------------------------------------------

OPEN = '["0.0.0.0/0", "10.0.0.0/8"]'
CLOSED = '["10.0.0.0/8"]'


def local(value: str, name: str = "admins") -> str:
    return f"locals {{\n  {name} = {value}\n}}\n\n"


def variable(default: str = "", name: str = "admins", kind: str = "") -> str:
    lines = []
    if kind:
        lines.append(f"type    = {kind}" if default else f"type = {kind}")
    if default:
        lines.append(f"default = {default}")
    if not lines:
        return f'variable "{name}" {{}}\n\n'
    body = indent("\n".join(lines), "  ")
    return f'variable "{name}" {{\n{body}\n}}\n\n'


def dynamic(
    over: str,
    cidrs: str = "[ingress.value]",
    low: object = 22,
    iterator: str = "",
    protocol: str = '"tcp"',
) -> str:
    """A dynamic ingress block; an `iterator` is named."""
    head = f"for_each = {over}\n" + (f"iterator = {iterator}\n" if iterator else "")
    body = [
        f"from_port   = {low}",
        f"to_port     = {low}",
        f"protocol    = {protocol}",
        f"cidr_blocks = {cidrs}",
    ]
    inside = f"{head}content {{\n" + indent("\n".join(body), "  ") + "\n}"
    return 'dynamic "ingress" {\n' + indent(inside, "  ") + "\n}\n"


def both(case: Callable[[str], Files]) -> tuple[Files, Files]:
    """The same files with the list that has the world in it, and with the one that has not."""
    before, after = by_path(case(OPEN)), by_path(case(CLOSED))
    return before, {path: after[path] for path in after if after[path] != before[path]}
