"""`remediator run`: detect in AWS, then the loop on the configured repository."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from remediator import loop
from remediator.aws.session import AwsSession
from remediator.commands import assembly
from remediator.commands.delivery import (
    finished,
    git_workplace,
    merged_elsewhere,
    pull_workplace,
)
from remediator.commands.follow_up import Sight, follow_up
from remediator.commands.judge import PlanJudge, judge_of
from remediator.commands.observation import keep
from remediator.commands.reports import read_event
from remediator.commands.states import StateReader, root_directories, state_fetcher
from remediator.config import Config, Mode, load
from remediator.detect.sweep import Swept
from remediator.evaluate.ceiling import Ceiling
from remediator.forge import message
from remediator.forge.git import GitForge
from remediator.forge.github.workplace import PullWorkplace
from remediator.forge.workplace import GitWorkplace
from remediator.model import Outcome, UpstreamError
from remediator.outcomes import Document, document
from remediator.show import summary
from remediator.terraform import second_reader
from remediator.texts import listed
from remediator.workplace import Preview, Workplace


class Console(Protocol):
    def outcome(self, outcome: Outcome) -> None: ...

    def note(self, text: str) -> None: ...

    def complain(self, text: str) -> None: ...

    def print(self, text: str) -> None: ...

    def finish(self, document: Document) -> None: ...


def run(
    config_path: Path | None,
    findings: Sequence[Path],
    observe: bool,
    console: Console,
    terraform: bool = False,
    event_path: Path | None = None,
) -> int:
    """The contract's exit status: 0, or 3 where an upstream failed and partial results stand."""
    config = load(config_path)
    enforced = config.mode is Mode.ENFORCE and not observe
    started = assembly.now()
    rules = assembly.rules_of(config)
    event = read_event(event_path, sys.stdin.buffer.read) if event_path else None
    session = AwsSession(config.aws.regions, config.aws.profile, config.aws.endpoint_url)
    looked = session.within(sorted(event.wake.regions)) if event and event.wake.regions else session
    fetch = state_fetcher(config, session)
    judging = judge_of(config, terraform, fetch)
    with ThreadPoolExecutor(max_workers=1) as pool:
        looking = pool.submit(assembly.detect, looked, config, findings, event)
        reader = StateReader(fetch, root_directories(config), config.terraform.files())
        ground = _ground(config, rules, reader, enforced)  # while AWS answers
        seen = looking.result()
    for problem in seen.problems:
        console.complain(problem)
    for note in seen.notes:
        console.note(note)
    with judging as judge, _collecting_seldom():
        early, ended = _looped(ground, seen, judge, console)
    unseen = _unseen(seen.swept, looked.regions)
    # An event names some findings: of all others nothing is known, so nothing of them is closed.
    whole = not (unseen or seen.problems or event)
    outcomes = finished(ground.workplace, (*early, *ended), complete=whole)
    _say(ground, outcomes, len(early), unseen, console)
    sight = Sight(
        seen.swept,
        seen.resolved_of,
        seen.live,
        partial(reader.estate, ground.place),
        rules,
        merged_elsewhere(ground.workplace),
    )
    waiting, unnoted = follow_up(config, ground.forge, sight, started, enforced, console.note)
    mode = Mode.ENFORCE if enforced else Mode.OBSERVE
    file = document(mode.value, started, assembly.now(), outcomes, waiting, session.calls)
    if not enforced and config.observations is not None:
        console.note(f"kept in {keep(config.observations, file, started)}")
    console.finish(file)
    problems = (*seen.swept.problems, *reader.problems, *ground.workplace.problems, *unnoted)
    faults = _told(problems)
    for fault in faults:
        console.complain(fault)
    return 3 if faults else 2 if seen.problems else 0


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """What AWS told and what was imported stays to the end: a garbage collector that goes through
    it again and again takes a seventh of the time of thousands of findings."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where a run reads and delivers. `place` is the workplace, or a preview of it."""

    config: Config
    rules: loop.Rules
    reader: StateReader
    forge: GitForge
    workplace: GitWorkplace | PullWorkplace
    place: Workplace

    @property
    def on_github(self) -> bool:
        return isinstance(self.workplace, PullWorkplace)


def _ground(config: Config, rules: loop.Rules, reader: StateReader, enforced: bool) -> _Ground:
    """With everything read that does not depend on what AWS answers."""
    forge = assembly.forge_of(config)
    workplace = (
        pull_workplace(config, forge, config.github, os.environ, rules)
        if config.github and enforced
        else git_workplace(config, forge)
    )
    place = workplace if enforced else Preview(workplace.tree(), workplace, keep=False)
    reader.estate(place)
    second_reader.warm_up()
    message.warm_up()
    return _Ground(config, rules, reader, forge, workplace, place)


def _looped(
    ground: _Ground, seen: assembly.Seen, judge: PlanJudge | None, console: Console
) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
    """What ended before the loop, and in it."""
    config, reader, place = ground.config, ground.reader, ground.place
    more = assembly.expanded(seen.entries, lambda: reader.estate(place), live_unread=True)
    early = (*seen.swept.resolved, *more.outcomes)
    for outcome in early:
        console.outcome(outcome)
    # Of pull requests it is only known at the end how each stands.
    told = (lambda outcome: None) if ground.on_github else console.outcome
    job = assembly.job(place, reader, ground.rules, config.limits.push_attempts, told)
    ceiling = Ceiling.of(config.limits.max_changes)
    job = replace(job, judge=judge, facts=seen.facts, ceiling=ceiling)
    return early, loop.run(job, (*seen.swept.findings, *more.findings))


def _say(
    ground: _Ground, outcomes: Sequence[Outcome], said: int, unseen: str, console: Console
) -> None:
    """`said`: so many of the outcomes are told already."""
    for outcome in outcomes[said:] if ground.on_github else ():
        console.outcome(outcome)
    for note in ground.workplace.notes:
        console.note(note)
    console.print(summary(outcomes, unseen))
    if isinstance(ground.place, Preview):
        console.note("observation mode: nothing was written (`mode: enforce` makes it so)")


def _unseen(swept: Swept, regions: Sequence[str]) -> str:
    if not swept.regions:
        return "nothing could be looked at in AWS"
    missing = [region for region in regions if region not in swept.regions]
    if missing:
        return f"{listed(missing)} could not be looked at"
    return "not everything could be looked at in AWS" if swept.problems else ""


def _told(faults: Sequence[UpstreamError]) -> list[str]:
    """One sentence for all that failed for one reason, such as for want of credentials."""
    failed: dict[str, dict[str, None]] = {}
    for fault in faults:
        failed.setdefault(fault.text, {})[fault.what] = None
    return [f"{listed([*what])}: {why}" for why, what in failed.items()]
