"""Blobs, those read last kept in memory: a run reads the same files for each of its findings."""

from __future__ import annotations

from remediator.forge.catfile import CatFile, Found
from remediator.kept import Kept

_MOST = 16 << 20
"""Bytes."""


class Blobs:
    """By object id, never by another name: the same id is the same bytes for ever."""

    def __init__(self, objects: CatFile) -> None:
        self._objects = objects
        self._kept: Kept[str, Found | None] = Kept(_MOST)

    def read(self, object_id: str, limit: int) -> Found | None:
        """As `CatFile.read`."""
        return self._kept.get(object_id, lambda: self._objects.read(object_id, limit), _weight)


def _weight(found: Found | None) -> int:
    return len(found.data) if found is not None and found.data is not None else _MOST
