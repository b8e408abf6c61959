"""What of a finding a change does not close, though it closes all that it may."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Staying:
    """`withheld` are sentences about what others have too and do not let go: the finding stays.
    `kept` is what the evidence itself leaves: its source may go on reporting that."""

    withheld: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


NOTHING = Staying()
