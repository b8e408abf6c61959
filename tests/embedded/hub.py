"""A checkout of a repository of the stand-in, and PyGithub as a bot would use it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from github import Auth, Github

from remediator.embedded.github.server import EmbeddedGitHub
from remediator.embedded.github.world import App, Repository, Token


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


def client(server: EmbeddedGitHub, who: Token | App) -> Github:
    """PyGithub without its pauses and its retries."""
    auth: Auth.Auth
    if isinstance(who, App):
        auth = Auth.AppAuth(who.id, who.private_key).get_installation_auth(who.installation_id)
    else:
        auth = Auth.Token(who.value)
    return Github(
        auth=auth,
        base_url=server.api_url,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
