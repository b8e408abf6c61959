"""The commands as a user calls them, and a world for them: shared by tests/commands and e2e."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from remediator.cli import main
from remediator.embedded.stage import BUCKET, REGION, Stage

FAKE_KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@dataclass(frozen=True)
class Ran:
    """What a command ended with, and what it said. `document` is its --json file, if any."""

    status: int
    out: str
    err: str
    document: dict[str, Any] | None = None

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        assert self.document is not None
        found: list[dict[str, Any]] = self.document["outcomes"]
        return found

    def only(self) -> dict[str, Any]:
        (outcome,) = self.outcomes
        return outcome


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
    """Changes to this process's environment: fake keys, and nothing of the machine's AWS."""
    ours: dict[str, str | None] = dict.fromkeys(n for n in os.environ if n.startswith("AWS_"))
    return ours | FAKE_KEYS | dict(changes or {})


def remediator(
    *arguments: str | Path,
    env: Mapping[str, str | None] | None = None,
    folder: Path | None = None,
    color: bool = False,
) -> Ran:
    """The command line in this process. An exception that reaches the user fails the test."""
    runner = CliRunner(env=environment(env))
    with chdir(folder or Path.cwd()):
        result = runner.invoke(main, [str(a) for a in arguments], color=color)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return Ran(result.exit_code, result.stdout, result.stderr)


def run(stage: Stage, *arguments: str | Path, env: Mapping[str, str | None] | None = None) -> Ran:
    """`remediator run` with the stage's configuration, and its JSON document."""
    file = stage.folder / "outcomes.json"
    file.unlink(missing_ok=True)
    ran = remediator("run", "--config", stage.config, "--json", file, *arguments, env=env)
    found = json.loads(file.read_text()) if file.exists() else None
    return Ran(ran.status, ran.out, ran.err, found)


# A repository of one or more roots ----------------------------------------------------------

NOBODY_EXEMPT = "version: 1\nexemptions: []\n"


def root_head(root: str) -> str:
    return (
        f'terraform {{\n  backend "s3" {{\n    bucket = "{BUCKET}"\n'
        f'    key    = "{root}.tfstate"\n    region = "{REGION}"\n  }}\n}}\n\n'
        f'provider "aws" {{\n  region = "{REGION}"\n}}\n\n'
    )


def group(name: str, *ingress: str, extra: str = "") -> str:
    """An aws_security_group with these nested blocks."""
    blocks = "".join(f"\n{text}" for text in ingress)
    return (
        f'resource "aws_security_group" "{name}" {{\n  name        = "{name}"\n'
        f'  description = "A group"\n{extra}{blocks}}}\n'
    )


def ingress(*cidrs: str, port: int = 22, to: int | None = None) -> str:
    listed = ", ".join(json.dumps(c) for c in cidrs)
    return (
        f"  ingress {{\n    from_port   = {port}\n    to_port     = {to or port}\n"
        f'    protocol    = "tcp"\n    cidr_blocks = [{listed}]\n  }}\n'
    )


WORLD = "0.0.0.0/0"
OFFICE = "198.51.100.0/24"


