"""`remediator demo`: the loop on an emulated AWS and a local remote, for anybody to try."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from remediator.commands.assembly import now
from remediator.commands.audit import audit
from remediator.commands.run import run
from remediator.embedded import reported, scenario
from remediator.embedded.stage import EXPECTED, ROOTS, Stage
from remediator.model import ConfigurationError, Outcome
from remediator.outcomes import Document
from remediator.show import outcome_lines
from remediator.texts import plain


def demo(folder: Path | None, terraform: bool) -> int:
    """0 when the loop ended as the scenario says it must."""
    place = folder or Path(tempfile.mkdtemp(prefix="remediator-demo-"))
    if place.exists() and any(place.iterdir()):
        raise ConfigurationError(f"{place} is not empty; name a new folder")
    place.mkdir(parents=True, exist_ok=True)
    with (
        _environment(_CREDENTIALS),
        _stage(place.resolve(), terraform) as stage,
        _environment(stage.environment),
    ):
        return _play(stage, terraform)


def _stage(place: Path, terraform: bool) -> Stage:
    roots = (*ROOTS, *scenario.OLD_ROOTS)
    return Stage(place, terraform, now().date(), None, roots, ("infrastructure", "identities"))


_SOURCES = f"""\
sources:
  access_analyzer: {{}} # AWS Config and the live rules are looked at without being named
trusted_accounts: ["{scenario.TRUSTED}"]
"""

# The emulated AWS takes any key; the real ones of this shell must not be sent to it.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "",
    "AWS_PROFILE": "",
}


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """An empty value is one that must not be there."""
    kept = {name: os.environ.pop(name, None) for name in values}
    os.environ |= {name: value for name, value in values.items() if value}
    try:
        yield
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _play(stage: Stage, terraform: bool) -> int:
    console = _Quiet()
    heading("1. An infrastructure repository, applied to an emulated AWS")
    scenario.set_up(stage, now(), _SOURCES)
    stage.open_by_hand()
    stage.aws.analyzer.polls = 0  # AWS takes its time over a recommendation; the demo does not
    identities = len(stage.client("iam").list_roles()["Roles"])
    click.echo(
        f"   {len(stage.roots)} root modules, {len(stage.groups())} security groups, "
        f"{identities} roles and some users"
    )
    scanner = reported.report(stage)
    judged = " --terraform" if terraform else ""
    heading(f"2. remediator run --findings {scanner.name}{judged}")
    status = run(stage.config, (scanner,), False, console, terraform)
    first = list(console.outcomes)
    heading("3. What was merged, as the repository has it now")
    click.echo(stage.git("fetch", "--quiet", "origin") or "", nl=False)
    log = stage.git("log", "--first-parent", "--format=   %h %s", "origin/main")
    click.echo(plain_lines(log))
    click.echo(stage.git("diff", "main", "origin/main").rstrip())
    heading("4. A pipeline applies main; remediator run again")
    stage.apply()
    console.outcomes.clear()
    run(stage.config, (), False, console)
    heading("5. remediator audit")
    audit(stage.config, None, None, "table")
    heading("6. The same repository on an emulated GitHub: pull requests for people")
    pages = _on_github(stage, console)
    heading("The folder is yours to look at")
    click.echo(f"   {stage.checkout}   the repository; {stage.remote} its remote")
    click.echo(f"   git -C {stage.checkout} log --graph origin/main")
    for page in pages:
        click.echo(f"   {page}   opens in a browser")
    return status or _judge(stage, first)


def _audit_page(stage: Stage, config: Path) -> Path:
    """What an auditor is given."""
    file = stage.folder / "pages" / "audit.html"
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        audit(config, None, None, "html", out=out)
    return file


def _on_github(stage: Stage, console: _Quiet) -> list[Path]:
    """What is left after the automatic changes: proposed, listed, and asked for. Then people agree,
    and the audit says who they were."""
    from remediator.embedded.on_github import OnGitHub

    with OnGitHub(stage) as hub, _environment(hub.environment):
        run(hub.config, (), False, console)
        pages = hub.pages(stage.folder / "pages")
        hub.agree()
        return [*pages, _audit_page(stage, hub.config)]


class _Quiet:
    """Prints outcomes as `run` does, and keeps them."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def outcome(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        for line in outcome_lines(outcome):
            click.echo(f"   {line}")

    def note(self, text: str) -> None:
        click.echo(f"   {plain(text, 2000)}")

    def complain(self, text: str) -> None:
        click.echo(f"   error: {plain(text, 2000)}", err=True)

    def print(self, text: str) -> None:
        click.echo(f"   {text}")

    def finish(self, document: Document) -> None:
        """The demo writes no JSON."""


def _judge(stage: Stage, outcomes: list[Outcome]) -> int:
    ended: dict[str, list[str]] = {}
    for outcome in outcomes:
        resource = outcome.finding.resource
        name = resource.name if resource.name in EXPECTED else scenario.short(resource.arn or "")
        ended.setdefault(name, []).append(outcome.kind.value)
    expected = {**EXPECTED, **scenario.EXPECTED, **reported.EXPECTED}
    wrong = [name for name, kinds in expected.items() if sorted(ended.get(name, [])) != [*kinds]]
    for name in wrong:
        text = f"{name} ended as {ended.get(name)}, and not as {expected[name]}"
        click.echo(f"error: {text}", err=True)
    return 3 if wrong else 0


def plain_lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())


def heading(text: str) -> None:
    click.echo()
    click.echo(click.style(text, bold=True))
