"""`remediator doctor`: is everything there that a run needs, and what to do about what is not."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from remediator.aws.session import AwsSession
from remediator.commands import assembly, checkup_aws, checkup_github
from remediator.commands.checkup import Item, Level, examined
from remediator.commands.delivery import git_workplace
from remediator.commands.scaffold import WORKFLOWS
from remediator.commands.states import StateReader, root_directories, state_fetcher
from remediator.config import Config, Mode, load
from remediator.evaluate.exemptions import lint
from remediator.forge.git import GitForge
from remediator.forge.github.calls import Calls
from remediator.forge.github.connect import connect
from remediator.forge.remote import BRANCHES
from remediator.forge.repository import Repository
from remediator.forge.workplace import GitWorkplace
from remediator.model import ConfigurationError
from remediator.remediate.registry import registry

_COLORS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def doctor(config_path: Path | None) -> int:
    """1 where something fails: nothing beyond the configuration is looked at where that does."""
    counted = dict.fromkeys(Level, 0)
    for item in _items(config_path):
        counted[item.level] += 1
        first, *rest = item.lines()
        word = click.style(f"{item.level.value:<5}", fg=_COLORS[item.level])
        click.echo(word + first[5:])
        for line in rest:
            click.echo(line)
    told = f"{counted[Level.FAIL]} to correct, {counted[Level.WARN]} to consider"
    click.echo(told if counted[Level.FAIL] or counted[Level.WARN] else "everything is in place")
    return 1 if counted[Level.FAIL] else 0


def _items(config_path: Path | None) -> Iterator[Item]:
    try:
        config = load(config_path)
        assembly.rules_of(config)
    except ConfigurationError as error:
        for problem in error.problems:
            yield Item("configuration", Level.FAIL, problem)
        return
    yield from _configuration(config)
    workplace: list[GitWorkplace] = []
    yield from examined("git", lambda: _git(config, workplace))
    yield from examined("aws", lambda: checkup_aws.look(_session(config), config))
    if workplace:
        yield from examined("states", lambda: _states(config, workplace[0]))
    yield from examined("github", lambda: _github(config))


def _session(config: Config) -> AwsSession:
    return AwsSession(config.aws.regions, config.aws.profile, config.aws.endpoint_url, attempts=2)


def _configuration(config: Config) -> Iterator[Item]:
    enforced = config.mode is Mode.ENFORCE
    does = "changes are delivered" if enforced else "nothing is written anywhere"
    yield Item("configuration", Level.OK, f"mode {config.mode.value}: {does}")
    if not config.exemptions:
        text = "there is no exemption list"
        yield Item("configuration", Level.WARN, text, "`remediator init` writes an empty one")
    for problem in lint(config.exemptions, registry().known(), assembly.now().date()):
        yield Item("configuration", Level.WARN, str(problem), "renew it, or remove it")


def _git(config: Config, found: list[GitWorkplace]) -> Iterator[Item]:
    """Fetches, as a run does; the workplace goes into `found`."""
    forge, repository = assembly.forge_of(config), config.repository
    place = git_workplace(config, forge)
    found.append(place)
    yield Item("git", Level.OK, f"{repository.remote}/{repository.base} is fetched")
    yield _may_push(config, forge)
    tree = place.tree()
    missing = [name for name in WORKFLOWS if f".github/workflows/{name}.yml" not in tree.paths()]
    if config.github is not None and missing:
        text = f"{repository.base} lacks the workflows {', '.join(missing)}"
        yield Item("git", Level.WARN, text, "`remediator init` writes them; commit and push them")


def _may_push(config: Config, forge: GitForge) -> Item:
    """Goes as far as a push goes before anything is sent."""
    remote = config.repository.remote
    wanted = f"{forge.base_commit}:refs/heads/{BRANCHES}doctor"
    options = ("--dry-run", "--no-verify", "--quiet", "--recurse-submodules=no")
    answer = Repository(config.repository.path).over_network("push", *options, remote, wanted)
    if answer.status == 0:
        return Item("git", Level.OK, f"{remote} may be pushed to")
    level = Level.FAIL if config.mode is Mode.ENFORCE else Level.WARN
    advice = "give git credentials that may push: in the workflow, actions/checkout has the App's"
    return Item("git", level, f"{remote} may not be pushed to: {answer.error}", advice)


def _states(config: Config, place: GitWorkplace) -> Iterator[Item]:
    fetch = state_fetcher(config, _session(config))
    reader = StateReader(fetch, root_directories(config), config.terraform.files())
    states = reader.estate(place).states
    if not states.read and not states.missing:
        advice = "name them under `roots` in the configuration"
        yield Item("states", Level.FAIL, "no root module was found", advice)
    for root, refusal in sorted(states.missing.items()):
        advice = "name its state under `roots`, or let the role read the object"
        level = Level.FAIL if refusal.code in ("state-away", "state-unreadable") else Level.WARN
        yield Item("states", level, f"{root or 'the top folder'}: {refusal.text}", advice)
    for root in sorted(states.read):
        yield Item("states", Level.OK, f"{root or 'the top folder'}: its state is read")


def _github(config: Config) -> Iterator[Item]:
    settings = config.github
    if settings is None:
        advice = "set `github.repository`: reviews become pull requests"
        yield Item("github", Level.WARN, "not configured: reviews are pushed as branches", advice)
        return
    calls = Calls(connect(settings, os.environ), settings.wait_seconds, time.time, time.sleep)
    yield from checkup_github.look(calls, settings, config)
