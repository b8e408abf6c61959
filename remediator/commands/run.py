"""`remediator run`: detect in AWS, then the loop on the configured repository."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from remediator import loop
from remediator.audit.history import records
from remediator.aws.session import AwsSession
from remediator.commands import assembly
from remediator.commands.states import StateReader, root_directories, state_fetcher
from remediator.config import Config, Mode, load
from remediator.forge import message
from remediator.forge.workplace import GitWorkplace
from remediator.model import Json, Outcome
from remediator.outcomes import document
from remediator.show import summary
from remediator.terraform import second_reader
from remediator.workplace import Preview, Workplace


class Console(Protocol):
    def outcome(self, outcome: Outcome) -> None: ...

    def note(self, text: str) -> None: ...

    def complain(self, text: str) -> None: ...

    def print(self, text: str) -> None: ...

    def finish(self, document: dict[str, Json]) -> None: ...


def run(config_path: Path | None, findings: Sequence[Path], observe: bool, console: Console) -> int:
    """The contract's exit status: 0, or 3 where an upstream failed and partial results stand."""
    config = load(config_path)
    enforced = config.mode is Mode.ENFORCE and not observe
    started = assembly.now()
    rules = assembly.rules_of(config)
    session = AwsSession(config.aws.regions, config.aws.profile, config.aws.endpoint_url)
    reader = StateReader(state_fetcher(config, session), root_directories(config))
    with ThreadPoolExecutor(max_workers=1) as pool:
        looking = pool.submit(assembly.detect, session, config, findings)
        # While AWS answers: what does not depend on it.
        workplace = git_workplace(config)
        place: Workplace = workplace if enforced else Preview(workplace.tree(), workplace)
        reader.estate(place)
        second_reader.warm_up()
        message.warm_up()
        seen = looking.result()
    for problem in seen.problems:
        console.complain(problem)
    for note in seen.swept.notes:
        console.note(note)
    for outcome in seen.swept.resolved:
        console.outcome(outcome)
    ended = loop.run(
        assembly.job(place, reader, rules, config.limits.push_attempts, console.outcome),
        seen.swept.findings,
    )
    outcomes = (*seen.swept.resolved, *ended)
    console.print(summary(outcomes))
    if not enforced:
        console.note("observation mode: nothing was written (`mode: enforce` makes it so)")
    mode = Mode.ENFORCE if enforced else Mode.OBSERVE
    console.finish(document(mode.value, started, assembly.now(), outcomes))
    faults = dict.fromkeys(
        str(fault) for fault in (*seen.swept.problems, *reader.problems, *workplace.problems)
    )
    for fault in faults:
        console.complain(fault)
    return 3 if faults else 2 if seen.problems else 0


def git_workplace(config: Config) -> GitWorkplace:
    path = config.repository.path
    return GitWorkplace(
        assembly.forge_of(config), lambda commit: records(path, commit, verify=False)
    )
