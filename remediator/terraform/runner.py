"""Runs the real terraform in a scratch folder: it plans, and nothing else.

The plan is made from a copy of the tree and of the state, under a local backend that lies over
the root's own: no backend is written, read or locked, and nothing is ever applied.
https://developer.hashicorp.com/terraform/cli/commands/plan
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from posixpath import basename, dirname
from types import TracebackType
from typing import Self

from remediator.model import ConfigurationError, Refusal, SourceError, UpstreamError
from remediator.terraform import process
from remediator.terraform.backend import DEFAULT
from remediator.terraform.literal import string_literal
from remediator.terraform.module import is_override
from remediator.terraform.plan import Plan, read_plan
from remediator.terraform.process import Finished
from remediator.terraform.said import secrets_in, summary
from remediator.terraform.scratch import Copy, Scratch
from remediator.tree import Tree

OVERRIDE_FILE = "~remediator_override.tf"
"""Override files are merged in the order of their names, and the last one wins: a tilde comes
after every letter. The user's own files, overrides too, stay as they are."""

_DROPPED = ("TF_CLI_ARGS", "TF_DATA_DIR", "TF_INPUT", "TF_LOG", "TF_WORKSPACE")
"""Beginnings of what would change which plan is made, or where it is written."""

_SET = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
_CHANGES = 2
_WANTS_INIT = re.compile(rb"terraform\s+init")
_STATE, _WORKSPACES = "terraform.tfstate", "workspaces"


@dataclass(frozen=True, slots=True)
class Options:
    """`program` is found on PATH, or a path. `var_files`: by root directory, from the top."""

    program: str = "terraform"
    refresh: bool = False
    seconds: int = 600
    var_files: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stand:
    """One root in one workspace: what a plan is made of besides the tree."""

    root: str
    workspace: str
    folder: Path = field(repr=False)
    digest: str = field(repr=False)

    @property
    def where(self) -> str:
        name = self.root or "the top folder"
        return name if self.workspace == DEFAULT else f"{name} ({self.workspace})"


