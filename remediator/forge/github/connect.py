"""Who we are on GitHub: an App's installation or a token, github.com or an Enterprise Server.

Secrets come from the environment alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from remediator.forge.github.calls import NO_API
from remediator.model import ConfigurationError, UpstreamError
from remediator.texts import plain

if TYPE_CHECKING:
    from github import Github
    from github.Auth import AppAuth, Auth

    from remediator.config import GitHub

TOKENS = ("REMEDIATOR_GITHUB_TOKEN", "GITHUB_TOKEN")
KEY = "REMEDIATOR_GITHUB_APP_KEY"
TIMEOUT_SECONDS = 30
_CAUSES = {
    401: f"github.app_id is not that of the App whose key {KEY} holds",
    404: "the App is not installed on {}",
}
_TOKEN = re.compile(r"[!-~]+")


def connect(settings: GitHub, environment: Mapping[str, str]) -> Github:
    """Raises ConfigurationError where the environment has no secret that can be used."""
    import github

    return github.Github(
        auth=_auth(settings, environment),
        base_url=settings.api_url,
        timeout=TIMEOUT_SECONDS,
        per_page=100,
        # It would repeat a POST after a 502 that came after the write: `Calls` looks first.
        retry=None,
        seconds_between_requests=settings.pace_seconds / 4 or None,
        seconds_between_writes=settings.pace_seconds or None,
    )


def _auth(settings: GitHub, environment: Mapping[str, str]) -> Auth:
    from github import Auth

    if settings.app_id is not None:
        key = environment.get(KEY, "").replace("\\n", "\n").strip()
        if not key:
            text = f"github.app_id is set; put the App's private key (PEM) into {KEY}"
            raise ConfigurationError(text)
        return _app(settings, key)
    found = ((name, t) for name in TOKENS if (t := environment.get(name, "").strip()))
    name, token = next(found, ("", ""))
    if not token:
        hint = f"put a token into {TOKENS[0]}, or set github.app_id"
        raise ConfigurationError(f"there is no token for GitHub; {hint}")
    if not _TOKEN.fullmatch(token):  # said here: who sends it would tell the whole header
        text = f"{name} holds more than a token, or none: it has a space, a line break or an accent"
        raise ConfigurationError(text)
    return Auth.Token(token)


def _app(settings: GitHub, key: str) -> Auth:
    import jwt
    from github import Auth

    assert settings.app_id is not None
    app = Auth.AppAuth(settings.app_id, key)
    try:
        app.create_jwt()
    except (ValueError, TypeError, jwt.exceptions.PyJWTError) as error:
        raise ConfigurationError(f"{KEY} holds no private key (PEM) that can be used") from error
    return app.get_installation_auth(_installation(settings, app))


def _installation(settings: GitHub, app: AppAuth) -> int:
    if settings.installation_id is not None:
        return settings.installation_id
    import github
    import requests

    asking = github.Github(auth=app, base_url=settings.api_url, timeout=TIMEOUT_SECONDS, retry=None)
    try:
        path = f"/repos/{settings.repository}/installation"
        _, found = asking.requester.requestJsonAndCheck("GET", path)
    except github.GithubException as error:
        cause = _CAUSES.get(error.status, "whether the App is installed on {} is not known")
        text = f"{cause.format(settings.repository)}: {plain(str(error))}"
        raise UpstreamError("GitHub", text) from error
    except requests.exceptions.RequestException as error:
        raise UpstreamError("GitHub", plain(f"no answer: {error}")) from error
    number = found.get("id") if isinstance(found, dict) else None
    if not isinstance(number, int):
        raise UpstreamError("GitHub", NO_API)
    return number
