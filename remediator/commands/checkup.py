"""What `remediator doctor` finds: one line each, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from remediator.model import ConfigurationError, SourceError, UpstreamError
from remediator.texts import plain


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    """A run works, and does less than it could."""
    FAIL = "fail"
    """A run stops, or leaves something out, because of it."""


@dataclass(frozen=True, slots=True)
class Item:
    """`area` is configuration, git, aws, states or github. `advice` is empty where all is well."""

    area: str
    level: Level
    text: str
    advice: str = ""

    def lines(self) -> Iterator[str]:
        yield f"{self.level.value:<5} {self.area}: {plain(self.text, 600)}"
        if self.advice:
            yield f"        → {plain(self.advice, 600)}"


def examined(area: str, look: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """The items of `look`, up to the fault that ends it: which is the last one."""
    try:
        yield from look()
    except ConfigurationError as error:
        for problem in error.problems:
            yield Item(area, Level.FAIL, problem)
    except (SourceError, UpstreamError) as error:
        yield Item(area, Level.FAIL, str(error))
