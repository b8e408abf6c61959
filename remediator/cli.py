"""The commands. Adapters are built here, a dry run is chosen here, and faults end here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from remediator import __version__
from remediator.model import ConfigurationError, SourceError, UpstreamError

DONE, LEFT, USAGE, UPSTREAM = 0, 1, 2, 3
_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)
_TERRAFORM = "Let `terraform plan` judge each change, too, as `terraform.plan: true` does."
_CONFIG = "Default: remediator.yaml here, or above, up to the repository's top."


def _guarded(command: Callable[..., int]) -> Callable[..., None]:
    """Turns what ends a command into a sentence on stderr and the contract's exit status."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            status = command(*args, **kwargs)
        except ConfigurationError as error:
            for problem in error.problems:
                complain(problem)
            status = USAGE
        except SourceError as error:
            complain(str(error))
            status = USAGE
        except UpstreamError as error:
            complain(str(error))
            status = UPSTREAM
        sys.exit(status)

    return run


def complain(text: str) -> None:
    """One problem a line; foreign text cannot start a line of its own."""
    from remediator.texts import plain

    click.echo(f"{click.style('error', fg='red')}: {plain(text, 2000)}", err=True)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done; 1 something is left for a person (fix, exemptions check), a "
    "check fails (verify), a record does not hold (audit), or no finding has the id (explain); "
    "2 usage or configuration; 3 an upstream failed, partial results kept and reported.",
)
@click.version_option(__version__, message="remediator %(version)s")
@click.option("--no-color", is_flag=True, help="Print without colours (as does NO_COLOR).")
@click.pass_context
def main(context: click.Context, no_color: bool) -> None:
    """Close AWS security findings by changing the Terraform that owns the resource.

    Each finding is traced through the Terraform state to the line that causes it; that line is
    rewritten, the change is proven narrower, safe classes are merged and the rest become branches
    for review. Live resources are only ever read.

    Start with `remediator demo`, then `remediator fix --diff` on a checkout of yours, then write
    a remediator.yaml and let `remediator run` observe for two weeks.
    """
    import os

    if no_color or os.environ.get("NO_COLOR"):
        context.color = False


@main.command()
@click.option("--config", "config_path", type=_FILE, help=_CONFIG)
@click.option(
    "--findings",
    type=_EXISTING,
    multiple=True,
    help="Findings, or a report (Checkov, SARIF, ASFF, OCSF); AWS is asked whether they still "
    "hold. Repeatable.",
)
@click.option("--json", "json_path", type=_FILE, help="Write every outcome to this file.")
@click.option(
    "--event",
    type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True),
    help="An EventBridge event, or the payload of a repository_dispatch; `-` reads standard input. "
    "Only what it names is looked at.",
)
@click.option("--observe", is_flag=True, help="Write nothing, whatever the configuration says.")
@click.option("--terraform", is_flag=True, help=_TERRAFORM)
@_guarded
def run(
    config_path: Path | None,
    findings: tuple[Path, ...],
    json_path: Path | None,
    event: Path | None,
    observe: bool,
    terraform: bool,
) -> int:
    """Run the whole loop on the configured repository.

    Reads AWS Config and the live security group rules, traces each finding to its Terraform, and
    delivers proven changes: `auto` ones as a merge on the base branch, `review` ones as a branch.
    Your work tree, index and local branches are not touched. Without `mode: enforce` in the
    configuration nothing is written anywhere: the same outcomes are printed.

    \b
    Example:
      remediator run --config remediator.yaml --json outcomes.json
    """
    from remediator.commands.run import run as command

    return command(config_path, findings, observe, Console(json_path), terraform, event)


