"""The digests in a record, against the files of the commit that carries it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from remediator.forge import between
from remediator.forge.catfile import CatFile
from remediator.forge.diffs import FileChange
from remediator.forge.repository import Repository
from remediator.model import Record, sha256
from remediator.texts import plain

_DIGEST = re.compile(r"([0-9a-f]{64}) (.+)", re.DOTALL)


def problems_of(
    record: Record,
    changed: Sequence[FileChange],
    objects: CatFile,
    but: Set[str] = frozenset(),
) -> Iterator[str]:
    """`changed`: what the commit itself changed. One sentence for each thing that does not hold.
    `but`: files that hold by other means."""
    before = {file.path: file.before for file in changed if file.before}
    after = {file.path: file.after for file in changed if file.after}
    for path in sorted(file.path for file in changed if not file.plain):
        yield f"{plain(path)} is a symbolic link or a submodule, and no file that was evaluated"
    for key, there in (("Before-SHA256", before), ("After-SHA256", after)):
        yield from _malformed(record, key)
        named = _named(record, key)
        looked = {path: digest for path, digest in named.items() if path not in but}
        yield from _compared(key, looked, there, objects)
        for path in sorted(there.keys() - named.keys()):
            yield f"{plain(path)} is changed by the commit, and no {key} trailer names it"


def moved(
    record: Record, changed: Sequence[FileChange], repository: Repository, parent: str
) -> frozenset[str]:
    """Of a commit that was squashed or rebased onto a base that had moved, the files that hold: an
    earlier version has the digest before, and without what came in between it has the one after."""
    before, after = _named(record, "Before-SHA256"), _named(record, "After-SHA256")
    found = set()
    for file in changed:
        old, new = (
            _read(repository.objects, blob) if blob else None for blob in (file.before, file.after)
        )
        digests = before.get(file.path), after.get(file.path)
        if old is None or new is None or None in digests:
            continue
        if sha256(old) == digests[0] or sha256(new) == digests[1]:
            continue  # one alone does not come of that
        for proven in between.earlier(repository, parent, file.path):
            if sha256(proven) == digests[0]:
                left = between.taken_out(repository, new, old, proven)
                if left is not None and sha256(left) == digests[1]:
                    found.add(file.path)
                break
    return frozenset(found)


def _read(objects: CatFile, blob: str) -> bytes | None:
    found = objects.read(blob)
    return found.data if found is not None else None


def _compared(
    key: str, named: Mapping[str, str], there: Mapping[str, str], objects: CatFile
) -> Iterator[str]:
    for path, digest in named.items():
        if path not in there:
            yield f"{key} names {plain(path)}, which the commit does not change"
            continue
        found = objects.read(there[path])
        if found is None or found.data is None:
            yield f"{plain(path)} is missing from this clone, so its {key} is not verified"
        elif sha256(found.data) != digest:
            yield f"{plain(path)} has another digest than its {key} says"


def _named(record: Record, key: str) -> dict[str, str]:
    matches = (_DIGEST.fullmatch(value) for value in record.all(key))
    return {match[2]: match[1] for match in matches if match}


def _malformed(record: Record, key: str) -> Iterator[str]:
    values = record.all(key)
    for value in values:
        if not _DIGEST.fullmatch(value):
            yield f"{key} {plain(value, 60)!r} is not a digest and a path"
    if len(values) > len({value[65:] for value in values}):
        yield f"{key} names a file twice"
