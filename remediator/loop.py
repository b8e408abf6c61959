"""The loop: locate → evaluate → remediate → prove → deliver, for findings that were detected.

Pure but for the adapters in `Job`: where changes go, the states, and the clock. A refusal ends
one finding, never the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from posixpath import dirname

from remediator.changes import change_of
from remediator.config import Marker
from remediator.estate import Elsewhere, Estate, Gone, Located, locate
from remediator.evaluate import checks as ask
from remediator.evaluate import facts as live
from remediator.evaluate.ceiling import NO_CEILING, Ceiling
from remediator.evaluate.exemptions import Exemptions, Subject
from remediator.evaluate.gate import decide
from remediator.evaluate.policy import Policy
from remediator.marked import may_be_marked, traits_in_code
from remediator.model import (
    BlockRef,
    Change,
    Check,
    Decision,
    Disposition,
    Finding,
    Kind,
    Outcome,
    Owner,
    Record,
    Refusal,
    Resource,
)
from remediator.planning import Asking, Judge
from remediator.remediate.classes import FindingClass, Registry, Settings
from remediator.terraform.address import module_names
from remediator.terraform.state import StateResource
from remediator.terraform.syntax import Block
from remediator.texts import listed
from remediator.tracing import Traced
from remediator.users import names_of_users
from remediator.workplace import Delivered, Moved, Workplace


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that a person wrote down beforehand, and that decides."""

    registry: Registry
    policy: Policy
    exemptions: Exemptions
    markers: Mapping[str, Marker]
    settings: Settings
    evidence_max_age: timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """`estate_of` reads roots and states for the workplace's tree. `done` hears each outcome;
    `judge` is the real terraform. `facts` are what is known live of a finding's resource."""

    workplace: Workplace
    estate_of: Callable[[Workplace], Estate]
    rules: Rules
    clock: Callable[[], datetime]
    stopwatch: Callable[[], float]
    attempts: int = 5
    done: Callable[[Outcome], None] = lambda outcome: None
    judge: Judge | None = None
    facts: live.FactsOf = live.none
    ceiling: Ceiling = NO_CEILING


def run(job: Job, findings: Sequence[Finding]) -> tuple[Outcome, ...]:
    """Every finding ends in exactly one outcome. Changes are made one at a time, the automatic
    ones first: a review is made from a base that has them, and the next run finds it unchanged.
    """
    outcomes: list[Outcome] = []

    def settle(ended: Iterable[Outcome]) -> None:
        for outcome in ended:
            outcomes.append(outcome)
            job.done(outcome)

    estate = job.estate_of(job.workplace)
    findings = _by_root(_informed(findings, estate, job), estate, job)
    sites: dict[tuple[str, ...], _Waiting] = {}
    located: dict[str, float] = {}
    for finding in findings:
        started = job.stopwatch()
        found = _first_look(finding, estate, job)
        located[finding.id] = job.stopwatch() - started
        if isinstance(found, Outcome):
            settle([found])
        else:
            sites.setdefault(found.place.site, _Waiting()).add(finding, found)
    waiting = [site for _, site in sorted(sites.items(), key=lambda s: (s[1].root, s[0]))]
    every = [site.members for site in waiting]
    stop = _beyond(every, estate, job)
    if stop is not None:
        settle(_refused(finding, stop) for members in every for finding in members)
        return tuple(outcomes)
    for reviews in (False, True):
        left: list[_Waiting] = []
        for site in waiting:
            early = site.for_review and not reviews
            ended, estate = (None, estate) if early else _site(site.members, estate, job, reviews)
            if ended is None:
                left.append(site)
            else:
                settle(_timed(ended, located))
        waiting = left
    return tuple(outcomes)


@dataclass(slots=True)
class _Waiting:
    """The findings of one site. `for_review`: the rules alone say so, whatever the change is."""

    members: list[Finding] = field(default_factory=list)
    root: str = ""
    for_review: bool = False

    def add(self, finding: Finding, seen: _Seen) -> None:
        self.members.append(finding)
        self.root = self.root or seen.place.owners[0].root
        self.for_review |= seen.decision.disposition is not Disposition.AUTO