@main.command()
@click.argument("path", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".")
@click.option("--config", "config_path", type=_FILE, help=_CONFIG.replace("here", "in PATH"))
@click.option(
    "--findings",
    type=_EXISTING,
    multiple=True,
    help="Fix these findings, or those that this report names (Checkov, SARIF, ASFF, OCSF). "
    "Repeatable.",
)
@click.option(
    "--state",
    multiple=True,
    metavar="[ROOT=]FILE",
    help="A Terraform state, to trace live ids; ROOT is its root module's folder. Repeatable.",
)
@click.option("--review", is_flag=True, help="Also write what wants a person's review.")
@click.option("--diff", is_flag=True, help="Print the changes and write nothing.")
@click.option("--terraform", is_flag=True, help=f"{_TERRAFORM} It needs --state.")
@click.option("--json", "json_path", type=_FILE, help="Write every outcome to this file.")
@_guarded
def fix(
    path: Path,
    config_path: Path | None,
    findings: tuple[Path, ...],
    state: tuple[str, ...],
    review: bool,
    diff: bool,
    terraform: bool,
    json_path: Path | None,
) -> int:
    """Rewrite a checkout in place. No AWS is needed.

    Without --findings the code itself is searched for what is wrong in it. Files are edited where
    the finding is, and nowhere else; uncommitted work in them is kept.

    \b
    Examples:
      remediator fix --diff            what would change here
      remediator fix live/prod         change it
      remediator fix --review          also the changes that a person should look at
    """
    from remediator.commands.fix import fix as command

    return command(path, config_path, findings, state, review, diff, Console(json_path), terraform)


@main.command()
@click.argument("base")
@click.argument("head")
@click.option(
    "--repository",
    "path",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="The checkout or bare clone that has both commits. Default: here.",
)
@click.option(
    "--config",
    "config_path",
    type=_FILE,
    help="Default: remediator.yaml at the top of BASE, with its policy and exemptions.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["wider:auto-classes", "wider", "unknown", "never"]),
    multiple=True,
    default=("wider:auto-classes",),
    show_default=True,
    help="What ends with status 1. Repeatable. A record that is wrong always does.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json", "sarif", "markdown"]),
    default="terminal",
    help="markdown is for a step summary, sarif for annotations.",
)
@_guarded
def verify(
    base: str,
    head: str,
    path: Path,
    config_path: Path | None,
    fail_on: tuple[str, ...],
    form: str,
) -> int:
    """Check a pull request: does HEAD allow more than BASE? From git and the code alone.

    Both trees are evaluated; of every security group's rules and every IAM or resource policy that
    changes it says

    \b
      same      it allows the same
      narrower  it allows nothing new: proven
      wider     it allows something new, which is named
      unknown   the code does not say; the reason is told

    A commit with a record of Remediator is proven again: its digests, its before and after, that
    nothing else changes. HEAD is compared as it would be merged into BASE.

    \b
    What fails the check:
      wider:auto-classes  something is opened that the policy closes by itself
      wider               anything is wider
      unknown             anything cannot be told
      never               nothing but a record that is wrong

    \b
    Examples:
      remediator verify origin/main HEAD
      remediator verify origin/main HEAD --fail-on wider --fail-on unknown
      remediator verify origin/main HEAD --format sarif > verify.sarif

    Exit status: 0 nothing fails; 1 something fails the check; 2 usage or configuration.
    """
    from remediator.commands.verify import verify as command

    return command(base, head, path, config_path, fail_on, form)


@main.command()
@click.option("--config", "config_path", type=_FILE, help=_CONFIG)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC), inclusive.")
@click.option(
    "--since-anchor",
    "anchor",
    metavar="COMMIT|FILE",
    help="The anchor of the last report, or that report in JSON: a history that was rewritten "
    "since is told, and only what came after is listed.",
)
@click.option(
    "--prove/--no-prove",
    default=True,
    help="Evaluate each record's before and after again: about 0.1 s a record. Default: it does.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "html"]), default="table"
)
@_guarded
def audit(
    config_path: Path | None,
    since: datetime | None,
    until: datetime | None,
    anchor: str | None,
    prove: bool,
    form: str,
) -> int:
    """Evidence from merge history: every change, who made it, when, why, before and after.

    Reads the base branch's first-parent history from the remote. Digests are recomputed from the
    files, the access before and after is evaluated again, and commits that changed Terraform
    without a record are listed too. Ends with status 1 where something does not hold: a record, a
    note, a signature, or the history itself.

    \b
    Examples:
      remediator audit --since 2026-01-01 --format csv > changes.csv
      remediator audit --format html > audit.html
      remediator audit --since-anchor last.json --format json > this.json
    """
    from remediator.commands.audit import audit as command

    return command(config_path, since, until, form, anchor, prove)


