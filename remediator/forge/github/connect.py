"""Who we are on GitHub: an App's installation or a token, github.com or an Enterprise Server.

Secrets come from the environment alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from remediator.model import ConfigurationError, UpstreamError
from remediator.texts import plain

if TYPE_CHECKING:
    from github import Github
    from github.Auth import AppAuth, Auth

    from remediator.config import GitHub

TOKENS = ("REMEDIATOR_GITHUB_TOKEN", "GITHUB_TOKEN")
KEY = "REMEDIATOR_GITHUB_APP_KEY"
TIMEOUT_SECONDS = 30


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
    token = next((t for name in TOKENS if (t := environment.get(name, "").strip())), "")
    if not token:
        hint = f"put a token into {TOKENS[0]}, or set github.app_id"
        raise ConfigurationError(f"there is no token for GitHub; {hint}")
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

    owner, name = settings.repository.split("/")
    asking = github.GithubIntegration(auth=app, base_url=settings.api_url, retry=None)
    try:
        number: int = asking.get_repo_installation(owner, name).id
    except github.GithubException as error:
        text = f"the App is not installed on {settings.repository}: {plain(str(error))}"
        raise UpstreamError("GitHub", text) from error
    return number
