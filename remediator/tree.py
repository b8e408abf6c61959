"""A repository's files as the pure core sees them: paths and bytes, from a commit or a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname, isabs, join, normpath
from typing import Protocol

MAX_FILE_BYTES = 8 * 1024 * 1024
"""A larger source file is refused: no Terraform that a person wrote comes near."""


class Tree(Protocol):
    """Regular files only, by POSIX path from the repository's top; symlinks are not followed.

    `read` raises KeyError for a path that is not there and SourceError beyond MAX_FILE_BYTES.
    """

    def paths(self) -> Sequence[str]: ...

    def read(self, path: str) -> bytes: ...

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]: ...

    def links(self) -> Sequence[tuple[str, str]]:
        """The links, and where each leads to, or OUTSIDE: whoever reads them reads that."""
        ...

    def grep(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        """Sorted paths ending in one of `suffixes` that contain one of the fixed `needles`."""
        ...


OUTSIDE = ".."
"""Where a link leads whose target is not in the tree."""


def link_target(path: str, target: str) -> str:
    """Where a link leads inside the repository, or OUTSIDE."""
    if isabs(target):
        return OUTSIDE
    inside = normpath(join(dirname(path), target))
    return OUTSIDE if inside == ".." or inside.startswith("../") else inside


class MemoryTree:
    """Files in memory: for tests, and as the base of an overlay."""

    def __init__(self, files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> None:
        self._files = dict(files)
        self._links = [(p, t) for p, t in (links or {}).items()]

    def links(self) -> Sequence[tuple[str, str]]:
        return self._links

    def paths(self) -> Sequence[str]:
        return sorted(self._files)

    def read(self, path: str) -> bytes:
        return self._files[path]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((p, self._files[p]) for p in paths)

    def grep(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        wanted = [n.encode("utf-8", "surrogateescape") for n in needles]  # a folder's name, too
        return [
            p
            for p in self.paths()
            if p.endswith(tuple(suffixes)) and any(n in self._files[p] for n in wanted)
        ]


class OverlayTree:
    """Another tree with some files replaced; never with fewer files."""

    def __init__(self, below: Tree, files: Mapping[str, bytes]) -> None:
        """Overlays of overlays are one: reading does not get slower with every change."""
        if isinstance(below, OverlayTree):
            files = {**below.files, **files}
            below = below.below
        self.below: Tree = below
        self.files: dict[str, bytes] = dict(files)

    def paths(self) -> Sequence[str]:
        return sorted({*self.below.paths(), *self.files})

    def links(self) -> Sequence[tuple[str, str]]:
        return self.below.links()

    def read(self, path: str) -> bytes:
        return self.files[path] if path in self.files else self.below.read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        wanted = list(paths)
        yield from ((p, self.files[p]) for p in wanted if p in self.files)
        yield from self.below.read_many(p for p in wanted if p not in self.files)

    def grep(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        below = [p for p in self.below.grep(needles, suffixes) if p not in self.files]
        return sorted([*below, *MemoryTree(self.files).grep(needles, suffixes)])
