"""The demo's repository on an embedded GitHub, and what its people would see there as pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from github import Auth, Github
from github.Repository import Repository

from remediator.embedded.github.server import EmbeddedGitHub
from remediator.embedded.github.world import Issue, Pull, Token
from remediator.embedded.pages import page
from remediator.embedded.stage import Stage

NAME = "example-org/infrastructure"
_SECTION = """\
github:
  repository: {name}
  api_url: {url} # the emulated GitHub of the demo
  pace_seconds: 0
"""


class OnGitHub:
    """A context manager. What is on the stage's main branch now is pushed there."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self.server = stage, EmbeddedGitHub(stage.folder / "github")
        self.config = stage.folder / "remediator-github.yaml"

    def __enter__(self) -> Self:
        self.server.__enter__()
        self._repo = self.server.repository(NAME)
        self._token = self.server.app_token(self.server.app("remediator", "example-org"))
        self._people = [self.server.person(name, self._repo) for name in ("sam", "alex")]
        git = self._stage.git
        git("fetch", "--quiet", "origin")
        git("switch", "--quiet", "--detach", "origin/main")
        git("remote", "add", "github", self.server.git_url(self._repo, self._token))
        git("push", "--quiet", "github", "HEAD:refs/heads/main")
        git("switch", "--quiet", "main")
        text = self._stage.config.read_text(encoding="utf-8")
        text = text.replace("path: infrastructure\n", "path: infrastructure\n  remote: github\n")
        section = _SECTION.format(name=NAME, url=self.server.api_url)
        self.config.write_text(text + section, encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.__exit__(kind, error, trace)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"REMEDIATOR_GITHUB_TOKEN": self._token.value}

    def agree(self) -> None:
        """What a working day brings: the one approves each open pull request, the other merges."""
        first, second = (self._as(person) for person in self._people)
        for issue, pull in [*self._repo.pulls()]:
            if not pull.merged_at and issue.state == "open":
                first.get_pull(issue.number).create_review(event="APPROVE")
                second.get_pull(issue.number).merge()

    def _as(self, person: Token) -> Repository:
        made = Github(auth=Auth.Token(person.value), base_url=self.server.api_url, retry=None)
        return made.get_repo(NAME)

    def pages(self, folder: Path) -> list[Path]:
        """The dashboard, and the first open pull request as its reviewer sees it."""
        folder.mkdir(exist_ok=True)
        made = []
        board = next(i for i in self._repo.issues.values() if i.pull is None)
        made.append(folder / "dashboard.html")
        text = page(board.title, f"an issue of {NAME}", board.body or "")
        text = re.sub(r'href="\.\./pull/(\d+)"', r'href="pull-request-\1.html"', text)
        made[-1].write_text(text, encoding="utf-8")
        for issue, pull in self._repo.pulls():
            made.append(folder / f"pull-request-{issue.number}.html")
            made[-1].write_text(self._pull_page(issue, pull), encoding="utf-8")
        return made

    def _pull_page(self, issue: Issue, pull: Pull) -> str:
        asked = ", ".join(user.login for user in pull.reviewers)
        about = f"#{issue.number}, {pull.head_ref} into {pull.base_ref}"
        about += f"; labels: {', '.join(issue.labels)}; review: {asked or 'nobody is asked'}"
        self._stage.git("fetch", "--quiet", "github")
        diff = self._stage.git("diff", f"{pull.head_sha}^", pull.head_sha)
        return page(issue.title, about, issue.body or "", diff)
