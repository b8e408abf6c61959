"""What was asked of the stand-in, what shall go wrong, and who is told before and after."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock

from remediator.embedded.github.requests import Answer

WRITES, READS = "writes", "reads"


@dataclass(frozen=True)
class Asked:
    """One request. `route` is its method and template, `POST /repos/{owner}/{repo}/pulls`; for
    GraphQL `POST /graphql NAME`; for git `GIT fetch` and `GIT push`, and `GIT refs` before each."""

    number: int
    """From 1, since the last reset."""
    route: str
    path: str
    is_write: bool
    user: str
    """The login; empty for nobody."""

    def fits(self, pattern: str) -> bool:
        """`writes`, `reads`, or a pattern of the route with `*`."""
        if pattern in (WRITES, READS):
            return self.is_write == (pattern == WRITES)
        return fnmatchcase(self.route, pattern)


@dataclass(frozen=True)
class Failure:
    answer: Answer
    took_effect: bool = False
    """The work was done all the same; only the answer is lost."""
    seconds: float = 0.0
    """How long it takes before anything is answered."""
    replaces: bool = True
    """False: it is only slow."""


@dataclass
class _Plan:
    pattern: str
    failure: Failure
    after: int
    times: int | None
    seen: int = 0

    def next(self, asked: Asked) -> Failure | None:
        if not asked.fits(self.pattern):
            return None
        number = self.seen
        self.seen += 1
        over = self.times is not None and number >= self.after + self.times
        return self.failure if number >= self.after and not over else None


@dataclass
class Faults:
    """Handed to the server; a test sets a fault between two calls. Safe between threads.

    `after` lets so many fitting requests pass first; `times` None means for ever.
    """

    decide: Callable[[Asked], Failure | None] | None = None
    """A test's own word, asked first."""
    _plans: list[_Plan] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def fail(
        self,
        pattern: str,
        status: int = 502,
        message: str = "Server Error",
        *,
        took_effect: bool = False,
        after: int = 0,
        times: int | None = 1,
    ) -> None:
        """An error before the work is done, or (`took_effect`) instead of its answer."""
        self._add(pattern, Failure(error(status, message), took_effect), after, times)

    def limit(
        self, pattern: str, *, retry_after: int | None = 60, after: int = 0, times: int | None = 1
    ) -> None:
        """GitHub's secondary rate limit, in seconds to wait."""
        headers = [] if retry_after is None else [("Retry-After", str(retry_after))]
        text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."  # noqa: E501
        self._add(pattern, Failure(error(403, text, headers)), after, times)

    def drop(
        self, pattern: str, *, took_effect: bool = False, after: int = 0, times: int | None = 1
    ) -> None:
        """The connection ends without an answer."""
        self._add(pattern, Failure(Answer(502, drop=True), took_effect), after, times)

    def slow(self, pattern: str, seconds: float, *, times: int | None = 1) -> None:
        self._add(pattern, Failure(Answer(200), seconds=seconds, replaces=False), 0, times)

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()
            self.decide = None

    def next(self, asked: Asked) -> Failure | None:
        """For the server: what shall become of this request."""
        with self._lock:
            decided = self.decide(asked) if self.decide else None
            found = [f for plan in self._plans if (f := plan.next(asked))]
            return decided or next(iter(found), None)

    def _add(self, pattern: str, failure: Failure, after: int, times: int | None) -> None:
        with self._lock:
            self._plans.append(_Plan(pattern, failure, after, times))


def error(status: int, message: str, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """A 5xx comes from the servers in front, in HTML; anything else is GitHub's own JSON."""
    if status >= 500:
        page = f"<html><body><h1>{status} {message}</h1></body></html>".encode()
        return Answer(status, page, (("Content-Type", "text/html"), *headers))
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    kind = ("Content-Type", "application/json; charset=utf-8")
    return Answer(status, json.dumps(body).encode(), (kind, *headers))


@dataclass
class Traffic:
    """Every request since the last reset, with the status of its answer."""

    before: list[Callable[[Asked], None]] = field(default_factory=list)
    """Told of each request before anything is done; no lock is held, so they may ask, too."""
    after: list[Callable[[Asked, Answer], None]] = field(default_factory=list)
    _log: list[tuple[Asked, int]] = field(default_factory=list)
    _number: int = 0
    _lock: Lock = field(default_factory=Lock)

    def number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def record(self, asked: Asked, status: int) -> None:
        with self._lock:
            self._log.append((asked, status))

    @property
    def log(self) -> tuple[tuple[Asked, int], ...]:
        with self._lock:
            return tuple(self._log)

    @property
    def writes(self) -> tuple[str, ...]:
        """Routes of the requests that could change something, in order."""
        return tuple(a.route for a, _ in self.log if a.is_write)

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(a.route for a, _ in self.log if not a.is_write)

    def by_route(self) -> Counter[str]:
        return Counter(asked.route for asked, _ in self.log)

    def reset(self) -> None:
        """Forgets the requests, and keeps the hooks."""
        with self._lock:
            self._log.clear()
            self._number = 0
