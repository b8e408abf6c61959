"""Whether what a policy names as its resource is, or may be, a database that is marked. Pure.

Of databases nothing is read: whoever knows only an ARN does not know the tags behind it, and a
pattern is whatever matches it, now and later.
"""

from __future__ import annotations

from dataclasses import dataclass

from remediator.config import Marker
from remediator.evaluate.catalogue import DATABASES
from remediator.evaluate.checks import lacking_of, marks
from remediator.model import Resource

_OPEN = ("*", "?", "${")


def may_be_one(pattern: str) -> bool:
    """Not so what is surely another service's, such as a bucket in the same statement."""
    parts = pattern.split(":", 5)
    if len(parts) < 6 or any(sign in parts[2] for sign in _OPEN):
        return True
    return parts[2].casefold() in DATABASES


@dataclass(frozen=True, slots=True)
class Pattern:
    """A resource as a policy's statement names it."""

    arn: str

    def is_marked(self, marker: Marker) -> bool:
        """By the ARN as it is written, by its name, or by any part of that, such as a table's."""
        if self.arn == "*":
            return False
        name = self.arn.rpartition(":")[2]
        return any(marks(marker, self._called(one)) for one in (name, *name.split("/")))

    def unknown(self, marker: Marker) -> str | None:
        """Why nobody can say that it is not marked."""
        if any(sign in self.arn for sign in _OPEN):
            return "any of these may be"
        lacking = lacking_of(marker, self._called(self.arn.rpartition(":")[2]))
        return f"{' and '.join(lacking)} not known" if lacking else None

    def _called(self, name: str) -> Resource:
        return Resource("", "", self.arn, name=name, tags=None)
