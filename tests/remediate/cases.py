"""`rewritten`, `refused` and `untouched`: a case is Terraform before, and what must become of it.

Each goes through detection in the code, the whole loop and its proof, with no AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

from remediator import loop
from remediator.access.network import Rule, RuleSet
from remediator.commands.assembly import class_name, rules_of, without_states
from remediator.config import Config
from remediator.detect.evaluated_code import all_findings_in
from remediator.loop import Job
from remediator.model import Disposition, Finding, Kind, Outcome, Refusal
from remediator.remediate import evaluated
from remediator.remediate.grants import OWNER_TYPES
from remediator.remediate.world_open import evidence_of
from remediator.terraform.configurations import Configurations
from remediator.terraform.effects import full_address
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules, discover
from remediator.tree import MemoryTree
from remediator.workplace import Preview

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Files: TypeAlias = Mapping[str, str] | str
"""By path; a text alone is main.tf."""


@dataclass(frozen=True)
class Result:
    files: Mapping[str, str]
    outcomes: tuple[Outcome, ...]

    @property
    def text(self) -> str:
        return self.files["main.tf"]

    @property
    def only(self) -> Outcome:
        (outcome,) = self.outcomes
        return outcome


def by_path(files: Files) -> dict[str, str]:
    given = {"main.tf": files} if isinstance(files, str) else files
    return {path: dedent(text) for path, text in given.items()}


def _settings(config: Mapping[str, object] | None) -> Config:
    return Config.model_validate(
        {"version": 1, "exemptions": [], **(config or {})}, context={"directory": Path(".")}
    )


def fix(
    files: Files,
    findings: tuple[Finding, ...] | None = None,
    config: Mapping[str, object] | None = None,
    *,
    reviews: bool = True,
) -> Result:
    """What `fix --review` makes of the files: everything that could be proven is applied."""
    tree = MemoryTree({path: text.encode() for path, text in by_path(files).items()})
    settings = _settings(config)
    if findings is None:
        here = Configurations(Sources(tree), Modules(tree), settings.terraform.files())
        findings, _ = all_findings_in(here, class_name, evidence_of, NOW)
    place = Preview(tree, apply_reviews=reviews)
    job = without_states(
        Job(place, lambda _: None, rules_of(settings), lambda: NOW, lambda: 0.0),  # type: ignore[arg-type,return-value]  # replaced at once
        settings.terraform.files(),
    )
    outcomes = loop.run(job, findings)
    after = place.tree()
    return Result({p: after.read(p).decode() for p in after.paths()}, outcomes)


def rewritten(
    before: Files,
    after: Files,
    *,
    disposition: Disposition = Disposition.AUTO,
    config: Mapping[str, object] | None = None,
    findings: tuple[Finding, ...] | None = None,
) -> Result:
    """Exactly these bytes, by changes of this disposition; and again changes nothing. `after` are
    the files that differ: all others are the same."""
    result = fix(before, findings, config)
    assert dict(result.files) == {**by_path(before), **by_path(after)}
    changed = [o for o in result.outcomes if o.kind not in (Kind.ALERTED, Kind.EXEMPTED)]
    expected = Kind.MERGED if disposition is Disposition.AUTO else Kind.PROPOSED
    told = [(o.kind, o.code, o.text) for o in result.outcomes]
    assert {o.kind for o in changed} == {expected}, told
    assert {o.decision.disposition for o in changed if o.decision} == {disposition}, told
    assert fix(result.files, None, config).files == result.files
    return result


def refused(
    before: Files,
    code: str,
    *,
    config: Mapping[str, object] | None = None,
    findings: tuple[Finding, ...] | None = None,
) -> Outcome:
    """Nothing changes, and the reason is this code and a sentence."""
    result = fix(before, findings, config)
    assert dict(result.files) == by_path(before)
    codes = {o.code: o for o in result.outcomes if o.kind is Kind.REFUSED}
    assert code in codes, [(o.kind, o.code, o.text) for o in result.outcomes]
    assert len(codes[code].text) > 20
    return codes[code]


def untouched(before: Files, *, config: Mapping[str, object] | None = None) -> Result:
    """Nothing changes, and nothing is refused: there is nothing to close."""
    result = fix(before, None, config)
    assert dict(result.files) == by_path(before)
    assert {o.kind for o in result.outcomes} <= {Kind.ALERTED, Kind.EXEMPTED}
    return result


def access_of(
    files: Files, config: Mapping[str, object] | None = None
) -> dict[tuple[str, str], tuple[Rule, ...]]:
    """The rules of every instance that every root makes for certain, by root and address: each
    root is looked at, whoever is said to be reached by a change."""
    tree = MemoryTree({path: text.encode() for path, text in by_path(files).items()})
    settings = _settings(config)
    modules = Modules(tree)
    here = Configurations(Sources(tree), modules, settings.terraform.files())
    found = {}
    for root in discover(tree, modules):
        for module in here.of(root.directory).modules():
            if isinstance(module.declared, Refusal):
                continue
            for labels, content in module.declared.of_kind("resource"):
                for expansion in module.expansions(content):
                    if labels[0] in OWNER_TYPES and expansion.unsure is None:
                        grants = evaluated.grants_in(labels[0], content, module.scope_of(expansion))
                        key = full_address(module, "resource", labels, expansion.key)
                        found[(root.directory, key)] = evaluated.rules_of(grants.grants)
    return found


def lost(before: Files, after: Files, config: Mapping[str, object] | None = None) -> Iterator[str]:
    """Every rule that is gone between the two, anywhere; and what is new, which must not be."""
    was, now = access_of(before, config), access_of({**by_path(before), **by_path(after)}, config)
    for key in sorted({*was, *now}):
        old, new = (RuleSet.of(rules.get(key, ())) for rules in (was, now))
        yield from (f"{':'.join(key)} {line}" for line in (old - new).describe())
        yield from (f"NEW {':'.join(key)} {line}" for line in (new - old).describe())
