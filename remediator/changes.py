"""From a located finding to a proven change: rewrite, lay out, prove."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from remediator.estate import Estate, Located
from remediator.model import (
    Change,
    Check,
    Decision,
    Disposition,
    Edit,
    Finding,
    Patch,
    Refusal,
)
from remediator.prove import Claim, prove
from remediator.remediate.classes import Settings
from remediator.remediate.rewrite import Effect
from remediator.terraform.edit import combine


def change_of(
    findings: tuple[Finding, ...],
    lead: Located,
    decision: Decision,
    estate: Estate,
    settings: Settings,
) -> Change | Refusal:
    """`lead` is where one of the findings is, which stands for all: they are of one site."""
    rewritten = _rewrite(lead, estate, settings)
    if isinstance(rewritten, Refusal):
        return rewritten
    edits, effects, raised = rewritten
    if not edits:
        text = "the code has it already as it should be; look at why the finding is still there"
        return Refusal("remediate", "no-edit", text)
    before = {path: estate.sources.tree.read(path) for path in sorted({e.file for e in edits})}
    patch = Patch.of(edits, before)
    after = patch.apply(before)
    cls = lead.finding_class
    claim = Claim(
        lead.finding, cls, settings, patch, effects, estate.sources, estate.edited(after).sources
    )
    proof = prove(claim)
    if isinstance(proof, Refusal):
        return proof
    missing = [
        replace(c, name=f"proof:{c.name}") for c in proof.checks if c.limit < Disposition.AUTO
    ]
    summary = f"fix({cls.scope}): {cls.subject(lead.finding)} on {_name(lead)}"
    return Change(
        change_id(lead),
        findings,
        lead.owners,
        decision.after(*raised, *missing),
        patch,
        proof,
        summary,
        before,
        after,
    )


def change_id(lead: Located) -> str:
    """Class and digest of the site: the same finding in the same block is the same branch."""
    digest = hashlib.sha256("\0".join(lead.site).encode()).hexdigest()
    return f"{lead.finding.finding_class}-{digest[:12]}"


def _name(lead: Located) -> str:
    return ", ".join(dict.fromkeys(o.block.address.split(".")[-1] for o in lead.owners))


def _rewrite(
    lead: Located, estate: Estate, settings: Settings
) -> tuple[tuple[Edit, ...], dict[tuple[str, str], Effect], tuple[Check, ...]] | Refusal:
    edits: list[Edit] = []
    effects: dict[tuple[str, str], Effect] = {}
    raised: list[Check] = []
    for owner, block in zip(lead.owners, lead.blocks, strict=True):
        module = estate.sources.module(owner.block.directory)
        if isinstance(module, Refusal):
            return module
        answer = lead.finding_class.rewrite(block, lead.finding, module, settings)
        if isinstance(answer, Refusal):
            return answer
        edits += answer.edits
        raised += answer.checks
        effects |= {(owner.block.directory, a): e for a, e in answer.effects.items()}
    together: list[Edit] = []
    for path in sorted({e.file for e in edits}):
        file = estate.sources.file(path)
        together += combine(file, [e for e in edits if e.file == path])
    return tuple(together), effects, tuple(dict.fromkeys(raised))