def _by_root(findings: Sequence[Finding], estate: Estate, job: Job) -> list[Finding]:
    """In the order of the roots that have them: each root is evaluated once, and forgotten."""

    def root(finding: Finding) -> str:
        cls = job.rules.registry.get(finding.finding_class)
        if cls is None or _unusable(finding, cls) is not None:
            return ""
        joined = cls.joined(finding, estate.states.index)
        return "" if isinstance(joined, Refusal) or not joined else joined[0][0]

    return sorted(findings, key=root)


def _informed(findings: Sequence[Finding], estate: Estate, job: Job) -> list[Finding]:
    """With what the findings of one class and the states say of one another."""
    made: dict[str, Finding] = {}
    for cls in job.rules.registry.classes:
        own = [f for f in findings if f.finding_class == cls.name and _unusable(f, cls) is None]

        def sure(finding: Finding, cls: FindingClass = cls) -> bool:
            owners = _owners_by_state(finding, cls, estate)
            return _written_rules(finding, cls, owners, job).disposition is Disposition.AUTO

        def marked(resource: Resource) -> bool:
            return live.BREAK_GLASS in ask.traits_of(resource, job.rules.markers)

        made |= {f.id: f for f in cls.informed(own, sure, estate.states.index, marked)}
    return [made.get(f.id, f) for f in findings]


def _owners_by_state(finding: Finding, cls: FindingClass, estate: Estate) -> list[Owner]:
    """The addresses that the states have for it: exemptions and markers go by their names too."""
    joined = cls.joined(finding, estate.states.index)
    if isinstance(joined, Refusal):
        return []
    return [_by_state(root, resource) for root, resource in joined]


def _its_own(finding: Finding, cls: FindingClass, estate: Estate) -> list[Owner]:
    """The resource that it is about, where it is a part of that which changes, such as a policy."""
    joined = cls.joined(finding, estate.states.index)
    known, resource = () if isinstance(joined, Refusal) else joined, finding.resource
    ids = {resource.arn, resource.id} - {None, ""}
    return [_by_state(root, r) for root, r in known if ids & {r.attributes.arn, r.attributes.id}]


def _by_state(root: str, resource: StateResource) -> Owner:
    return Owner(root, str(resource.address), BlockRef("", 0, 0, 0, "", resource.address.block))


def _timed(ended: Iterable[Outcome], located: Mapping[str, float]) -> Iterator[Outcome]:
    for outcome in ended:
        first = ("locate", located[outcome.finding.id])
        yield replace(outcome, timings=(first, *outcome.timings))


_IAM = "AWS::IAM::"
_IDENTITIES = frozenset({"aws_iam_role", "aws_iam_user", "aws_iam_group"})


def _beyond(waiting: Sequence[Sequence[Finding]], estate: Estate, job: Job) -> Refusal | None:
    """Why the run must not begin: it would make more automatic changes than one run may."""
    ceiling = job.ceiling
    if not ceiling.is_set or len(waiting) <= (ceiling.changes or 0):
        return None
    changes, changed = 0, dict[str, set[str]]()
    for members in waiting:
        prepared = _prepare(members, estate, replace(job, judge=None), reviews=False)
        change = prepared[1] if prepared else None
        if change is None or change.decision.disposition is not Disposition.AUTO:
            continue
        changes += 1
        names = {f.resource.id for f in change.findings if f.resource.type.startswith(_IAM)}
        for root in {o.root for o in change.owners} if names else ():
            changed.setdefault(root, set()).update(names)
    why = ceiling.beyond(
        changes, changed, lambda root: estate.states.index.count(root, _IDENTITIES)
    )
    if why is None:
        return None
    text = (
        f"{why}: nothing was changed. Look at the findings, and raise the limit if they are right"
    )
    return Refusal("deliver", "max-changes", text)


# Locate and evaluate -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where a finding is, and what the rules alone say of it."""

    place: Located | Traced
    decision: Decision


