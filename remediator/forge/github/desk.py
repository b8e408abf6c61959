"""What a run has at hand while it delivers: what it wants, what is there, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from remediator.forge.github.there import Pull, Wanted
from remediator.forge.pull_text import Around
from remediator.model import Change, UpstreamError


@dataclass(frozen=True, slots=True)
class Made:
    """A change, and all that its commit and its pull request are written from."""

    change: Change
    wanted: Wanted
    around: Around
    when: datetime


@dataclass(slots=True)
class Result:
    """What became of a branch. `blocked`: what a setting, or somebody faster, did not allow.
    `moved`: what was proven again where the base had moved before GitHub's merge; else ""."""

    pull: Pull | None = None
    head: str | None = None
    merged: str | None = None
    moved: str = ""
    blocked: str = ""
    notes: list[str] = field(default_factory=list)
    fault: UpstreamError | None = None


@dataclass(slots=True)
class Desk:
    """By branch, but for `base`: the base's commit that the changes were made from. `opened`: by
    this very run, so that nobody has said anything yet."""

    base: str
    made: dict[str, Made] = field(default_factory=dict)
    pulls: dict[str, Pull] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)

    def result_of(self, branch: str) -> Result:
        return self.results.setdefault(branch, Result(self.pulls.get(branch)))


class StoppedError(Exception):
    """A group of operations ends here, and nothing is wrong."""
