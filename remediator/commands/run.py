"""`remediator run`: detect in AWS, then the loop on the configured repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
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
from remediator.commands.judge import judge_of
from remediator.commands.observation import keep
from remediator.commands.reports import read_event
from remediator.commands.states import StateReader, root_directories, state_fetcher
from remediator.config import Mode, load
from remediator.detect.sweep import Swept
from remediator.evaluate.ceiling import Ceiling
from remediator.forge import message
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
    reader, judging = (
        StateReader(fetch, root_directories(config), config.terraform.files()),
        judge_of(config, terraform, fetch),
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        looking = pool.submit(assembly.detect, looked, config, findings, event)
        # While AWS answers: what does not depend on it.
        forge = assembly.forge_of(config)
        pulls = config.github if enforced else None
        workplace = (
            pull_workplace(config, forge, pulls, os.environ, rules)
            if pulls
            else git_workplace(config, forge)
        )
        place: Workplace = workplace
        if not enforced:
            place = Preview(workplace.tree(), workplace, keep=False)
        reader.estate(place)
        second_reader.warm_up()
        message.warm_up()
        seen = looking.result()
    for problem in seen.problems:
        console.complain(problem)
    for note in seen.notes:
        console.note(note)
    more = assembly.expanded(seen.entries, lambda: reader.estate(place), live_unread=True)
    early = (*seen.swept.resolved, *more.outcomes)
    for outcome in early:
        console.outcome(outcome)
    # Of pull requests it is only known at the end how each stands.
    told = (lambda outcome: None) if pulls else console.outcome
    job = assembly.job(place, reader, rules, config.limits.push_attempts, told)
    with judging as judge:
        ceiling = Ceiling.of(config.limits.max_changes)
        job = replace(job, judge=judge, facts=seen.facts, ceiling=ceiling)
        ended = loop.run(job, (*seen.swept.findings, *more.findings))
    unseen = _unseen(seen.swept, looked.regions)
    # An event names some findings: of all others nothing is known, so nothing of them is closed.
    whole = not (unseen or seen.problems or event)
    outcomes = finished(workplace, (*early, *ended), complete=whole)
    for outcome in outcomes[len(early) :] if pulls else ():
        console.outcome(outcome)
    for note in workplace.notes:
        console.note(note)
    console.print(summary(outcomes, unseen))
    if not enforced:
        console.note("observation mode: nothing was written (`mode: enforce` makes it so)")
    elsewhere = merged_elsewhere(workplace)
    estate = partial(reader.estate, place)
    sight = Sight(seen.swept, seen.resolved_of, seen.live, estate, rules, elsewhere)
    waiting, unnoted = follow_up(config, forge, sight, started, enforced, console.note)
    mode = Mode.ENFORCE if enforced else Mode.OBSERVE
    file = document(mode.value, started, assembly.now(), outcomes, waiting, session.calls)
    if not enforced and config.observations is not None:
        console.note(f"kept in {keep(config.observations, file, started)}")
    console.finish(file)
    faults = _told((*seen.swept.problems, *reader.problems, *workplace.problems, *unnoted))
    for fault in faults:
        console.complain(fault)
    return 3 if faults else 2 if seen.problems else 0


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
