"""Does what was decided, one operation after the other. Every one of them may be the last."""

from __future__ import annotations

from collections.abc import Sequence

from remediator.forge.git import GitForge
from remediator.forge.github import marks
from remediator.forge.github.advice import advice_for
from remediator.forge.github.branches import Branches
from remediator.forge.github.calls import RefusedError
from remediator.forge.github.desk import Desk, Result, StoppedError
from remediator.forge.github.merging import Again, Merging
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
from remediator.forge.github.payloads import CLOSED, IGNORED, PULL
from remediator.forge.github.signing import Signer
from remediator.forge.github.texts import closed_text, explanation, stopped_text
from remediator.forge.github.there import GONE, STOPPED, Ways
from remediator.forge.github.writes import Writes
from remediator.forge.pull_text import pull_body
from remediator.texts import plain

_IN_THE_WAY = (400, 401, 403, 404, 405, 409, 422)


class Executor:
    """`again` proves a merge again, and says what came of it."""

    def __init__(
        self,
        forge: GitForge,
        writes: Writes,
        ways: Ways,
        desk: Desk,
        signer: Signer | None,
        again: Again,
    ) -> None:
        self._writes, self._desk = writes, desk
        self._branches = Branches(forge, desk, signer)
        self._merging = Merging(forge, writes, ways, desk, self._branches, again)

    def run(self, group: Sequence[Operation]) -> None:
        """The operations of one branch; where one fails, the others wait for the next run."""
        try:
            for operation in group:
                self._do(operation)
        except RefusedError as error:
            if error.status not in _IN_THE_WAY:
                raise
            self.result(group[0]).blocked = advice_for(error.message)
        except StoppedError as error:
            self.result(group[0]).blocked = str(error)

    def clear_workshop(self) -> None:
        self._branches.clear_workshop()

    def result(self, operation: Operation) -> Result:
        return self._desk.result_of(branch_of(operation))

    def _do(self, operation: Operation) -> None:
        match operation:
            case Push():
                self._branches.push(operation.branch, operation.expected)
            case Open():
                self._open(operation.branch)
            case Describe():
                self._describe(operation.branch)
            case Ask():
                self._ask(operation)
            case Label():
                self._label(operation)
            case AutoMerge(on=True):
                self._merging.auto_merge(operation.branch)
            case AutoMerge():
                self._writes.no_auto_merge(self._desk.pulls[operation.branch])
            case Merge():
                self._merging.merge(operation.branch)
            case Stop() | Close() | Ignore() | Delete() | Answer():
                self._end(operation)

    # The pull request ------------------------------------------------------------------------

    def _body(self, branch: str) -> str:
        made = self._desk.made[branch]
        values = {"branch": branch, "head": self._desk.heads[branch], "text": made.wanted.text}
        body = pull_body(made.change, made.around, made.when.date())
        return f"{body.rstrip()}\n\n{marks.mark(PULL, values)}\n"

    def _open(self, branch: str) -> None:
        title = self._desk.made[branch].wanted.title
        pull, made = self._writes.create_pull(branch, title, self._body(branch))
        self._desk.pulls[branch] = pull
        if made:
            self._desk.opened.add(branch)
        self._desk.result_of(branch).pull = pull

    def _describe(self, branch: str) -> None:
        title, body = self._desk.made[branch].wanted.title, self._body(branch)
        self._writes.edit_pull(self._desk.pulls[branch].number, title=title, body=body)

    def _ask(self, operation: Ask) -> None:
        pull = self._desk.pulls[operation.branch]
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
        number = self._desk.pulls[operation.branch].number
        if operation.add:
            self._writes.add_labels(number, operation.add)
        for label in operation.remove:
            self._writes.remove_label(number, label)

    # Endings and answers ---------------------------------------------------------------------

    def _end(self, operation: Stop | Close | Ignore | Delete | Answer) -> None:
        match operation:
            case Stop(branch, head):
                number = self._desk.pulls[branch].number
                self._writes.comment(number, {"stopped": head}, stopped_text(head))
                self._writes.add_labels(number, [STOPPED])
            case Close(branch, why):
                pull = self._desk.pulls[branch]
                key = {"closed": self._desk.heads.get(branch, "")}
                self._writes.comment(pull.number, key, closed_text(why))
                labels = sorted({*pull.labels, GONE})
                body = f"{marks.without(CLOSED, pull.body).rstrip()}\n{marks.mark(CLOSED, {})}\n"
                closed = {"state": "closed", "labels": labels, "body": body}
                self._writes.edit_issue(pull.number, closed)
            case Ignore(branch, reason, until, by):
                pull = self._desk.pulls[branch]
                values = {"reason": reason, "until": f"{until or ''}", "by": by}
                text = marks.without(IGNORED, pull.body).rstrip()
                body = f"{text}\n{marks.mark(IGNORED, values)}\n"
                self._writes.edit_pull(pull.number, state="closed", body=body)
            case Delete(branch, head):
                self._branches.delete(branch, head)
            case Answer(command, text):
                made = self._desk.made.get(command.branch)
                said = text or explanation(made.change if made else None)
                assert command.comment is not None
                self._writes.comment(command.number, {"answer": command.comment}, said)


def branch_of(operation: Operation) -> str:
    return operation.command.branch if isinstance(operation, Answer) else operation.branch
