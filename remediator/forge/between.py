"""What a file would be without what came in between: the inverse of merging a change.

A squash or a rebase onto a base that had moved makes another file than the change's own commit had.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from remediator.forge.repository import Repository

_VERSIONS = 50
_LARGEST = 1 << 22


def earlier(repository: Repository, commit: str, path: str) -> Iterator[bytes]:
    """The versions of a file on the first-parent line up to a commit, the latest first. None of a
    path that nobody can ask git for in a line of text."""
    if "\n" in path or any("\ud800" <= char <= "\udfff" for char in path):
        return
    asked = ["rev-list", "--first-parent", f"--max-count={_VERSIONS}", "--end-of-options", commit]
    answer = repository.ask("--literal-pathspecs", *asked, "--", path)
    for name in answer.out.decode("ascii").split():
        found = repository.objects.read(f"{name}:{path}", _LARGEST)
        if found is not None and found.data is not None:
            yield found.data


def taken_out(repository: Repository, now: bytes, base: bytes, proven: bytes) -> bytes | None:
    """`now` was made from `base`; what it would be, made from `proven`. None where the two touch
    the same lines."""
    with tempfile.TemporaryDirectory(prefix="remediator-") as folder:
        files = [Path(folder, name) for name in ("now", "base", "proven")]
        for file, data in zip(files, (now, base, proven), strict=True):
            file.write_bytes(data)
        answer = repository.ask("merge-file", "-p", "--quiet", *map(str, files))
    return answer.out if answer.status == 0 else None
