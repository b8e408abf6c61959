"""Proving an edit whose effect lies elsewhere, from the evaluated configuration.

Rule 5 of the design, as in `prove`; here (c), (d) and (e) are of resource instances in every
root that may read an edited file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from remediator.estate import Estate
from remediator.model import Check, Disposition, Json, Proof, Refusal
from remediator.placing import Weighed
from remediator.proof_steps import canonical_text, outside, unproven
from remediator.remediate.access import Access
from remediator.remediate.classes import Settings
from remediator.remediate.rewrite import Effect
from remediator.terraform.address import Address, countless
from remediator.terraform.content import json_source
from remediator.terraform.grammar import parse_tree
from remediator.terraform.module import NATIVE
from remediator.terraform.second_reader import changed_blocks
from remediator.terraform.syntax import SourceFile
from remediator.texts import listed, plain
from remediator.tracing import Traced, findings_at, names_at


def prove_by_evaluation(
    members: Sequence[Traced], weighed: Weighed, estate: Estate, settings: Settings
) -> Proof | Refusal:
    """Every claim in order; the first that does not hold refuses."""
    after = estate.edited(weighed.after)
    steps = [
        outside(weighed.patch, estate.sources.tree, after.sources.tree),
        _addresses(weighed),
        *(_second_reader(path, weighed, estate) for path in weighed.patch.files),
        _narrower(members, weighed, settings),
        _gone(members, weighed),
    ]
    refused = next((s for s in steps if isinstance(s, Refusal)), None)
    if refused is not None:
        return refused
    checks = [s for s in steps if isinstance(s, Check)]
    checks.append(Check.passed("traced", "; ".join(_trails(members))))
    removed, left = _moved(members, weighed)
    return Proof(tuple(checks), _text(weighed.before), _text(weighed.now), removed, left)


def _trails(members: Sequence[Traced]) -> list[str]:
    trails = dict.fromkeys(trail for m in members for trail in m.trail)
    return list(trails)[:10] or ["the value is computed where it is used"]


def _shown(key: tuple[str, str]) -> str:
    root, address = key
    return f"{root}:{address}" if root else address


def _addresses(weighed: Weighed) -> Check | Refusal:
    """(c) What differs, by evaluating every root that may read the files."""
    if not weighed.effects:
        return unproven("other-addresses", "the edit changes no instance that has the finding")
    names = listed([_shown(key) for key in sorted(weighed.effects)])
    if weighed.others:
        more = f"; and at {listed(list(weighed.others))}"
        return Check.unknown("addresses", f"the configuration changes at {names}{more}")
    return Check.passed("addresses", f"the configuration changes at {names} and nowhere else")


def _second_reader(path: str, weighed: Weighed, estate: Estate) -> Check | Refusal:
    """(a) python-hcl2, or the json module, reads both and sees the change where it should be."""
    before, after = estate.sources.tree.read(path), weighed.after[path]
    file = json_source(path, before)[0] if path.endswith(".json") else None
    file = file or _as_parsed(path, before, estate)
    edits = [e for e in weighed.patch.edits if e.file == path]
    expected = {name for edit in edits for name in names_at(file, edit.start, edit.end)}
    created = (a for (_, a), e in weighed.effects.items() if e is Effect.CREATE)
    expected |= {Address.parse(countless(address)).block for address in created}
    if path.endswith(".json"):
        return _json_reader(path, before, after, expected)
    if not path.endswith((".tf", ".tofu", ".tfvars")):
        return Check.unknown("second-reader", f"{path} has no second reader")
    seen = changed_blocks(before, after)
    if seen.unread_before:
        return Check.unknown(
            "second-reader", f"python-hcl2 cannot read {path}: {seen.unread_before}"
        )
    if seen.unread_after:
        return unproven("second-reader", f"python-hcl2 cannot read {path} after the edit")
    if not seen.addresses <= expected:
        odd = ", ".join(sorted(seen.addresses - expected))
        return unproven("second-reader", f"python-hcl2 sees another change in {path}: {odd}")
    return Check.passed("second-reader", f"python-hcl2 sees the same change in {path}")


def _as_parsed(path: str, data: bytes, estate: Estate) -> SourceFile:
    if path.endswith(NATIVE):
        return estate.sources.file(path)
    return SourceFile(path, data, parse_tree(data))


def _json_reader(path: str, before: bytes, after: bytes, expected: set[str]) -> Check | Refusal:
    try:
        was, now = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return unproven("second-reader", f"{path} is no JSON before or after the edit")
    if not isinstance(was, dict) or not isinstance(now, dict):
        return unproven("second-reader", f"{path} is no JSON object")
    odd = {k for k in {*was, *now} if was.get(k) != now.get(k)} - expected
    if odd:
        return unproven("second-reader", f"the json module sees another change in {path}")
    return Check.passed("second-reader", f"the json module sees the same change in {path}")


def _narrower(members: Sequence[Traced], weighed: Weighed, settings: Settings) -> Check | Refusal:
    """(d), and rule 7: exactly the findings' access goes, at each instance that changes."""
    cls, findings = members[0].finding_class, findings_at(members)
    own = {(i.root, i.address) for m in members for i in m.instances}
    for key, was in weighed.before.items():
        now = weighed.now.get(key, cls.nothing())
        if not now.within(was):
            return unproven("not-narrower", f"{_shown(key)} would allow what it does not allow now")
        why = cls.exact(was, now, findings(key), settings, key in own)
        if why is not None:
            return unproven("not-exact", f"at {_shown(key)} {why}")
    return Check.passed("narrower", "each instance allows less than before, by the finding alone")


def _gone(members: Sequence[Traced], weighed: Weighed) -> Check | Refusal:
    """(e) and (f)"""
    for member in members:
        for instance in member.instances:
            key = (instance.root, instance.address)
            effect = weighed.effects.get(key)
            if effect is None and instance.address == countless(instance.address):
                return unproven("not-gone", f"{_shown(key)} is as it was")
    deleted = [_shown(k) for k, e in weighed.effects.items() if e is Effect.DELETE]
    more = f"; {listed(deleted)} goes altogether" if deleted else ""
    withheld = list(dict.fromkeys(w for m in members for w in m.staying.withheld))
    if withheld:
        ids = dict.fromkeys(plain(m.finding.id, 120) for m in members if m.staying.withheld)
        names = listed(list(ids), 3)
        detail = f"what may go is gone{more}; {names} stays: {'; '.join(withheld[:5])}"
        return Check.lowers("gone", Disposition.REVIEW, detail)
    kept = list(dict.fromkeys(k for m in members for k in m.staying.kept))
    if kept:
        detail = f"what may go is gone, and a second run changes nothing{more}"
        return Check.passed("gone", f"{detail}; found unused, and kept: {listed(kept, 5)}")
    return Check.passed("gone", f"the finding is gone, and a second run changes nothing{more}")


def _text(access: dict[tuple[str, str], Access]) -> str:
    document: dict[str, Json] = {_shown(k): a.canonical() for k, a in sorted(access.items())}
    return canonical_text(document)


def _moved(members: Sequence[Traced], weighed: Weighed) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What goes, and what stays of it in other words."""
    nothing = members[0].finding_class.nothing()
    removed: list[str] = []
    left: list[str] = []
    for key, was in sorted(weighed.before.items()):
        now = weighed.now.get(key, nothing)
        removed += [f"{_shown(key)}: {line}" for line in was.lost(now)]
        left += [f"{_shown(key)}: {line}" for line in now.lost(was)]
    return tuple(removed), tuple(left)
