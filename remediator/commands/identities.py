"""Findings of identities and policies, with what is live of each, and the facts for the gate.

The account is read in bulk. What costs calls for each principal, the report of last use and AWS's
recommendation, is asked only where the finding may still be closed, and only so often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from remediator.aws.account import AccountView, Since, read_account
from remediator.aws.identities import Identities
from remediator.aws.last_accessed import Uses, ask_for_uses, late, read_uses
from remediator.aws.polling import polled
from remediator.aws.resource_policies import TYPES, read_policy
from remediator.aws.session import AwsSession
from remediator.aws.tags import read_tags
from remediator.commands.ours import Ours
from remediator.config import Config, Marker
from remediator.detect.access_analyzer.findings import Analyzer
from remediator.detect.access_analyzer.recommendations import (
    Recommended,
    ask_for,
    recommended,
)
from remediator.evaluate.checks import marks
from remediator.evaluate.facts import BREAK_GLASS, NO_FACTS, Facts
from remediator.evaluate.identity_facts import (
    CLASSES,
    UNUSED,
    Bounds,
    Known,
    Resources,
    evidence_of,
    facts_of,
    located,
    may_go,
)
from remediator.evaluate.principals import IDENTITIES, Window
from remediator.evaluate.use import Removable
from remediator.model import UNOBSERVED, Check, Disposition, Finding, Json, Resource, UpstreamError
from remediator.texts import plain

_AT_ONCE = 8
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Enriched:
    """`facts` by the finding's id. `live`: the account's principals, where they were read."""

    findings: tuple[Finding, ...]
    facts: Mapping[str, Facts] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: tuple[UpstreamError, ...] = ()
    live: Identities | None = None


def enriched(
    session: AwsSession,
    account: str,
    findings: Sequence[Finding],
    config: Config,
    now: datetime,
    sleep: Sleep,
    ours: Ours,
) -> Enriched:
    """Of findings that were seen live in this account; nothing is asked where there are none."""
    seen = [f for f in findings if f.finding_class in CLASSES and f.observed_at != UNOBSERVED]
    if not seen:
        return Enriched(tuple(findings))
    limits = config.limits
    window = Window(now, limits.session, limits.session_margin)
    since = Since(window.since, now - limits.grant_grace, now)
    view = ours.told(read_account(session, account, since, sleep))
    bounds = Bounds(window, limits.grant_grace, ours.accounts, config.markers)
    resources, faults = _resources(session, seen)
    known = Known(view, resources, bounds, {}, _marked(view, config.markers.get(BREAK_GLASS)))
    here = {f.id: located(f, known) for f in seen}
    source = config.sources.access_analyzer
    reports = source.last_use_reports if source else 1
    uses = _uses(session, _open(here.values(), known), reports, sleep)
    known = replace(known, uses=uses)
    gone = {i: may_go(f, known) for i, f in here.items() if f.finding_class == UNUSED}
    facts = {i: facts_of(f, gone.get(i), known) for i, f in here.items()}
    wanted = [f for i, f in here.items() if f.finding_class == UNUSED and _may_be_auto(facts[i])]
    advice = _recommendations(session, wanted[: source.recommendations if source else 1], sleep)
    whole = {
        i: replace(f, evidence=evidence_of(f, gone.get(i), advice.get(i), facts[i], known))
        for i, f in here.items()
    }
    return Enriched(
        tuple(whole.get(f.id, f) for f in findings),
        facts,
        _notes(view),
        (*view.problems, *faults),
        view.identities if isinstance(view.identities, Identities) else None,
    )


def _notes(view: AccountView) -> tuple[str, ...]:
    if isinstance(view.organization, UpstreamError):
        return (f"which accounts are of the organisation is not known: {view.organization}",)
    return ()


def _marked(view: AccountView, marker: Marker | None) -> frozenset[str]:
    """The ARNs of the account's principals that have a marker."""
    if marker is None or isinstance(view.identities, UpstreamError):
        return frozenset()
    types = {"role": "AWS::IAM::Role", "user": "AWS::IAM::User", "group": "AWS::IAM::Group"}
    found = (
        Resource(types[p.kind], p.name, p.arn, view.account, None, p.name, p.tags)
        for p in view.identities.principals.values()
    )
    return frozenset(r.arn for r in found if r.arn and marks(marker, r))


def _may_be_auto(facts: Facts) -> bool:
    return all(c.limit is Disposition.AUTO for c in facts.checks)


