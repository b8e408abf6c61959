"""`remediator audit`: the register, read from the base branch's history on the remote."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from remediator.audit.forms import write
from remediator.audit.register import Base, Options, register
from remediator.audit.reviews import with_merges
from remediator.audit.squashed import of_squashes
from remediator.commands import assembly
from remediator.commands.merged import merges_of
from remediator.commands.records_again import records_again
from remediator.config import DEFAULT_EXEMPTIONS, DEFAULT_FILE, Config, load
from remediator.forge.repository import Repository
from remediator.model import ConfigurationError
from remediator.texts import plain

_ID = re.compile(r"[0-9a-fA-F]{7,64}")
_LARGEST = 512 * 1024 * 1024


def audit(
    config_path: Path | None,
    since: datetime | None,
    until: datetime | None,
    form: str,
    anchor: str | None = None,
    prove: bool = True,
    out: TextIO | None = None,
) -> int:
    """`since` and `until` are days in UTC, both inclusive; `anchor` is a commit, or the file of
    the last report; `prove` evaluates each record's before and after again. 1 where something
    does not hold."""
    if since and until and since > until:
        days = f"--since {since:%Y-%m-%d} is after --until {until:%Y-%m-%d}"
        raise ConfigurationError(f"{days}: no change can be between them")
    config = load(config_path)
    forge = assembly.forge_of(config)
    commit = forge.fetch()
    base = Base(config.repository.base, commit, forge.notes().head())
    first = since.replace(tzinfo=UTC) if since else None
    last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else None
    with closing(Repository(config.repository.path)) as repository:
        options = _options(config, repository, first, last, anchor)
        options = replace(options, rules=_rules(config, config_path, repository))
        again = partial(records_again, config, repository, prove=prove)
        report = register(repository, base, options, assembly.now(), again)
        told = merges_of(config, report, os.environ)
        report = with_merges(report, told, of_squashes(repository, report.records, told))
    write(report, form, out or sys.stdout)
    if not report.alarms:
        return 0
    if report.problems:
        of = f"{report.problems} of {len(report.records)} records"
        click.echo(f"{of} did not hold when they were computed again: see their problems", err=True)
    own = {(r.commit, text) for r in report.records for text in r.problems}
    for alarm in report.alarms:
        if (alarm.commit, alarm.text) not in own:
            click.echo(f"{alarm.code}: {alarm.commit[:12]}: {plain(alarm.text, 400)}", err=True)
    return 1


def _options(
    config: Config,
    repository: Repository,
    since: datetime | None,
    until: datetime | None,
    anchor: str | None,
) -> Options:
    last = _last_report(anchor)
    named = last.get("anchor") if last is not None else anchor
    if last is not None and not isinstance(named, str):
        raise ConfigurationError(f"{anchor}: it has no `anchor`; it is no report of this program")
    if isinstance(named, str) and named.startswith("-"):
        raise ConfigurationError(f"{named} is no commit")
    if isinstance(named, str) and not _may_be_a_commit(named, repository):
        raise ConfigurationError(f"--since-anchor {named} is neither a commit nor a file")
    return Options(
        authors=(config.identity.email, *config.audit.authors),
        policy=_inside(config.policy, repository),
        allowed_signers=config.audit.allowed_signers,
        keys=(config.audit.team_tags, config.audit.cost_tags),
        var_files=config.terraform.files(),
        since=since,
        until=until,
        anchor=named if isinstance(named, str) else None,
        last=last,
    )


def _may_be_a_commit(name: str, repository: Repository) -> bool:
    """An id that is not there may be of a history that was rewritten; another word is misspelt."""
    asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    return bool(_ID.fullmatch(name)) or repository.ask(*asked).status == 0


def _rules(config: Config, given: Path | None, repository: Repository) -> tuple[str, ...]:
    """What says how the program decides, whether it is there now or was once."""
    files = (*config.exemptions, config.policy, given)
    found = (DEFAULT_FILE, DEFAULT_EXEMPTIONS, *(_inside(file, repository) for file in files))
    return tuple(dict.fromkeys(path for path in found if path))


def _last_report(anchor: str | None) -> dict[str, Any] | None:
    path = Path(anchor) if anchor else None
    if path is None or not path.is_file():
        return None
    if path.stat().st_size > _LARGEST:
        raise ConfigurationError(f"{path}: it is larger than any report")
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{path}: it is no report in the form of --format json") from None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: it is no report in the form of --format json")
    return found


def _inside(policy: Path | None, repository: Repository) -> str | None:
    """The policy's path from the repository's top, where it is in there."""
    if policy is None:
        return None
    top = repository.run("rev-parse", "--show-cdup").decode().strip()
    real = os.path.realpath(repository.path / top)
    below = os.path.relpath(os.path.realpath(policy), real)
    return None if below.startswith("..") else Path(below).as_posix()
