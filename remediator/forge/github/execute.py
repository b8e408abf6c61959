"""Does what was decided, one operation after the other. Every one of them may be the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from remediator.forge.git import GitForge, Rejected
from remediator.forge.github import marks
from remediator.forge.github.advice import advice_for
from remediator.forge.github.calls import RefusedError
from remediator.forge.github.operations import (
    Answer,
    Ask,
    AutoMerge,
    Close,
    Delete,
    Describe,
    Ignore,
    Label,
    Merge,
    Open,
    Operation,
    Push,
    Stop,
)
from remediator.forge.github.payloads import IGNORED, PULL
from remediator.forge.github.signing import Signer
from remediator.forge.github.standing import standings
from remediator.forge.github.texts import closed_text, explanation, objected, stopped_text
from remediator.forge.github.there import GONE, STOPPED, Pull, State, Wanted, Ways
from remediator.forge.github.writes import Writes
from remediator.forge.holding import holds
from remediator.forge.message import commit_message, merge_message
from remediator.forge.pull_text import Around, pull_body
from remediator.model import Change, UpstreamError
from remediator.texts import plain

_IN_THE_WAY = (400, 401, 403, 404, 405, 409, 422)


@dataclass(frozen=True, slots=True)
class Made:
    """A change, and all that its commit and its pull request are written from."""

    change: Change
    wanted: Wanted
    around: Around
    when: datetime


@dataclass(slots=True)
class Result:
    """What became of a branch. `blocked`: what a setting, or somebody faster, did not allow.
    `moved`: what was proven again where the base had moved before GitHub's merge; else ""."""

    pull: Pull | None = None
    head: str | None = None
    merged: str | None = None
    moved: str = ""
    blocked: str = ""
    notes: list[str] = field(default_factory=list)
    fault: UpstreamError | None = None


