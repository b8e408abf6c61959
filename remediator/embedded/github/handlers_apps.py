"""REST: Apps and their tokens, who one is, what is left of the rate limit, search."""

from __future__ import annotations

import secrets
import shlex
from datetime import timedelta
from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.issue_shapes import issue as issue_shape
from remediator.embedded.github.paging import page
from remediator.embedded.github.requests import Answer, ApiError, Call, not_found
from remediator.embedded.github.routes import Routes
from remediator.embedded.github.world import App, Issue, Repository, Token

ROUTES = Routes()
JWT = "jwt"
"""Needs an App's own JSON Web Token."""
ANYBODY = "anybody"
_RANK = {"read": 1, "write": 2, "admin": 3}


def _app(call: Call) -> App:
    assert call.token.app
    return call.token.app


@ROUTES.on("GET", "/app", "apps/get-authenticated", JWT)
def get_app(call: Call) -> Answer:
    return Answer.of(200, shapes.app(call.links, _app(call)) | {"installations_count": 1})


@ROUTES.on("GET", "/app/installations", "apps/list-installations", JWT)
def installations(call: Call) -> Answer:
    return page(call, [_app(call)], lambda one: shapes.installation(call.links, one))


@ROUTES.on("GET", "/app/installations/{installation_id}", "apps/get-installation", JWT)
def installation(call: Call) -> Answer:
    return Answer.of(200, shapes.installation(call.links, _installed(call)))


@ROUTES.on("GET", "/repos/{owner}/{repo}/installation", "apps/get-repo-installation", JWT)
def repository_installation(call: Call) -> Answer:
    if call.found is None or call.found.owner.id != _app(call).owner.id:
        raise not_found()
    return Answer.of(200, shapes.installation(call.links, _app(call)))


@ROUTES.on("POST", "/app/installations/{installation_id}/access_tokens",
           "apps/create-installation-access-token", JWT)  # fmt: skip
def access_token(call: Call) -> Answer:
    """May ask for less than the App has; more is refused."""
    app, body = _installed(call), call.body or {}
    asked: dict[str, str] = body.get("permissions") or app.permissions
    for name, level in asked.items():
        if _RANK[level] > _RANK.get(app.permissions.get(name, ""), 0):
            raise ApiError(422, "The permissions requested are not granted to this installation.")
    chosen = _chosen(call, body)
    now = call.world.clock()
    granted = {**asked, "metadata": "read"}
    value = f"ghs_{secrets.token_urlsafe(27)}"
    only = None if chosen is None else frozenset(r.id for r in chosen)
    token = Token(value, app.user, granted, only, now + timedelta(hours=1), app)
    call.world.add_token(token)
    answer: dict[str, Any] = {
        "token": value,
        "expires_at": shapes.time(now + timedelta(hours=1)),
        "permissions": granted,
        "repository_selection": "all" if chosen is None else "selected",
    }
    if chosen is not None:
        answer["repositories"] = [shapes.repository(call.links, r) for r in chosen]
    return Answer.of(201, answer)


def _chosen(call: Call, body: dict[str, Any]) -> list[Repository] | None:
    names, numbers = body.get("repositories"), body.get("repository_ids")
    if names is None and numbers is None:
        return None
    mine = [r for r in call.world.repositories.values() if r.owner.id == _app(call).owner.id]
    found = [r for r in mine if r.name in (names or ()) or r.id in (numbers or ())]
    if len(found) < len(names or ()) + len(numbers or ()):
        text = "There is at least one repository that does not exist or is not accessible to the parent installation."  # noqa: E501
        raise ApiError(422, text)
    return found


def _installed(call: Call) -> App:
    app = _app(call)
    if call.path["installation_id"] != str(app.installation_id):
        raise not_found()
    return app


@ROUTES.on("GET", "/installation/repositories", "apps/list-repos-accessible-to-installation",
           ANYBODY)  # fmt: skip
def repositories(call: Call) -> Answer:
    app, only = call.token.app, call.token.repositories
    if app is None:
        text = "You must authenticate with an installation access token in order to list"
        raise ApiError(403, f"{text} repositories for an installation.")
    mine = [r for r in call.world.repositories.values()
            if r.owner.id == app.owner.id and (only is None or r.id in only)]  # fmt: skip
    return page(
        call, mine, lambda r: shapes.repository(call.links, r),
        lambda items: {"total_count": len(mine), "repositories": items},
    )  # fmt: skip


