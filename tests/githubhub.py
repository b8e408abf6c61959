"""A checkout of a repository of the stand-in, and PyGithub as a bot would use it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from github import Auth, Github, GithubException
from github.PullRequest import PullRequest
from github.Repository import Repository as Client

from remediator.embedded.github.server import EmbeddedGitHub
from remediator.embedded.github.world import App, Repository, Token

BRANCH = "remediator/close-ssh"


class Checkout:
    def __init__(
        self, folder: Path, server: EmbeddedGitHub, repo: Repository, token: Token
    ) -> None:
        self.folder, self.url = folder, server.git_url(repo, token)
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "-b", repo.settings.default_branch)
        self.git("remote", "add", "origin", self.url)

    def try_git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        identity = ("-c", "user.name=Engineer", "-c", "user.email=engineer@example.com")
        return subprocess.run(
            ["git", "-C", str(self.folder), *identity, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )

    def git(self, *arguments: str) -> str:
        done = self.try_git(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str, **files: str) -> str:
        """Files by their name, with `__` for a slash and `_` for a dot."""
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, message: str = "Change", **files: str) -> str:
        """A branch of one commit on top of main, pushed."""
        self.git("checkout", "--quiet", "-B", name, "main")
        made = self.commit(message, **(files or {"main_tf": f"# {name}\n"}))
        self.git("push", "--quiet", "--force", "origin", name)
        self.git("checkout", "--quiet", "main")
        return made


def client(server: EmbeddedGitHub, who: Token | App, per_page: int = 30) -> Github:
    """PyGithub without its pauses and its retries."""
    auth: Auth.Auth
    if isinstance(who, App):
        auth = Auth.AppAuth(who.id, who.private_key).get_installation_auth(who.installation_id)
    else:
        auth = Auth.Token(who.value)
    return Github(
        auth=auth,
        base_url=server.api_url,
        per_page=per_page,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


@dataclass
class Hub:
    server: EmbeddedGitHub
    repo: Repository
    work: Checkout
    alice: Token
    app: App
    bot: Github

    @property
    def client(self) -> Client:
        return self.bot.get_repo("acme/infrastructure")

    def as_person(self, token: Token) -> Client:
        return client(self.server, token).get_repo("acme/infrastructure")

    def propose(self, branch: str = BRANCH, **more: str) -> PullRequest:
        self.work.branch(branch)
        return self.client.create_pull("main", branch, title="Close SSH", body="Why", **more)


def refused(error: pytest.ExceptionInfo[GithubException]) -> str:
    """The status, and every sentence of the error."""
    data = error.value.data
    more = [e["message"] if isinstance(e, dict) and "message" in e else str(e)
            for e in data.get("errors", [])]  # fmt: skip
    return " | ".join([str(error.value.status), str(data.get("message")), *more])
