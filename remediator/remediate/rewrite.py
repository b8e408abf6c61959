"""What a finding class answers when it is asked to rewrite a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remediator.model import Check, Edit
from remediator.terraform.plan import Effect as Effect


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Edits, the block addresses they are meant to change, and what they do to disposition."""

    edits: tuple[Edit, ...]
    effects: Mapping[str, Effect]
    checks: tuple[Check, ...]
