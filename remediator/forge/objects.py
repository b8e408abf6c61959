"""Blobs, trees and commits written straight into the object database: no checkout, no index.

Only the trees along the edited paths are made anew, whatever the repository's size. The new
objects travel as one pack (gitformat-pack(5)) to one `git unpack-objects`, which writes each
whole or not at all: a run that dies leaves nothing but unreferenced objects.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from remediator.forge.repository import Repository
from remediator.model import SourceError, UpstreamError

TREE, FILE = "40000", "100644"
REGULAR = ("100644", "100755", "100664")
LINK = "120000"
"""The modes of regular files; the last one is history's, no git writes it any more."""

_KINDS = {"commit": 1, "tree": 2, "blob": 3}
_DEEPEST = 256
_Parts = tuple[bytes, ...]


def object_id(kind: str, data: bytes, algorithm: str) -> str:
    """The name that git gives an object (gitformat-loose(5)). `algorithm`: sha1 or sha256."""
    digest = hashlib.new(algorithm, f"{kind} {len(data)}\0".encode(), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def encoded(path: str) -> bytes:
    """A path as git keeps it: bytes, of no declared encoding."""
    return path.encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class Batch:
    """Objects on their way into one repository."""

    repository: Repository
    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def add(self, kind: str, data: bytes) -> str:
        name = object_id(kind, data, self.repository.algorithm)
        self.objects[name] = (kind, data)
        return name

    def write(self) -> None:
        packed = _pack([*self.objects.values()], self.repository.algorithm)
        self.repository.run("unpack-objects", "-q", stdin=packed)

    def tree(self, commit: str | None, files: Mapping[str, bytes]) -> str:
        """The commit's tree with these files in it; a file that was there keeps its mode. None:
        these files alone.

        Raises SourceError for a path that cannot be a regular file there.
        """
        top = self.repository.objects.read(f"{commit}^{{tree}}") if commit else None
        if commit and top is None:
            raise UpstreamError("git cat-file", f"there is no commit {commit}")
        wanted = {_parts(path): self.add("blob", data) for path, data in files.items()}
        return self._edited(top.id if top else None, wanted, ())

    def _edited(self, tree: str | None, files: Mapping[_Parts, str], above: _Parts) -> str:
        entries = self._entries(tree) if tree else {}
        below: dict[bytes, dict[_Parts, str]] = {}
        for (name, *rest), blob in files.items():
            if rest:
                below.setdefault(name, {})[tuple(rest)] = blob
            else:
                entries[name] = (_file_mode(entries.get(name), (*above, name)), blob)
        for name, inner in below.items():
            child = _child(entries.get(name), (*above, name))
            entries[name] = (TREE, self._edited(child, inner, (*above, name)))
        return self.add("tree", _tree_bytes(entries))

    def _entries(self, tree: str) -> dict[bytes, tuple[str, str]]:
        found = self.repository.objects.read(tree)
        if found is None or found.data is None or found.kind != "tree":
            raise UpstreamError("git cat-file", f"the tree {tree} is missing from this clone")
        return {name: (mode, child) for mode, name, child in _parsed(found.data, len(tree) // 2)}


def _parts(path: str) -> _Parts:
    parts = tuple(encoded(path).split(b"/"))
    forbidden = any(p in (b"", b".", b"..") or p.lower() == b".git" or b"\0" in p for p in parts)
    if forbidden or len(parts) > _DEEPEST:
        raise SourceError(path, 1, 1, "is not the path of a file in a git repository")
    return parts


def _file_mode(entry: tuple[str, str] | None, path: _Parts) -> str:
    if entry is None:
        return FILE
    if entry[0] not in REGULAR:
        raise _blocked(path, "is a directory, a symbolic link or a submodule, not a regular file")
    return entry[0]


def _child(entry: tuple[str, str] | None, path: _Parts) -> str | None:
    if entry is not None and entry[0] != TREE:
        raise _blocked(path, "is not a directory, so no file can be below it")
    return entry[1] if entry else None


def _blocked(path: _Parts, text: str) -> SourceError:
    return SourceError(b"/".join(path).decode("utf-8", "surrogateescape"), 1, 1, text)


def _parsed(data: bytes, width: int) -> Iterator[tuple[str, bytes, str]]:
    """Mode, name and id of each entry; `width` is an id's length in bytes."""
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        yield (
            data[at:space].decode("ascii"),
            data[space + 1 : end],
            data[end + 1 : end + 1 + width].hex(),
        )
        at = end + 1 + width


def _tree_bytes(entries: Mapping[bytes, tuple[str, str]]) -> bytes:
    """git sorts a directory as if its name ended in a slash."""
    ordered = sorted(entries, key=lambda name: name + b"/" * (entries[name][0] == TREE))
    return b"".join(
        entries[name][0].encode() + b" " + name + b"\0" + bytes.fromhex(entries[name][1])
        for name in ordered
    )


def _pack(objects: Sequence[tuple[str, bytes]], algorithm: str) -> bytes:
    parts = [b"PACK", (2).to_bytes(4, "big"), len(objects).to_bytes(4, "big")]
    for kind, data in objects:
        parts += [_entry_header(_KINDS[kind], len(data)), zlib.compress(data, 1)]
    packed = b"".join(parts)
    return packed + hashlib.new(algorithm, packed, usedforsecurity=False).digest()


def _entry_header(kind: int, size: int) -> bytes:
    """Type and size, seven bits a byte but four in the first, the lowest first."""
    header = bytearray([kind << 4 | size & 0x0F])
    size >>= 4
    while size:
        header[-1] |= 0x80
        header.append(size & 0x7F)
        size >>= 7
    return bytes(header)
