"""Reports about live groups, confirmed by the rules that were just read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from remediator.detect.reports.checks import about
from remediator.detect.reports.outcomes import as_reported, named
from remediator.detect.reports.reported import Live, Reported
from remediator.detect.sweep import Swept
from remediator.model import UNOBSERVED, Kind, Outcome


def confirm(entries: Iterable[Reported], swept: Swept) -> tuple[Swept, tuple[Reported, ...]]:
    """What was swept, with the reports that name it among its sources; and the entries of which
    the sweep can say nothing: from elsewhere, about the code, or of an unknown check."""
    every = (*swept.findings, *swept.unasked)
    of_group: dict[str, list[int]] = {}
    for number, finding in enumerate(every):
        if finding.observed_at != UNOBSERVED:
            of_group.setdefault(finding.resource.id, []).append(number)
    names: dict[int, list[Reported]] = {}
    ended = list(swept.resolved)
    rest: list[Reported] = []
    for entry in entries:
        check = about(entry.check)
        if check is None or check.egress or not isinstance(entry.at, Live):
            rest.append(entry)
            continue
        doors = of_group.get(entry.at.resource.id, [])
        chosen = check.select(every[n] for n in doors)
        for number in doors:
            if every[number] in chosen:
                names.setdefault(number, []).append(entry)
        if not chosen and (doors or swept.looked_into(entry.at.resource)):
            text = f"{entry.source} reports it, and the live rules do not have it any more"
            found = as_reported(entry, check.finding_class)
            ended.append(Outcome(found, Kind.RESOLVED, "not-live", text))
        elif not chosen:
            rest.append(entry)
    findings = tuple(
        named(finding, names.get(number, ()))
        for number, finding in enumerate(every)
        if number < len(swept.findings) or number in names
    )
    return replace(swept, findings=findings, resolved=tuple(ended)), tuple(rest)
