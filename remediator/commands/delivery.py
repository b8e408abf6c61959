"""Where `run` delivers: to the git remote alone, or as pull requests on GitHub."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

from remediator.audit.history import carried, hidden, records
from remediator.commands import assembly
from remediator.commands.proven_again import proven_again
from remediator.config import Config, GitHub
from remediator.forge.git import GitForge
from remediator.forge.github.calls import Calls
from remediator.forge.github.connect import connect
from remediator.forge.github.snapshot import Reader
from remediator.forge.github.there import Limits
from remediator.forge.github.workplace import PullWorkplace
from remediator.forge.github.writes import Writes
from remediator.forge.repository import Repository
from remediator.forge.workplace import GitWorkplace
from remediator.loop import Rules
from remediator.model import Outcome, Record

LIVE = ("config:", "ec2:", "access-analyzer")
"""Sources that every run asks. What a file said and this run was not given is not gone."""


def git_workplace(config: Config, forge: GitForge | None = None) -> GitWorkplace:
    return GitWorkplace(forge or assembly.forge_of(config), lambda commit: _records(config, commit))


def pull_workplace(
    config: Config,
    forge: GitForge,
    settings: GitHub,
    environment: Mapping[str, str],
    rules: Rules,
) -> PullWorkplace:
    """Raises ConfigurationError without a secret, UpstreamError where GitHub is away."""
    calls = Calls(connect(settings, environment), settings.wait_seconds, time.time, time.sleep)
    return PullWorkplace(
        forge,
        lambda commit: _records(config, commit),
        Writes(calls, Reader(calls, settings.repository, config.repository.base)),
        Limits(settings.open_limit, settings.hourly_limit),
        assembly.now(),
        is_asked=lambda source: source.startswith(LIVE),
        dashboard=settings.dashboard,
        sign=settings.sign_commits,
        again=lambda merge: proven_again(config.repository.path, merge, rules, config).sentence,
    )


def finished(
    workplace: GitWorkplace | PullWorkplace, outcomes: Sequence[Outcome], *, complete: bool
) -> tuple[Outcome, ...]:
    """The outcomes as they stand once everything is delivered."""
    if isinstance(workplace, GitWorkplace):
        return tuple(outcomes)
    return workplace.finish(outcomes, complete=complete)


def merged_elsewhere(workplace: GitWorkplace | PullWorkplace) -> frozenset[str]:
    """What was merged onto another base than it was proven on. Our own push cannot do that."""
    if isinstance(workplace, GitWorkplace):
        return frozenset()
    return workplace.merged_elsewhere


def _records(config: Config, commit: str) -> Iterable[Record]:
    """Those that were merged with other commits, or whose line another branch took, too: what was
    closed once and is back is for a person."""
    path = config.repository.path
    found = tuple(records(path, commit, verify=False))
    with closing(Repository(path)) as repository:
        names = [*hidden(repository, commit, {record.commit for record in found})]
        return (*found, *(record for record, _ in carried(repository, names)))
