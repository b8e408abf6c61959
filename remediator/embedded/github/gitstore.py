"""The bare repository behind a repository of the stand-in, through git itself.

Written apart from `forge/`, so that a mistake there is not repeated here.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ZERO = "0" * 40


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    date: str
    """As git takes it: ISO 8601, or seconds and zone."""


@dataclass(frozen=True)
class CommitObject:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str
    signature: str | None


@dataclass(frozen=True)
class Entry:
    mode: str
    type: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True)
class Changed:
    """One file of a diff."""

    status: str
    """A, M, D, R or T."""
    path: str
    previous: str | None
    sha: str
    additions: int
    deletions: int
    patch: str | None


class GitError(RuntimeError):
    """git ended with a status that was not expected; the text is what it said."""


class GitStore:
    def __init__(self, path: Path) -> None:
        self.path = path
        # What an object says never changes, so it is asked once.
        self.commit = lru_cache(maxsize=20_000)(self._commit)
        self.merge_tree = lru_cache(maxsize=5_000)(self._merge_tree)
        self.merge_base = lru_cache(maxsize=5_000)(self._merge_base)
        self.between = lru_cache(maxsize=5_000)(self._between)
        self.diff = lru_cache(maxsize=5_000)(self._diff)

    @classmethod
    def create(cls, path: Path, branch: str) -> GitStore:
        path.parent.mkdir(parents=True, exist_ok=True)
        _git(["init", "--quiet", "--bare", "-b", branch, str(path)])
        store = cls(path)
        for key, value in (
            ("http.receivepack", "true"),
            ("uploadpack.allowFilter", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"),
            ("receive.advertiseAtomic", "true"),
            ("gc.auto", "0"),
            ("receive.autogc", "false"),
        ):
            store.git("config", key, value)
        return store

    def git(
        self,
        *arguments: str,
        given: bytes | None = None,
        env: Mapping[str, str] | None = None,
        statuses: tuple[int, ...] = (0,),
    ) -> bytes:
        done = _git(["--git-dir", str(self.path), *arguments], given, env)
        if done.returncode not in statuses:
            raise GitError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout

    def text(self, *arguments: str, given: bytes | None = None) -> str:
        return self.git(*arguments, given=given).decode("utf-8", "replace").strip()

    # Refs ------------------------------------------------------------------------------------

    def refs(self) -> dict[str, str]:
        """Every ref, in order of the names. Read from the files (gitrepository-layout(5)), as this
        is asked at every request, and a process for each takes longer than all the rest."""
        found = dict(self._packed())
        # A ref that is deleted meanwhile is not there, and a lock is none yet.
        for folder, _, names in os.walk(self.path / "refs"):
            for name in names:
                if not name.endswith(".lock"):
                    path = Path(folder, name)
                    with suppress(FileNotFoundError):
                        found[path.relative_to(self.path).as_posix()] = path.read_text().strip()
        return dict(sorted(found.items()))

    def _packed(self) -> Iterator[tuple[str, str]]:
        with suppress(FileNotFoundError):
            for line in (self.path / "packed-refs").read_text("utf-8").splitlines():
                if line[0] not in "#^":
                    sha, _, name = line.partition(" ")
                    yield name, sha

    def update(self, ref: str, new: str, old: str | None) -> bool:
        """Moves the ref from exactly `old` (None: it must not be there); False: it was not so."""
        given = f"update {ref}\0{new}\0{old or ZERO}\0".encode()
        done = _git(["--git-dir", str(self.path), "update-ref", "-z", "--stdin"], given)
        return done.returncode == 0

    def delete(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    # Objects ---------------------------------------------------------------------------------

    def type(self, name: str) -> str | None:
        """commit, tree, blob or tag; None where there is no such object."""
        done = _git(["--git-dir", str(self.path), "cat-file", "-t", name])
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def resolve(self, name: str) -> str | None:
        """The commit that a branch, a ref or an id names."""
        for candidate in (f"refs/heads/{name}", name, f"refs/{name}"):
            arguments = ["rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}"]
            done = _git(["--git-dir", str(self.path), *arguments])
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    def _commit(self, sha: str) -> CommitObject:
        raw = self.git("cat-file", "commit", sha).decode("utf-8", "replace")
        head, _, message = raw.partition("\n\n")
        fields: dict[str, list[str]] = {}
        for line in head.replace("\n ", "\0").splitlines():
            key, _, value = line.partition(" ")
            fields.setdefault(key, []).append(value.replace("\0", "\n"))
        return CommitObject(
            sha,
            fields["tree"][0],
            tuple(fields.get("parent", ())),
            _person(fields["author"][0]),
            _person(fields["committer"][0]),
            message.removesuffix("\n"),
            fields["gpgsig"][0] if "gpgsig" in fields else None,
        )

    def read(self, sha: str) -> bytes:
        return self.git("cat-file", "blob", sha)

    def write(self, data: bytes) -> str:
        return self.text("hash-object", "-w", "--stdin", given=data)

    def tree(self, tree: str, recursive: bool = False, path: str = "") -> list[Entry]:
        options = ["-r", "-t"] if recursive else []
        where = ["--", path] if path else []
        out = self.git("ls-tree", "-z", "-l", "--full-tree", *options, tree, *where)
        entries = []
        for line in out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            about, _, name = line.partition("\t")
            mode, kind, sha, size = about.split()
            entries.append(Entry(mode, kind, sha, None if size == "-" else int(size), name))
        return entries

    def write_tree(self, base: str | None, changes: Iterable[tuple[str, str, str | None]]) -> str:
        """`base` with (mode, path, blob or tree) put in; None in place of an id takes it out."""
        index = self.path / f"index.{os.urandom(6).hex()}"
        env = {"GIT_INDEX_FILE": str(index)}
        try:
            if base:
                self.git("read-tree", base, env=env)
            for mode, path, sha in changes:
                if mode == "040000" and sha:
                    self.git("read-tree", f"--prefix={path}/", sha, env=env)
                else:
                    line = f"{mode if sha else '0'} {sha or ZERO}\t{path}\0".encode()
                    self.git("update-index", "-z", "--index-info", given=line, env=env)
            return self.git("write-tree", env=env).decode().strip()
        finally:
            index.unlink(missing_ok=True)

    def write_commit(
        self, tree: str, parents: Sequence[str], message: str, author: Person, committer: Person
    ) -> str:
        env = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": author.date,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": committer.date,
        }
        named = [option for parent in parents for option in ("-p", parent)]
        out = self.git("commit-tree", tree, *named, given=message.encode(), env=env)
        return out.decode().strip()

    # History ---------------------------------------------------------------------------------

    def _merge_base(self, one: str, other: str) -> str | None:
        out = self.git("merge-base", one, other, statuses=(0, 1)).decode().strip()
        return out or None

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.merge_base(old, new) == old

    def _between(self, excluded: str, included: str) -> tuple[str, ...]:
        """Commits of `included` that are not in `excluded`, oldest first."""
        out = self.text("rev-list", "--reverse", "--topo-order", f"{excluded}..{included}")
        return tuple(out.split())

    def log(self, start: str, options: Sequence[str], path: str = "") -> list[str]:
        where = ["--", path] if path else []
        return self.text("rev-list", *options, start, *where).split()

    def _merge_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of both merged; None where they conflict. Commits, or commit-ishes."""
        out = self.git(
            "merge-tree", "--write-tree", "--no-messages", ours, theirs, statuses=(0, 1)
        ).decode()
        tree, _, conflicts = out.partition("\n")
        return None if conflicts.strip() else tree

    def _diff(self, before: str, after: str) -> tuple[Changed, ...]:
        """Commits or trees. Files with their counts and their patch."""
        options = ["-r", "-M", "--full-index", "--no-color"]
        raw = self.git("diff-tree", "-z", "--raw", "--numstat", *options, before, after)
        named = _raw_and_numstat(raw.decode("utf-8", "surrogateescape").split("\0")[:-1])
        found = []
        for status, sha, previous, path, counts in named:
            asked = [path] if previous is None else [previous, path]
            text = self.git("diff-tree", "-p", *options, before, after, "--", *asked)
            hunks = text.decode("utf-8", "replace").partition("\n@@")
            patch = f"@@{hunks[2]}".removesuffix("\n") if hunks[1] else None
            found.append(Changed(status, path, previous, sha, *counts, patch))
        return tuple(found)


