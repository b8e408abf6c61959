"""What commits changed, by one `git diff-tree` for any number of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remediator.forge.repository import Repository

_GONE = "000000"
_PLAIN = {_GONE, "100644", "100664", "100755"}
"""git's modes of files; 100664 is in very old histories."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """Blob ids before and after; None where the file is not there. Not `plain`: a symbolic link
    or a submodule is in its place, before or after."""

    path: str
    before: str | None
    after: str | None
    plain: bool = True


def changes(
    repository: Repository, commits: Iterable[tuple[str, str | None]]
) -> Mapping[str, tuple[FileChange, ...]]:
    """For each commit and the parent to compare it with (None: with nothing), what changed.

    Renames are a file that goes and a file that comes. A commit that changed nothing is empty.
    """
    asked = [*commits]
    lines = "".join(f"{commit} {parent}\n" if parent else f"{commit}\n" for commit, parent in asked)
    options = ["--stdin", "-r", "-z", "--raw", "--root", "--no-renames", "--no-abbrev"]
    options += ["--no-ext-diff", "--no-textconv", "--ignore-submodules=none"]
    out = repository.run("diff-tree", *options, stdin=lines.encode()) if asked else b""
    found: dict[str, list[FileChange]] = {commit: [] for commit, _ in asked}
    for commit, change in _parsed(out):
        found[commit].append(change)
    return {commit: tuple(files) for commit, files in found.items()}


def _parsed(out: bytes) -> Iterator[tuple[str, FileChange]]:
    fields = iter(out.split(b"\0")[:-1])
    commit = ""
    for field in fields:
        if not field.startswith(b":"):
            commit = field.decode("ascii")
            continue
        old, new, before, after, _ = field[1:].decode("ascii").split(" ")
        path = next(fields).decode("utf-8", "surrogateescape")
        plain = {old, new} <= _PLAIN
        yield commit, FileChange(path, _blob(old, before), _blob(new, after), plain)


def _blob(mode: str, name: str) -> str | None:
    return None if mode == _GONE else name
