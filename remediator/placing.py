"""Choosing the place to change, by trying each one on everything that it feeds.

A candidate is applied to a copy, every root that may read the file is evaluated again, and what
differs says what it does: which instances, and whether each of them had the finding too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from remediator.estate import Estate
from remediator.model import Check, Disposition, Edit, Patch, Refusal
from remediator.remediate.access import Access
from remediator.remediate.candidates import Candidate, Rank, of_sources
from remediator.remediate.classes import Settings
from remediator.remediate.instances import EvaluatedInstance
from remediator.remediate.rewrite import Effect
from remediator.terraform.address import Address, countless
from remediator.terraform.content import json_source
from remediator.terraform.edit import combine
from remediator.terraform.effects import Place, Snapshot, by_argument, differing
from remediator.terraform.syntax import SourceFile
from remediator.texts import listed
from remediator.tracing import MODULE, Traced, findings_at, instance_at

MAX_CANDIDATES = 24
MAX_ROOTS = 500
MAX_SOURCES = 12


@dataclass(frozen=True)
class Weighed:
    """`effects` are of the instances that the class knows; `others` is what changes besides and
    does not have the finding. `problem`: why it must not be taken."""

    candidate: Candidate
    patch: Patch
    after: dict[str, bytes] = field(repr=False)
    effects: dict[tuple[str, str], Effect] = field(default_factory=dict)
    before: dict[tuple[str, str], Access] = field(default_factory=dict)
    now: dict[tuple[str, str], Access] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    weighed: Weighed
    checks: tuple[Check, ...]


def choose(members: Sequence[Traced], estate: Estate, settings: Settings) -> Chosen | Refusal:
    """The smallest change that closes the findings of all members, and nothing else where that
    can be; else the smallest that can be, for review."""
    lead = members[0]
    instances = list({(i.root, i.address): i for m in members for i in m.instances}.values())
    for instance in instances:
        forbidden = lead.finding_class.forbidden(instance.kind, instance.address, instance.content)
        if forbidden is not None:
            return forbidden
    cases = [case for m in members for case in m.cases]
    found = lead.finding_class.candidates(cases, settings, settings.writable)
    if isinstance(found, Refusal):
        return found
    tried: list[Weighed] = []
    for candidate in sorted(list(found)[:MAX_CANDIDATES], key=lambda c: c.order):
        weighed = weigh(candidate, members, estate, settings)
        if isinstance(weighed, Refusal):
            return weighed
        if weighed is None:
            continue
        tried.append(weighed)
        if _is_exact(weighed) and candidate.rank < Rank.CALL and not candidate.lacks:
            return _best(tried, lead)  # none that comes later is smaller
    mixed = _mixed(members, estate, settings) if lead.finding_class.piecemeal else []
    return _best([*mixed, *tried], lead)


def _is_exact(weighed: Weighed) -> bool:
    return weighed.problem is None and not weighed.others


def _mixed(members: Sequence[Traced], estate: Estate, settings: Settings) -> list[Weighed]:
    """Where several literals make the finding, each by what it takes: one is an item of a list
    that keeps others, another is all that its rule has."""
    sources = list({s.span: s for m in members for s in m.sources if s is not None}.values())
    if not 1 < len(sources) <= MAX_SOURCES:
        return []
    edits: list[Edit] = []
    for source in sources:
        some = of_sources([source], settings.writable)
        alone = (weigh(c, members, estate, settings, part=True) for c in some)
        first = next((w for w in alone if isinstance(w, Weighed) and _is_exact(w)), None)
        if first is None:
            return []
        edits += first.candidate.edits
    places = ", ".join(dict.fromkeys(f"{e.file}" for e in edits))
    unique = tuple(dict.fromkeys(edits))
    candidate = Candidate(Rank.ELEMENT, 0, unique, f"take out each literal, in {places}")
    weighed = weigh(candidate, members, estate, settings)
    return [weighed] if isinstance(weighed, Weighed) else []


def _best(tried: Sequence[Weighed], lead: Traced) -> Chosen | Refusal:
    possible = [w for w in tried if w.problem is None]
    if not possible:
        return _nowhere(tried, lead)
    exact = [w for w in possible if not w.others]
    first = next((w for w in exact if not w.candidate.lacks), (exact or possible)[0])
    checks = [*first.checks]
    if first.candidate.lacks:
        checks.append(Check.lowers("approved", Disposition.REVIEW, first.candidate.lacks))
    checks.append(_place_check(first, [w for w in exact if w is not first]))
    if first.others:
        detail = f"the edit would also change {listed(list(first.others))}"
        checks.append(Check.lowers("blast-radius", Disposition.REVIEW, detail))
    else:
        detail = f"every instance that it reaches has the finding ({len(first.effects)})"
        checks.append(Check.passed("blast-radius", detail))
    return Chosen(first, tuple(checks))


def _place_check(first: Weighed, rest: Sequence[Weighed]) -> Check:
    """Where the change is made; for review where it is not at the value itself."""
    rank, name = first.candidate.rank, "place"
    equal = [w for w in rest if w.candidate.rank is rank and rank >= Rank.CALL]
    if equal:
        options = [first.candidate.what, *(w.candidate.what for w in equal)]
        detail = f"equally good: {'; or '.join(options)}"
        return Check.lowers(name, Disposition.REVIEW, detail)
    if rank >= Rank.FILTER:
        return Check.lowers(name, Disposition.REVIEW, first.candidate.what)
    return Check.passed(name, first.candidate.what)


def _nowhere(tried: Sequence[Weighed], lead: Traced) -> Refusal:
    trail = "; ".join(lead.trail[:3])
    at = f" It comes from {trail}." if trail else ""
    if not tried:
        return Refusal(
            "remediate",
            "no-place",
            "nothing in this repository can be edited to close it: its value is computed, or it "
            f"comes from a module that is not here.{at} Change it where it is made",
        )
    why = "; ".join(dict.fromkeys(f"{w.candidate.what}: {w.problem}" for w in tried[:4]))
    return Refusal(
        "remediate",
        "no-safe-place",
        f"every place where it could be changed would do something else too ({why}).{at} "
        "Change it by hand",
    )


# Weighing one candidate --------------------------------------------------------------------


def weigh(
    candidate: Candidate,
    members: Sequence[Traced],
    estate: Estate,
    settings: Settings,
    part: bool = False,
) -> Weighed | Refusal | None:
    """None where the edits change nothing. `part`: the finding need not be gone by it alone."""
    edits = _together(candidate, estate)
    if not edits or _is_nothing(edits, estate.sources.tree.read):
        return None
    before = {path: estate.sources.tree.read(path) for path in {e.file for e in edits}}
    patch = Patch.of(tuple(edits), before)
    after = patch.apply(before)
    roots = estate.configurations.reached_from(after) | {
        i.root for m in members for i in m.instances
    }
    if len(roots) > MAX_ROOTS:
        return Refusal(
            "remediate",
            "too-many-roots",
            f"{len(roots)} root modules may read what would change, and {MAX_ROOTS} are the most "
            "that are looked through; change it by hand",
        )
    cut = next((r for r in sorted(roots) if estate.configurations.snapshot(r).is_cut), None)
    if cut is not None:
        return Refusal(
            "remediate",
            "too-many-instances",
            f"{cut or 'the top folder'} has more instances than are looked through, so that nobody "
            "knows what else would change; change it by hand",
        )
    scales = _Scales(members, estate, estate.edited(after), settings, part)
    found = scales.weigh(candidate, patch, after, sorted(roots))
    if part or found.problem is not None:
        return found
    problem, doubts = scales.afterwards()
    return replace(found, problem=problem, checks=(*found.checks, *doubts))


def _together(candidate: Candidate, estate: Estate) -> list[Edit]:
    """None where its edits contradict each other."""
    edits: list[Edit] = []
    for path in sorted({e.file for e in candidate.edits}):
        try:
            edits += combine(_file(estate, path), [e for e in candidate.edits if e.file == path])
        except ValueError:
            return []
    return edits


def _new_failure(was: Snapshot, now: Snapshot) -> str | None:
    new = [p for p in now.failing if p not in was.failing]
    return f"{new[0]} would fail: {now.failing[new[0]]}" if new else None


def _uncountable(was: Snapshot, now: Snapshot) -> str | None:
    """Terraform stops where the keys of a `for_each`, or a `count`, are known after the apply."""
    fresh = (p for p in now.digests if p not in was.digests and p.kind != "output")
    new = next((p for p in fresh if p.address != countless(p.address)), None)
    return f"how many instances {countless(str(new))} has would not be known" if new else None


def _file(estate: Estate, path: str) -> SourceFile:
    """As it was parsed, in either syntax; a JSON document parses as its own object."""
    data = estate.sources.tree.read(path)
    return json_source(path, data)[0] if path.endswith(".json") else estate.sources.file(path)


def _is_nothing(edits: Sequence[Edit], data: Callable[[str], bytes]) -> bool:
    return all(data(e.file)[e.start : e.end] == e.text for e in edits)


class _Scales:
    """Two estates, before and after one candidate, and what lies between them."""

    def __init__(
        self,
        members: Sequence[Traced],
        before: Estate,
        after: Estate,
        settings: Settings,
        part: bool,
    ) -> None:
        self.members, self.before, self.after, self.settings = members, before, after, settings
        self.part = part
        self.cls = members[0].finding_class
        self.findings = findings_at(members)
        self.guilty = {(i.root, i.address) for m in members for i in m.instances}
        self.effects: dict[tuple[str, str], Effect] = {}
        self.was: dict[tuple[str, str], Access] = {}
        self.now: dict[tuple[str, str], Access] = {}
        self.others: list[str] = []
        self.checks: list[Check] = []

    def weigh(
        self, candidate: Candidate, patch: Patch, after: dict[str, bytes], roots: Sequence[str]
    ) -> Weighed:
        problem = None
        for root in roots:
            was, now = (e.configurations.snapshot(root) for e in (self.before, self.after))
            changed = differing(was.digests, now.digests)
            for place in sorted(changed, key=lambda p: (p.root, p.address)):
                problem = problem or self._place(place)
            problem = problem or _new_failure(was, now) or _uncountable(was, now)
        return Weighed(
            candidate,
            patch,
            after,
            self.effects,
            self.was,
            self.now,
            tuple(self.others),
            tuple(dict.fromkeys(self.checks)),
            problem,
        )

    def _place(self, place: Place) -> str | None:
        """Notes what changes at one place; the reason why that must not be, or None."""
        shown, key = str(place), (place.root, place.address)
        if self._is_handed_on(place):
            return None
        uncounted = place.address != countless(place.address)
        if not self._is_known(place) or (uncounted and key not in self.guilty):
            self.others.append(shown)
            return None
        if uncounted:
            detail = f"the code does not say how many instances {countless(shown)} has"
            self.checks.append(Check.unknown("instances", detail))
        was, now = (self._instance(e, place) for e in (self.before, self.after))
        for found in (was, now):
            if isinstance(found, Refusal):
                return f"{shown} can no longer be evaluated: {found.text}"
        assert not isinstance(was, Refusal)
        assert not isinstance(now, Refusal)
        if was is None and place.kind == MODULE:
            self.others.append(shown)  # nobody here knows what that module makes of it
            return None
        if was is None and now is not None and self.cls.creates(place.kind):
            self.effects[key] = Effect.CREATE
            self.now[key] = now.evaluation.access
            return None
        if was is None:
            return f"it would create {shown}"
        return self._changed(key, shown, was, now)

    def _is_known(self, place: Place) -> bool:
        if place.kind == MODULE:
            return True
        managed = Address.parse(countless(place.address)).mode == "managed"
        return managed and place.kind in self.cls.resource_types

    def _is_handed_on(self, place: Place) -> bool:
        if place.kind in (MODULE, "output"):
            return False
        data = Address.parse(countless(place.address)).mode == "data"
        return data and self.cls.passes_on(place.kind)

    def _instance(self, estate: Estate, place: Place) -> EvaluatedInstance | Refusal | None:
        address = countless(place.address)
        return instance_at(place.root, address, place.kind, self.cls, estate.configurations)

    def _changed(
        self,
        key: tuple[str, str],
        shown: str,
        was: EvaluatedInstance,
        now: EvaluatedInstance | None,
    ) -> str | None:
        refused = self.cls.forbidden(was.kind, shown, was.content)
        if refused is not None:
            return refused.text
        self.was[key] = was.evaluation.access
        if key not in self.guilty:
            self.others.append(shown)
        if now is None:
            self.effects[key] = Effect.DELETE
            return self._deleted(was, shown)
        beside = self._beside(was, now)
        if beside:
            return f"{shown} would change in {listed(beside)}, too"
        replaced = self.cls.replaces(was.kind)
        self.effects[key] = Effect.REPLACE if replaced else Effect.UPDATE
        if replaced:
            detail = (
                f"the AWS provider replaces {shown}: its other sources lose access for a moment"
            )
            self.checks.append(Check.lowers("in-place", Disposition.REVIEW, detail))
        self.now[key] = now.evaluation.access
        return self._compared(was, now, shown)

    def _beside(self, was: EvaluatedInstance, now: EvaluatedInstance) -> list[str]:
        """What else of the instance would change than the finding is about."""
        old, new = (by_argument(i.module, i.content, i.expansion) for i in (was, now))
        changed = (name for name in {*old, *new} if old.get(name) != new.get(name))
        return sorted(name for name in changed if not self.cls.concerns(was.kind, name))

    def _deleted(self, was: EvaluatedInstance, shown: str) -> str | None:
        if not self.cls.gone_with(was.kind):
            return f"it would destroy {shown}"
        mentions = self._mentions(was)
        if mentions:
            return f"{shown} would have to go, and {listed(mentions)} refers to it"
        nothing = self.cls.nothing()
        if not nothing.within(was.evaluation.access):
            return f"{shown} would have to go, and not all that it allows is known"
        return self._inexact(was, nothing, shown)

    def _mentions(self, was: EvaluatedInstance) -> list[str]:
        """Who refers to a block that goes as a whole. Where only an instance goes, a reference
        to it fails when it is evaluated."""
        name = Address.parse(countless(was.address)).name
        directory = was.module.directory
        module = self.before.sources.module(directory)
        declared = self.after.sources.declarations(directory)
        if isinstance(module, Refusal) or isinstance(declared, Refusal):
            return [directory]
        if declared.get("resource", was.kind, name) is not None:
            return []
        address = f"{was.kind}.{name}"
        found = [f"{f.path}:{r.line}" for f, r in module.references_to(address)]
        return [*found, *module.json_mentions(address)]

    def _inexact(self, was: EvaluatedInstance, after: Access, shown: str) -> str | None:
        """Of a part of a change nobody can say yet whether the whole is exact."""
        if self.part:
            return None
        key = (was.root, was.address)
        findings, whole = self.findings(key), key in self.guilty
        why = self.cls.exact(was.evaluation.access, after, findings, self.settings, whole)
        return f"at {shown} {why}" if why else None

    def _compared(self, was: EvaluatedInstance, now: EvaluatedInstance, shown: str) -> str | None:
        before, after = was.evaluation.access, now.evaluation.access
        if now.evaluation.empty and not was.evaluation.empty:
            return f"at {shown} {now.evaluation.empty}"
        if not after.within(before):
            return f"{shown} could not be shown to be narrower"
        return self._inexact(was, after, shown)

    def afterwards(self) -> tuple[str | None, tuple[Check, ...]]:
        """Who would still have a finding; and what is not known of it."""
        doubts: dict[str, None] = {}
        for member in self.members:
            for instance in member.instances:
                place = Place(instance.root, instance.address, instance.kind)
                now = self._instance(self.after, place)
                if isinstance(now, Refusal):
                    return now.text, ()
                if now is None:
                    continue
                if now.evaluation.guilty(member.finding):
                    return f"{instance.address} would still have it", ()
                doubts |= dict.fromkeys(now.evaluation.doubts(member.finding))
        return None, tuple(Check.unknown("other-rules", doubt) for doubt in [*doubts][:5])
