"""Files replaced whole, all of them or none, as far as a file system can do that."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from remediator.model import ConfigurationError, SourceError, sha256


def replace_all(replacements: Sequence[Replacement]) -> None:
    """Raises ConfigurationError or SourceError, and then has changed nothing."""
    try:
        for one in replacements:
            one.prepare()
        for one in replacements:
            one.check()
        _in_turn(replacements)
    finally:
        for one in replacements:
            one.discard()


def _in_turn(replacements: Sequence[Replacement]) -> None:
    done: list[Replacement] = []
    try:
        for one in replacements:
            one.replace()
            done.append(one)
    except BaseException:  # an interrupt too leaves all files or none
        for one in done:
            with suppress(OSError, ConfigurationError):
                one.put_back()
        raise


@dataclass(slots=True)
class Replacement:
    """`expected`: the sha256 of what is there now; None where nothing must be."""

    path: str
    target: str
    data: bytes
    expected: str | None
    _before: bytes | None = field(default=None, init=False)
    _prepared: str = field(default="", init=False)

    def prepare(self) -> None:
        """The new bytes in a file beside the target, with its mode and owner."""
        with self._writing():
            before = os.lstat(self.target) if self.expected is not None else None
            if before is not None:
                if not stat.S_ISREG(before.st_mode):
                    raise SourceError(self.path, 1, 1, "is no regular file any more")
                os.close(os.open(self.target, os.O_WRONLY))  # a file set read-only stays so
            folder = os.path.dirname(self.target)
            os.makedirs(folder, exist_ok=True)
            descriptor, self._prepared = tempfile.mkstemp(".tmp", ".remediator-", folder)
            with open(descriptor, "wb") as file:
                file.write(self.data)
            _like(self._prepared, before)

    def check(self) -> None:
        with self._writing():
            self._before = _bytes(self.target)
        now = None if self._before is None else sha256(self._before)
        if now != self.expected:
            text = "changed since it was read; nothing was written, run again"
            raise SourceError(self.path, 1, 1, text)

    def replace(self) -> None:
        with self._writing():
            os.replace(self._prepared, self.target)
        self._prepared = ""

    def put_back(self) -> None:
        if self._before is None:
            os.unlink(self.target)
            return
        self.data, self.expected = self._before, sha256(self.data)
        self.prepare()
        self.replace()

    def discard(self) -> None:
        if self._prepared:
            with suppress(OSError):
                os.unlink(self._prepared)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            text = f"{self.path} cannot be written: {error.strerror}; nothing was changed"
            raise ConfigurationError(text) from error


def _like(path: str, model: os.stat_result | None) -> None:
    if model is None:
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(path, 0o666 & ~umask)
        return
    made = os.stat(path)
    if hasattr(os, "chown") and (made.st_uid, made.st_gid) != (model.st_uid, model.st_gid):
        with suppress(PermissionError):  # only root may give files away
            os.chown(path, model.st_uid, model.st_gid)
    os.chmod(path, stat.S_IMODE(model.st_mode))


def _bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
