"""What shall go wrong in the embedded AWS, so that the failure branches run over real HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as AWS gives it, or, with `garbled`, an answer that is no AWS answer at all."""

    code: str
    message: str
    status: int
    garbled: bool = False


@dataclass(slots=True)
class Faults:
    """Handed to EmbeddedAws. Operations are written as `ec2:DescribeSecurityGroups`.

    Mutable on purpose: a test sets a fault between two calls. Safe between threads.
    """

    _failures: dict[str, tuple[Failure, int, int | None]] = field(default_factory=dict)
    _page_sizes: dict[str, int] = field(default_factory=dict)
    _stale: set[str] = field(default_factory=set)
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def fail(
        self,
        operation: str,
        code: str,
        message: str = "an emulated failure",
        *,
        status: int = 400,
        after: int = 0,
        times: int | None = None,
    ) -> None:
        """Fail the operation from its call number `after` on, for ever or `times` times."""
        self._set(operation, Failure(code, message, status), after, times)

    def deny(self, operation: str) -> None:
        """AccessDenied, by the code that the service uses for it."""
        codes = {"ec2": "UnauthorizedOperation", "iam": "AccessDenied", "sts": "AccessDenied"}
        code = codes.get(operation.partition(":")[0], "AccessDeniedException")
        self.fail(operation, code, f"not authorized to perform: {operation}", status=403)

    def throttle(self, operation: str, *, times: int | None = None) -> None:
        codes = {"ec2": "RequestLimitExceeded", "iam": "Throttling", "sts": "Throttling"}
        code = codes.get(operation.partition(":")[0], "ThrottlingException")
        self.fail(operation, code, "Rate exceeded", status=503, times=times)

    def truncate(self, operation: str, *, pages: int = 1) -> None:
        """Answer `pages` pages of one item each, then break off."""
        self.page(operation, 1)
        self.fail(operation, "InternalError", "an emulated break", status=500, after=pages)

    def garble(self, operation: str) -> None:
        """Answer with 200 and something that is no AWS answer, as a captive portal does."""
        self._set(operation, Failure("", "", 200, garbled=True), 0, None)

    def page(self, operation: str, size: int) -> None:
        """Give no more than `size` items a page, whatever is asked for."""
        with self._lock:
            self._page_sizes[operation] = size

    def keep_flagging(self, group_id: str) -> None:
        """Config is late: it goes on calling this group NON_COMPLIANT, repaired or not."""
        with self._lock:
            self._stale.add(group_id)

    def clear(self) -> None:
        with self._lock:
            self._failures.clear()
            self._page_sizes.clear()
            self._stale.clear()
            self._counts.clear()

    def next_failure(self, operation: str) -> Failure | None:
        """For the server: count one call of the operation, and say whether it shall fail."""
        with self._lock:
            if operation not in self._failures:
                return None
            failure, after, times = self._failures[operation]
            number = self._counts[operation]
            self._counts[operation] += 1
            until = None if times is None else after + times
            return failure if number >= after and (until is None or number < until) else None

    def page_size(self, operation: str, asked: int) -> int:
        with self._lock:
            return min(asked, self._page_sizes.get(operation, asked))

    def is_stale(self, group_id: str) -> bool:
        with self._lock:
            return group_id in self._stale

    def _set(self, operation: str, failure: Failure, after: int, times: int | None) -> None:
        with self._lock:
            self._failures[operation] = (failure, after, times)
            self._counts[operation] = 0
