"""A persistent `git cat-file --batch`: objects by name, many at a time, without a process each."""

from __future__ import annotations

import subprocess
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from remediator.model import UpstreamError

_WINDOW = 32
"""Names asked for at once: far below a pipe's buffer, so that writing them never blocks."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """`data` is None where the object is larger than the limit that was asked for."""

    id: str
    kind: str
    size: int
    data: bytes | None


class CatFile:
    """Starts with the first question. Not for use by two threads at once."""

    def __init__(self, command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> None:
        self._command, self._cwd, self._environment = command, cwd, environment
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, name: str, limit: int | None = None) -> Found | None:
        """The object of that name (gitrevisions(7)), or None where there is none."""
        return next(self.read_many([name], limit))

    def read_many(self, names: Iterable[str], limit: int | None = None) -> Iterator[Found | None]:
        """In the order asked. Each window is read whole, so that questions may interleave."""
        rest = iter(names)
        while window := list(islice(rest, _WINDOW)):
            yield from self._ask(window, limit)

    def close(self) -> None:
        if self._process is not None:
            _stop(self._process)
            self._process = None

    def _ask(self, names: Sequence[str], limit: int | None) -> list[Found | None]:
        if any("\n" in name for name in names):
            raise ValueError("a newline in an object's name")
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write("".join(f"{name}\n" for name in names).encode())
            process.stdin.flush()
            return [_answer(process.stdout, limit) for _ in names]
        except (OSError, EOFError) as error:
            self.close()
            raise UpstreamError("git cat-file", "ended while objects were read") from error

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            weakref.finalize(self, _stop, self._process)
        return self._process


def _answer(out: IO[bytes], limit: int | None) -> Found | None:
    header = out.readline()
    words = header.decode("utf-8", "replace").split()
    if not header.endswith(b"\n"):
        raise EOFError
    if len(words) != 3:  # `<name> missing`, `<name> ambiguous`
        return None
    name, kind, size = words[0], words[1], int(words[2])
    if limit is not None and size > limit:
        _skip(out, size + 1)
        return Found(name, kind, size, None)
    data = out.read(size + 1)
    if len(data) != size + 1:
        raise EOFError
    return Found(name, kind, size, data[:-1])


def _skip(out: IO[bytes], size: int) -> None:
    while size:
        read = len(out.read(min(size, _CHUNK)))
        if not read:
            raise EOFError
        size -= read


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is not None:
        return
    process.kill()
    process.communicate()
