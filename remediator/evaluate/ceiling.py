"""At most so many changes in one run: what goes beyond it is more likely a mistake than a fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A number of automatic changes, or a percentage of a root's identities. None: no limit."""

    changes: int | None = None
    percent: int | None = None

    @staticmethod
    def of(value: int | str | None) -> Ceiling:
        """Of `limits.max_changes`."""
        if isinstance(value, str):
            return Ceiling(percent=int(value.removesuffix("%")))
        return Ceiling(changes=value)

    @property
    def is_set(self) -> bool:
        return self.changes is not None or self.percent is not None

    def beyond(
        self,
        changes: int,
        changed: Mapping[str, Set[str]],
        identities_of: Callable[[str], int],
    ) -> str | None:
        """Why a run with so many changes must not begin. `changed`: by root, the identities that
        would change; `identities_of`: how many a root has in its states."""
        if self.changes is not None and changes > self.changes:
            return f"{changes} changes would be made, and limits.max_changes is {self.changes}"
        for root, identities in sorted(changed.items()):
            every = max(identities_of(root), len(identities))
            if self.percent is not None and len(identities) * 100 > self.percent * every:
                where = root or "the top folder"
                return (
                    f"{len(identities)} of the {every} identities of {where} would change, and "
                    f"limits.max_changes is {self.percent}%"
                )
        return None


NO_CEILING = Ceiling()
