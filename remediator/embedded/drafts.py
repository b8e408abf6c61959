"""A finding before it has an id and times: what one look at an account found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Draft:
    """`details` are GetFindingV2's, ready to be answered; `part` tells apart several findings of
    one type on one resource, the same from look to look."""

    type: str
    resource_type: str
    resource: str
    account: str
    details: tuple[Mapping[str, Any], ...]
    part: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.type, self.resource, self.part)
