"""What is to be done on GitHub, as values. Each may be done again without harm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from remediator.forge.github.there import Command


@dataclass(frozen=True, slots=True)
class Push:
    """The wanted commit onto the branch, from exactly the head that is expected there."""

    branch: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class Open:
    branch: str


@dataclass(frozen=True, slots=True)
class Describe:
    """Title and body as they are to be now."""

    branch: str


@dataclass(frozen=True, slots=True)
class Ask:
    branch: str
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    branch: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AutoMerge:
    branch: str
    on: bool


@dataclass(frozen=True, slots=True)
class Merge:
    branch: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A comment that says why the branch is left alone, once; then the label."""

    branch: str
    head: str


@dataclass(frozen=True, slots=True)
class Close:
    branch: str
    why: str


@dataclass(frozen=True, slots=True)
class Ignore:
    branch: str
    reason: str
    until: date | None
    by: str


@dataclass(frozen=True, slots=True)
class Delete:
    branch: str
    head: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is "" for an explanation, which is written from the change."""

    command: Command
    text: str


Operation: TypeAlias = (
    Push
    | Open
    | Describe
    | Ask
    | Label
    | AutoMerge
    | Merge
    | Stop
    | Close
    | Ignore
    | Delete
    | Answer
)
