"""git, asked in one repository: a checkout or a bare clone.

Runs plumbing in the object database. It runs no hook, asks no question, and never looks at or
changes the work tree, the index, HEAD or a local branch.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from remediator.forge.blobs import Blobs
from remediator.forge.catfile import CatFile
from remediator.model import ConfigurationError, UpstreamError
from remediator.texts import plain

NETWORK_SECONDS = 300.0
"""How long a fetch or a push may take before it counts as failed."""

_ENCODING = ("utf-8", "surrogateescape")
# What would turn git to another repository, index or reading of a path (git rev-parse
# --local-env-vars, and those of git(1) that change what an argument means).
_DROPPED = frozenset(
    [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_SOURCE",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIFF_OPTS",
        "GIT_DIR",
        "GIT_EXTERNAL_DIFF",
        "GIT_GLOB_PATHSPECS",
        "GIT_GRAFT_FILE",
        "GIT_ICASE_PATHSPECS",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        "SSH_ASKPASS",
    ]
)
# A replaced object (git-replace(1)) is not the one that the history names: never as evidence.
_SET = {
    "GCM_INTERACTIVE": "never",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "C",
    "LC_ALL": "C",
}
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
)
_OPTIONS = [option for setting in _SETTINGS for option in ("-c", setting)]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    out: bytes
    error: str


class Repository:
    """Raises ConfigurationError where there is no repository, or git may not use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._directory, self.remotes = _open(path)
        self._environment = _environment(os.environ)
        # git itself decides whether a repository that belongs to another user may be used.
        found = self.ask("rev-parse", "--show-object-format", "--git-common-dir")
        if found.status:
            raise ConfigurationError(f"{path}: git cannot use this repository: {found.error}")
        algorithm, common = found.out.decode(*_ENCODING).removesuffix("\n").split("\n", 1)
        self.algorithm = algorithm
        self._common = Path(self._directory, common)

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """One git process, whatever it answers."""
        return self._process(arguments, self._environment, stdin)

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints. Raises UpstreamError, with git's own words, where it fails."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.status:
            raise UpstreamError(f"git {arguments[0]}", answer.error)
        return answer.out

    def over_network(self, *arguments: str, settings: Sequence[str] = ()) -> Answer:
        """As `ask`, for a fetch or a push. Raises UpstreamError when it takes too long."""
        options = [option for setting in settings for option in ("-c", setting)]
        try:
            return self._process([*options, *arguments], self._network, seconds=NETWORK_SECONDS)
        except subprocess.TimeoutExpired as error:
            text = f"no answer within {error.timeout:.0f} seconds"
            raise UpstreamError(f"git {arguments[0]}", text) from error

    @property
    def is_shallow(self) -> bool:
        """Whether the history is cut short (actions/checkout does that by default)."""
        return (self._common / "shallow").exists()

    @cached_property
    def objects(self) -> CatFile:
        command = ["git", *_OPTIONS, "cat-file", "--batch"]
        return CatFile(command, self._directory, self._environment)

    @cached_property
    def blobs(self) -> Blobs:
        return Blobs(self.objects)

    def close(self) -> None:
        """Ends the process that reads objects; the next read starts another."""
        self.objects.close()

    def _process(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        stdin: bytes = b"",
        seconds: float | None = None,
    ) -> Answer:
        done = subprocess.run(
            ["git", *_OPTIONS, *arguments],
            cwd=self._directory,
            env=environment,
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Answer(done.returncode, done.stdout, said(done.stderr))

    @cached_property
    def _network(self) -> dict[str, str]:
        """The user's own ssh, told not to ask (ssh_config(5), BatchMode)."""
        given = self._environment
        if "GIT_SSH_COMMAND" in given:
            return {**given, "GIT_SSH_COMMAND": _quiet(given["GIT_SSH_COMMAND"])}
        if "GIT_SSH" in given:
            return given
        configured = self.ask("config", "--get", "core.sshCommand").out
        command = configured.decode(*_ENCODING).strip() or "ssh"
        return {**given, "GIT_SSH_COMMAND": _quiet(command)}


def _open(path: Path) -> tuple[str, frozenset[str]]:
    """The repository's top, or its git directory where it is bare; and its remotes."""
    try:
        import git
    except ImportError as error:  # GitPython looks for git when it is imported
        raise ConfigurationError("git is not on PATH; install it") from error
    try:
        with git.Repo(path, search_parent_directories=True) as repository:
            remotes = frozenset(remote.name for remote in repository.remotes)
            return str(repository.working_tree_dir or repository.git_dir), remotes
    except git.NoSuchPathError as error:
        raise ConfigurationError(f"{path}: there is no such folder") from error
    except git.InvalidGitRepositoryError as error:
        hint = "clone the infrastructure repository there, or correct repository.path"
        raise ConfigurationError(f"{path} is not a git repository; {hint}") from error


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in _DROPPED} | _SET


def _quiet(command: str) -> str:
    """Other programs than OpenSSH (plink, tortoiseplink) do not know the option."""
    program = os.path.basename(command.split()[0]) if command.split() else ""
    return f"{command} -o BatchMode=yes" if program in ("ssh", "ssh.exe") else command


_NOISE = re.compile(
    r"hint:|To |Done$|Everything up-to-date|Please make sure you have the correct access rights"
    r"|and the repository exists\.|error: failed to push some refs|warning: redirecting"
)
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s'\"]*@")
_QUERY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s?'\"]*)\?[^\s'\"]*")


def said(stderr: bytes) -> str:
    """git's own words in one line, without its advice and without a URL's credentials."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    kept = [line for line in lines if line and not _NOISE.match(line)]
    return plain("; ".join(without_credentials(line) for line in kept[-3:]) or "no reason given")


def without_credentials(text: str) -> str:
    return _QUERY.sub(r"\1?…", _USERINFO.sub(r"\1***@", text))
