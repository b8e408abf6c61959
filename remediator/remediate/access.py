"""What resources allow, as every finding class can say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from remediator.model import Json
from remediator.terraform.facets import Texts


class Access(Protocol):
    """What one or more blocks allow. `within` is the subset relation."""

    def within(self, wider: Access) -> bool: ...

    def canonical(self) -> Json: ...

    def lost(self, after: Access) -> tuple[str, ...]:
        """What this allows and `after` does not, as far as the words tell: a sentence each."""
        ...

    def planned(self) -> Mapping[str, Texts]:
        """The facets that a plan must show of the one instance that this is of; none where
        something of it is not known."""
        ...
