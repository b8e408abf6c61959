"""Asks GitHub who reviewed and merged what a register has; a sentence where that cannot be."""

from __future__ import annotations

import time
from collections.abc import Mapping

from remediator.audit.report import Report
from remediator.config import Config
from remediator.forge.github.calls import Calls
from remediator.forge.github.connect import connect
from remediator.forge.github.merges import Merges, merges
from remediator.model import ConfigurationError, UpstreamError
from remediator.texts import plain


def merges_of(config: Config, report: Report, environment: Mapping[str, str]) -> Merges | str:
    settings = config.github
    if settings is None:
        return "GitHub was not asked who reviewed and merged: the configuration names no repository"
    times = {(r.merge or r.commit): r.merged_at for r in report.records}
    times |= {u.commit: u.time for u in report.unrecorded}
    if not times:
        return Merges({}, True)
    try:
        calls = Calls(connect(settings, environment), settings.wait_seconds, time.time, time.sleep)
        base = config.repository.base
        return merges(calls, settings.repository, base, times.keys(), min(times.values()))
    except (ConfigurationError, UpstreamError) as fault:
        return plain(f"GitHub could not be asked who reviewed and merged: {fault}", 400)