@main.command()
@click.argument("finding_id", metavar="ID")
@click.option("--config", "config_path", type=_FILE, help=_CONFIG)
@click.option("--findings", type=_EXISTING, multiple=True, help="Also look in these files.")
@_guarded
def explain(finding_id: str, config_path: Path | None, findings: tuple[Path, ...]) -> int:
    """Explain one finding: every step, check and reason. Writes nothing.

    ID is a finding's id as `run` prints it in its JSON, or a live id such as sg-0a1b2c3d. Ends
    with status 1 where no finding has it.
    """
    from remediator.commands.explain import explain as command

    return command(finding_id, config_path, findings)


@main.group()
def exemptions() -> None:
    """The list of findings that are accepted, for a reason and until a date."""


@exemptions.command()
@click.argument("files", type=_FILE, nargs=-1)
@click.option("--config", "config_path", type=_FILE, help=_CONFIG)
@_guarded
def check(files: tuple[Path, ...], config_path: Path | None) -> int:
    """Lint exemption lists: FILES, or those that the configuration names.

    Prints one line for each problem, with its file and line. Errors and expired entries end
    with status 1; entries that expire soon are only told.
    """
    from remediator.commands.exemptions import check as command

    return command(files, config_path)


@main.command()
@click.option("--config", "config_path", type=_FILE, help=_CONFIG)
@_guarded
def permissions(config_path: Path | None) -> int:
    """Print the IAM policy of the role that Remediator runs with, as JSON.

    It reads and writes nothing: what each permission is for is told on standard error. With
    `aws.accounts` or `aws.organization` it may also assume the configured role in the others,
    which needs the same policy there.

    \b
    Example:
      remediator permissions > remediator-policy.json
    """
    from remediator.commands.permissions import permissions as command
    from remediator.texts import plain

    return command(config_path, click.echo, lambda text: click.echo(plain(text, 2000), err=True))


@main.command()
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default="."
)
@click.option("--repository", metavar="OWNER/NAME", help="Default: that of the remote `origin`.")
@click.option("--base", help="The branch that is deployed. Default: the remote's own.")
@click.option("--region", "regions", multiple=True, help="Default: AWS_REGION. Repeatable.")
@click.option("--api-url", help="Of a GitHub Enterprise Server: https://HOST/api/v3.")
@click.option(
    "--install",
    metavar="REQUIREMENT",
    help="What the workflows give to pip. Default: what this copy was installed from, pinned; of a "
    "local folder or an archive it must be named.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there and differ.")
@_guarded
def init(
    folder: Path,
    repository: str | None,
    base: str | None,
    regions: tuple[str, ...],
    api_url: str | None,
    install: str | None,
    force: bool,
) -> int:
    """Write what a repository needs to run Remediator in GitHub Actions.

    Configuration, exemption list, workflows (a run, its schedule, checks for pull requests) and a
    Terraform module for the AWS side: a read-only role for the workflow, and events that wake it.
    Files that are there are never overwritten without --force; where one differs, the status is 1.

    \b
    Example:
      remediator init --region eu-central-1

    Run from a checkout it cannot know what the workflows are to install, and asks for --install.
    """
    from remediator.commands.init import init as command
    from remediator.commands.installed import installed

    return command(folder, repository, base, regions, api_url, install, force, installed())


@main.command()
@click.option("--config", "config_path", type=_FILE, help=_CONFIG)
@_guarded
def doctor(config_path: Path | None) -> int:
    """Check the set-up, and say what to do about each thing that is wrong.

    Configuration and exemptions, the git remote, AWS credentials and each read permission, the
    states, and on GitHub the token's rights, the repository's settings and the base's rules.
    Nothing is changed. Ends with status 1 where something would stop a run.

    \b
    Example:
      remediator doctor
    """
    from remediator.commands.doctor import doctor as command

    return command(config_path)


@main.group()
def report() -> None:
    """What was observed, summed up before anything is enforced."""


