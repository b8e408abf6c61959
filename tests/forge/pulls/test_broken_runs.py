"""Runs that die, answers that get lost, two runs at once: the end is that of one clean run.

Not a sample: every call that a run makes is a place to break it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
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


def signing(w: World) -> None:
    """One to make again; commits are made through the API."""
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

    def again(self) -> World:
        self.world.restore(self.saved)
        return self.world


SCENES: dict[str, tuple[Callable[[World], Any], Callable[[World], Ran]]] = {
    "first": (nothing, lambda w: w.run(["a", "b"], auto=["a"])),
    "rules": (rules, lambda w: w.run(["a", "b"], auto=["a"])),
    "signing": (signing, lambda w: w.run(["a", "b"])),
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
    assert scene.calls > 10
    for cut in range(1, scene.calls + 1):
        w = scene.again()
        w.cut = Cut(cut)
        assert killed(lambda w=w: scene.run(w))  # type: ignore[misc]
        w.cut = Cut()
        scene.run(w)
        assert w.state() == scene.end, f"killed after call {cut} of {scene.calls}"
        assert scene.run(w).writes == ()


@pytest.mark.parametrize("took_effect", [True, False])
def test_any_write_is_answered_502(scene: Scene, took_effect: bool) -> None:
    for number in range(scene.writes):
        w = scene.again()
        w.server.faults.fail("writes", took_effect=took_effect, after=number)
        scene.run(w)
        w.server.faults.clear()
        scene.run(w)
        assert w.state() == scene.end, f"write {number} of {scene.writes}"
        assert scene.run(w).writes == ()


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


def test_two_runs_at_once(scene: Scene) -> None:
    """A whole second run between any two requests of the first."""
    for number in count(1):
        w = scene.again()
        twin, asked = w.another(), [0]

        def interrupt(
            _: Asked, twin: World = twin, asked: list[int] = asked, number: int = number
        ) -> None:
            asked[0] += 1
            if asked[0] == number:
                scene.run(twin)

        w.server.traffic.before.append(interrupt)
        scene.run(w)
        if asked[0] < number:
            break
        w.server.traffic.before.clear()
        scene.run(w)
        assert w.state() == scene.end, f"a second run before request {number}"
    assert number > scene.calls
