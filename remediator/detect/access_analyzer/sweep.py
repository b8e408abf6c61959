"""Looks at every region's analyzers: what is active, each finding with its details.

A region or a finding that fails is reported, and the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from remediator.aws.session import AwsSession
from remediator.detect.access_analyzer.findings import (
    SOURCE,
    Analyzer,
    Answer,
    finding_of,
    why_not,
)
from remediator.detect.access_analyzer.reader import list_active, read_analyzers, read_finding
from remediator.model import UNOBSERVED, Finding, Kind, Outcome, UpstreamError
from remediator.texts import listed, plain

AT_ONCE = 8
DETAILED = frozenset({"UnusedPermission", "ExternalAccess", "UnusedIAMUserAccessKey"})
"""Types whose summary lacks what their class needs: each of these costs a GetFindingV2."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """`complete`: every analyzer of every region answered, so what is not here is not active.
    `asked`: the analyzer's ids that were asked for; None is all there are."""

    findings: tuple[Finding, ...] = ()
    resolved: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[UpstreamError, ...] = ()
    complete: bool = False
    asked: frozenset[str] | None = None

    def would_have(self, finding: Finding) -> bool:
        """Whether it would be here if it were active. No analyzer looks at the root account."""
        if (finding.resource.arn or "").endswith(":root"):
            return False
        own = finding.id.removeprefix(f"{SOURCE}:")
        return self.complete and (self.asked is None or own in self.asked)


Want = Callable[[Answer], bool]


def analysed(
    session: AwsSession, clock: Callable[[], datetime], want: Want = lambda answer: True
) -> Analysed:
    """All regions, several at once; in the regions' order, then the analyzers'. `want`: of which
    findings the details are read and kept."""
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(session.regions))) as pool:
        parts = list(pool.map(lambda r: _region(session, r, clock, want), session.regions))
    return together(parts)


def by_ids(session: AwsSession, ids: Iterable[str], clock: Callable[[], datetime]) -> Analysed:
    """These findings alone, by the analyzer's ids: for an event, and for what a file names."""
    wanted = sorted(ids)

    def region(name: str) -> Analysed:
        found: list[Finding] = []
        try:
            client = session.client("accessanalyzer", name)
            for analyzer in read_analyzers(client) if wanted else ():
                for one in wanted:
                    answer = read_finding(client, analyzer, one)
                    if answer is not None and not why_not(answer):
                        found.append(finding_of(answer, analyzer, clock()))
        except UpstreamError as fault:
            return Analysed(tuple(found), problems=(fault,))
        return Analysed(tuple(found), complete=True)

    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(session.regions))) as pool:
        return replace(together([*pool.map(region, session.regions)]), asked=frozenset(wanted))


def together(parts: Sequence[Analysed]) -> Analysed:
    """Several regions' or accounts' as one."""
    asked = [p.asked for p in parts if p.asked is not None]
    return Analysed(
        _once(f for p in parts for f in p.findings),
        tuple(o for p in parts for o in p.resolved),
        tuple(dict.fromkeys(n for p in parts for n in p.notes)),
        tuple(e for p in parts for e in p.problems),
        bool(parts) and all(p.complete for p in parts),
        frozenset().union(*asked) if asked else None,
    )


def _region(
    session: AwsSession, region: str, clock: Callable[[], datetime], want: Want
) -> Analysed:
    try:
        client = session.client("accessanalyzer", region)
        analyzers = read_analyzers(client)
        pairs = [(a, s) for a in analyzers for s in list_active(client, a)]
    except UpstreamError as fault:
        return Analysed(problems=(fault,))
    notes = [] if analyzers else [f"there is no active analyzer in {region}"]
    left: Counter[str] = Counter(reason for _, s in pairs if (reason := why_not(s)))
    if left:
        reasons = [f"{reason} ({count})" for reason, count in left.most_common()]
        notes.append(f"{region}: findings of Access Analyzer left out: {listed(reasons, 8)}")
    chosen = [(a, s) for a, s in pairs if not why_not(s) and want(s)]

    def one(pair: tuple[Analyzer, Answer]) -> Finding | UpstreamError | None:
        return _detailed(session, *pair, clock)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        answers = list(pool.map(one, chosen))
    problems = tuple(a for a in answers if isinstance(a, UpstreamError))
    return Analysed(
        tuple(a for a in answers if isinstance(a, Finding)),
        (),
        tuple(notes),
        tuple(_first_of_each(problems)),
        complete=not problems,
    )


def _detailed(
    session: AwsSession, analyzer: Analyzer, summary: Answer, clock: Callable[[], datetime]
) -> Finding | UpstreamError | None:
    """None: it was resolved while it was read."""
    answer: Answer | None = summary
    try:
        if summary.finding_type in DETAILED:
            client = session.client("accessanalyzer", analyzer.region)
            answer = read_finding(client, analyzer, summary.id)
    except UpstreamError as fault:
        return fault
    if answer is None or why_not(answer):
        return None
    return finding_of(answer, analyzer, clock())


def _first_of_each(problems: Iterable[UpstreamError]) -> Iterable[UpstreamError]:
    return {(p.what, p.text): p for p in problems}.values()


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """IAM is global, and each region's analyzer of external access speaks of the same role."""
    found: dict[object, Finding] = {}
    for finding in findings:
        e = finding.evidence
        key: object = finding.id
        if finding.finding_class == "external-access" and finding.resource.region is None:
            told = (e.get("principal"), e.get("actions"), e.get("condition"))
            key = (finding.resource.arn, repr(told))
        found.setdefault(key, finding)
    return tuple(found.values())


def reconcile(reported: Sequence[Finding], seen: Analysed) -> Analysed:
    """Findings from files, confirmed by what the analyzers say now.

    One keeps its own id, source and date and gets what was read just now. One that no analyzer
    has any more is resolved, where all of them answered; otherwise it stays unobserved, which
    the gate lowers.
    """
    live = {f.id: f for f in seen.findings}
    kept = dict.fromkeys(live, True)
    resolved = list(seen.resolved)
    more: list[Finding] = []
    for finding in reported:
        found = live.get(finding.id) or _same(finding, seen.findings)
        if found is not None:
            kept[found.id] = False
            created = finding.created_at or found.created_at
            own = replace(found, id=finding.id, source=finding.source, created_at=created)
            more.append(own)
        elif seen.would_have(finding):
            text = f"{plain(finding.source)} reports it, and no analyzer finds it any more"
            resolved.append(Outcome(finding, Kind.RESOLVED, "not-live", text))
        else:
            more.append(replace(finding, observed_at=UNOBSERVED))
    rest = [f for f in seen.findings if kept[f.id]]
    return replace(seen, findings=(*rest, *more), resolved=tuple(resolved))


def _same(finding: Finding, live: Sequence[Finding]) -> Finding | None:
    """A report without the analyzer's id names the class and the resource; where several match
    it, it names none of them."""
    named = {finding.resource.arn, finding.resource.id} - {None, ""}
    found = [
        f
        for f in live
        if f.finding_class == finding.finding_class
        and (f.resource.arn in named or (not finding.resource.arn and f.resource.id in named))
        and _told(finding) in (None, _told(f))
    ]
    return found[0] if len(found) == 1 else None


def _told(finding: Finding) -> str | None:
    """What tells findings of one class and resource apart, where the evidence has it."""
    keys = ("principal", "kind", "access_key_id")
    told = {k: finding.evidence[k] for k in keys if finding.evidence.get(k) is not None}
    return repr(sorted(told.items(), key=lambda item: item[0])) if told else None