@report.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILES")
@click.option(
    "--exemptions",
    type=_FILE,
    help="Write what is suggested to this new file, for a person to fill in.",
)
@click.option("--all", "every", is_flag=True, help="Suggest for everything that would be changed.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json", "exemptions"]),
    default="terminal",
)
@_guarded
def observation(paths: tuple[Path, ...], exemptions: Path | None, every: bool, form: str) -> int:
    """Sum up what runs in observation mode would have done, before you enforce.

    FILES are the `--json` documents of such runs, or the folder that `observations:` in the
    configuration names. It tells each candidate with the reason for its disposition, what would
    have been automatic, and what was decided otherwise from one run to the next; and suggests
    exemptions, with owner and expiry left for a person.

    \b
    Examples:
      remediator report observation observations/
      remediator report observation observations/ --exemptions suggested.yaml
      remediator exemptions check suggested.yaml

    Ends with status 1 where a document could not be used.
    """
    from remediator.commands.observation import report as command

    return command(paths, form, exemptions, every)


@main.group()
def access() -> None:
    """What IAM policies allow. Nothing is asked of AWS and nothing is written."""


@access.command()
@click.argument("before", type=_EXISTING, required=False)
@click.argument("after", type=_EXISTING, required=False)
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read {"id", "before", "after"} a line from standard input, and answer each with '
    '{"id", "verdict", "witness", "reason"}.',
)
@_guarded
def compare(before: Path | None, after: Path | None, jsonl: bool) -> int:
    """Tell whether the policy AFTER allows nothing that the policy BEFORE does not.

    Both are JSON files: identity policies, resource policies or trust policies. The verdict is

    \b
      same      they allow the same requests
      narrower  nothing new is allowed: proven for every principal, action and resource
      wider     something new is allowed, whatever else is removed: a request shows it
      unknown   neither could be shown, or a policy is malformed: the reason is told

    Actions and resources are any text of their form, not only what a catalogue knows today.
    Conditions are compared cautiously: docs/access.md says what is exact and what is not.

    \b
    Examples:
      remediator access compare before.json after.json
      remediator access compare --jsonl < pairs.jsonl > verdicts.jsonl

    Exit status: 0 each is the same or narrower; 1 one is wider or unknown; 2 usage.
    """
    from remediator.commands.access import compare_files, compare_lines

    if jsonl and before is None:
        return compare_lines(sys.stdin.buffer)
    if jsonl or before is None or after is None:
        raise click.UsageError("name BEFORE and AFTER, or --jsonl alone")
    return compare_files(before, after)


@main.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep it here.")
@click.option("--terraform", is_flag=True, help="Apply and judge with the terraform on PATH.")
@_guarded
def demo(folder: Path | None, terraform: bool) -> int:
    """Show the whole loop on an emulated AWS and a local git remote. Needs Python and git alone.

    Starts an emulated AWS on this machine, an infrastructure repository with several findings and
    a bare remote, runs the very loop that `run` runs, and leaves the folder to look at.
    """
    from remediator.commands.demo import demo as command

    return command(folder, terraform)


class Console:
    """Where a command's outcomes go: the terminal, and the JSON file that was asked for."""

    def __init__(self, json_path: Path | None) -> None:
        self._json_path = json_path

    def outcome(self, outcome: Any) -> None:
        from remediator.show import outcome_lines

        for line in outcome_lines(outcome):
            click.echo(line)

    def note(self, text: str) -> None:
        from remediator.texts import plain

        click.echo(plain(text, 2000), err=True)

    def complain(self, text: str) -> None:
        complain(text)

    def print(self, text: str) -> None:
        click.echo(text)

    def finish(self, document: Any) -> None:
        """Writes the JSON document whole or not at all."""
        if self._json_path is None:
            return
        partial = self._json_path.with_name(f".{self._json_path.name}.partial")
        try:
            with partial.open("w", encoding="utf-8") as file:
                file.writelines(document.pieces(indented=True))
                file.write("\n")
            partial.replace(self._json_path)
        except OSError as why:
            raise ConfigurationError(
                f"{self._json_path} cannot be written: {why.strerror}; the run itself is done"
            ) from None
