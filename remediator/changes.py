"""From a located finding to a proven change: rewrite, lay out, prove."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from remediator.beside import beside, touched_blocks
from remediator.estate import Estate, Located
from remediator.model import (
    Change,
    Check,
    Decision,
    Disposition,
    Edit,
    Finding,
    Owner,
    Patch,
    Proof,
    Refusal,
)
from remediator.placing import Weighed, choose
from remediator.planning import Asking, Wanted, asked, by_block, by_instance
from remediator.prove import Claim, prove
from remediator.prove_evaluated import prove_by_evaluation
from remediator.remediate.classes import Settings
from remediator.remediate.rewrite import Effect
from remediator.terraform.address import Address, countless
from remediator.terraform.edit import combine
from remediator.texts import listed
from remediator.tracing import Traced

Made: TypeAlias = tuple[Change, Callable[[], Wanted]]
"""A proven change, and what terraform must plan for it."""


def change_of(
    places: Sequence[Located | Traced],
    decision: Decision,
    estate: Estate,
    settings: Settings,
    asking: Asking,
) -> Change | Refusal:
    """`places` is where the findings are, all of one site: one change closes them."""
    findings = tuple(p.finding for p in places)
    traced = [p for p in places if isinstance(p, Traced)]
    if traced:
        made = _at_the_source(traced, decision, estate, settings)
    else:
        lead = next(p for p in places if isinstance(p, Located))
        made = _in_the_block(findings, lead, decision, estate, settings)
    return made if isinstance(made, Refusal) else asked(*made, estate, asking)


def _at_the_source(
    members: Sequence[Traced], decision: Decision, estate: Estate, settings: Settings
) -> Made | Refusal:
    """Where the value comes from, or as near to it as nothing else is changed."""
    agreed = _agreed(members)
    if isinstance(agreed, Refusal):
        return agreed
    members = agreed
    chosen = choose(members, estate, settings)
    if isinstance(chosen, Refusal):
        return chosen
    weighed, lead = chosen.weighed, members[0]
    before = {path: estate.sources.tree.read(path) for path in weighed.patch.files}
    proof = prove_by_evaluation(members, weighed, estate, settings)
    if isinstance(proof, Refusal):
        return proof
    owners = {(o.root, o.address): o for m in members for o in m.owners}
    findings = tuple(m.finding for m in members)
    change = Change(
        change_id(lead),
        findings,
        tuple(owners.values()),
        decision.after(*chosen.checks, *_missing(proof), *_beside(weighed, estate)),
        weighed.patch,
        proof,
        _summary(lead, findings, list(owners.values())),
        before,
        weighed.after,
        tuple(dict.fromkeys(trail for m in members for trail in m.trail)),
    )
    return change, lambda: by_instance(weighed.effects, weighed.now, weighed.others)


def _agreed(members: Sequence[Traced]) -> Sequence[Traced] | Refusal:
    """The findings as they can be closed together, each with the instances that still have it."""
    cls = members[0].finding_class
    agreed = cls.agreed([case for m in members for case in m.cases])
    made: list[Traced] = []
    for member in members:
        finding = agreed[member.finding.id]
        pairs = zip(member.owners, member.instances, strict=True)
        left = [(o, i) for o, i in pairs if i.evaluation.guilty(finding)]
        if not left:
            return Refusal(
                "remediate",
                "used-by-others",
                f"{listed([o.address for o in member.owners])} is shared, and what is to go of it "
                "is in use by the others, or not known to be unused; give them policies of their "
                "own first",
            )
        owners, instances = zip(*left, strict=True)
        staying = cls.stays(finding, member.instances)
        made.append(
            replace(member, finding=finding, owners=owners, instances=instances, staying=staying)
        )
    return made


def _beside(weighed: Weighed, estate: Estate) -> tuple[Check, ...]:
    """Of instances, by the blocks that make them."""
    blocks: dict[tuple[str, str], Effect] = {}
    for (root, address), effect in weighed.effects.items():
        parsed = Address.parse(countless(address))
        directory = estate.modules.descend(root, parsed.module_names)
        if not isinstance(directory, Refusal):
            key = (directory, parsed.block)
            blocks[key] = effect if blocks.get(key) is not Effect.DELETE else Effect.DELETE
    return beside(weighed.patch, touched_blocks(blocks.items()), estate)


def _missing(proof: Proof) -> list[Check]:
    return [replace(c, name=f"proof:{c.name}") for c in proof.checks if c.limit < Disposition.AUTO]


def _summary(lead: Located | Traced, findings: Sequence[Finding], owners: Sequence[Owner]) -> str:
    """With the names that people call the resources by; in the code alone, the blocks' labels."""
    cls = lead.finding_class
    names = [f.resource.name for f in findings if f.resource.name]
    if len(names) < len(findings):
        names = [o.block.address.split(".")[-1] for o in owners]
    on = listed(list(dict.fromkeys(names)), 3)
    return f"fix({cls.scope}): {cls.subject(lead.finding)} on {on}"


def _in_the_block(
    findings: tuple[Finding, ...],
    lead: Located,
    decision: Decision,
    estate: Estate,
    settings: Settings,
) -> Made | Refusal:
    """Where the block itself has the value as a literal."""
    rewritten = _rewrite(lead, estate, settings)
    if isinstance(rewritten, Refusal):
        return rewritten
    edits, effects, raised = rewritten
    if not edits:
        text = "the code has it already as it should be; look at why the finding is still there"
        return Refusal("remediate", "no-edit", text)
    outside = sorted({e.file for e in edits if not settings.writable(e.file)})
    if outside:
        text = (
            f"{', '.join(outside)} would be edited, which is outside of the folder that was named"
        )
        return Refusal("remediate", "outside-path", f"{text}; name a folder that holds both")
    before = {path: estate.sources.tree.read(path) for path in sorted({e.file for e in edits})}
    patch = Patch.of(edits, before)
    after = patch.apply(before)
    cls, edited = lead.finding_class, estate.edited(after)
    claim = Claim(lead.finding, cls, settings, patch, effects, estate.sources, edited.sources)
    proof = prove(claim)
    if isinstance(proof, Refusal):
        return proof
    change = Change(
        change_id(lead),
        findings,
        lead.owners,
        decision.after(
            *raised,
            *_missing(proof),
            *beside(patch, touched_blocks(effects.items()), estate),
        ),
        patch,
        proof,
        _summary(lead, findings, lead.owners),
        before,
        after,
    )
    return change, lambda: by_block(effects, cls, estate, edited)


def change_id(lead: Located | Traced) -> str:
    """Class and digest of the site: the same finding in the same block is the same branch."""
    digest = hashlib.sha256("\0".join(lead.site).encode()).hexdigest()
    return f"{lead.finding.finding_class}-{digest[:12]}"


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
