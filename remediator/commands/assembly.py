"""Builds the adapters that a configuration asks for. Only cli.py calls this."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from remediator.access.doors import Door
from remediator.aws.session import AwsSession
from remediator.config import Config
from remediator.detect.findings_file import read_findings
from remediator.detect.sweep import Sources as SweepSources
from remediator.detect.sweep import Swept, reconcile, sweep
from remediator.estate import Estate, States
from remediator.evaluate.exemptions import load_exemptions
from remediator.evaluate.policy import load_policy
from remediator.forge.git import GitForge
from remediator.loop import Job, Rules
from remediator.model import Finding, Outcome, Refusal, SourceError, UpstreamError
from remediator.remediate.classes import Settings
from remediator.remediate.registry import class_of, registry
from remediator.remediate.world_open import evidence_of
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules, Root, discover
from remediator.terraform.state import State, StateIndex, read_state
from remediator.workplace import Workplace


def now() -> datetime:
    return datetime.now(UTC)


def class_name(door: Door) -> str:
    return class_of(door).name


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
    """What was detected, and the files' entries that could not be used."""

    swept: Swept
    problems: tuple[str, ...]


def detect(session: AwsSession, config: Config, files: Sequence[Path]) -> Seen:
    """AWS first; findings from files are confirmed by what AWS says now."""
    reported: list[Finding] = []
    problems: list[str] = []
    for path in files:
        found, unusable = read_findings(path)
        reported += found
        problems += unusable
    source = config.sources.aws_config
    swept = sweep(
        session,
        SweepSources(source.rules if source else None, config.sources.live_rules),
        class_name,
        evidence_of,
        now,
    )
    return Seen(reconcile(reported, swept), tuple(problems))


Fetch = Callable[[Root], Sequence[bytes | Refusal]]
"""Reads a root's raw states, one a workspace. Raises UpstreamError where one is away."""


class StateReader:
    """Reads each root's states once a run, several at a time."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._read: dict[str, Sequence[State | Refusal]] = {}
        self.problems: list[UpstreamError] = []

    def estate(self, workplace: Workplace) -> Estate:
        tree = workplace.tree()
        modules = Modules(tree)
        fresh = [r for r in discover(tree, modules) if r.directory not in self._read]
        with ThreadPoolExecutor(max_workers=8) as pool:
            for root, answer in zip(fresh, pool.map(self._one, fresh), strict=True):
                self._read[root.directory] = answer
        answers = [(root, a) for root, several in self._read.items() for a in several]
        states = [(root, a) for root, a in answers if isinstance(a, State)]
        missing = {root: a for root, a in answers if isinstance(a, Refusal)}
        return Estate(Sources(tree), modules, States(StateIndex.of(states), missing))

    def _one(self, root: Root) -> Sequence[State | Refusal]:
        """A state that cannot be read is a value here: the other roots go on."""
        where = f"the state of {root.directory or 'the top folder'}"
        try:
            raw = self._fetch(root)
            return [a if isinstance(a, Refusal) else read_state(a, where) for a in raw]
        except UpstreamError as fault:
            self.problems.append(fault)
            return [Refusal("locate", "state-away", str(fault))]
        except SourceError as broken:
            return [Refusal("locate", "state-unreadable", str(broken))]


def job(
    workplace: Workplace,
    reader: StateReader,
    rules: Rules,
    attempts: int,
    done: Callable[[Outcome], None],
) -> Job:
    return Job(workplace, reader.estate, rules, now, time.monotonic, attempts, done)


def without_states(job: Job) -> Job:
    """The same job for findings in the code itself, which need neither roots nor states."""
    empty = States(StateIndex.of(()), {})
    return replace(job, estate_of=lambda place: Estate.of(place.tree(), empty))
