"""Builds the adapters that a configuration asks for. Only cli.py calls this."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from remediator.aws.session import AwsSession
from remediator.commands import reports
from remediator.commands.detecting import class_name, identities, look, now
from remediator.commands.follow_up import Resolved
from remediator.commands.identities import facts_by_id
from remediator.commands.live_policies import LivePolicies
from remediator.commands.reports import Expanded
from remediator.commands.states import StateReader
from remediator.config import Config
from remediator.detect.access_analyzer.findings import NAMES
from remediator.detect.access_analyzer.resolved import resolved_among
from remediator.detect.reports.confirm import confirm
from remediator.detect.reports.reported import Reported
from remediator.detect.sweep import Swept, reconcile
from remediator.estate import Estate, States
from remediator.evaluate.exemptions import load_exemptions
from remediator.evaluate.facts import FactsOf
from remediator.evaluate.facts import none as no_facts
from remediator.evaluate.policy import load_policy
from remediator.forge.git import GitForge
from remediator.loop import Job, Rules
from remediator.model import Finding, Outcome
from remediator.remediate.classes import Settings
from remediator.remediate.registry import registry
from remediator.remediate.world_open import evidence_of
from remediator.terraform.state import StateIndex
from remediator.workplace import Workplace

__all__ = ["class_name", "detect", "expanded", "job", "now", "rules_of", "without_states"]


def rules_of(config: Config) -> Rules:
    """Raises ConfigurationError for an exemption list or policy that cannot be used."""
    classes = registry()
    markers = frozenset(config.markers)
    known = {name: traits | markers for name, traits in classes.known().items()}
    return Rules(
        registry=classes,
        policy=load_policy(config.policy, known),
        exemptions=load_exemptions(config.exemptions, known),
        markers=config.markers,
        settings=Settings(tuple(str(c) for c in config.approved_admin_cidrs)),
        evidence_max_age=config.limits.evidence_max_age,
    )


def forge_of(config: Config) -> GitForge:
    identity = (config.identity.name, config.identity.email)
    repository = config.repository
    return GitForge(repository.path, repository.remote, repository.base, identity)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was detected, and the files' entries that could not be used. `entries` are those of
    reports that AWS says nothing of: `expanded` looks for them in the code."""

    swept: Swept
    entries: tuple[Reported, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    facts: FactsOf = no_facts
    resolved_of: Resolved | None = None
    """Which of these ids the analyzers call resolved; None where not all of them answered."""
    live: LivePolicies | None = None
    """The policies that are live; None where nobody is to ask for them."""


def detect(
    session: AwsSession,
    config: Config,
    files: Sequence[Path],
    event: reports.Event | None = None,
) -> Seen:
    """AWS first; findings from files are confirmed by what AWS says now. An event says what to
    look at, and nothing else is."""
    given = reports.read_files(files, event)
    others = [f for f in given.findings if f.finding_class not in NAMES]
    live = look(session, config, given.findings, event.wake if event else None)
    confirmed, entries = confirm(given.reported, reconcile(others, live.swept, _understood))
    iam = identities(live, given.findings, config)
    swept = replace(
        confirmed,
        findings=(*confirmed.findings, *iam.analysed.findings),
        resolved=(*confirmed.resolved, *iam.analysed.resolved),
        problems=(*live.problems, *confirmed.problems, *iam.analysed.problems),
    )
    notes = (*live.swept.notes, *iam.analysed.notes, *given.notes)
    # What an event or a file names is not all that the analyzers have.
    whole = live.analysed.complete and live.analysed.asked is None and not live.problems
    sessions = [one for _, one in live.sessions]
    ask = partial(resolved_among, sessions) if whole else None
    policies = LivePolicies(live.sessions, iam.live) if event is None else None
    return Seen(swept, entries, given.problems, notes, facts_by_id(iam.facts), ask, policies)


def expanded(
    entries: Sequence[Reported], estate: Callable[[], Estate], *, live_unread: bool
) -> Expanded:
    """The findings that the entries select, and how the others end. The estate is only read
    where there is an entry."""
    if not entries:
        return Expanded()
    return reports.expand(
        entries, estate(), class_name, evidence_of, now(), live_unread=live_unread
    )


def _understood(finding: Finding) -> bool:
    """Whether live rules can say anything of it: not of egress, which no resource type owns here,
    nor of what the loop will refuse for its class or its evidence alone."""
    cls = registry().get(finding.finding_class)
    return cls is not None and bool(cls.resource_types) and cls.evidence_problem(finding) is None


def job(
    workplace: Workplace,
    reader: StateReader,
    rules: Rules,
    attempts: int,
    done: Callable[[Outcome], None],
) -> Job:
    return Job(workplace, reader.estate, rules, now, time.monotonic, attempts, done)


def without_states(job: Job, var_files: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Job:
    """The same job for findings in the code itself, which need neither roots nor states."""
    empty = States(StateIndex.of(()), frozenset(), frozenset(), {})
    return replace(job, estate_of=lambda place: Estate.of(place.tree(), empty, var_files))