def _first_look(finding: Finding, estate: Estate, job: Job) -> _Seen | Outcome:
    """Ends a finding that no change is made for: unknown, exempt, alert, not in the code."""
    cls = job.rules.registry.get(finding.finding_class)
    problem = _unusable(finding, cls)
    if problem is not None or cls is None:
        assert problem is not None
        return _refused(finding, problem)
    seen = _seen_in_code(finding)
    if seen is not None:
        early = _without_change(finding, _written_rules(finding, cls, [seen], job), seen)
        if early is not None:
            return early
    place = locate(finding, cls, estate)
    owners = place.owners if isinstance(place, Located | Traced | Elsewhere) else ()
    about = (*owners, *_its_own(finding, cls, estate)) if owners else ()
    decision = _written_rules(finding, cls, about, job)
    early = _without_change(finding, decision, owners[0] if owners else None)
    if early is not None:
        return early
    if isinstance(place, Located | Traced):
        return _Seen(place, decision)
    decision = replace(decision, complete=False)
    if isinstance(place, Refusal):
        return _refused(finding, place, decision=decision)
    if isinstance(place, Gone):
        return _gone(finding, place, decision, job)
    return _elsewhere(finding, place, decision, job)


def _seen_in_code(finding: Finding) -> Owner | None:
    """Where the finding says that it is: enough for one that nothing is done about."""
    if not (finding.address and finding.file and finding.line):
        return None
    directory = dirname(finding.file)
    block = BlockRef(finding.file, 0, 0, finding.line, directory, finding.address)
    return Owner(directory, finding.address, block)


def _unusable(finding: Finding, cls: FindingClass | None) -> Refusal | None:
    if cls is None:
        return Refusal(
            "detect",
            "unknown-class",
            f"no finding class is called {finding.finding_class!r}; nothing is done about it",
        )
    problem = cls.evidence_problem(finding)
    return Refusal("detect", "bad-evidence", problem) if problem else None


def _written_rules(
    finding: Finding, cls: FindingClass, owners: Sequence[Owner], job: Job
) -> Decision:
    """Policy row, exemption list and markers, which also go by the names in the code."""
    traits, checks = _as_written(finding, cls, owners, (), job)
    return decide(job.rules.policy, cls.name, frozenset(traits), tuple(dict.fromkeys(checks)))


def _as_written(
    finding: Finding,
    cls: FindingClass,
    owners: Sequence[Owner],
    blocks: Sequence[Block],
    job: Job,
    users: frozenset[str] = frozenset(),
) -> tuple[set[str], list[Check]]:
    rules, now = job.rules, job.clock()
    labels = {o.block.address.split(".")[-1] for o in owners} | users
    labels |= {name for block in blocks for name in cls.names_in(block)}
    labels |= {name for o in owners for name in module_names(o.address)}
    traits = set(cls.traits_of(finding))
    traits |= ask.traits_of(finding.resource, rules.markers)
    traits |= ask.traits_by_name(labels, rules.markers)
    subject = Subject.of(finding, [o.address for o in owners] or None)
    facts = job.facts(finding)
    traits |= facts.traits
    return traits, [
        ask.exemption_check(rules.exemptions, subject, now.date()),
        ask.marker_check(finding.resource, rules.markers),
        ask.freshness_check(finding.observed_at, now, rules.evidence_max_age),
        *facts.checks,
        *cls.spared(finding),
    ]


def _without_change(finding: Finding, decision: Decision, owner: Owner | None) -> Outcome | None:
    if decision.disposition is Disposition.EXEMPT:
        lowest = next(c for c in decision.checks if c.limit is Disposition.EXEMPT)
        return Outcome(finding, Kind.EXEMPTED, lowest.name, lowest.detail, owner, decision)
    if decision.disposition is Disposition.ALERT:
        text = f"alert only: {decision.rationale}"
        return Outcome(finding, Kind.ALERTED, decision.policy_row, text, owner, decision)
    return None


def _elsewhere(finding: Finding, place: Elsewhere, decision: Decision, job: Job) -> Outcome:
    if not place.managed:
        return Outcome(
            finding,
            Kind.UNMANAGED,
            "unmanaged",
            place.text,
            decision=decision,
            advice=place.advice,
        )
    owner = place.owners[0] if place.owners else None
    record = job.workplace.closed(finding.id)
    if record is not None:
        return _awaiting_apply(finding, record, owner)
    return Outcome(
        finding, Kind.DRIFTED, "drifted", place.text, owner, decision, advice=place.advice
    )


