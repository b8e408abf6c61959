"""The WSGI application: counts, fails what shall fail, knows who asks, and hands on to REST,
GraphQL or git."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from remediator.embedded.github import (
    handlers_apps,
    handlers_checks,
    handlers_git,
    handlers_issues,
    handlers_pulls,
    handlers_repo,
    smart_http,
)
from remediator.embedded.github.access import authenticate, authorise, may_push, sees
from remediator.embedded.github.contract import Contract
from remediator.embedded.github.events import settle
from remediator.embedded.github.graphql_api import GraphQl, operation_of
from remediator.embedded.github.links import Links
from remediator.embedded.github.requests import Answer, ApiError, Call, Request, not_found
from remediator.embedded.github.routes import Route, Routes
from remediator.embedded.github.traffic import Asked, Faults, Traffic
from remediator.embedded.github.world import World

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_GIT = re.compile(
    r"/([^/]+)/([^/]+?)(?:\.git)?(/info/refs|/git-upload-pack|/git-receive-pack|/HEAD)"
)
_PREFIX, _GRAPHQL = "/api/v3", ("/api/graphql", "/graphql")
_SERVICES = {"/git-upload-pack": "GIT fetch", "/git-receive-pack": "GIT push"}


ROUTES = Routes(
    [
        *handlers_apps.ROUTES.all,
        *handlers_checks.ROUTES.all,
        *handlers_pulls.ROUTES.all,
        *handlers_issues.ROUTES.all,
        *handlers_git.ROUTES.all,
        *handlers_repo.ROUTES.all,
    ]
)
"""All of REST."""


class Application:
    def __init__(
        self, world: World, traffic: Traffic, faults: Faults, contract: Contract | None
    ) -> None:
        self._world, self._traffic, self._faults = world, traffic, faults
        self._contract, self.violations = contract, list[str]()
        self._graphql = GraphQl()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _read(environ)
        asked = self._asked(request)
        for told in self._traffic.before:
            told(asked)
        failure = self._faults.next(asked)
        if failure:
            time.sleep(failure.seconds)
        if failure is None or failure.took_effect or not failure.replaces:
            answer = self._answer(request)
        if failure is not None and failure.replaces:
            answer = failure.answer
        self._traffic.record(asked, answer.status)
        for informed in self._traffic.after:
            informed(asked, answer)
        if answer.drop:
            environ["werkzeug.socket"].shutdown(SHUT_RDWR)
            raise ConnectionAbortedError
        headers = [("Content-Length", str(len(answer.body))), *_LIMITS, *answer.headers]
        start_response(f"{answer.status} emulated", headers)
        return [answer.body]

    def _asked(self, request: Request) -> Asked:
        route, is_write = self._named(request)
        try:
            token = authenticate(self._world, request.headers)
        except ApiError:
            token = None
        user = token.user.login if token else ""
        return Asked(self._traffic.number(), route, request.path, is_write, user)

    def _named(self, request: Request) -> tuple[str, bool]:
        if request.path in _GRAPHQL:
            kind, name = operation_of(request)
            return f"POST /graphql {name}", kind == "mutation"
        git = _GIT.fullmatch(request.path)
        if git:
            name = _SERVICES.get(git[3], "GIT refs")
            return name, name == "GIT push"
        found = ROUTES.find(request.method, request.path)
        # A token is asked for before the work, and is none of it.
        is_write = request.method != "GET" and not request.path.endswith("/access_tokens")
        return (found[0].name if found else f"{request.method} {request.path}"), is_write

    def _answer(self, request: Request) -> Answer:
        """A handler that breaks fits nothing: what asked would take it for a fault of GitHub's."""
        done = False
        try:
            answer = self._understood(request)
            done = True
        finally:
            if not done:
                self.violations.append(f"{request.method} {request.path} broke its handler")
        return answer

    def _understood(self, request: Request) -> Answer:
        try:
            token = authenticate(self._world, request.headers)
            if request.path in _GRAPHQL:
                return self._graphql.answer(request, self._world, _needed(token))
            git = _GIT.fullmatch(request.path)
            return self._git(request, git, token) if git else self._rest(request, _needed(token))
        except ApiError as error:
            return error.answer()

    def _rest(self, request: Request, token: Any) -> Answer:
        found = ROUTES.find(request.method, request.path)
        if found is None:
            raise not_found()
        route, path = found
        if problems := self._checked(route, request):
            return self._violated(problems)
        with self._world.lock:
            answer = self._handled(route, path, request, token)
        if self._contract and answer.status != 204:
            problems = self._contract.answer(route.operation, answer.status, answer.body)
            if problems:
                return self._violated([f"{route.name} answered: {p}" for p in problems])
        return answer

    def _handled(self, route: Route, path: dict[str, str], request: Request, token: Any) -> Answer:
        repo = None
        if "repo" in path:
            repo = self._world.repository(path["owner"], path["repo"])
        try:
            authorise(route, token, repo)
            if repo:
                settle(self._world, repo, token.user)
            body = request.json() if request.method != "GET" else {}
            answer = route.handler(Call(request, self._world, token, path, body, repo))
            if repo and request.method != "GET":
                settle(self._world, repo, token.user)
        except ApiError as error:
            return error.answer()
        except KeyError as missing:
            text = f"Invalid request.\n\n{missing.args[0]!r} wasn't supplied."
            return ApiError(422, text).answer()
        return answer

    def _git(self, request: Request, git: re.Match[str], token: Any) -> Answer:
        if token is None:
            challenge = ("WWW-Authenticate", 'Basic realm="GitHub"')
            return Answer(401, b"No anonymous access.\n", (challenge,))
        repo = self._world.repository(git[1], git[2])
        if repo is None or not sees(token, repo):
            return Answer(404, b"Repository not found.\n")
        pushes = "git-receive-pack" in (request.query.get("service", ""), git[3].lstrip("/"))
        if pushes and not may_push(token, repo):
            text = f"Permission to {repo.full_name}.git denied to {token.user.login}.\n"
            return Answer(403, text.encode())
        with self._world.lock:
            settle(self._world, repo, token.user)
        query = "&".join(f"{k}={v}" for k, v in request.query.items())
        # No lock while git works: two pushes at once are git's own affair, as at GitHub.
        answer = smart_http.serve(
            repo, request.method, git[3], query, request.headers, request.body, token
        )
        with self._world.lock:
            settle(self._world, repo, token.user)
        return answer

    def _checked(self, route: Route, request: Request) -> list[str]:
        if self._contract is None:
            return []
        found = self._contract.request(route.operation, request.query, request.body)
        return [f"{route.name} was asked: {p}" for p in found]

    def _violated(self, problems: list[str]) -> Answer:
        self.violations += problems
        text = f"this does not fit GitHub's own description: {'; '.join(problems)}"
        return Answer.of(501, {"message": text})


_LIMITS = (
    ("X-GitHub-Media-Type", "github.v3; format=json"),
    ("X-RateLimit-Limit", "5000"),
    ("X-RateLimit-Remaining", "4999"),
    ("X-RateLimit-Reset", "4102444800"),
    ("X-RateLimit-Used", "1"),
    ("X-RateLimit-Resource", "core"),
)


def _needed(token: Any) -> Any:
    if token is None:
        raise ApiError(401, "Requires authentication")
    return token


def _read(environ: WSGIEnvironment) -> Request:
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    prefix = _PREFIX if path.startswith((f"{_PREFIX}/", "/api/graphql")) else ""
    links = Links(f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}", prefix)
    inside = path if path in _GRAPHQL else path.removeprefix(prefix)
    headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items()
               if k.startswith("HTTP_")}  # fmt: skip
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    return Request(environ["REQUEST_METHOD"], inside, query, headers, _body(environ), links)


def _body(environ: WSGIEnvironment) -> bytes:
    length, stream = environ.get("CONTENT_LENGTH"), environ["wsgi.input"]
    if length:
        return bytes(stream.read(int(length)))
    # git sends what is large in chunks; the server takes them apart.
    return bytes(stream.read()) if environ.get("wsgi.input_terminated") else b""