class Executor:
    def __init__(
        self,
        forge: GitForge,
        writes: Writes,
        ways: Ways,
        base: str,
        signer: Signer | None = None,
        again: Callable[[str], str] = lambda merge: "the base had moved, and nobody looked again",
    ) -> None:
        """`base` is the base's commit that the changes were made from. `again` proves a merge
        again, and says what came of it."""
        self._signer, self._again = signer, again
        self._forge, self._writes, self._ways, self.base = forge, writes, ways, base
        self.made: dict[str, Made] = {}
        self.pulls: dict[str, Pull] = {}
        self.heads: dict[str, str] = {}
        self.results: dict[str, Result] = {}
        self._opened: set[str] = set()
        """Nobody has said anything yet of what this very run opened."""

    def run(self, group: Sequence[Operation]) -> None:
        """The operations of one branch; where one fails, the others wait for the next run."""
        try:
            for operation in group:
                self._do(operation)
        except RefusedError as error:
            if error.status not in _IN_THE_WAY:
                raise
            self.result(group[0]).blocked = advice_for(error.message)
        except _StoppedError as error:
            self.result(group[0]).blocked = str(error)

    def result(self, operation: Operation) -> Result:
        return self.result_of(branch_of(operation))

    def result_of(self, branch: str) -> Result:
        return self.results.setdefault(branch, Result(self.pulls.get(branch)))

    def _do(self, operation: Operation) -> None:
        match operation:
            case Push():
                self._push(operation)
            case Open():
                self._open(operation.branch)
            case Describe():
                self._describe(operation.branch)
            case Ask():
                self._ask(operation)
            case Label():
                self._label(operation)
            case AutoMerge(on=True):
                self._auto_merge(operation.branch)
            case AutoMerge():
                self._writes.no_auto_merge(self.pulls[operation.branch])
            case Merge():
                self._merge(operation.branch)
            case Stop() | Close() | Ignore() | Delete() | Answer():
                self._end(operation)

    # The commit ------------------------------------------------------------------------------

    def _push(self, operation: Push) -> None:
        made, branch = self.made[operation.branch], operation.branch
        message = commit_message(made.change, made.around.reference, made.when)
        pushed = self._commit(made, message, operation.expected)
        if isinstance(pushed, Rejected):
            pushed = self._same_by_another(branch, made.change)
        self.heads[branch] = pushed

    def _commit(self, made: Made, message: str, expected: str | None) -> str | Rejected:
        change = made.change
        if self._signer is not None:
            return self._signer.push(change, self.base, message, expected)
        commit = self._forge.build(self.base, change.after, message, made.when)
        ref = f"refs/heads/{change.branch}"
        pushed = self._forge.push({ref: commit}, {ref: expected})
        return pushed if isinstance(pushed, Rejected) else commit

    def _same_by_another(self, branch: str, change: Change) -> str:
        """Another run of ours was faster, with the same change; anything else is left alone."""
        self._forge.fetch()
        head = self._forge.branch_heads().get(branch)
        if head and self._forge.is_ours(head) and holds(self._forge, head, change):
            return head
        raise _StoppedError("somebody pushed to its branch at the same moment; the next run looks")

    # The pull request ------------------------------------------------------------------------

    def _body(self, branch: str) -> str:
        made = self.made[branch]
        values = {"branch": branch, "head": self.heads[branch], "text": made.wanted.text}
        body = pull_body(made.change, made.around, made.when.date())
        return f"{body.rstrip()}\n\n{marks.mark(PULL, values)}\n"

    def _open(self, branch: str) -> None:
        title = self.made[branch].wanted.title
        pull = self._writes.create_pull(branch, title, self._body(branch))
        self.pulls[branch] = pull
        self._opened.add(branch)
        self.result_of(branch).pull = pull

    def _describe(self, branch: str) -> None:
        title, body = self.made[branch].wanted.title, self._body(branch)
        self._writes.edit_pull(self.pulls[branch].number, title=title, body=body)

    def _ask(self, operation: Ask) -> None:
        pull = self.pulls[operation.branch]
        people = [r for r in operation.reviewers if r.removeprefix("@") != pull.author]
        if not people:
            return
        try:
            self._writes.ask(pull.number, people)
        except RefusedError as error:
            if error.status not in (403, 404, 422):
                raise
            note = f"could not ask {', '.join(people)} (CODEOWNERS): {error.message}"
            self.result(operation).notes.append(plain(note))

    def _label(self, operation: Label) -> None:
        number = self.pulls[operation.branch].number
        if operation.add:
            self._writes.add_labels(number, operation.add)
        for label in operation.remove:
            self._writes.remove_label(number, label)

    # Merging ---------------------------------------------------------------------------------

    def _auto_merge(self, branch: str) -> None:
        self._heed(branch)
        pull = self.pulls[branch]
        values = {"mergeMethod": self._ways.method.upper(), "expectedHeadOid": self.heads[branch]}
        said = self._said_by_merge(branch)
        values |= (
            {"commitHeadline": said["commit_title"], "commitBody": said["commit_message"]}
            if said
            else {}
        )
        try:
            self._writes.auto_merge(pull, values)
        except RefusedError as error:
            if "clean status" not in error.message:
                raise
            # All that the base asks for is there already: nothing to wait for.
            self._merge(branch)

    def _heed(self, branch: str) -> None:
        """A base that asks for no review would let us merge over a person's objection."""
        if branch in self._opened:
            return
        pull = self.pulls[branch]
        found = standings(self._writes.calls, [pull]).get(pull.number)
        if found is not None and found.objections:
            raise _StoppedError(objected(found.objections))

    def _merge(self, branch: str) -> None:
        """One at a time, onto the very base that the change was proven on."""
        self._heed(branch)
        if self._forge.fetch() != self.base:
            raise _StoppedError("the base moved meanwhile; the next run looks again")
        pull, head = self.pulls[branch], self.heads[branch]
        values = {"sha": head, "merge_method": self._ways.method, **self._said_by_merge(branch)}
        result = self.result_of(branch)
        result.merged = self._writes.merge(pull.number, values)
        result.pull = replace(pull, state=State.MERGED)
        self._delete(branch, head)
        # GitHub's `sha` guards the head alone: the base may have moved since we looked.
        self._forge.fetch()
        if self._forge.parent(result.merged) != self.base:
            result.moved = self._again(result.merged)

    def _said_by_merge(self, branch: str) -> Mapping[str, str]:
        """A squash makes a new commit, which has to have the record; a rebase keeps ours."""
        made = self.made[branch]
        if self._ways.method == "rebase":
            return {}
        text = merge_message(made.change)
        if self._ways.method == "squash":
            text = commit_message(made.change, made.around.reference, made.when)
        title, _, body = text.partition("\n")
        return {"commit_title": title, "commit_message": body.strip()}

    # Endings and answers ---------------------------------------------------------------------

    def _end(self, operation: Stop | Close | Ignore | Delete | Answer) -> None:
        match operation:
            case Stop(branch, head):
                number = self.pulls[branch].number
                self._writes.comment(number, {"stopped": head}, stopped_text(head))
                self._writes.add_labels(number, [STOPPED])
            case Close(branch, why):
                pull = self.pulls[branch]
                key = {"closed": self.heads.get(branch, "")}
                self._writes.comment(pull.number, key, closed_text(why))
                labels = sorted({*pull.labels, GONE})
                self._writes.edit_issue(pull.number, {"state": "closed", "labels": labels})
            case Ignore(branch, reason, until, by):
                pull = self.pulls[branch]
                values = {"reason": reason, "until": f"{until or ''}", "by": by}
                text = marks.without(IGNORED, pull.body).rstrip()
                body = f"{text}\n{marks.mark(IGNORED, values)}\n"
                self._writes.edit_pull(pull.number, state="closed", body=body)
            case Delete(branch, head):
                self._delete(branch, head)
            case Answer(command, text):
                made = self.made.get(command.branch)
                said = text or explanation(made.change if made else None)
                assert command.comment is not None
                self._writes.comment(command.number, {"answer": command.comment}, said)

    def _delete(self, branch: str, head: str) -> None:
        """Rejected where somebody pushed to it, or deleted it: then there is nothing to do."""
        ref = f"refs/heads/{branch}"
        self._forge.push({ref: None}, {ref: head})
        self.heads.pop(branch, None)


class _StoppedError(Exception):
    """A group ends here, and nothing is wrong."""


def branch_of(operation: Operation) -> str:
    return operation.command.branch if isinstance(operation, Answer) else operation.branch