class Terraform:
    """A context manager: the scratch folder is there inside it, and is removed at its end."""

    def __init__(self, options: Options, environment: Mapping[str, str]) -> None:
        """Raises ConfigurationError where there is no such program."""
        program = shutil.which(options.program, path=environment.get("PATH"))
        if program is None:
            raise ConfigurationError(
                f"there is no program {options.program!r}, which is to judge the changes; install "
                "terraform, name it as terraform.binary, or leave out terraform.plan"
            )
        self._program, self._options = program, options
        kept = {n: v for n, v in environment.items() if not n.startswith(_DROPPED)}
        self._environment = kept | _SET
        self._secrets = secrets_in(environment)
        self._scratch = Scratch(environment.get("TMPDIR"))

    def __enter__(self) -> Self:
        self._folder = self._scratch.__enter__()
        self._copy = Copy(self._folder / "tree")
        self._stands = 0
        self._ready: set[Stand] = set()
        self._made: dict[tuple[Stand, str], Plan | Refusal] = {}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scratch.__exit__(kind, error, trace)

    def stand(self, root: str, workspace: str, state: bytes) -> Stand | Refusal:
        """Keeps the state in the scratch folder, where no other user can read it."""
        if not _is_raw(state):
            return failed(
                f"the state of {root or 'the top folder'} is the output of `terraform show -json`, "
                "and a plan needs the state itself"
            )
        folder = self._folder / "stands" / str(self._stands)
        self._stands += 1
        stand = Stand(root, workspace, folder, sha256(state).hexdigest())
        file = _state_file(stand)
        file.parent.mkdir(parents=True)
        file.write_bytes(state)
        return stand

    def plan(self, stand: Stand, tree: Tree) -> Plan | Refusal:
        """What applying the tree would do now. The same tree is planned once."""
        try:
            content = self._copy.bring(tree)
            key = (stand, content)
            if key not in self._made:
                self._made[key] = self._plan(stand, tree)
            return self._made[key]
        except OSError as error:
            return failed(f"the scratch folder cannot be written: {error.strerror}")
        except UpstreamError as error:
            return failed(str(error))

    def _plan(self, stand: Stand, tree: Tree) -> Plan | Refusal:
        problem = self._missing(stand, tree) or _later_override(stand, tree)
        if problem is not None:
            return problem
        override = self._copy.folder / stand.root / OVERRIDE_FILE
        override.parent.mkdir(parents=True, exist_ok=True)
        override.write_text(_backend(stand), encoding="utf-8")
        try:
            return self._planned(stand)
        finally:
            override.unlink()

    def _planned(self, stand: Stand) -> Plan | Refusal:
        file = stand.folder / "plan"
        options = self._plan_options(stand, file)
        problem = None if stand in self._ready else self._init(stand)
        done = problem or self._run(stand, "plan", *options)
        if isinstance(done, Finished) and done.status == 1 and _WANTS_INIT.search(done.err):
            # The tree has moved on since, to other modules or providers.
            done = self._init(stand) or self._run(stand, "plan", *options)
        shown = self._checked(stand, "plan", done)
        if not isinstance(shown, Refusal):
            shown = self._checked(stand, "show", self._run(stand, "show", "-json", str(file)))
            file.unlink()
        if isinstance(shown, Refusal):
            return shown
        try:
            return read_plan(shown, stand.where)
        except SourceError as error:
            return failed(f"what terraform shows of its plan of {stand.where} {error.text}")

    def _plan_options(self, stand: Stand, out: Path) -> list[str]:
        files = [self._copy.folder / path for path in self._options.var_files.get(stand.root, ())]
        return [
            *("-input=false", "-lock=false", "-detailed-exitcode"),
            f"-refresh={json.dumps(self._options.refresh)}",
            f"-out={out}",
            *(f"-var-file={path}" for path in files),
        ]

    def _missing(self, stand: Stand, tree: Tree) -> Refusal | None:
        named = self._options.var_files.get(stand.root, ())
        there = frozenset(tree.paths()) if named else frozenset()
        missing = next((path for path in named if path not in there), None)
        if missing is None:
            return None
        return failed(
            f"terraform.var_files names {missing} for {stand.where}, and the repository has no "
            "such file"
        )

    def _init(self, stand: Stand) -> Refusal | None:
        answer = self._checked(stand, "init", self._run(stand, "init", "-input=false"))
        if isinstance(answer, Refusal):
            return answer
        self._ready.add(stand)
        return None

    def _run(self, stand: Stand, command: str, *options: str) -> Finished | Refusal:
        environment = self._environment | {"TF_DATA_DIR": str(stand.folder / "data")}
        if stand.workspace != DEFAULT:
            environment["TF_WORKSPACE"] = stand.workspace
        plain = () if command == "show" else ("-no-color",)
        asked = [self._program, command, *plain, *options]
        what, seconds = f"terraform {command} for {stand.where}", self._options.seconds
        try:
            return process.run(asked, self._copy.folder / stand.root, environment, seconds)
        except subprocess.TimeoutExpired:
            hint = "raise terraform.timeout_seconds"
            return failed(f"{what} took more than {seconds} s and was stopped; {hint}")
        except OSError as error:
            return failed(f"{what} cannot be started: {error.strerror}")

    def _checked(self, stand: Stand, command: str, done: Finished | Refusal) -> bytes | Refusal:
        """What terraform printed. Its words are never passed on whole: they may hold secrets."""
        if isinstance(done, Refusal):
            return done
        if done.status in ((0, _CHANGES) if command == "plan" else (0,)):
            return done.out
        why = summary(done.err, stand.root, self._secrets)
        return failed(f"terraform {command} for {stand.where} failed: {why}")


def _later_override(stand: Stand, tree: Tree) -> Refusal | None:
    beside = (p for p in tree.paths() if dirname(p) == stand.root and is_override(p))
    for path in beside:
        if basename(path).encode(errors="surrogateescape") >= OVERRIDE_FILE.encode():
            text = f"{path} would be merged after the backend of the scratch folder; rename it"
            return failed(text)
    return None


def failed(text: str) -> Refusal:
    return Refusal("prove", "plan-failed", text)


def _is_raw(state: bytes) -> bool:
    """Not what `show -json` prints, whose first key it is."""
    return b'"format_version"' not in state[:200]


def _state_file(stand: Stand) -> Path:
    """Where the local backend looks for the state of a workspace."""
    if stand.workspace == DEFAULT:
        return stand.folder / _STATE
    return stand.folder / _WORKSPACES / stand.workspace / _STATE


def _backend(stand: Stand) -> str:
    path, others = stand.folder / _STATE, stand.folder / _WORKSPACES
    return (
        'terraform {\n  backend "local" {\n'
        f"    path          = {string_literal(path.as_posix())}\n"
        f"    workspace_dir = {string_literal(others.as_posix())}\n"
        "  }\n}\n"
    )
