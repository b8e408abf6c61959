"""Notes on merged changes, for what is known later: git-notes(1), under refs/notes/remediator.

A note is lines of `Key: value`. A key is written once: what is there stays as it is, whoever wrote
it. The notes' history only goes forward, and is never forced; one that moved meanwhile is read
again and written on top of. A run that dies before its push leaves unreferenced objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from remediator.forge import commits, diffs, trailer
from remediator.forge.objects import Batch
from remediator.forge.remote import NOTES, Pushed, Remote, verdict
from remediator.forge.repository import Repository
from remediator.model import UpstreamError

MARK = "Remediator-Note"
_FORMAT = "1"
_LARGEST = 1 << 16
_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): (.*)")
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Note:
    """`path` is where it is in the notes' tree; git spreads them over folders as they grow."""

    path: str
    text: str

    def one(self, key: str) -> str | None:
        """The first value of a key."""
        return next((value for name, value in read(self.text) if name == key), None)


def read(text: str) -> Iterator[tuple[str, str]]:
    """The pairs of a note; lines that are none are somebody else's, and passed over."""
    for line in text.split("\n"):
        match = _LINE.fullmatch(line.rstrip())
        if match:
            yield match[1], trailer.unescape(match[2])


class Notes:
    def __init__(
        self, repository: Repository, remote: Remote, base: str, identity: tuple[str, str]
    ) -> None:
        self._repository, self._remote = repository, remote
        self._base, self._identity = base, identity

    def all(self) -> dict[str, Note]:
        """By the commit that it is on."""
        return notes_of(self._repository, self._remote.notes_head())

    def head(self) -> str | None:
        return self._remote.notes_head()

    def add(self, wanted: Mapping[str, Pairs], when: datetime, attempts: int) -> int:
        """Writes what is not there yet, and pushes it. Answers on how many commits.

        Raises UpstreamError where the remote is away, or moves at every attempt.
        """
        for _ in range(attempts):
            head = self._remote.notes_head()
            files = dict(_missing(notes_of(self._repository, head), wanted))
            if not files:
                return 0
            made = self._commit(head, files, when)
            answer = self._remote.push({NOTES: made}, {NOTES: head}, atomic=False)
            if isinstance(verdict(answer, self._remote.name), Pushed):
                return len(files)
            self._remote.fetch(self._base)
        text = f"they moved {attempts} times while they were written; the next run tries again"
        raise UpstreamError(f"git push {NOTES}", text)

    def _commit(self, head: str | None, files: Mapping[str, bytes], when: datetime) -> str:
        batch = Batch(self._repository)
        tree = batch.tree(head, files)
        parents = (head,) if head else ()
        message = "Note what became of merged changes"
        data = commits.render(tree, parents, self._identity, when, message)
        name = batch.add("commit", data)
        batch.write()
        return name


def notes_of(repository: Repository, head: str | None) -> dict[str, Note]:
    """All notes of one state of their history, by the commit that each is on."""
    if head is None:
        return {}
    out = repository.run("ls-tree", "-r", "-z", "--full-tree", head)
    found: list[tuple[str, str, str]] = []
    for line in out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        about, path = line.split("\t", 1)
        name = path.replace("/", "")
        if _NAME.fullmatch(name):
            found.append((name, path, about.split(" ")[2]))
    blobs = repository.objects.read_many([blob for *_, blob in found], _LARGEST)
    return {
        name: Note(path, blob.data.decode("utf-8", "replace") if blob and blob.data else "")
        for (name, path, _), blob in zip(found, blobs, strict=True)
    }


def authors(repository: Repository, head: str | None) -> Iterator[tuple[str, str]]:
    """Every commit of the notes' history with its author, latest first."""
    if head is None:
        return
    out = repository.run("log", "-z", "--format=%H %an <%ae>", "--no-mailmap", head)
    for line in out.decode("utf-8", "replace").split("\0"):
        name, _, author = line.partition(" ")
        if name:
            yield name, author


def rewritten(repository: Repository, head: str | None) -> Iterator[tuple[str, str]]:
    """Commits whose note was changed or taken away once it was written, and in which commit."""
    if head is None:
        return
    names = repository.run("rev-list", head).decode("ascii").split()
    for name in names:
        # Each parent: merging two writers' notes takes lines from both.
        for parent in repository.run("rev-parse", f"{name}^@").decode("ascii").split():
            for change in diffs.changes(repository, [(name, parent)])[name]:
                if change.before and not _goes_on(repository, change):
                    yield change.path.replace("/", ""), name


def _goes_on(repository: Repository, change: diffs.FileChange) -> bool:
    """Whether every line stays, in its order."""
    if change.after is None:
        return False
    old, new = (
        found.data if found and found.data is not None else b""
        for found in repository.objects.read_many([change.before or "", change.after])
    )
    rest = iter(new.splitlines())
    return all(line in rest for line in old.splitlines())


def _missing(there: Mapping[str, Note], wanted: Mapping[str, Pairs]) -> Iterator[tuple[str, bytes]]:
    for commit, pairs in wanted.items():
        note = there.get(commit)
        known = {key for key, _ in read(note.text)} if note else set()
        new = [(key, value) for key, value in pairs if key not in known]
        if new:
            head = [] if MARK in known else [(MARK, _FORMAT)]
            before = f"{note.text.rstrip()}\n" if note and note.text.strip() else ""
            text = f"{before}{trailer.encode([*head, *new])}\n"
            yield note.path if note else commit, text.encode("utf-8", "replace")
