"""Runs that die, answers that get lost, two runs at once: the end is that of one clean run.

Not a sample: every call that a run makes is a place to break it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runs import Cut, Ran, World, killed, world

from remediator.embedded.github.rules import Requirements
from remediator.embedded.github.traffic import Asked, Failure, error

NAMES = ("a", "b", "c", "d")


def nothing(w: World) -> None:
    """The first run of all."""


def much(w: World) -> None:
    """One to close, one to make again, one that somebody pushed to, commands and a tick."""
    w.run(NAMES)
    w.push({"live/prod/b.tf": "more\nopen\n"})
    w.push({"live/prod/c.tf": "mine\n"}, "remediator/open-admin-port-c")
    numbers = {p.head.ref[-1]: p.number for p in w.pulls()}
    w.comment(numbers["d"], "/remediator ignore they move until 2026-12-31")


def rules(w: World) -> None:
    w.server.add_ruleset(w.repo, Requirements(contexts=("plan",)))
    w.repo.settings.allow_auto_merge = True


def first_run(w: World) -> Ran:
    return w.run(NAMES, auto=["a"])


def later_run(w: World) -> Ran:
    return w.run(["b", "c", "d"])


SCENES: dict[str, tuple[Callable[[World], Any], Callable[[World], Ran]]] = {
    "first": (nothing, first_run),
    "rules": (rules, first_run),
    "much": (much, later_run),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], int, int]]:
    """Of each scene: how it ends, how many calls one run makes, and how many are writes."""
    found = {}
    for name, (before, run) in SCENES.items():
        with world(tmp_path_factory.mktemp(name), *NAMES) as w:
            before(w)
            w.cut = Cut()
            ran = run(w)
            calls = w.cut.calls
            run(w)
            found[name] = (w.state(), calls, len(ran.writes))
    return found


@pytest.mark.parametrize("scene", SCENES)
def test_killed_after_any_call(
    tmp_path: Path, clean: dict[str, tuple[dict[str, Any], int, int]], scene: str
) -> None:
    (before, run), (end, calls, _) = SCENES[scene], clean[scene]
    for cut in range(1, calls + 1):
        with world(tmp_path / str(cut), *NAMES) as w:
            before(w)
            w.cut = Cut(cut)
            assert killed(lambda: run(w))
            w.cut = Cut()
            run(w)
            run(w)
            assert w.state() == end, f"killed after call {cut} of {calls}"
            assert run(w).writes == ()


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("scene", SCENES)
def test_any_write_is_answered_502(
    tmp_path: Path,
    clean: dict[str, tuple[dict[str, Any], int, int]],
    scene: str,
    took_effect: bool,
) -> None:
    (before, run), (end, _, writes) = SCENES[scene], clean[scene]
    for number in range(writes):
        with world(tmp_path / str(number), *NAMES) as w:
            before(w)
            w.server.faults.fail("writes", took_effect=took_effect, after=number)
            run(w)
            w.server.faults.clear()
            run(w)
            assert w.state() == end, f"write {number} of {writes}"
            assert run(w).writes == ()


@pytest.mark.parametrize("scene", SCENES)
def test_every_write_is_answered_502_once(
    tmp_path: Path, clean: dict[str, tuple[dict[str, Any], int, int]], scene: str
) -> None:
    (before, run), (end, *_) = SCENES[scene], clean[scene]
    seen: set[str] = set()

    def decide(asked: Asked) -> Failure | None:
        if not asked.is_write or asked.route.startswith("GIT") or asked.path in seen:
            return None
        seen.add(asked.path)
        return Failure(error(502, "Server Error"), took_effect=True)

    with world(tmp_path, *NAMES) as w:
        before(w)
        w.server.faults.decide = decide
        run(w)
        w.server.faults.clear()
        run(w)
        assert w.state() == end
        assert run(w).writes == ()


@pytest.mark.parametrize("scene", SCENES)
def test_two_runs_at_once(
    tmp_path: Path, clean: dict[str, tuple[dict[str, Any], int, int]], scene: str
) -> None:
    """A whole second run between any two requests of the first."""
    (before, run), (end, calls, _) = SCENES[scene], clean[scene]
    for number in range(1, calls + 12):
        with world(tmp_path / str(number), *NAMES) as w:
            before(w)
            twin, count = w.another(), [0]

            def interrupt(
                asked: Asked, twin: World = twin, count: list[int] = count, number: int = number
            ) -> None:
                count[0] += 1
                if count[0] == number:
                    run(twin)

            w.server.traffic.before.append(interrupt)
            run(w)
            w.server.traffic.before.clear()
            run(w)
            run(w)
            assert w.state() == end, f"a second run before request {number}"
            assert run(w).writes == ()
