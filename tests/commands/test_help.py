"""The command line as somebody meets it who has read nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commandline import WORLD, group, ingress, one_root, remediator

from remediator import __version__
from remediator.cli import main


def _commands(found: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(found, click.Group):
        for name, inner in sorted(found.commands.items()):
            yield from _commands(inner, (*path, name))


COMMANDS = list(_commands(main, ()))


def test_the_commands_are_those_of_the_contract() -> None:
    leaves = {" ".join(c) for c in COMMANDS}
    assert leaves >= {"run", "fix", "audit", "explain", "exemptions check", "demo"}


def test_version() -> None:
    ran = remediator("--version")
    assert (ran.status, ran.out, ran.err) == (0, f"remediator {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c) or "remediator")
def test_help_teaches(command: tuple[str, ...]) -> None:
    short, long = remediator(*command, "-h"), remediator(*command, "--help")
    assert short == long
    assert short.status == 0
    assert short.out.startswith("Usage: ")
    words = re.sub(r"\s+", " ", short.out)
    assert len(words.split()) > 25
    assert max(map(len, short.out.splitlines())) <= 100


@pytest.mark.parametrize("command", ["run", "fix", "audit"])
def test_help_has_an_example_that_is_a_valid_call(command: str) -> None:
    out = remediator(command, "--help").out
    examples = re.findall(rf"^ +remediator {command} (.*)$", out, re.MULTILINE)
    assert examples
    known = {option for p in main.commands[command].params for option in p.opts}
    for example in examples:
        assert set(re.findall(r"--[a-z-]+", example)) <= known


def test_the_exit_statuses_are_told() -> None:
    out = re.sub(r"\s+", " ", remediator("--help").out)
    assert "0 done; 1 something is left for a person" in out
    assert "2 usage or configuration; 3 an upstream failed" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run", "--nonsense"],
        ["run", "surplus"],
        ["explain"],
        ["audit", "--format", "pdf"],
        ["exemptions", "nonsense"],
        ["fix", "--state"],
        ["fix", "a", "b"],
        ["run", "--config", "."],
        ["run", "--findings", "."],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_with_a_sentence(arguments: list[str], tmp_path: Path) -> None:
    ran = remediator(*arguments, folder=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert "Error: " in ran.err
    assert list(tmp_path.iterdir()) == []


def _checkout(folder: Path) -> Path:
    file = folder / "main.tf"
    file.write_text(one_root(group("web", ingress(WORLD)))["live/prod/main.tf"])
    return folder


def test_colours_on_a_terminal_and_off_when_asked(tmp_path: Path) -> None:
    place = _checkout(tmp_path)
    assert "\x1b[" in remediator("fix", place, "--diff", color=True).out
    assert "\x1b[" not in remediator("--no-color", "fix", place, "--diff", color=True).out
    quiet = {"NO_COLOR": "1"}
    assert "\x1b[" not in remediator("fix", place, "--diff", env=quiet, color=True).out


def test_errors_too_are_without_colours_when_asked(tmp_path: Path) -> None:
    arguments = ("run", "--config", tmp_path / "none.yaml")
    assert "\x1b[" in remediator(*arguments, color=True).err
    assert "\x1b[" not in remediator("--no-color", *arguments, color=True).err


def _script() -> Path:
    script = Path(sys.executable).with_name("remediator")
    if not script.exists():
        pytest.skip("the console script is not installed beside this Python")
    return script


def test_a_pipe_gets_no_colours(tmp_path: Path) -> None:
    asked = [str(_script()), "fix", str(_checkout(tmp_path)), "--diff"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    """`remediator fix --diff | head -1`."""
    asked = [str(_script()), "fix", str(_checkout(tmp_path)), "--diff"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
