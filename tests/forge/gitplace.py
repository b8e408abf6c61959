"""A checkout with a bare remote, made and looked at with the real git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from remediator.forge.git import GitForge
from remediator.forge.trailer import encode

IDENTITY = ("Remediator", "bot@example.com")
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PERSON = ("-c", "user.name=Pat", "-c", "user.email=pat@example.com")
MESSAGE = "fix(sg): close SSH\n\nbody\n\n" + encode([("Remediator-Version", "1")])


def git(where: Path, *arguments: str, stdin: bytes = b"") -> str:
    command = ["git", "-C", str(where), *PERSON, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


@dataclass(frozen=True)
class Place:
    """`work` is the user's checkout, `bare` the server, `other` a colleague's clone."""

    work: Path
    bare: Path
    other: Path

    def forge(self, **changes: str) -> GitForge:
        base = changes.get("base", "main")
        return GitForge(self.work, changes.get("remote", "origin"), base, IDENTITY)

    def remote_head(self, branch: str = "main") -> str | None:
        found = git(self.bare, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return found or None

    def colleague_pushes(self, files: Mapping[str, str], branch: str = "main") -> str:
        git(self.other, "fetch", "-q", "origin")
        git(self.other, "checkout", "-q", "-B", "here", f"origin/{branch}")
        commit(self.other, files)
        git(self.other, "push", "-q", "origin", f"here:{branch}")
        return git(self.other, "rev-parse", "HEAD")


def commit(where: Path, files: Mapping[str, str], message: str = "change") -> str:
    for path, text in files.items():
        file = where / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(where, "add", "-A")
    git(where, "commit", "-q", "-m", message)
    return git(where, "rev-parse", "HEAD")


FILES = {
    "main.tf": "one\n",
    "live/prod/sg.tf": "sg\n",
    "live/prod/other.tf": "other\n",
    "live.tf": "sorts between\n",
    "odd name.tf": "spaces\n",
    'quo"te.tf': "quotes\n",
    "new\nline.tf": "newline\n",
    "größe/ünï.tf": "unicode\n",
    "run.sh": "#!/bin/sh\n",
}


def make_place(folder: Path) -> Place:
    place = Place(folder / "work", folder / "remote.git", folder / "other")
    git(folder, "init", "-q", "-b", "main", "work")
    (place.work / "link.tf").symlink_to("main.tf")
    (place.work / "raw\udcff.tf").write_bytes(b"no UTF-8 in its name\n")
    commit(place.work, FILES)
    (place.work / "run.sh").chmod(0o755)
    git(place.work, "commit", "-aqm", "executable")
    git(folder, "clone", "-q", "--bare", "work", "remote.git")
    git(place.work, "remote", "add", "origin", str(place.bare))
    git(folder, "clone", "-q", "remote.git", "other")
    return place
