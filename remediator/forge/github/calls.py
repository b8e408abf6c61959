"""Every call to GitHub's API, counted, with bounded waiting and an answer for each fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from remediator.model import UpstreamError
from remediator.texts import plain

if TYPE_CHECKING:
    from github import Github, GithubException

T = TypeVar("T")
MAX_PAGES = 100
READ_ATTEMPTS = 3
NO_API = "the answer is no JSON: is `github.api_url` that of the API (https://HOST/api/v3)?"
_SERVER_FAULT = 500
_WAIT_UNSAID = 60.0
"""https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: a minute."""


class RefusedError(UpstreamError):
    """GitHub will not do this, and says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("GitHub", f"{status}: {message}")
        self.status, self.message = status, message


class UnsureError(UpstreamError):
    """A write that may have been done or not: the answer got lost."""


class LimitedError(UpstreamError):
    """A rate limit that would take longer than we may wait."""


class Calls:
    """`wait_seconds` bounds all waiting for rate limits together, in one run."""

    def __init__(
        self,
        connection: Github,
        wait_seconds: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """`clock` is seconds since 1970, as GitHub's reset times are."""
        self._requester = connection.requester
        self._left, self._clock, self._sleep = wait_seconds, clock, sleep
        self.reads = self.writes = 0

    def get(self, path: str, **parameters: str) -> Any:
        """Raises RefusedError, LimitedError, or UpstreamError where GitHub is away."""
        return self._read(path, parameters)[1]

    def pages(self, path: str, **parameters: str) -> Iterator[Any]:
        """Every entry of a listing."""
        for page in range(1, MAX_PAGES + 1):
            asked = {**parameters, "per_page": "100", "page": str(page)}
            headers, entries = self._read(path, asked)
            yield from entries
            if 'rel="next"' not in headers.get("link", ""):
                return
        raise UpstreamError("GitHub", f"{path} has more than {MAX_PAGES} pages")

    def write(self, verb: str, path: str, body: Mapping[str, Any] | list[Any] | None = None) -> Any:
        """One try. Raises UnsureError where it may have been done, RefusedError where not."""
        return self._written(lambda: self._json(verb, path, None, body)[1])

    def query(self, text: str, variables: Mapping[str, Any]) -> Any:
        """What GraphQL answers; its errors are RefusedError. Raises as `get` does."""

        def send() -> tuple[Mapping[str, str], Any]:
            return self._requester.graphql_query(text, dict(variables))

        return _understood(self._asked(send))[1]["data"]

    def mutate(self, name: str, values: Mapping[str, Any], output: str) -> Any:
        """A GraphQL mutation. Its errors are RefusedError."""

        def send() -> Any:
            return self._requester.graphql_named_mutation(name, dict(values), output)[1]

        return self._written(send)

    def sure(self, send: Callable[[], T], look: Callable[[], T | None]) -> T:
        """A write that is done once: where the answer got lost, `look` says whether it was."""
        try:
            return send()
        except UnsureError:
            found = look()
            return send() if found is None else found

    def _read(self, path: str, parameters: Mapping[str, str]) -> tuple[Mapping[str, str], Any]:
        return self._asked(lambda: self._json("GET", path, parameters, None))

    def _asked(
        self, send: Callable[[], tuple[Mapping[str, str], Any]]
    ) -> tuple[Mapping[str, str], Any]:
        for attempt in range(1, READ_ATTEMPTS + 1):
            self.reads += 1
            try:
                return self._patient(send)
            except UnsureError:
                if attempt == READ_ATTEMPTS:
                    raise
                self._wait(float(attempt))
        raise AssertionError("the last attempt returns or raises")

    def _written(self, send: Callable[[], T]) -> T:
        self.writes += 1
        return self._patient(send)

    def _patient(self, send: Callable[[], T]) -> T:
        """Waits for a rate limit, as long as there is time for it."""
        import github
        import requests

        while True:
            try:
                return send()
            except github.GithubException as error:
                seconds = self._limit(error)
                if seconds is None:
                    raise _fault(error) from error
                if seconds > self._left:
                    text = f"asks to wait {seconds:.0f} seconds, longer than there is time for"
                    raise LimitedError("GitHub", text) from error
                self._wait(seconds)
            except requests.exceptions.RequestException as error:
                raise UnsureError("GitHub", plain(f"no answer: {error}")) from error

    def _json(
        self, verb: str, path: str, parameters: Mapping[str, str] | None, body: Any
    ) -> tuple[Mapping[str, str], Any]:
        asked = dict(parameters) if parameters else None
        answer = self._requester.requestJsonAndCheck(verb, path, parameters=asked, input=body)
        return _understood(answer)

    def _limit(self, error: GithubException) -> float | None:
        """How long GitHub wants us to wait; None where this is no limit."""
        headers = {k.lower(): str(v) for k, v in (error.headers or {}).items()}
        text = str(error).lower()
        if error.status not in (403, 429) or not (
            "rate limit" in text or "retry-after" in headers or error.status == 429
        ):
            return None
        if headers.get("retry-after", "").isdecimal():
            return float(headers["retry-after"])
        reset = headers.get("x-ratelimit-reset", "")
        if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            return max(1.0, float(reset) - self._clock())
        return _WAIT_UNSAID

    def _wait(self, seconds: float) -> None:
        self._left -= seconds
        self._sleep(seconds)


def _understood(answer: tuple[Mapping[str, str], Any]) -> tuple[Mapping[str, str], Any]:
    """PyGithub takes a text that is no JSON, such as the page of a sign-in, for `data`."""
    _, found = answer
    if isinstance(found, dict) and isinstance(found.get("data"), str):
        raise UnsureError("GitHub", NO_API)
    return answer


def _fault(error: GithubException) -> UpstreamError:
    if error.status >= _SERVER_FAULT:
        return UnsureError("GitHub", f"answered {error.status}")
    return RefusedError(error.status, _said(error.data) or plain(str(error), 600))


def _said(data: Any) -> str:
    """GitHub's own sentences: `message`, and those of `errors`, in REST's form or GraphQL's."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    more = [e.get("message") if isinstance(e, dict) else e for e in errors or []]
    words = [data.get("message"), *more]
    return plain("; ".join(w for w in words if isinstance(w, str) and w), 600)