def _gone(finding: Finding, place: Gone, decision: Decision, job: Job) -> Outcome:
    """The record must name one of the places: an old one may have closed it somewhere else."""
    record = job.workplace.closed(finding.id)
    if record is not None and not {*place.places}.isdisjoint(record.all("Terraform-Address")):
        return _awaiting_apply(finding, record, None)
    return _refused(finding, place.why, decision=decision)


def _awaiting_apply(finding: Finding, record: Record, owner: Owner | None) -> Outcome:
    sha = record.merge or record.commit
    text = f"closed in the code by {sha[:12]} on {record.merged_at:%Y-%m-%d}; not applied yet"
    return Outcome(finding, Kind.MERGED, "awaiting-apply", text, owner, commit=sha)


def _refused(
    finding: Finding,
    why: Refusal,
    owner: Owner | None = None,
    decision: Decision | None = None,
) -> Outcome:
    return Outcome(finding, Kind.REFUSED, why.code, why.text, owner, decision)


# One site: all findings that one change closes ---------------------------------------------


def _site(
    members: Sequence[Finding], estate: Estate, job: Job, reviews: bool
) -> tuple[list[Outcome] | None, Estate]:
    """Tries until the base stands still, or the attempts are used up.

    None where it is for review, and `reviews` says that it is not yet their turn.
    """
    for _ in range(job.attempts):
        prepared = _prepare(members, estate, job, reviews)
        if prepared is None:
            return None, estate
        ended, change = prepared
        if change is None:
            return ended, estate
        if change.decision.disposition is not Disposition.AUTO and not reviews:
            return None, estate
        started = job.stopwatch()
        cls = job.rules.registry.get(change.findings[0].finding_class)
        assert cls is not None
        answer = job.workplace.deliver(change, cls.reference, job.clock())
        if isinstance(answer, Moved):
            estate = job.estate_of(job.workplace)
            continue
        ended = [_delivered(o, change, answer, job.stopwatch() - started) for o in ended]
        if isinstance(answer, Delivered) and answer.applied:
            estate = estate.succeeded(change.after)
        return ended, estate
    why = Refusal(
        "deliver",
        "base-moves",
        f"the base moved {job.attempts} times while this change was made; the next run retries",
    )
    return [_refused(f, why) for f in members], estate


def _prepare(
    members: Sequence[Finding], estate: Estate, job: Job, reviews: bool
) -> tuple[list[Outcome], Change | None] | None:
    """Locates again on the tree as it is now. Without a change the outcomes are final; None where
    it is known to be for review before the change is made, and it is not yet their turn.
    """
    started = job.stopwatch()
    ended: list[Outcome] = []
    located: list[Located | Traced] = []
    for finding in members:
        seen = _first_look(finding, estate, job)
        if isinstance(seen, Outcome):
            ended.append(seen)
        else:
            located.append(seen.place)
    if not located or (len(located) > 1 and len({place.site for place in located}) > 1):
        ended += [_refused(p.finding, _SPLIT) for p in located]
        return ended, None
    decision = _evaluate(located, estate, job)
    early = [o for p in located if (o := _without_change(p.finding, decision, p.owners[0]))]
    if early:
        return ended + early, None
    if decision.disposition is not Disposition.AUTO and not reviews:
        return None
    asking = Asking(job.judge, reviews)
    change = change_of(located, decision, estate, job.rules.settings, asking)
    if isinstance(change, Refusal):
        why = change
        return ended + [_refused(p.finding, why, p.owners[0], decision) for p in located], None
    ended += [_pending(place, change, job.stopwatch() - started) for place in located]
    return ended, change


def _pending(place: Located | Traced, change: Change, seconds: float) -> Outcome:
    """What is known before the delivery has answered."""
    return Outcome(
        place.finding,
        Kind.PROPOSED,
        "",
        "",
        place.owners[0],
        change.decision,
        change.patch,
        change.proof,
        timings=(("prepare", seconds),),
    )


