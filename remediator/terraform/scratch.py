"""A folder for terraform to work in, and in it a copy of a tree that is kept in step."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

from remediator.model import ConfigurationError, SourceError
from remediator.tree import Tree

_EXECUTABLE = 0o700
_LEFT_OUT = {".git", ".terraform"}


class Scratch:
    """A context manager that gives a folder, for this user alone, and removes it."""

    def __init__(self, temporary: str | None = None) -> None:
        """`temporary`: where to make it. One that is not there is passed over, as everywhere."""
        self._place = temporary if temporary and os.path.isdir(temporary) else None

    def __enter__(self) -> Path:
        """Raises ConfigurationError where none can be made."""
        try:
            self._folder = Path(mkdtemp(prefix="remediator-plan-", dir=self._place)).resolve()
        except OSError as error:
            text = f"no temporary folder can be made for terraform: {error.strerror}; set TMPDIR"
            raise ConfigurationError(text) from None
        self._before = _end_by_exception()
        return self._folder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)


def _end_by_exception() -> signal.Handlers | None:
    """From now on SIGTERM ends the program in a way that still removes the folder, which holds
    a state. None where it is not ours to decide: the handler is another's."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return None
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    return signal.SIG_DFL


class Copy:
    """The regular files of a tree below `folder`. Links are no part of a tree, so that nothing
    that is written here can lead out of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._there: dict[str, bytes] = {}

    def bring(self, tree: Tree) -> str:
        """Makes the copy equal to the tree, and answers the digest of all of it."""
        wanted = [path for path in tree.paths() if _is_safe(path)]
        self._remove(self._there.keys() - set(wanted))
        kept: set[str] = set()
        for path, data in _contents(tree, wanted):
            kept.add(path)
            digest = sha256(data).digest()
            if self._there.get(path) != digest:
                self._write(path, data)
                self._there[path] = digest
        self._remove(self._there.keys() - kept)
        return _digest(self._there.items())

    def _remove(self, paths: Iterable[str]) -> None:
        """With the folders that are empty then: a file may take their place."""
        for path in paths:
            del self._there[path]
            target = self.folder / path
            target.unlink()
            with suppress(OSError):
                while target.parent != self.folder:
                    target = target.parent
                    target.rmdir()

    def _write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # A tree does not say what is a program, and an `external` data source may call one.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(target, flags, _EXECUTABLE), "wb") as file:
            file.write(data)


def _is_safe(path: str) -> bool:
    """A commit made by hand may hold any name; on Windows two more characters mean something."""
    parts = path.split("/")
    odd = any(part in ("", ".", "..") or part in _LEFT_OUT or "\0" in part for part in parts)
    return not odd and not (os.name == "nt" and any(c in path for c in "\\:"))


def _contents(tree: Tree, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Without those that are too large to be read: terraform says so if it misses one."""
    left = dict.fromkeys(paths)
    while left:
        try:
            for path, data in tree.read_many([*left]):
                del left[path]
                yield path, data
        except SourceError as error:
            if error.path not in left:
                raise
            del left[error.path]


def _digest(files: Iterable[tuple[str, bytes]]) -> str:
    whole = sha256()
    for path, digest in sorted(files):
        whole.update(path.encode("utf-8", "surrogateescape") + b"\0" + digest)
    return whole.hexdigest()