class SmallStage(Stage):
    """A stage with these files, applied. Every folder that names a backend is a root."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        source, world = folder / "source", folder / "world"
        world.mkdir()
        roots = tuple(os.path.dirname(p) for p, text in files.items() if "backend " in text)
        for path, text in files.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_text(text, encoding="utf-8")
        today = datetime.now(UTC).date()
        super().__init__(world, False, today, source, roots)

    def __enter__(self) -> SmallStage:
        super().__enter__()
        self.prepare_aws()
        self.apply()
        (self.checkout / "exemptions.yaml").write_text(NOBODY_EXEMPT)
        self.git("commit", "--quiet", "--all", "-m", "Exempt nobody")
        self.git("push", "--quiet", "origin", "main")
        return self

    def configure(self, **changes: str) -> None:
        """Replaces or adds top-level keys, each with its YAML; an empty one removes the key."""
        lines = self.config.read_text().splitlines()
        parts: dict[str, list[str]] = {}
        for line in lines:
            if not line.startswith(" "):
                key = line.partition(":")[0]
            parts.setdefault(key, []).append(line)
        for key, text in changes.items():
            parts[key] = [f"{key}: {text}"] if text else []
        self.config.write_text("".join(f"{line}\n" for part in parts.values() for line in part))

    def keep(self) -> None:
        """Remembers the folder as it is, for `restore`."""
        shutil.copytree(self.folder, self._kept, symlinks=True)

    def restore(self) -> None:
        """The folder as it was kept, and no faults; what is live in AWS is left as it is."""
        shutil.rmtree(self.folder)
        shutil.copytree(self._kept, self.folder, symlinks=True)
        self.aws.faults.clear()

    @property
    def _kept(self) -> Path:
        return self.folder.with_name("kept")

    def id_of(self, name: str) -> str:
        (found,) = [i for i, n in self.groups().items() if n == name]
        return found


def one_root(*texts: str, root: str = "live/prod") -> dict[str, str]:
    return {f"{root}/main.tf": root_head(root) + "\n".join(texts)}


# What must not change, and what has ---------------------------------------------------------


def refs(repository: Path, ours: bool = True) -> dict[str, str]:
    """All refs by name; without `ours`, what the tool keeps for itself is left out."""
    asked = ["git", "-C", str(repository), "for-each-ref", "--format=%(refname) %(objectname)"]
    lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    pairs = (line.split(" ") for line in lines)
    return {n: c for n, c in pairs if ours or not n.startswith("refs/remediator/")}


def branches_of(remote: Path) -> dict[str, str]:
    """All that is pushed but the notes: what became of a merge is noted once, by a later run."""
    return {n: c for n, c in refs(remote).items() if not n.startswith("refs/notes/")}


def files_below(folder: Path) -> dict[str, str]:
    """Every file's digest and mode, of the work tree alone."""
    return {
        str(path.relative_to(folder)): f"{path.stat().st_mode:o} {_digest(path)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def untouched_parts(checkout: Path) -> dict[str, Any]:
    """What no run may change in a user's checkout."""
    git = checkout / ".git"
    names = ("index", "HEAD", "config", "logs/HEAD", "logs/refs/stash", "FETCH_HEAD", "ORIG_HEAD")
    return {
        "files": files_below(checkout),
        "refs": {n: c for n, c in refs(checkout, ours=False).items() if "/remotes/" not in n},
        "git": {n: _digest(git / n) if (git / n).exists() else None for n in names},
        "hooks": files_below(git / "hooks"),
    }


def bot_branches(stage: Stage) -> dict[str, str]:
    found = refs(stage.remote)
    head = "refs/heads/"
    return {n.removeprefix(head): c for n, c in found.items() if n.startswith(f"{head}remediator/")}


def main_head(stage: Stage) -> str:
    return refs(stage.remote)["refs/heads/main"]


def show(stage: Stage, commit: str, path: str) -> str:
    return stage.git("show", f"{commit}:{path}", folder=stage.remote)


def subjects(stage: Stage, *arguments: str) -> list[str]:
    return stage.git("log", "--format=%s", *arguments, folder=stage.remote).splitlines()


def somebody_pushes(stage: Stage, path: str, text: str, branch: str = "main") -> str:
    """A colleague's commit on the remote, made in a clone of its own. Answers its id."""
    place = stage.folder / f"colleague-{len(list(stage.folder.iterdir()))}"
    stage.git("clone", "--quiet", "-b", branch, str(stage.remote), str(place), folder=stage.folder)
    (place / path).parent.mkdir(parents=True, exist_ok=True)
    (place / path).write_text(text, encoding="utf-8")
    stage.git("add", "--all", folder=place)
    stage.git("commit", "--quiet", "-m", f"Somebody changes {path}", folder=place)
    stage.git("push", "--quiet", "origin", branch, folder=place)
    return stage.git("rev-parse", "HEAD", folder=place).strip()


def wrapped_git(folder: Path, script: str) -> dict[str, str]:
    """A PATH whose `git` is this POSIX shell script; "$GIT" in it is the real one."""
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    folder.mkdir(parents=True)
    wrapper = folder / "git"
    wrapper.write_text(f"#!/bin/sh\nGIT={real.stdout.strip()}\n{script}\n")
    wrapper.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
