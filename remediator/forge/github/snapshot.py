"""Reads what is there, in as few calls as there are listings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from remediator.forge.github import marks
from remediator.forge.github.calls import Calls, RefusedError
from remediator.forge.github.commands import ticks
from remediator.forge.github.comments import Comments
from remediator.forge.github.payloads import (
    DASHBOARD,
    open_pull,
    past_pull,
    time,
    ways_of,
)
from remediator.forge.github.standing import UNKNOWN, standings
from remediator.forge.github.there import LABEL, Command, Pull, State, Ways
from remediator.model import UpstreamError
from remediator.texts import plain

_QUEUE = """
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) { configuration { mergeMethod } }
  }
}
"""
_MAY = {"admin", "maintain", "write"}


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The issue that lists all. `seen`: comments up to then were dealt with."""

    number: int
    title: str
    body: str
    is_open: bool
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    ways: Ways
    pulls: tuple[Pull, ...]
    dashboards: tuple[Dashboard, ...]
    commands: tuple[Command, ...] = ()
    may_have_issues: bool = True


@dataclass(slots=True)
class Reader:
    calls: Calls
    repository: str
    base: str
    _rights: dict[str, bool] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return f"/repos/{self.repository}"

    def read(self, now: datetime) -> Snapshot:
        about = self.calls.get(self.root)
        self._must_be_called_so(about)
        ways = self._ways(about)
        listed = self.calls.pages(f"{self.root}/pulls", state="open", base=self.base)
        now_open = [p for data in listed if (p := self._opened(data))]
        now_open = self.heeded(now_open, queue=ways.queue)
        ours = [*self.calls.pages(f"{self.root}/issues", state="all", labels=LABEL)]
        known = {p.number for p in now_open}
        past = [
            p
            for data in ours
            if (p := past_pull(data)) and p.number not in known and self.trusts(data.get("user"))
        ]
        boards = tuple(
            sorted(
                (b for data in ours if (b := _dashboard(data)) and self.trusts(data.get("user"))),
                key=lambda d: (not d.is_open, d.number),
            )
        )
        pulls = tuple(sorted((*now_open, *past), key=lambda p: p.number))
        seen = next((b.seen for b in boards if b.seen), None)
        comments = Comments(self.calls, self.root, self.trusts, self.may_write)
        commands = (*_ticked(boards), *comments.commands(pulls, seen, now))
        has_issues = about.get("has_issues", True)
        return Snapshot(ways, pulls, boards, commands, has_issues)

    def _must_be_called_so(self, about: Mapping[str, Any]) -> None:
        """By an old name GitHub answers, and every branch in the answer is another repository's."""
        name = str(about.get("full_name") or "")
        if name.lower() != self.repository.lower():
            now = f"{self.repository} is called {plain(name)} now"
            raise UpstreamError("GitHub", f"{now}: write that into `github.repository`")

    def _ways(self, about: Mapping[str, Any]) -> Ways:
        base = quote(self.base, safe="")
        branch, rules = self.calls.get(f"{self.root}/branches/{base}"), self._rules(base)
        ways = ways_of(about, branch, rules)
        if not ways.hidden:
            return ways
        # A queue of the classic protection is in no list of rules.
        return ways_of(about, branch, rules, self._queue())

    def _queue(self) -> str | None:
        """How the base's merge queue merges; None where there is none, or nobody knows."""
        owner, _, name = self.repository.partition("/")
        asked = {"owner": owner, "name": name, "branch": self.base}
        try:
            queue = self.calls.query(_QUEUE, asked)["repository"]["mergeQueue"]
        except RefusedError:
            return None
        return str((queue.get("configuration") or {}).get("mergeMethod")) if queue else None

    def heeded(self, pulls: Sequence[Pull], *, queue: bool) -> list[Pull]:
        """With what was objected to since they were left to merge by themselves. `queue`: the base
        has one, in which any of them may be."""
        waiting = [p for p in pulls if p.node and (p.auto_merge or queue)]
        known = standings(self.calls, waiting)
        said = {p.number: known.get(p.number, UNKNOWN) for p in waiting}
        return [
            replace(p, objections=s.objections, queued=s.queued, ours=p.ours and s.ours)
            if (s := said.get(p.number))
            else p
            for p in pulls
        ]

    def _rules(self, base: str) -> list[Mapping[str, Any]]:
        try:
            return [*self.calls.pages(f"{self.root}/rules/branches/{base}")]
        except RefusedError as error:
            if error.status == 404:
                return []
            raise

    def latest(self, branch: str) -> Pull | None:
        """The pull request of a branch, asked for by its name: an open one, else the latest."""
        owner = self.repository.split("/")[0]
        asked = {"head": f"{owner}:{branch}", "state": "all", "base": self.base}
        listed = self.calls.get(f"{self.root}/pulls", **asked)
        found = [p for data in listed if (p := self._opened(data))]
        still = [p for p in found if p.state is State.OPEN]
        return max(still or found, key=lambda p: p.number, default=None)

    def _opened(self, data: Mapping[str, Any]) -> Pull | None:
        """Of a branch of ours somebody else may open one: it is none of ours, whose word counts."""
        pull = open_pull(data, self.repository)
        return pull if pull is not None and self.trusts(data.get("user")) else None

    def trusts(self, author: Mapping[str, Any] | None) -> bool:
        """Whether a mark in what it wrote may be ours. Anybody can write one, in a public
        repository too, and our label may come from a person who only sorts issues, or by itself.
        An App writes what somebody with the right to install it lets it write."""
        if not author:
            return False
        return author.get("type") == "Bot" or self.may_write(str(author.get("login", "")))

    def may_write(self, login: str) -> bool:
        if login not in self._rights:
            self._rights[login] = self._asked_right(login)
        return self._rights[login]

    def _asked_right(self, login: str) -> bool:
        path = f"{self.root}/collaborators/{quote(login, safe='')}/permission"
        try:
            return self.calls.get(path)["permission"] in _MAY
        except RefusedError as error:
            if error.status == 404:
                return False
            raise


def _dashboard(data: Mapping[str, Any]) -> Dashboard | None:
    body = (data.get("body") or "").replace("\r\n", "\n")
    mark = marks.read(DASHBOARD, body)
    if mark is None or data.get("pull_request"):
        return None
    return Dashboard(data["number"], data["title"], body, data["state"] == "open", _seen(mark))


def _seen(mark: Mapping[str, Any]) -> datetime | None:
    try:
        return time(marks.word(mark, "seen"))
    except ValueError:
        return None


def _ticked(boards: Iterable[Dashboard]) -> Iterator[Command]:
    """Only who may write can tick a box of an issue that is ours."""
    first = next((b for b in boards if b.is_open), None)
    for word, branch in ticks(first.body) if first else ():
        yield Command(word, branch)
