"""A request, an answer, and an error as GitHub gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from remediator.embedded.github.links import Links
from remediator.embedded.github.world import Repository, Token, World

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    drop: bool = False
    """The connection ends without an answer."""

    @classmethod
    def of(cls, status: int, value: Any, *headers: tuple[str, str]) -> Answer:
        kind = ("Content-Type", "application/json; charset=utf-8")
        return cls(status, json.dumps(value).encode(), (kind, *headers))


class ApiError(RuntimeError):
    """Ends a request with one of GitHub's errors."""

    def __init__(
        self, status: int, message: str, errors: list[Any] | None = None, **headers: str
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors
        self.headers = tuple((k.replace("_", "-"), v) for k, v in headers.items())

    def answer(self) -> Answer:
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        body |= {"documentation_url": DOCUMENTATION, "status": str(self.status)}
        return Answer.of(self.status, body, *self.headers)


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def invalid(resource: str, field_name: str, code: str = "invalid", **more: Any) -> ApiError:
    """A 422 that names one field."""
    error = {"resource": resource, "field": field_name, "code": code, **more}
    return ApiError(422, "Validation Failed", [error])


def custom(resource: str, message: str, field_name: str | None = None) -> ApiError:
    error: dict[str, Any] = {"resource": resource, "code": "custom", "message": message}
    if field_name:
        error["field"] = field_name
    return ApiError(422, "Validation Failed", [error])


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Without the prefix of the API, decoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    links: Links

    def json(self) -> Any:
        if not self.body:
            return {}
        try:
            return json.loads(self.body)
        except ValueError:
            raise ApiError(400, "Problems parsing JSON") from None


@dataclass(frozen=True)
class Call:
    """What a handler is given: the request, who asks, and the repository that it is about."""

    request: Request
    world: World
    token: Token
    path: Mapping[str, str]
    """The template's parameters."""
    body: Any = field(default_factory=dict)
    found: Repository | None = None

    @property
    def repository(self) -> Repository:
        assert self.found
        return self.found

    @property
    def links(self) -> Links:
        return self.request.links

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    def number(self, name: str) -> int:
        text = self.path[name]
        if not text.isdigit():
            raise not_found()
        return int(text)
