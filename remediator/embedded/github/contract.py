"""What holds requests and answers against GitHub's own description. The tests bring one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Contract(Protocol):
    """GitHub's own description. Each gives what does not fit it, as sentences."""

    def request(self, operation: str, query: Mapping[str, str], body: bytes) -> list[str]: ...

    def answer(self, operation: str, status: int, body: bytes) -> list[str]: ...
