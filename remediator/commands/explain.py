"""`remediator explain`: one finding, step by step, with nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import click

from remediator import loop
from remediator.aws.session import AwsSession
from remediator.commands import assembly
from remediator.commands.delivery import git_workplace
from remediator.commands.states import StateReader, root_directories, state_fetcher
from remediator.config import load
from remediator.model import Change, Check, Finding, Outcome
from remediator.show import diffs, outcome_lines
from remediator.texts import plain
from remediator.workplace import Preview


def explain(wanted: str, config_path: Path | None, files: Sequence[Path]) -> int:
    """0 when it was found and explained, else 1; 3 where AWS did not answer."""
    config = load(config_path)
    session = AwsSession(config.aws.regions, config.aws.profile, config.aws.endpoint_url)
    seen = assembly.detect(session, config, files)
    workplace = cache(lambda: git_workplace(config))
    reader = StateReader(
        state_fetcher(config, session), root_directories(config), config.terraform.files()
    )
    more = assembly.expanded(seen.entries, lambda: reader.estate(workplace()), live_unread=True)
    findings = (*seen.swept.findings, *more.findings)
    chosen = [f for f in findings if wanted in (f.id, f.resource.id, f.resource.arn)]
    early = (*seen.swept.resolved, *more.outcomes)
    ended_early = [o for o in early if wanted in (o.finding.id, o.finding.resource.id)]
    for outcome in ended_early:
        _print(outcome_lines(outcome))
    if chosen:
        preview = Preview(workplace().tree(), workplace())
        rules = assembly.rules_of(config)
        job = assembly.job(preview, reader, rules, 1, lambda outcome: None)
        # All findings are looked at: who else has it decides the blast radius.
        ended = {o.finding.id: o for o in loop.run(replace(job, facts=seen.facts), findings)}
        for finding in chosen:
            change = next((c for c in preview.changes if finding in c.findings), None)
            _print(_steps(finding, ended[finding.id], change))
    for fault in seen.swept.problems:
        click.echo(plain(str(fault), 2000), err=True)
    if not chosen and not ended_early:
        click.echo(
            f"no finding has the id {plain(wanted)!r}; {len(findings)} were found "
            "(`remediator run --observe` lists them)",
            err=True,
        )
        return 3 if seen.swept.problems else 1
    return 3 if seen.swept.problems else 0


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)


def _steps(finding: Finding, outcome: Outcome, change: Change | None) -> Iterator[str]:
    yield from outcome_lines(outcome)
    yield ""
    yield "detected"
    yield f"  id          {plain(finding.id)}"
    yield f"  source      {plain(finding.source)}"
    created = f"{finding.created_at:%Y-%m-%d %H:%M} UTC" if finding.created_at else "not known"
    yield f"  since       {created}"
    for key, value in finding.evidence.items():
        yield f"  {key:<11} {plain(str(value))}"
    if outcome.owner is not None:
        yield "traced"
        yield f"  root        {plain(outcome.owner.root or '.')}"
        yield f"  address     {plain(outcome.owner.address)}"
        block = outcome.owner.block
        yield f"  block       {plain(block.file)}:{block.line}"
        for instance in outcome.owner.instances:
            yield f"  makes       {plain(instance.root)}:{plain(instance.address)} ({instance.id})"
    if outcome.decision is not None:
        decided = outcome.decision.decided
        yield f"decided: {decided.word}" if decided is not None else "not decided; asked until then"
        yield from _checks(outcome.decision.checks)
    if outcome.proof is not None:
        yield "proven"
        yield from _checks(outcome.proof.checks)
    if change is not None:
        yield "change"
        yield "".join(diffs([change])).rstrip("\n")


def _checks(checks: Sequence[Check]) -> Iterator[str]:
    for check in checks:
        mark = {"pass": "ok", "lowers": "no", "unknown": "??", "skipped": "--"}[check.verdict.value]
        yield f"  {mark}  {check.name}: {plain(check.detail, 400)}"