def _open(findings: Iterable[Finding], known: Known) -> list[str]:
    """The principals whose findings no cheaper fact keeps from being closed."""
    found = []
    for finding in findings:
        if finding.finding_class != UNUSED or known.view.principal(finding.resource.arn) is None:
            continue
        facts = facts_of(finding, Removable(), known)
        if all(c.limit is Disposition.AUTO for c in facts.checks if c.name != "use"):
            found.append(finding.resource.arn or "")
    return list(dict.fromkeys(found))


def _uses(
    session: AwsSession, arns: Sequence[str], most: int, sleep: Sleep
) -> dict[str, Uses | str]:
    """All are asked for before the first is read: AWS makes the reports meanwhile."""

    def ask(arn: str) -> str | UpstreamError:
        try:
            return ask_for_uses(session.client("iam", session.regions[0]), arn)
        except UpstreamError as fault:
            return fault

    def look(asked: tuple[str, str | UpstreamError]) -> Uses | str | None:
        arn, job = asked
        if isinstance(job, UpstreamError):
            return str(job)
        try:
            return read_uses(session.client("iam", session.regions[0]), arn, job)
        except UpstreamError as fault:
            return str(fault)

    asked = arns[:most]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        jobs = list(pool.map(ask, asked))
    never = str(late(session.regions[0]))
    answers = polled([*zip(asked, jobs, strict=True)], look, sleep)
    found: dict[str, Uses | str] = {
        arn: never if answer is None else answer for arn, answer in zip(asked, answers, strict=True)
    }
    beyond = f"the reports of last use of this run ended with {most} (last_use_reports)"
    return {**found, **dict.fromkeys(arns[most:], beyond)}


def _resources(
    session: AwsSession, findings: Sequence[Finding]
) -> tuple[Resources, list[UpstreamError]]:
    others = [f.resource for f in findings if f.resource.type not in IDENTITIES and f.resource.arn]
    asked = {r.arn: r for r in others if r.type in TYPES and r.arn}
    region_of = {arn: r.region or session.regions[0] for arn, r in asked.items()}
    faults: list[UpstreamError] = []

    def policy(arn: str) -> object:
        try:
            return read_policy(session.client, asked[arn].type, arn, region_of[arn])
        except UpstreamError as fault:
            return fault

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        policies = dict(zip(asked, pool.map(policy, asked), strict=True))
    tags: dict[str, tuple[tuple[str, str], ...]] = {}
    for region in sorted(set(region_of.values())):
        arns = [arn for arn, where in region_of.items() if where == region]
        try:
            tags |= read_tags(session.client("resourcegroupstaggingapi", region), arns)
        except UpstreamError as fault:
            faults.append(fault)
    faults += [p for p in policies.values() if isinstance(p, UpstreamError)]
    return Resources(policies, tags), faults  # type: ignore[arg-type]


def _recommendations(
    session: AwsSession, findings: Sequence[Finding], sleep: Sleep
) -> dict[str, dict[str, Json] | None]:
    """By the finding's id. A fault is no recommendation: it is a bound that may be missing."""

    def ask(finding: Finding) -> tuple[Analyzer, str] | None:
        analyzer = finding.evidence.get("analyzer")
        told = analyzer if isinstance(analyzer, dict) else {}
        arn, number = told.get("arn"), told.get("id")
        if not isinstance(arn, str) or not isinstance(number, str):
            return None
        where = Analyzer(arn, arn.split(":")[3])
        try:
            made = ask_for(session.client("accessanalyzer", where.region), where, number)
        except UpstreamError:
            return None
        return (where, number) if made else None

    def look(asked: tuple[Analyzer, str] | None) -> Recommended | None:
        if asked is None:
            return Recommended(None)
        try:
            return recommended(session.client("accessanalyzer", asked[0].region), *asked)
        except UpstreamError:
            return Recommended(None)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        waiting = list(pool.map(ask, findings))
    answers = polled(waiting, look, sleep)
    return {f.id: a.steps if a else None for f, a in zip(findings, answers, strict=True)}


def facts_by_id(facts: Mapping[str, Facts]) -> Callable[[Finding], Facts]:
    """For the loop. A finding of an identity that nobody looked at is not known at all."""

    def of(finding: Finding) -> Facts:
        if finding.id in facts or finding.finding_class not in CLASSES:
            return facts.get(finding.id, NO_FACTS)
        where = plain(finding.resource.arn or finding.resource.id)
        return Facts(checks=(Check.unknown("principal", f"AWS was not asked about {where}"),))

    return of
