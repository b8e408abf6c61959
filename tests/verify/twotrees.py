"""Two versions of a repository, compared as `verify` does, without git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from remediator.config import Config
from remediator.evaluate.exemptions import Exemptions
from remediator.evaluate.policy import load_policy
from remediator.remediate.registry import registry
from remediator.tree import MemoryTree
from remediator.verify.difference import Difference
from remediator.verify.reopened import Written
from remediator.verify.trees import Side, affected, differences

Files = Mapping[str, str]
NOW = datetime(2026, 3, 4, tzinfo=UTC)


def written(known: Sequence[str] = ()) -> Written:
    markers = Config.model_validate({"version": 1}, context={}).markers
    classes = {name: traits | {*markers} for name, traits in registry().known().items()}
    return Written(load_policy(None, classes), Exemptions(), markers, NOW, known.__contains__)


def compared(
    before: str | Files, after: str | Files, known: Sequence[str] = ()
) -> list[Difference]:
    """Texts are main.tf of one root at the top."""
    first, second = ({"main.tf": t} if isinstance(t, str) else t for t in (before, after))
    sides = [
        Side(MemoryTree({p: text.encode() for p, text in files.items()}), {})
        for files in (first, second)
    ]
    paths = sorted(p for p in {*first, *second} if first.get(p) != second.get(p))
    roots = affected(*sides, paths)
    return [d for root in roots for d in differences(*sides, root, written(known))]


def answers(before: str | Files, after: str | Files) -> dict[str, str]:
    """By place: `web.ingress` and the like, without the resource's type."""
    return {
        f"{d.spot.address.rpartition('.')[2]} {d.spot.what}": d.answer.value
        for d in compared(before, after)
    }
