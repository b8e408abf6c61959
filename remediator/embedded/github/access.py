"""Who asks, and whether they may.

https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping

from remediator.embedded.github.handlers_apps import ANYBODY, JWT
from remediator.embedded.github.requests import ApiError, not_found
from remediator.embedded.github.routes import Route
from remediator.embedded.github.world import Repository, Token, World

_RANK = {"read": 1, "write": 2, "admin": 3}
_LONGEST_JWT = 600  # seconds, as GitHub allows
_CLOCK_DRIFT = 60  # `iat` is set that far back by most clients


def authenticate(world: World, headers: Mapping[str, str]) -> Token | None:
    """None where nothing was sent. Raises ApiError 401 for what is not, or no longer, good."""
    value = _sent(headers.get("authorization", ""))
    if not value:
        return None
    if value.count(".") == 2:
        return _own_word(world, value)
    token = world.tokens.get(value)
    if token is None or (token.expires_at and token.expires_at <= world.clock()):
        raise ApiError(401, "Bad credentials")
    return token


def _sent(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() in ("token", "bearer"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value, validate=True).decode().partition(":")[2]
        except (NotBase64, UnicodeDecodeError):
            raise ApiError(401, "Bad credentials") from None
    return ""


def _own_word(world: World, value: str) -> Token:
    """An App's JSON Web Token (RFC 7519). The times in it are the client's, and not the clock's
    of this world, so only their distance is looked at."""
    import jwt

    for app in world.apps.values():
        try:
            options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
            said = jwt.decode(value, app.public_key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            continue
        if str(said.get("iss")) not in (str(app.id), f"Iv1.{app.id:016x}"):
            continue
        if said["exp"] - said["iat"] > _LONGEST_JWT + _CLOCK_DRIFT:
            text = "'Expiration time' claim ('exp') is too far in the future"
            raise ApiError(401, text)
        return Token(value, app.user, {}, app=app, is_jwt=True)
    raise ApiError(401, "A JSON web token could not be decoded")


def authorise(route: Route, token: Token, repo: Repository | None) -> None:
    """Raises ApiError where the token is not enough for the route."""
    if (JWT in route.needs) != token.is_jwt:
        raise ApiError(401, "A JSON web token could not be decoded" if JWT in route.needs
                       else "Bad credentials")  # fmt: skip
    if JWT in route.needs or ANYBODY in route.needs:
        return
    if repo is None or not sees(token, repo):
        raise not_found()
    if token.permissions is not None:
        if not any(grants(token, need) for need in route.needs):
            accepted = "; ".join(need.replace(":", "=") for need in route.needs)
            raise ApiError(403, "Resource not accessible by integration",
                           X_Accepted_GitHub_Permissions=accepted)  # fmt: skip
    elif not repo.is_allowed(token.user, route.role):
        text = "Must have admin rights to Repository." if route.role == "admin" else (
            "Must have push access to repository")  # fmt: skip
        raise ApiError(403, text)
    if repo.settings.archived and route.method != "GET":
        raise ApiError(403, "Repository was archived so is read-only.")


def sees(token: Token, repo: Repository) -> bool:
    if token.repositories is not None and repo.id not in token.repositories:
        return False
    if token.app is not None:
        return repo.owner.id == token.app.owner.id
    return token.permissions is not None or repo.is_allowed(token.user, "read")


def grants(token: Token, need: str) -> bool:
    """`pull_requests:write`; a person's token grants what the role does, asked elsewhere."""
    if token.permissions is None:
        return True
    name, _, level = need.partition(":")
    return name == "metadata" or _RANK.get(token.permissions.get(name, ""), 0) >= _RANK[level]


def may_push(token: Token, repo: Repository) -> bool:
    if token.permissions is None:
        return repo.is_allowed(token.user, "write")
    return grants(token, "contents:write")
