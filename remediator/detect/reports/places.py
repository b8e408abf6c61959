"""Which file of the repository a report means. Only paths that the repository has ever come out,
so that no name leads out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def by_ending(paths: Iterable[str]) -> dict[str, list[str]]:
    """The paths by each of their ends (`x/main.tf`, `main.tf`): what `candidates` looks in."""
    found: dict[str, list[str]] = {}
    for path in paths:
        for end in _ends(path.split("/")):
            found.setdefault(end, []).append(path)
    return found


def candidates(names: Sequence[str], files: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The files that the names may mean: those that have most in common with one of them.

    A scanner runs above the repository, in it or below, and says where a file is from there on:
    so a name and a path mean one file where one of the two is the end of the other.
    """
    shared: dict[str, int] = {}
    for name in names:
        for path in _of_name(segments(name), files):
            same = min(path.count("/") + 1, len(segments(name)))
            shared[path] = max(same, shared.get(path, 0))
    most = max(shared.values(), default=0)
    return tuple(sorted(path for path, same in shared.items() if same == most))


def _of_name(parts: Sequence[str], files: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The paths that end in the whole name, or else the longest that the name ends in."""
    ends = _ends(parts)
    whole = files.get(ends[0], ()) if ends else ()
    return whole or next(([end] for end in ends if end in files.get(end, ())), [])


def _ends(parts: Sequence[str]) -> list[str]:
    """From the longest, which is all of it."""
    return ["/".join(parts[start:]) for start in range(len(parts))]


def segments(name: str) -> list[str]:
    """The parts of a path, without `.` and `..`: a `..` at its start says no more than "above"."""
    text = name.replace("\\", "/") if _DRIVE.match(name) or "/" not in name else name
    found: list[str] = []
    for part in text.split("/"):
        if part == ".." and found:
            found.pop()
        elif part not in ("", ".", ".."):
            found.append(part)
    return found