@ROUTES.on("GET", "/user", "users/get-authenticated", ANYBODY)
def me(call: Call) -> Answer:
    if call.token.permissions is not None:
        raise ApiError(403, "Resource not accessible by integration")
    return Answer.of(200, _public_user(call, call.token.user.login))


@ROUTES.on("GET", "/users/{username}", "users/get-by-username", ANYBODY)
def user(call: Call) -> Answer:
    if call.path["username"] not in call.world.users:
        raise not_found()
    return Answer.of(200, _public_user(call, call.path["username"]))


def _public_user(call: Call, login: str) -> dict[str, Any]:
    nothing = ("company", "blog", "location", "email", "hireable", "bio")
    since = "2020-01-01T00:00:00Z"
    return {
        **shapes.user(call.links, call.world.users[login]),
        **dict.fromkeys(nothing),
        "name": login,
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": since,
        "updated_at": since,
    }


@ROUTES.on("GET", "/rate_limit", "rate-limit/get", ANYBODY)
def rate_limit(call: Call) -> Answer:
    """The stand-in never runs out by itself; a test makes it fail instead."""
    reset = int(call.world.clock().timestamp()) + 3600
    core = {"limit": 5000, "remaining": 4999, "used": 1, "reset": reset}
    small = {"limit": 30, "remaining": 30, "used": 0, "reset": reset}
    return Answer.of(200, {"resources": {"core": core, "search": small, "graphql": core},
                           "rate": core})  # fmt: skip


@ROUTES.on("GET", "/search/issues", "search/issues-and-pull-requests", ANYBODY)
def search(call: Call) -> Answer:
    """Words in title or body, and the qualifiers that a bot uses; any other is refused."""
    words = shlex.split(call.query.get("q", ""))
    if not words:
        raise ApiError(422, "Validation Failed", [
            {"resource": "Search", "field": "q", "code": "missing"}])  # fmt: skip
    found = [(repo, issue) for repo in call.world.repositories.values() if _may_see(call, repo)
             for issue in repo.issues.values()
             if all(_fits(repo, issue, word) for word in words)]  # fmt: skip
    found.sort(key=lambda one: one[1].created_at, reverse=True)
    frame = {"total_count": len(found), "incomplete_results": False, "search_type": "lexical"}

    def shape(one: tuple[Repository, Issue]) -> dict[str, Any]:
        answer = issue_shape(call.links, *one) | {"score": 1.0}
        answer.pop("closed_by")
        return answer

    return page(call, found, shape, lambda items: {**frame, "items": items})


def _may_see(call: Call, repo: Repository) -> bool:
    token = call.token
    if token.app:
        only = token.repositories
        return repo.owner.id == token.app.owner.id and (only is None or repo.id in only)
    return repo.is_allowed(token.user, "read")


def _fits(repo: Repository, issue: Issue, word: str) -> bool:
    key, colon, value = word.partition(":")
    if not colon:
        return word.lower() in f"{issue.title}\n{issue.body or ''}".lower()
    pull = issue.pull
    facts = {
        "repo": repo.full_name == value,
        "org": repo.owner.login == value,
        "state": issue.state == value,
        "author": issue.user.login in (value, f"{value.removeprefix('app/')}[bot]"),
        "label": value.lower() in [n.lower() for n in issue.labels],
        "head": pull is not None and pull.head_ref.startswith(value),
        "base": pull is not None and pull.base_ref == value,
        "in": value in ("title", "body"),
        "is": {
            "pr": pull is not None,
            "pull-request": pull is not None,
            "issue": pull is None,
            "open": issue.state == "open",
            "closed": issue.state == "closed",
            "merged": pull is not None and pull.merged_at is not None,
            "unmerged": pull is not None and pull.merged_at is None,
        }.get(value, False),
    }
    if key not in facts:
        raise ApiError(422, f"the stand-in does not know the qualifier {key}:")
    return facts[key]
