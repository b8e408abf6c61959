"""Runs that die, answers that get lost, two runs at once: the end is that of one clean run.

Not a sample: every call that a run makes is a place to break it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest
from runs import Cut, Ran, Saved, World, killed, world

from remediator.embedded.github.rules import Requirements
from remediator.embedded.github.traffic import Asked, Failure, error

NAMES = ("a", "b", "c", "d")


def nothing(w: World) -> None:
    """The first run of all."""


def rules(w: World) -> None:
    w.server.add_ruleset(w.repo, Requirements(contexts=("plan",)))
    w.repo.settings.allow_auto_merge = True


def objected(w: World) -> None:
    """Auto-merge is on, and a reviewer asks for changes."""
    rules(w)
    w.run(["a"], auto=["a"])
    w.as_pat().get_pull(w.pulls()[0].number).create_review(body="No", event="REQUEST_CHANGES")


def queue(w: World) -> None:
    """Nothing but a merge queue: auto-merge puts it there at once, where it stays for a while."""
    w.server.add_ruleset(w.repo, Requirements(merge_queue=True))
    w.repo.settings.allow_auto_merge = w.repo.settings.queue_waits = True


def signing(w: World) -> None:
    """One to make again; commits are made through the API. A new one takes the same way."""
    w.sign = True
    w.run(["a"])
    w.push({"live/prod/a.tf": "more\nopen\n"})


def much(w: World) -> None:
    """One to close, one to make again, one that somebody pushed to, one to ignore."""
    w.run(NAMES)
    w.push({"live/prod/b.tf": "more\nopen\n"})
    w.push({"live/prod/c.tf": "mine\n"}, "remediator/open-admin-port-c")
    numbers = {p.head.ref[-1]: p.number for p in w.pulls()}
    w.comment(numbers["d"], "/remediator ignore they move until 2026-12-31")


@dataclass(frozen=True)
class Scene:
    """`end` is the state after a clean run, `calls` and `writes` are what it makes."""

    world: World
    saved: Saved
    run: Callable[[World], Ran]
    end: dict[str, Any]
    calls: int
    writes: int
    good: set[str] = field(default_factory=set)
    """Worlds from which, as was seen, a run ends as it should, and the next one makes no write."""

    def again(self) -> World:
        self.world.restore(self.saved)
        return self.world

    def ends_well(self, where: str) -> None:
        """The next run makes it the end of a clean one, and the run after that makes no write.

        Many breaks leave exactly the same world: from each it is done once.
        """
        w = self.world
        w.cut = Cut()
        w.server.faults.clear()
        w.server.traffic.before.clear()
        start = w.exactly()
        if start in self.good:
            return
        self.run(w)
        assert w.state() == self.end, where
        after = w.exactly()
        if after not in self.good:
            assert self.run(w).writes == (), where
            self.good.add(after)
        self.good.add(start)


SCENES: dict[str, tuple[Callable[[World], Any], Callable[[World], Ran]]] = {
    "first": (nothing, lambda w: w.run(["a", "b"], auto=["a"])),
    "rules": (rules, lambda w: w.run(["a", "b"], auto=["a"])),
    "objected": (objected, lambda w: w.run(["a"], auto=["a"])),
    "queue": (queue, lambda w: w.run(["a"], auto=["a"])),
    "signing": (signing, lambda w: w.run(["a"])),
    "much": (much, lambda w: w.run(["b", "c", "d"])),
}


@pytest.fixture(scope="module", params=SCENES)
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    before, run = SCENES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    with world(folder / "world", *NAMES, held=False) as w:
        before(w)
        saved = w.save(folder / "saved")
        w.cut = Cut()
        writes, calls = len(run(w).writes), w.cut.calls
        assert run(w).writes == ()
        yield Scene(w, saved, run, w.state(), calls, writes)


def test_killed_after_any_call(scene: Scene) -> None:
    assert scene.calls >= 10
    for cut in range(1, scene.calls + 1):
        w = scene.again()
        w.cut = Cut(cut)
        assert killed(lambda w=w: scene.run(w))  # type: ignore[misc]
        scene.ends_well(f"killed after call {cut} of {scene.calls}")


@pytest.mark.parametrize("took_effect", [True, False])
def test_any_write_is_answered_502(scene: Scene, took_effect: bool) -> None:
    for number in range(scene.writes):
        w = scene.again()
        w.server.faults.fail("writes", took_effect=took_effect, after=number)
        scene.run(w)
        scene.ends_well(f"write {number} of {scene.writes}")


def test_every_write_to_the_api_is_answered_502_once(scene: Scene) -> None:
    """Each is done, and only its answer is lost: one run is enough all the same."""
    seen: set[str] = set()

    def decide(asked: Asked) -> Failure | None:
        if not asked.is_write or asked.route.startswith("GIT") or asked.path in seen:
            return None
        seen.add(asked.path)
        return Failure(error(502, "Server Error"), took_effect=True)

    w = scene.again()
    w.server.faults.decide = decide
    assert scene.run(w).problems == ()
    w.server.faults.clear()
    assert w.state() == scene.end
    assert scene.run(w).writes == ()


def test_two_runs_at_once(scene: Scene, tmp_path: Path) -> None:
    """A whole second run between any two requests of the first."""
    second = Second(scene, tmp_path)
    for number in count(1):
        w, asked = scene.again(), [0]

        def interrupt(
            _: Asked, w: World = w, asked: list[int] = asked, number: int = number
        ) -> None:
            asked[0] += 1
            if asked[0] == number:
                second.run(w)

        w.server.traffic.before.append(interrupt)
        scene.run(w)
        if asked[0] < number:
            break
        scene.ends_well(f"a second run before request {number}")
    assert number > scene.calls


@dataclass
class Second:
    """A second run, in a clone of its own. What it leaves on GitHub depends on what is there: so
    from each world it runs once, and is then brought back as a copy."""

    scene: Scene
    folder: Path
    done: dict[str, Saved] = field(default_factory=dict)

    def run(self, w: World) -> None:
        start = w.exactly()
        if start not in self.done:
            twin = w.another()
            self.scene.run(twin)
            self.done[start] = w.save(self.folder / start, clone=False)
            return
        saved = self.done[start]
        (place,) = saved.folders.values()
        rmtree(w.repo.git.path)
        copytree(place, w.repo.git.path, symlinks=True)
        w.recall(saved)
