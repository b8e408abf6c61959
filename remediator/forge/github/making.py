"""What a change is to be on GitHub: its title and text, its reviewers, how much it matters."""

from __future__ import annotations

from datetime import datetime

from remediator.forge.github.base import Base
from remediator.forge.github.codeowners import reviewers
from remediator.forge.github.desk import Made
from remediator.forge.github.severity import severity
from remediator.forge.github.there import Wanted, Ways
from remediator.forge.pull_text import Around, pull_title, text_digest
from remediator.model import Change, Disposition

_MOST_REVIEWERS = 15
"""So many are asked at the most, of all owners."""


def made_of(change: Change, reference: str, when: datetime, base: Base, ways: Ways) -> Made:
    """`reference` is the address of what AWS or CIS says of it."""
    before = [r for f in change.findings if (r := base.closed(f.id))]
    back = (
        f"{before[0].subject} ({before[0].commit[:12]}) closed it on "
        f"{before[0].merged_at:%Y-%m-%d}."
        if before
        else ""
    )
    auto = change.decision.disposition is Disposition.AUTO
    around = Around(reference, ways.advice if auto else (), back)
    wanted = Wanted(
        change.branch,
        pull_title(change),
        text_digest(change, around),
        auto,
        max(severity(f.finding_class) for f in change.findings),
        tuple(f.id for f in change.findings),
        () if auto else reviewers(base.owners, change.patch.files)[:_MOST_REVIEWERS],
    )
    return Made(change, wanted, around, when)
