"""tools/setup on machines that lack something: a sentence that says what, and status 2."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "tools" / "setup"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell script")


def machine(folder: Path, *programs: str, **scripts: str) -> str:
    """A folder for PATH with these programs of this machine, and these scripts."""
    for name in ("sh", "dirname", "cat", "head", "cksum", *programs):
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def ask(path: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """Status, and all that was said."""
    done = subprocess.run(
        ["sh", str(SETUP), *arguments],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


OLD = 'if [ "$1" = --version ]; then echo "Python 3.9.2"; else exit 1; fi'
BROKEN = 'echo "no such version is installed" >&2; exit 127'


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "Python 3.11 or later is needed, and there is none on PATH."),
        ({"python3": OLD}, "the one on PATH is Python 3.9.2."),
        ({"python3": BROKEN, "python": OLD}, "the one on PATH is Python 3.9.2."),
    ],
)
def test_a_python_that_is_missing_or_too_old(
    tmp_path: Path, scripts: dict[str, str], said: str
) -> None:
    status, text = ask(machine(tmp_path, **scripts), "--python")
    assert status == 2
    assert said in text
    assert "PYTHON=/path/to/" in text


def test_a_shim_that_does_not_work_is_passed_over(tmp_path: Path) -> None:
    path = machine(tmp_path, **{"python3": BROKEN, "python3.12": "exit 0"})
    assert ask(path, "--python") == (0, "python3.12\n")


def test_the_named_python_must_work(tmp_path: Path) -> None:
    status, text = ask(machine(tmp_path), "--python", PYTHON="/nowhere/python")
    assert status == 2
    assert "PYTHON=/nowhere/python is not a Python 3.11 or later that runs" in text


def test_git_is_missing(tmp_path: Path) -> None:
    status, text = ask(machine(tmp_path, python3="exit 0"))
    assert status == 2
    assert "git is needed" in text
