"""A folder on disk as a `Tree`, and edits written into it in place: what `fix` works on."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from remediator.model import ConfigurationError, SourceError
from remediator.replace import Replacement, replace_all
from remediator.tree import MAX_FILE_BYTES, OUTSIDE, link_target

MAX_KEPT_BYTES = 64 * 2**20
_SKIPPED = {".git", ".terraform", ".terragrunt-cache"}
_INSTALLED = "modules"
"""Below .terraform: the modules that `terraform init` fetched. They are read, never written."""


class WorkTree:
    """Regular files below a folder, by POSIX path; no link is followed, in or out of it.

    The files are listed once. Raises ConfigurationError for a folder that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._top = os.path.realpath(path)
        if not os.path.isdir(self._top):
            raise ConfigurationError(f"{path}: there is no such folder")
        self._listing: set[str] | None = None
        self._sorted: list[str] | None = None
        self._kept: dict[str, bytes] = {}
        self._room = MAX_KEPT_BYTES
        self._links: list[tuple[str, str]] = []

    def again(self) -> WorkTree:
        """The same folder as another value: what was read of this one need not hold in that."""
        fresh = WorkTree(Path(self._top))
        fresh._listing, fresh._links = self._listing, self._links
        return fresh

    def paths(self) -> Sequence[str]:
        if self._sorted is None:
            self._sorted = sorted(self._files())
        return self._sorted

    def read(self, path: str) -> bytes:
        kept = self._kept.get(path)
        if kept is not None:
            return kept
        with self._opened(path) as descriptor:
            size = os.fstat(descriptor).st_size
            data = b"" if size > MAX_FILE_BYTES else _read(descriptor, MAX_FILE_BYTES + 1)
        if max(size, len(data)) > MAX_FILE_BYTES:
            raise SourceError(path, 1, 1, f"has {size} bytes; {MAX_FILE_BYTES} is the most")
        self._keep(path, data)
        return data

    def _keep(self, path: str, data: bytes) -> None:
        """Terraform files are searched again for every change."""
        if len(data) <= self._room and path not in self._kept:
            self._kept[path] = data
            self._room -= len(data)

    def _forget(self) -> None:
        self._sorted, self._kept, self._room = None, {}, MAX_KEPT_BYTES

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.read(path)) for path in paths)

    def grep(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        wanted = [needle.encode("utf-8", "surrogateescape") for needle in needles]
        ends = tuple(suffixes)
        return [p for p in self.paths() if p.endswith(ends) and self._contains(p, wanted)]

    def links(self) -> Sequence[tuple[str, str]]:
        self._files()
        return self._links

    def write(self, files: Mapping[str, bytes], expected: Mapping[str, str]) -> None:
        """Replaces files whole, each only while its bytes still have the sha256 expected.

        A path without an expectation must not be there yet. All are prepared beside their
        targets before the first is replaced, and put back if one cannot be. Raises
        ConfigurationError where one cannot be written, SourceError where one has changed.
        """
        for path in files:
            self._inside(path)
        replacements = [
            Replacement(path, os.path.join(self._top, path), data, expected.get(path))
            for path, data in files.items()
        ]
        replace_all(replacements)
        self._files().update(files)
        self._forget()

    def _files(self) -> set[str]:
        if self._listing is None:
            self._links.clear()
            self._listing = set(_walk(self._top, "", self._links))
        return self._listing

    @contextmanager
    def _opened(self, path: str) -> Iterator[int]:
        """Only what was listed is ever opened, so that no path leads out."""
        if path not in self._files():
            raise KeyError(path)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(os.path.join(self._top, path), flags)
        except FileNotFoundError as error:
            raise KeyError(path) from error
        except OSError as error:
            raise SourceError(path, 1, 1, f"cannot be read: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SourceError(path, 1, 1, "is no regular file any more")
            yield descriptor
        finally:
            os.close(descriptor)

    def _contains(self, path: str, needles: Sequence[bytes]) -> bool:
        kept = self._kept.get(path)
        if kept is not None:
            return any(needle in kept for needle in needles)
        with self._opened(path) as descriptor:
            if os.fstat(descriptor).st_size <= MAX_FILE_BYTES:
                data = _read(descriptor, MAX_FILE_BYTES + 1)
                self._keep(path, data)
                return any(needle in data for needle in needles)
            with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped:
                return any(mapped.find(needle) >= 0 for needle in needles)

    def _inside(self, path: str) -> None:
        parts = path.split("/")
        folder = os.path.dirname(os.path.join(self._top, path))
        if (
            any(part in ("", ".", "..") or "\0" in part for part in parts)
            or os.path.realpath(folder) != os.path.normpath(folder)
            or _SKIPPED & {*parts}
        ):
            raise SourceError(path, 1, 1, "does not name a file inside the folder")


def _walk(top: str, below: str, links: list[tuple[str, str]]) -> Iterator[str]:
    try:
        with os.scandir(os.path.join(top, below)) as entries:
            for entry in entries:
                name = f"{below}{entry.name}"
                if entry.is_symlink():
                    links += _link(top, name)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED:
                        yield from _walk(top, f"{name}/", links)
                    elif os.path.isdir(os.path.join(top, name, _INSTALLED)):
                        yield from _walk(top, f"{name}/{_INSTALLED}/", links)
                elif entry.is_file(follow_symlinks=False) and entry.name not in _SKIPPED:
                    yield name
    except OSError as error:
        where = os.path.join(top, below)
        raise ConfigurationError(f"{where} cannot be read: {error.strerror}") from error


def _link(top: str, name: str) -> list[tuple[str, str]]:
    """Where a link leads, by its own target and by all that follow."""
    resolved = os.path.relpath(os.path.realpath(os.path.join(top, name)), top)
    target = link_target(name, os.readlink(os.path.join(top, name)))
    found = {OUTSIDE if t.startswith("../") else t for t in (target, resolved)}
    return [(name, t) for t in sorted(found)]


def _read(descriptor: int, limit: int) -> bytes:
    parts = []
    while limit and (part := os.read(descriptor, limit)):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
