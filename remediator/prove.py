"""Proving an edit before anything is written. Rule 5 of the design, one function a claim.

A claim that does not hold is a Refusal. A claim that cannot be decided is a Check with the
verdict unknown: it leaves review at the most, and the record says which proof is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediator.model import Check, Finding, Patch, Proof, Refusal
from remediator.proof_steps import canonical_text, outside, unproven
from remediator.remediate.access import Access
from remediator.remediate.classes import FindingClass, Settings
from remediator.remediate.rewrite import Effect
from remediator.terraform.module import Module, Sources
from remediator.terraform.second_reader import changed_blocks
from remediator.terraform.shape import shapes
from remediator.terraform.syntax import Block


@dataclass(frozen=True, slots=True)
class Claim:
    """A patch and what it is said to do. `effects` are by (directory, block address)."""

    finding: Finding
    finding_class: FindingClass
    settings: Settings
    patch: Patch
    effects: Mapping[tuple[str, str], Effect]
    before: Sources
    after: Sources


def prove(claim: Claim) -> Proof | Refusal:
    """Every claim in order; the first that does not hold refuses."""
    modules = _modules(claim)
    if isinstance(modules, Refusal):
        return modules
    was, now = (_access(claim, m) for m in modules)
    steps = (
        outside(claim.patch, claim.before.tree, claim.after.tree),
        _addresses(claim, *modules),
        _second_reader(claim),
        _narrower(was, now),
        _exact(claim, was, now),
        _gone(claim, modules[1]),
    )
    refused = next((s for s in steps if isinstance(s, Refusal)), None)
    if refused is not None:
        return refused
    checks = tuple(s for s in steps if isinstance(s, Check))
    before, after = (canonical_text(access.canonical()) for access in (was, now))
    return Proof(checks, before, after, was.lost(now), now.lost(was))


def _modules(claim: Claim) -> tuple[list[Module], list[Module]] | Refusal:
    """The edited modules, parsed before and after."""
    both: tuple[list[Module], list[Module]] = ([], [])
    for directory in sorted({directory for directory, _ in claim.effects}):
        for sources, modules in zip((claim.before, claim.after), both, strict=True):
            module = sources.module(directory)
            if isinstance(module, Refusal):
                return unproven("not-parsed", f"the edited file does not parse: {module.text}")
            modules.append(module)
    return both


def _blocks(claim: Claim, modules: list[Module]) -> Iterator[Block]:
    for module in modules:
        for file in module.files:
            for block in file.blocks:
                if (module.directory, block.address) in claim.effects:
                    yield block


def _access(claim: Claim, modules: list[Module]) -> Access:
    return claim.finding_class.access(_blocks(claim, modules))


def _addresses(claim: Claim, before: list[Module], after: list[Module]) -> Check | Refusal:
    """(c) The configuration changes at the expected addresses, as expected, and nowhere else."""
    found: dict[tuple[str, str], str] = {}
    for was, now in zip(before, after, strict=True):
        old, new = shapes(was), shapes(now)
        for address in sorted({*old, *new}):
            if old.get(address) != new.get(address):
                kind = "update" if address in old and address in new else "create"
                found[(was.directory, address)] = "delete" if address not in new else kind
    wanted = {
        key: "update" if effect is Effect.REPLACE else effect.value
        for key, effect in claim.effects.items()
    }
    if found != wanted:
        odd = sorted({address for (_, address), _ in found.items() ^ wanted.items()})
        return unproven(
            "other-addresses", f"the edit would change something else: {', '.join(odd)}"
        )
    names = ", ".join(sorted(address for _, address in wanted))
    return Check.passed("addresses", f"the configuration changes at {names} and nowhere else")


def _second_reader(claim: Claim) -> Check | Refusal:
    """(a) python-hcl2, independent of the first parser, reads both and sees the same change."""
    expected = {address for _, address in claim.effects}
    for path in claim.patch.files:
        seen = changed_blocks(claim.before.tree.read(path), claim.after.tree.read(path))
        if seen.unread_before:
            return Check.unknown(
                "second-reader", f"python-hcl2 cannot read {path}: {seen.unread_before}"
            )
        if seen.unread_after:
            return unproven("second-reader", f"python-hcl2 cannot read {path} after the edit")
        if not seen.addresses <= expected:
            odd = ", ".join(sorted(seen.addresses - expected))
            return unproven("second-reader", f"python-hcl2 sees another change in {path}: {odd}")
    return Check.passed("second-reader", "python-hcl2 reads the result and sees the same change")


def _narrower(was: Access, now: Access) -> Check | Refusal:
    """(d)"""
    if not now.within(was):
        return unproven("not-narrower", "the access after is not a subset of the access before")
    return Check.passed("narrower", "the access after is a subset of the access before")


def _exact(claim: Claim, was: Access, now: Access) -> Check | Refusal:
    """Rule 7: exactly what is wrong goes."""
    why = claim.finding_class.exact(was, now, (claim.finding,), claim.settings)
    if why is not None:
        return unproven("not-exact", why)
    return Check.passed("exact", "exactly the finding's access goes")


def _gone(claim: Claim, after: list[Module]) -> Check | Refusal:
    """(e) and (f): nothing of the finding is left, so a second run has nothing to edit."""
    left = [b for b in _blocks(claim, after) if claim.finding_class.occurs_in(b, claim.finding)]
    if left:
        return unproven("not-gone", f"{left[0].address} still has the finding after the edit")
    return Check.passed("gone", "the finding is gone, and a second run changes nothing")
