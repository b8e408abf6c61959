"""`rewritten`, `refused` and `untouched`: a case is Terraform before, and what must become of it.

Each goes through detection in the code, the whole loop and its proof, with no AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

from remediator import loop
from remediator.commands.assembly import class_name, rules_of, without_states
from remediator.config import Config
from remediator.detect.code import findings_in
from remediator.loop import Job
from remediator.model import Disposition, Finding, Kind, Outcome
from remediator.remediate.world_open import evidence_of
from remediator.terraform.module import Sources
from remediator.tree import MemoryTree
from remediator.workplace import Preview

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


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


def fix(
    files: Mapping[str, str] | str,
    findings: tuple[Finding, ...] | None = None,
    config: Mapping[str, object] | None = None,
) -> Result:
    """What `fix --review` makes of the files: everything that could be proven is applied."""
    given = {"main.tf": files} if isinstance(files, str) else files
    tree = MemoryTree({path: dedent(text).encode() for path, text in given.items()})
    settings = Config.model_validate(
        {"version": 1, "exemptions": [], **(config or {})}, context={"directory": Path(".")}
    )
    if findings is None:
        findings, _ = findings_in(Sources(tree), class_name, evidence_of, NOW)
    place = Preview(tree, apply_reviews=True)
    job = without_states(
        Job(place, lambda _: None, rules_of(settings), lambda: NOW, lambda: 0.0)  # type: ignore[arg-type,return-value]  # replaced at once
    )
    outcomes = loop.run(job, findings)
    after = place.tree()
    return Result({p: after.read(p).decode() for p in after.paths()}, outcomes)


def rewritten(
    before: str,
    after: str,
    *,
    disposition: Disposition = Disposition.AUTO,
    config: Mapping[str, object] | None = None,
) -> Result:
    """Exactly these bytes, by one change, with this disposition; and again changes nothing."""
    result = fix(before, config=config)
    assert result.text == dedent(after)
    kinds = {o.kind for o in result.outcomes} - {Kind.ALERTED, Kind.EXEMPTED}
    expected = Kind.MERGED if disposition is Disposition.AUTO else Kind.PROPOSED
    assert kinds == {expected}, [(o.kind, o.code, o.text) for o in result.outcomes]
    assert fix(result.text, config=config).text == result.text
    return result


def refused(before: str, code: str, *, config: Mapping[str, object] | None = None) -> Outcome:
    """Nothing changes, and the reason is this code and a sentence."""
    result = fix(before, config=config)
    assert result.text == dedent(before)
    codes = {o.code: o for o in result.outcomes if o.kind is Kind.REFUSED}
    assert code in codes, [(o.kind, o.code, o.text) for o in result.outcomes]
    assert len(codes[code].text) > 20
    return codes[code]


def untouched(before: str, *, config: Mapping[str, object] | None = None) -> Result:
    """Nothing changes, and nothing is refused: there is nothing to close."""
    result = fix(before, config=config)
    assert result.text == dedent(before)
    assert {o.kind for o in result.outcomes} <= {Kind.ALERTED, Kind.EXEMPTED}
    return result
