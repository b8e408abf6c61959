"""A GitHub for the demo and the tests, in this process, over real HTTP on 127.0.0.1."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from remediator.embedded.github.contract import Contract
from remediator.embedded.github.gitstore import GitStore
from remediator.embedded.github.rules import Requirements, Ruleset
from remediator.embedded.github.smart_http import install_hook
from remediator.embedded.github.traffic import Faults, Traffic
from remediator.embedded.github.world import App, Repository, Token, World
from remediator.model import ConfigurationError

if TYPE_CHECKING:
    from remediator.embedded.github.application import Application
    from remediator.embedded.listening import Listening

BOT_PERMISSIONS = {
    "administration": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "read",
}


def _now() -> datetime:
    return datetime.now(UTC)


class EmbeddedGitHub:
    """A context manager. `folder` takes the bare repositories.

    `contract` holds every request and answer against GitHub's own description; what did not
    fit is in `violations`. Raises ConfigurationError where the extra `demo` is not installed.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime] = _now,
        contract: Contract | None = None,
    ) -> None:
        self._folder = folder
        self.world = World(clock)
        self.traffic, self.faults = Traffic(), Faults()
        self._contract = contract
        self._listening: Listening | None = None
        self.world.user("web-flow")

    def __enter__(self) -> Self:
        if find_spec("werkzeug") is None or find_spec("graphql") is None:
            raise ConfigurationError(
                "the embedded GitHub needs werkzeug and graphql-core: install remediator[demo] "
                "and run this again"
            )
        from remediator.embedded.github.application import Application

        self._application = Application(self.world, self.traffic, self.faults, self._contract)
        self._listening = _listening(self._application)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listening:
            self._listening.close()

    @property
    def url(self) -> str:
        assert self._listening is not None
        return f"http://127.0.0.1:{self._listening.port}"

    @property
    def api_url(self) -> str:
        """What a client of a GitHub Enterprise Server is given as its base URL."""
        return f"{self.url}/api/v3"

    @property
    def violations(self) -> list[str]:
        return self._application.violations

    def git_url(self, repo: Repository, token: Token | None = None) -> str:
        """With a token, one that needs no further credentials."""
        credentials = f"x-access-token:{quote(token.value, safe='')}@" if token else ""
        start = self.url.replace("://", f"://{credentials}")
        return f"{start}/{repo.full_name}.git"

    def repository(
        self, full_name: str, branch: str = "main", kind: str = "Organization"
    ) -> Repository:
        """A new, empty and private one; its owner is made, too."""
        owner, _, name = full_name.partition("/")
        with self.world.lock:
            git = GitStore.create(self._folder / owner / f"{name}.git", branch)
            user = self.world.user(owner, kind)
            made = Repository(self.world.new_id(), user, name, git, self.world.clock())
            made.settings.default_branch = branch
            install_hook(made)
            self.world.repositories[full_name.lower()] = made
        return made

    def person(self, login: str, *repositories: Repository, role: str = "write") -> Token:
        """Somebody with a role in these repositories, and a personal access token."""
        with self.world.lock:
            user = self.world.user(login)
            for repo in repositories:
                repo.collaborators[login] = role
            return self.world.add_token(Token(f"ghp_{secrets.token_urlsafe(27)}", user))

    def app(self, slug: str, owner: str, permissions: Mapping[str, str] = BOT_PERMISSIONS) -> App:
        """An App that is installed on all repositories of the owner."""
        private, public = _keys()
        with self.world.lock:
            bot = self.world.user(f"{slug}[bot]", "Bot")
            user = self.world.user(owner, "Organization")
            number = self.world.new_id()
            made = App(
                number, slug, bot, user, public, private, self.world.new_id(),
                {**permissions, "metadata": "read"}, self.world.clock(),
            )  # fmt: skip
            self.world.apps[number] = made
        return made

    def app_token(self, app: App) -> Token:
        """An installation token, without asking for it; it does not expire."""
        value = f"ghs_{secrets.token_urlsafe(27)}"
        return self.world.add_token(Token(value, app.user, dict(app.permissions), app=app))

    def actions_token(self, repo: Repository, permissions: Mapping[str, str]) -> Token:
        """A workflow's GITHUB_TOKEN."""
        bot = self.world.user("github-actions[bot]", "Bot")
        value = f"ghs_{secrets.token_urlsafe(27)}"
        only = frozenset({repo.id})
        made = Token(value, bot, {**permissions, "metadata": "read"}, only, is_actions=True)
        return self.world.add_token(made)

    def protect(self, repo: Repository, branch: str, rules: Requirements) -> None:
        """Branch protection, the classic kind."""
        with self.world.lock:
            repo.protections[branch] = rules

    def add_ruleset(
        self, repo: Repository, rules: Requirements, *branches: str, bypass: tuple[App, ...] = ()
    ) -> Ruleset:
        """Without branches: for the default one."""
        with self.world.lock:
            apps = frozenset(app.id for app in bypass)
            named = branches or ("~DEFAULT_BRANCH",)
            made = Ruleset(self.world.new_id(), "rules", named, rules, apps)
            repo.rulesets.append(made)
        return made


@cache
def _keys() -> tuple[str, str]:
    """One key pair a process: making one takes a while. Private and public, in PEM."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    key = generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()
    )
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def _listening(app: Application) -> Listening:
    from remediator.embedded.listening import Listening, Quiet

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

    return Listening(app, Handler)
