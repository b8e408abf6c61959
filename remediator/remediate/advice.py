"""What a person can do where no edit of the code would help."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """`text` ends a sentence about the finding. `lines` are HCL throughout: what can be pasted,
    and comments that say where and why."""

    text: str
    lines: tuple[str, ...] = ()
