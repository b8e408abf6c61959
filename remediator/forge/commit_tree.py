"""A commit's files, read from the object database without a checkout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from remediator.forge.catfile import Found
from remediator.forge.objects import FILE, LINK, REGULAR, encoded, object_id
from remediator.forge.repository import Repository
from remediator.model import SourceError, UpstreamError
from remediator.tree import MAX_FILE_BYTES, MemoryTree, link_target

_Listing = Mapping[str, tuple[str, str]]
_KEPT = 256
"""Answers to the same search of the same commit."""
_WILD = re.compile(r"([*?\[\]\\])")


class CommitTree:
    """`remediator.tree.Tree` of one commit: regular files only, no links, no submodules.

    Paths are UTF-8; bytes that are not come as lone surrogates (PEP 383).
    """

    def __init__(
        self, repository: Repository, commit: str, listing: _Listing | None = None
    ) -> None:
        """`listing`: mode and blob of every path, links too, where it is known already."""
        self.commit = commit
        self._repository, self._given = repository, listing
        self._grepped: dict[tuple[tuple[str, ...], tuple[str, ...]], Sequence[str]] = {}

    def paths(self) -> Sequence[str]:
        return self._sorted

    def read(self, path: str) -> bytes:
        return _data(path, self._repository.blobs.read(self._listing[path][1], MAX_FILE_BYTES))

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        wanted = [*paths]
        blobs = [self._listing[path][1] for path in wanted]
        found = self._repository.objects.read_many(blobs, MAX_FILE_BYTES)
        for path, blob in zip(wanted, found, strict=True):
            yield path, _data(path, blob)

    def grep(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        asked = (tuple(needles), tuple(suffixes))
        if asked not in self._grepped:
            if len(self._grepped) >= _KEPT:
                self._grepped.pop(next(iter(self._grepped)))
            self._grepped[asked] = self._grep(*asked)
        return self._grepped[asked]

    def _grep(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        if not needles or not suffixes:
            return []
        if any(not needle or re.search(r"[\0\r\n]", needle) for needle in needles):
            return self._scan(needles, suffixes)  # git takes a pattern for one line
        options = ["-l", "-z", "-F", "-a", "--threads=1", "--no-color", "--no-textconv"]
        options += ["--full-name", "--no-recurse-submodules", "-f", "-"]
        pathspecs = ["*" + _WILD.sub(r"\\\1", suffix) for suffix in suffixes]
        patterns = "".join(f"{needle}\n" for needle in needles)
        asked = ["grep", *options, self.commit, "--", *pathspecs]
        answer = self._repository.ask(*asked, stdin=encoded(patterns))
        if answer.status > 1:
            raise UpstreamError("git grep", answer.error)
        start = len(self.commit) + 1
        names = (_decoded(name[start:]) for name in answer.out.split(b"\0")[:-1])
        return sorted(n for n in names if n in self._listing and n.endswith(tuple(suffixes)))

    def links(self) -> Sequence[tuple[str, str]]:
        found = [(path, blob) for path, (mode, blob) in self._all.items() if mode == LINK]
        data = self._repository.objects.read_many([blob for _, blob in found], MAX_FILE_BYTES)
        targets = [(path, b.data) for (path, _), b in zip(found, data, strict=True) if b]
        return [(path, link_target(path, _decoded(raw))) for path, raw in targets if raw]

    def updated(self, commit: str, files: Mapping[str, bytes]) -> CommitTree:
        """The tree of a commit that was just made from this one, without listing it again."""
        listing = dict(self._all)
        for path, data in files.items():
            mode = listing[path][0] if path in listing else FILE
            listing[path] = (mode, object_id("blob", data, self._repository.algorithm))
        made = CommitTree(self._repository, commit, listing)
        changed = MemoryTree(files)
        made._grepped = {
            asked: sorted([*(p for p in found if p not in files), *changed.grep(*asked)])
            for asked, found in self._grepped.items()
        }
        return made

    def _scan(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        wanted = [encoded(needle) for needle in needles]
        paths = [path for path in self.paths() if path.endswith(tuple(suffixes))]
        return [path for path, data in self.read_many(paths) if any(n in data for n in wanted)]

    @cached_property
    def _sorted(self) -> Sequence[str]:
        return tuple(sorted(self._listing))

    @cached_property
    def _listing(self) -> _Listing:
        return {path: entry for path, entry in self._all.items() if entry[0] in REGULAR}

    @cached_property
    def _all(self) -> _Listing:
        """Without sizes: git would open every object for them, reading tells them anyway."""
        if self._given is not None:
            return self._given
        out = self._repository.run("ls-tree", "-r", "-z", "--full-tree", self.commit)
        return dict(_entries(out))


def _data(path: str, blob: Found | None) -> bytes:
    if blob is None:
        text = f"{path} is missing from this clone; fetch it whole"
        raise UpstreamError("git cat-file", text)
    if blob.data is None:
        raise SourceError(path, 1, 1, f"has {blob.size} bytes; {MAX_FILE_BYTES} is the most")
    return blob.data


def _entries(out: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    for line in _decoded(out).split("\0")[:-1]:
        about, path = line.split("\t", 1)
        mode, _, blob = about.split(" ")
        if mode in (*REGULAR, LINK):
            yield path, (mode, blob)


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