_SPLIT = Refusal(
    "locate",
    "changed-meanwhile",
    "the code changed while this was prepared, so that one edit no longer closes these findings; "
    "the next run looks again",
)


def _evaluate(places: Sequence[Located | Traced], estate: Estate, job: Job) -> Decision:
    """All places together: what holds for one of them holds for the change."""
    findings, cls = tuple(p.finding for p in places), places[0].finding_class
    traits: set[str] = set()
    written: list[tuple[Finding, Check]] = []
    for place in places:
        users = names_of_users(place.owners, estate)
        owners = (*place.owners, *_its_own(place.finding, cls, estate))
        own, checks = _as_written(place.finding, cls, owners, place.blocks, job, users)
        marked = traits_in_code(owners, estate.configurations, job.rules.markers)
        traits |= own | marked
        checks += may_be_marked(
            place.finding.resource, owners, estate.configurations, job.rules.markers
        )
        written += [(place.finding, check) for check in checks]
    found = ask.told_apart(written)
    decision = decide(job.rules.policy, cls.name, frozenset(traits), found)
    more = [c for place in places for c in _of_place(place, findings, frozenset(traits))]
    for finding in findings:
        record = job.workplace.closed(finding.id)
        if record is not None:
            more.append(
                Check.lowers(
                    "regression",
                    Disposition.REVIEW,
                    f"{finding.id} was closed by {record.commit[:12]} and has come back",
                )
            )
    return decision.after(*dict.fromkeys(more))


def _of_place(
    place: Located | Traced, findings: Sequence[Finding], traits: frozenset[str]
) -> Iterator[Check]:
    yield _reach(place, findings)
    beside = place.finding_class.unsafe_beside(place.blocks, place.joined)
    if beside is not None:
        yield Check.lowers("managed-twice", Disposition.REVIEW, beside)
    if isinstance(place, Traced):
        yield from place.finding_class.checks(place.finding, place.instances, traits)
    missing = place.uncovered
    if missing:
        yield Check.unknown("whole-finding", f"not found in the code: {listed([*missing])}")


def _reach(lead: Located | Traced, findings: Sequence[Finding]) -> Check:
    """Of a value that is traced, everything that it feeds is weighed when its place is chosen."""
    if isinstance(lead, Located):
        return blast_radius(lead.owners, findings)
    unseen = [reason for o in lead.owners for reason in o.unseen]
    if unseen:
        return Check.unknown("workspaces", listed(unseen))
    return Check.passed("workspaces", "the code comes to the same wherever it is applied")


def blast_radius(owners: Sequence[Owner], findings: Sequence[Finding]) -> Check:
    """Rule 6: automatic only where every instance that the edit reaches has the finding too."""
    name = "blast-radius"
    if all(f.address is not None for f in findings):
        return Check.passed(name, "every instance of the block has the same literal")
    unseen = [reason for o in owners for reason in o.unseen]
    if unseen:
        return Check.unknown(name, f"more may use this code: {listed(unseen)}")
    instances = [i for o in owners for i in o.instances]
    having = {f.resource.id for f in findings}
    others = [f"{i.root}:{i.address}" for i in instances if i.id not in having]
    if others:
        detail = f"the edit would also change {listed(others)}, which the finding does not name"
        return Check.lowers(name, Disposition.REVIEW, detail)
    return Check.passed(name, f"every instance that it reaches has the finding ({len(instances)})")


# Deliver -----------------------------------------------------------------------------------


def _delivered(
    outcome: Outcome, change: Change, answer: Delivered | Refusal, seconds: float
) -> Outcome:
    if outcome.patch is None:
        return outcome
    timings = (*outcome.timings, ("deliver", seconds))
    if isinstance(answer, Refusal):
        return replace(
            outcome, kind=Kind.REFUSED, code=answer.code, text=answer.text, timings=timings
        )
    return replace(
        outcome,
        kind=answer.kind,
        code=answer.code,
        text=answer.text,
        commit=answer.commit,
        branch=answer.branch,
        timings=timings,
        word=answer.word,
    )
