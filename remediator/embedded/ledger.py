"""What was asked of the embedded AWS: to count calls, and to know when to look again."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

_READS = ("Get", "List", "Describe", "Lookup", "Generate", "BatchGet", "Head", "Query", "Scan")


def is_read(operation: str) -> bool:
    """By its name alone, as "DescribeVpcs"."""
    return operation.startswith(_READS)


@dataclass(slots=True)
class Ledger:
    """Safe between threads. `writes` counts what is not evidently a read, and never falls."""

    writes: int = 0
    _calls: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, operation: str | None, method: str) -> None:
        """`operation` as "ec2:DescribeVpcs"; None where it cannot be told."""
        with self._lock:
            if operation is not None:
                self._calls.append(operation)
                self.writes += not is_read(operation.partition(":")[2])
            else:
                self.writes += method not in ("GET", "HEAD")

    @property
    def calls(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._calls)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
