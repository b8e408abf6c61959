"""Each write to GitHub so that it is there once, however often it is tried.

A pull request is one of its head; a comment has a mark that is looked for; all others say how it
is to be, not what is to be added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from remediator.forge.github import marks
from remediator.forge.github.calls import Calls, RefusedError, UnsureError
from remediator.forge.github.payloads import SAID, open_pull
from remediator.forge.github.snapshot import Reader
from remediator.forge.github.standing import standings
from remediator.forge.github.there import Pull, State
from remediator.model import Json


@dataclass(slots=True)
class Writes:
    calls: Calls
    reader: Reader

    @property
    def _root(self) -> str:
        return self.reader.root

    # Pull requests ---------------------------------------------------------------------------

    def create_pull(self, branch: str, title: str, body: str) -> tuple[Pull, bool]:
        """And whether it was surely made by this very call: else anybody may have opened it."""
        wanted = {"head": branch, "base": self.reader.base, "title": title, "body": body}

        def send() -> tuple[Pull, bool]:
            made = self.calls.write("POST", f"{self._root}/pulls", wanted)
            pull = open_pull(made, self.reader.repository)
            assert pull is not None
            return pull, True

        try:
            return self.calls.sure(send, lambda: self._open_one(branch))
        except RefusedError as error:
            there = self._open_one(branch) if error.status == 422 else None
            if there is None:
                raise
            return there

    def _open_one(self, branch: str) -> tuple[Pull, bool] | None:
        found = self.reader.latest(branch)
        return (found, False) if found is not None and found.state is State.OPEN else None

    def edit_pull(self, number: int, **values: str) -> None:
        self._again("PATCH", f"{self._root}/pulls/{number}", values)

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        people = [r.removeprefix("@") for r in reviewers if "/" not in r]
        teams = [r.rpartition("/")[2] for r in reviewers if "/" in r]
        body = {"reviewers": people, "team_reviewers": teams}
        self._again("POST", f"{self._root}/pulls/{number}/requested_reviewers", body)

    def merge(self, number: int, values: Mapping[str, str]) -> str:
        """The merge's commit. `values` has the head's `sha`: another head is not merged."""

        def send() -> str:
            done = self.calls.write("PUT", f"{self._root}/pulls/{number}/merge", values)
            return str(done["sha"])

        return self.calls.sure(send, lambda: self._merged(number))

    def _merged(self, number: int) -> str | None:
        found = self.calls.get(f"{self._root}/pulls/{number}")
        return str(found["merge_commit_sha"]) if found.get("merged") else None

    def auto_merge(self, pull: Pull, values: Mapping[str, str]) -> None:
        """Where the base has a merge queue, into that as soon as all else is there."""
        try:
            self._mutate("enablePullRequestAutoMerge", {"pullRequestId": pull.node, **values})
        except RefusedError:
            # The second try of one whose answer got lost; it may have merged at once.
            found = standings(self.calls, [pull]).get(pull.number)
            if found is None or not (found.queued or found.merged):
                raise

    def no_auto_merge(self, pull: Pull) -> None:
        """And out of the merge queue. Where it is off already GitHub refuses, so that it is looked
        at then."""
        if pull.queued:
            self._dequeue(pull)
        if not pull.auto_merge:
            return
        try:
            self._mutate("disablePullRequestAutoMerge", {"pullRequestId": pull.node})
        except RefusedError:
            if self.calls.get(f"{self._root}/pulls/{pull.number}").get("auto_merge"):
                raise

    def _dequeue(self, pull: Pull) -> None:
        try:
            self._mutate("dequeuePullRequest", {"id": pull.node})
        except RefusedError:
            found = standings(self.calls, [pull]).get(pull.number)
            if found is None or found.queued:
                raise

    def _mutate(self, name: str, values: Mapping[str, str]) -> None:
        def send() -> bool:
            self.calls.mutate(name, values, "clientMutationId")
            return True

        self.calls.sure(send, lambda: None)

    # Issues, labels and comments -------------------------------------------------------------

    def add_labels(self, number: int, labels: Iterable[str]) -> None:
        self._again("POST", f"{self._root}/issues/{number}/labels", {"labels": sorted(labels)})

    def remove_label(self, number: int, label: str) -> None:
        self._gone(f"{self._root}/issues/{number}/labels/{quote(label, safe='')}")

    def edit_issue(self, number: int, values: Mapping[str, Any]) -> None:
        self._again("PATCH", f"{self._root}/issues/{number}", values)

    def issue_body(self, number: int) -> str:
        return str(self.calls.get(f"{self._root}/issues/{number}").get("body") or "")

    def create_issue(self, title: str, body: str, label: str, mark: str) -> None:
        """The only open one with this mark: of two that two runs made, the first one stays."""
        values = {"title": title, "body": body, "labels": [label]}

        def send() -> int:
            return int(self.calls.write("POST", f"{self._root}/issues", values)["number"])

        def there() -> list[int]:
            listed = self.calls.pages(f"{self._root}/issues", state="open", labels=label)
            return sorted(i["number"] for i in listed if self._marked(mark, i))

        number = self.calls.sure(send, lambda: next(iter(there()), None))
        if any(other < number for other in there()):
            self.edit_issue(number, {"state": "closed"})

    def _marked(self, mark: str, issue: Mapping[str, Any]) -> bool:
        has = marks.read(mark, issue.get("body") or "") is not None
        return has and self.reader.trusts(issue.get("user"))

    def comment(self, number: int, key: Mapping[str, Json], text: str) -> None:
        """Once: a comment of this key is looked for first, and of two the first one stays."""
        path = f"{self._root}/issues/{number}/comments"

        def there() -> list[int]:
            listed = self.calls.pages(path)
            return sorted(
                c["id"]
                for c in listed
                if marks.read(SAID, c.get("body") or "") == key
                and self.reader.trusts(c.get("user"))
            )

        def send() -> int:
            body = f"{text}\n\n{marks.mark(SAID, key)}"
            return int(self.calls.write("POST", path, {"body": body})["id"])

        if there():
            return
        made = self.calls.sure(send, lambda: next(iter(there()), None))
        if any(other < made for other in there()):
            self._gone(f"{self._root}/issues/comments/{made}")

    def _gone(self, path: str) -> None:
        try:
            self._again("DELETE", path, None)
        except RefusedError as error:
            if error.status != 404:
                raise

    def _again(self, verb: str, path: str, values: Any) -> None:
        """What may be done twice is simply done again where the answer got lost."""
        try:
            self.calls.write(verb, path, values)
        except UnsureError:
            self.calls.write(verb, path, values)
