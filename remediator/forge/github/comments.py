"""Comment commands that are not answered yet, from people who may give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from remediator.forge.github import marks
from remediator.forge.github.calls import Calls
from remediator.forge.github.commands import asked_in
from remediator.forge.github.payloads import SAID, time
from remediator.forge.github.there import Command, Pull

WINDOW = timedelta(days=14)
"""How far back comments are looked for where no dashboard says when they were last seen."""
_MARGIN = timedelta(minutes=10)
_PEOPLE = 30
"""Of so many who comment the rights are asked for in one run."""


@dataclass(slots=True)
class Comments:
    """`root` is the repository's path. `trusts`: whether a mark by an author may be ours;
    `may_write`: whether the login has that right."""

    calls: Calls
    root: str
    trusts: Callable[[Mapping[str, Any] | None], bool]
    may_write: Callable[[str], bool]
    _rights: dict[str, bool] = field(default_factory=dict)

    def commands(
        self, pulls: Iterable[Pull], seen: datetime | None, now: datetime
    ) -> Iterator[Command]:
        """`seen`: those up to then were dealt with, where a dashboard says so."""
        by_number = {p.number: p for p in pulls}
        if not by_number:
            return
        since = min(seen, now) - _MARGIN if seen else now - WINDOW
        path = f"{self.root}/issues/comments"
        asked = {"since": _written(since), "sort": "created", "direction": "asc"}
        comments = [*self.calls.pages(path, **asked)]
        answered = {self._answered(c) for c in comments if _number(c) in by_number}
        for comment in comments:
            pull = by_number.get(_number(comment))
            if pull is None or comment["id"] in answered:
                continue
            for command in self._command(comment, pull, now.date()):
                if time(comment["created_at"]) >= since or not self._is_answered(comment):
                    yield command

    def _is_answered(self, comment: Mapping[str, Any]) -> bool:
        """Of an old one that was edited now: an answer that nobody edited is not listed."""
        path = f"{self.root}/issues/{_number(comment)}/comments"
        listed = self.calls.pages(path, since=comment["created_at"])
        return any(self._answered(c) == comment["id"] for c in listed)

    def _answered(self, comment: Mapping[str, Any]) -> int | None:
        """The comment that this one of ours answers. Who we are may have been another once."""
        mark = marks.read(SAID, comment.get("body") or "")
        answer = mark.get("answer") if mark and self.trusts(comment.get("user")) else None
        return answer if isinstance(answer, int) else None

    def _command(self, comment: Mapping[str, Any], pull: Pull, today: date) -> Iterator[Command]:
        asked = asked_in(comment.get("body") or "", today)
        who = comment.get("user") or {}
        login = who.get("login", "")
        # A bot may say what somebody else has written, such as a title.
        if asked is None or login == pull.author or who.get("type") == "Bot":
            return
        # From anybody else there is no answer either: it would be a way to make us write.
        if not self._may_ask(login):
            return
        yield Command(
            asked.word,
            pull.branch,
            login,
            comment["id"],
            pull.number,
            asked.reason,
            asked.until,
            asked.problem,
        )

    def _may_ask(self, login: str) -> bool:
        """Anybody can comment, under many names."""
        if login not in self._rights:
            self._rights[login] = len(self._rights) < _PEOPLE and self.may_write(login)
        return self._rights[login]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(comment: Mapping[str, Any]) -> int:
    return int(comment["issue_url"].rpartition("/")[2])
