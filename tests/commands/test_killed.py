"""Rule 10: a run that is killed at any step leaves everything valid, and the next run finishes.

"Any step" is every call of git: between two calls the process changes nothing that outlives it.
It is killed before each of them, and after each that writes; after one that only reads is
before the next.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from commandline import WORLD, SmallStage, group, ingress, one_root, refs, untouched_parts
from killing import KILLED, Knife, process

# Two automatic changes of one file, and one for review.
SOURCE = {
    **one_root(group("ssh", ingress("10.0.0.0/8", WORLD)), group("rdp", ingress(WORLD, port=3389))),
    "live/prod/wide.tf": group("wide", ingress(WORLD, port=20, to=25)),
}


@dataclass(frozen=True)
class Commit:
    """A commit without what differs from run to run: its id, and when it was made."""

    tree: str
    parents: tuple[str, ...]
    message: str


WRITING = {"fetch", "unpack-objects", "push"}
History = dict[str, tuple[Commit, ...]]


def history(stage: SmallStage) -> History:
    """Of every branch of the remote."""
    return {ref: _log(stage.remote, ref) for ref in sorted(refs(stage.remote))}


def _log(repository: Path, ref: str) -> tuple[Commit, ...]:
    asked = ["git", "-C", str(repository), "log", "--topo-order", "--format=%H %T %P%n%B%x00", ref]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    trees: dict[str, str] = {}
    found: list[tuple[str, list[str], str]] = []
    for part in done.stdout.split("\0")[:-1]:
        head, _, message = part.strip("\n").partition("\n")
        commit, tree, *parents = head.split()
        trees[commit] = tree
        message = re.sub(r"(?m)^Evaluated-At: .*$|\b[0-9a-f]{12,40}\b", "", message)
        found.append((tree, parents, message))
    return tuple(Commit(t, tuple(trees[p] for p in ps), m) for t, ps, m in found)


def fsck(*repositories: Path) -> None:
    for repository in repositories:
        asked = ["git", "-C", str(repository), "fsck", "--strict", "--no-dangling", "--no-progress"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@dataclass(frozen=True)
class Clean:
    """What one undisturbed run does: how it ends, the history it makes and the calls of git."""

    stage: SmallStage
    env: dict[str, str]
    knife: Knife
    history: History
    calls: tuple[str, ...]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clean]:
    folder = tmp_path_factory.mktemp("killed")
    knife = Knife(folder)
    with SmallStage(folder, SOURCE) as stage:
        stage.keep()
        env = knife.install()
        status, said = process(stage.config, env)
        assert status == 0, said
        yield Clean(stage, env, knife, history(stage), tuple(knife.calls()))


def test_the_clean_run_is_what_it_should_be(clean: Clean) -> None:
    main, *branches = clean.history.values()
    assert len(branches) == 3
    assert sum(len(commit.parents) == 2 for commit in main) == 2
    words = [word for call in clean.calls for word in call.split()]
    assert (words.count("fetch"), words.count("push")) == (1, 3)
    assert words.count("unpack-objects") >= 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_call_of_git(clean: Clean, when: str) -> None:
    stage = clean.stage
    stage.restore()
    untouched = untouched_parts(stage.checkout)
    for number, call in enumerate(clean.calls, 1):
        if when == "after" and not WRITING & {*call.split()}:
            continue
        stage.restore()
        clean.knife.reset()
        at = f"{when} call {number} (git {call})"
        status, said = process(stage.config, clean.env | {"CUT": str(number), "WHEN": when})
        assert status == KILLED, f"{at}: {said}"
        fsck(stage.remote, stage.checkout)
        assert set(history(stage)) <= set(clean.history), at
        status, said = process(stage.config, {})
        assert status == 0, f"{at}: {said}"
        assert history(stage) == clean.history, at
        assert untouched_parts(stage.checkout) == untouched, at
        fsck(stage.remote, stage.checkout)


def test_a_job_that_is_killed_at_its_first_push_every_time_gets_there(clean: Clean) -> None:
    stage = clean.stage
    stage.restore()
    ended = []
    for _ in range(5):
        clean.knife.reset()
        status, said = process(stage.config, clean.env | {"CUT": "push", "WHEN": "after"})
        assert status in (0, KILLED), said
        ended.append(status)
    assert ended == [KILLED, KILLED, KILLED, 0, 0]
    assert history(stage) == clean.history
