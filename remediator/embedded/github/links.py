"""The addresses in answers. They echo the request's Host: a client may refuse any other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    host: str
    """`http://127.0.0.1:4321`"""
    prefix: str = "/api/v3"

    @property
    def api(self) -> str:
        return f"{self.host}{self.prefix}"

    def repo(self, full_name: str) -> str:
        return f"{self.api}/repos/{full_name}"

    def html(self, full_name: str) -> str:
        return f"{self.host}/{full_name}"
