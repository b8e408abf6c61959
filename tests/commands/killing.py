"""`remediator run` as a process of its own that can be killed, quick to start."""

from __future__ import annotations

import multiprocessing
import os
import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commandline import environment, wrapped_git

# Imported once, by the process that all others are forked from: what a run needs.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["remediator.commands.run", "boto3", "git", "hcl2", "jinja2"])


def _command(arguments: list[str], env: Mapping[str, str | None], output: str) -> None:
    """In the forked process: `remediator` with these arguments and this environment."""
    from remediator.cli import main

    for name, value in env.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    main(arguments)


def process(config: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """The exit status (negative: the signal that ended it) and all that was said."""
    output = config.with_name("output.txt")
    given = (["run", "--config", str(config)], environment(env), str(output))
    child = _FORKS.Process(target=_command, args=given)
    child.start()
    child.join(60)
    status = child.exitcode
    assert status is not None
    return status, output.read_text()


KILLED = -signal.SIGKILL

# Counts the calls in a file. At call number $CUT, or at the first call with that word, it kills
# who called it: before git, or after.
# What reads objects lives as long as its caller: that one cannot be killed after it.
_SCRIPT = """
printf x >> {calls}
n=$(($(wc -c < {calls})))
echo "$n $*" >> {log}
cut=no
for word in $n "$@"; do if [ "$word" = "$CUT" ]; then cut=yes; fi; done
if [ $cut = no ]; then exec "$GIT" "$@"; fi
if [ "$WHEN" = before ]; then kill -9 $PPID; exit 137; fi
"$GIT" "$@"
status=$?
kill -9 $PPID
exit $status
"""


@dataclass(frozen=True)
class Knife:
    """A `git` on PATH that kills `remediator` at one call of it."""

    folder: Path

    def install(self) -> dict[str, str]:
        script = _SCRIPT
        for name in ("calls", "log"):
            script = script.replace(f"{{{name}}}", shlex.quote(str(self.folder / name)))
        return wrapped_git(self.folder / "bin", script)

    def calls(self) -> list[str]:
        """What git was asked, call by call."""
        lines = (self.folder / "log").read_text().splitlines()
        return [line.partition(" ")[2] for line in lines]

    def reset(self) -> None:
        for name in ("calls", "log"):
            (self.folder / name).unlink(missing_ok=True)
