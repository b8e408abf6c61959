"""What AWS says now: every account's security groups and analyzers, with the facts for the gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from remediator.access.doors import Door
from remediator.aws.identities import Identities as Principals
from remediator.aws.session import AwsSession
from remediator.commands.accounts import AT_ONCE, Accounts, accounts_of
from remediator.commands.identities import Enriched, enriched
from remediator.commands.ours import ours
from remediator.config import Config
from remediator.detect.access_analyzer import sweep as analyzers
from remediator.detect.access_analyzer.findings import NAMES, SOURCE
from remediator.detect.access_analyzer.sweep import Analysed, analysed, by_ids
from remediator.detect.events import WakeUp
from remediator.detect.sweep import Sources, Swept, sweep, together
from remediator.evaluate.facts import Facts
from remediator.model import Finding, UpstreamError
from remediator.remediate.registry import class_of
from remediator.remediate.world_open import evidence_of

Sleep = Callable[[float], None]


def now() -> datetime:
    return datetime.now(UTC)


def class_name(door: Door) -> str:
    return class_of(door).name


@dataclass(frozen=True, slots=True)
class Live:
    """`swept` is of security groups, `identities` of analyzers' findings; `home` is the run's own
    session."""

    swept: Swept
    analysed: Analysed
    sessions: tuple[tuple[str, AwsSession], ...]
    home: AwsSession
    problems: tuple[UpstreamError, ...] = ()


def look(
    session: AwsSession, config: Config, given: Sequence[Finding], wake: WakeUp | None
) -> Live:
    """Every account by itself, several at once. `given`: what files say, which is asked for where
    the analyzers are not asked for everything. `wake`: nothing but what an event names."""
    if config.aws.several:
        accounts = accounts_of(session, config, wake.accounts if wake else frozenset())
    else:
        accounts = Accounts((("", session),))
    ids = frozenset(f.id.removeprefix(f"{SOURCE}:") for f in given if f.id.startswith(SOURCE))

    def one(entry: tuple[str, AwsSession]) -> tuple[Swept, Analysed]:
        return _account(entry[1], config, ids, wake)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        parts = list(pool.map(one, accounts.sessions))
    swept = together([s for s, _ in parts])
    named = tuple(
        (account or part.account, one)
        for (account, one), (part, _) in zip(accounts.sessions, parts, strict=True)
    )
    found = analyzers.together([a for _, a in parts])
    return Live(swept, found, named, session, accounts.problems)


def _account(
    session: AwsSession, config: Config, ids: frozenset[str], wake: WakeUp | None
) -> tuple[Swept, Analysed]:
    config_rules = config.sources.aws_config
    rules = config_rules.rules if config_rules else None
    if wake is not None:
        sources = Sources(None, False, wake.groups)
        swept = sweep(session, sources, class_name, evidence_of, now)
        return swept, by_ids(session, wake.analyzer_ids, now) if wake.analyzer_ids else Analysed()
    sources = Sources(rules, config.sources.live_rules)
    swept = sweep(session, sources, class_name, evidence_of, now)
    if config.sources.access_analyzer is not None:
        return swept, analysed(session, now)
    return swept, by_ids(session, ids, now) if ids else Analysed()


@dataclass(frozen=True, slots=True)
class Identities:
    """Findings of identities and policies, with their facts by the finding's id. `live`: by
    account, whose principals were read for that."""

    analysed: Analysed
    facts: Mapping[str, Facts] = field(default_factory=dict)
    live: Mapping[str, Principals] = field(default_factory=dict)


def identities(
    live: Live, given: Sequence[Finding], config: Config, sleep: Sleep = time.sleep
) -> Identities:
    """What files say, confirmed by the analyzers, and what is live of each finding."""
    seen = analyzers.reconcile([f for f in given if f.finding_class in NAMES], live.analysed)
    sessions = dict(live.sessions)
    only = next(iter(sessions)) if len(sessions) == 1 else None
    by_account: dict[str, list[Finding]] = {}
    for finding in seen.findings:
        by_account.setdefault(finding.resource.account or only or "", []).append(finding)
    known = ours(live.home, config, sessions)

    def one(account: str) -> Enriched:
        found = by_account[account]
        if account not in sessions:
            return Enriched(tuple(found))
        return enriched(sessions[account], account, found, config, now(), sleep, known)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        parts = list(pool.map(one, by_account))
    facts = {name: f for part in parts for name, f in part.facts.items()}
    whole = Analysed(
        tuple(f for part in parts for f in part.findings),
        seen.resolved,
        (*seen.notes, *(n for part in parts for n in part.notes)),
        (*seen.problems, *(p for part in parts for p in part.problems)),
        seen.complete,
    )
    principals = {a: p.live for a, p in zip(by_account, parts, strict=True) if p.live is not None}
    return Identities(whole, facts, principals)
