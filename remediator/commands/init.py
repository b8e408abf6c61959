"""`remediator init`: writes configuration, workflows and the AWS side into a repository."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from remediator.commands.installed import Installed, requirement
from remediator.commands.permissions import DECLARED
from remediator.commands.scaffold import MODULE, Answers, files
from remediator.model import ConfigurationError
from remediator.texts import plain

_ADDRESS = re.compile(
    r"(?:https?://(?:[^@/]+@)?|ssh://git@|git@)"
    r"(?P<host>[A-Za-z0-9.-]+)(?::\d+)?[:/](?P<name>[^/:]+/[^/]+?)(?:\.git)?/?"
)

_NEXT = """\
Next:
  1. Read remediator.yaml. It observes: nothing is written until it says `mode: enforce`.
  2. Apply {module}/ once, as you apply your other Terraform (variables.tf says what it takes;
     name the state objects in `state_objects`), and set the repository's variable
     REMEDIATOR_ROLE_ARN to its output role_arn.
  3. Make a GitHub App for {repository} with contents, issues and pull requests: write, install
     it, and set the variable REMEDIATOR_APP_CLIENT_ID and the secret REMEDIATOR_APP_KEY.
  4. Commit what was written. Require the checks `verify` and `exemptions` on {base}, and switch
     on “Allow auto-merge”.
  5. `remediator doctor` says what is still missing."""


def init(
    folder: Path,
    repository: str | None,
    base: str | None,
    regions: Sequence[str],
    api_url: str | None,
    install: str | None,
    force: bool,
    copy: Installed | None,
) -> int:
    """`copy` is how this program was installed. 1 where a file that differs was kept."""
    install = install or requirement(copy)
    answers = _answers(folder, repository, base, regions, api_url, install)
    kept = False
    for path, text in files(answers, DECLARED).items():
        word = write(folder, path, text, force=force)
        kept = kept or word == "kept"
        click.echo(f"{word:<10} {path}")
    if kept:
        click.echo("Kept files are yours, and differ from what would be written: compare them, or")
        click.echo("let them be overwritten with --force.")
    told = {"module": MODULE, "repository": answers.repository, "base": answers.base}
    click.echo(_NEXT.format(**told))
    return 1 if kept else 0


def write(folder: Path, path: str, text: str, *, force: bool) -> str:
    """written, unchanged, kept or replaced. Never through a link that leads out of the folder.

    Raises ConfigurationError where the file cannot be written.
    """
    place = folder / path
    top = folder.resolve()
    try:
        if not place.parent.resolve().is_relative_to(top) or place.is_symlink():
            raise ConfigurationError(f"{path} is a link, or lies behind one; write to what it is")
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            with place.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            return "written"
        if place.read_bytes() == text.encode():
            return "unchanged"
        if not force:
            return "kept"
        partial = place.with_name(f".{place.name}.partial")
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(place)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    return "replaced"


def _answers(
    folder: Path,
    repository: str | None,
    base: str | None,
    regions: Sequence[str],
    api_url: str | None,
    install: str,
) -> Answers:
    host, name = _remote(folder)
    if repository is None and name is None:
        text = "the repository has no remote `origin` on a GitHub; name it: --repository owner/name"
        raise ConfigurationError(text)
    found = api_url if api_url is not None else _api(host if repository is None else None)
    return Answers(
        repository or name or "",
        base or _base(folder),
        tuple(dict.fromkeys(regions)) or _region(os.environ),
        install,
        found.rstrip("/"),
    )


def _api(host: str | None) -> str:
    """github.com needs no address; any other host is an Enterprise Server's."""
    return "" if host in (None, "github.com", "ssh.github.com") else f"https://{host}/api/v3"


def _region(environment: Mapping[str, str]) -> tuple[str, ...]:
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    return tuple(r for name in names if (r := environment.get(name, "")))[:1]


def _remote(folder: Path) -> tuple[str | None, str | None]:
    """The host, and owner/name, of the remote `origin`."""
    url = _git(folder, "config", "--get", "remote.origin.url")
    match = _ADDRESS.fullmatch(url)
    return (match["host"], match["name"]) if match else (None, None)


def _base(folder: Path) -> str:
    """What the remote calls its HEAD; else the branch that is checked out; else main."""
    head = _git(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if head:
        return head.removeprefix("origin/")
    return _git(folder, "symbolic-ref", "--quiet", "--short", "HEAD") or "main"


def _git(folder: Path, *arguments: str) -> str:
    """What git says; nothing where it knows nothing. Raises ConfigurationError without git."""
    import subprocess

    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    except OSError:
        raise ConfigurationError("git is needed, and it is not on PATH") from None
    return plain(done.stdout.decode("utf-8", "replace").strip()) if done.returncode == 0 else ""