def _raw_and_numstat(
    fields: list[str],
) -> list[tuple[str, str, str | None, str, tuple[int, int]]]:
    """git-diff-tree(1), "RAW OUTPUT FORMAT" and --numstat, both with -z."""
    rest = iter(fields)
    raw: list[tuple[str, str, str | None, str]] = []
    counts: dict[str, tuple[int, int]] = {}
    for item in rest:
        if item.startswith(":"):
            _, _, old, new, status = item.split(" ")
            first = next(rest)
            renamed = status[0] in "RC"
            path = next(rest) if renamed else first
            raw.append((status[0], old if status == "D" else new, first if renamed else None, path))
        else:
            added, removed, name = item.split("\t")
            if not name:
                next(rest)
                name = next(rest)
            counts[name] = (
                int(added) if added != "-" else 0,
                int(removed) if removed != "-" else 0,
            )
    return [(*one, counts.get(one[3], (0, 0))) for one in raw]


def _person(line: str) -> Person:
    name, _, rest = line.partition(" <")
    email, _, date = rest.rpartition("> ")
    return Person(name, email, date)


def _git(
    arguments: Sequence[str], given: bytes | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    fixed = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    return subprocess.run(
        ["git", *arguments],
        input=given or b"",
        capture_output=True,
        check=False,
        timeout=60,
        env={**kept, **fixed, **(env or {})},
    )
