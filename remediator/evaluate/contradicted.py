"""What the report of last use says against a finding: it is asked at the time of the run, and the
analyzer looked before, a day or more ago. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from remediator.aws.last_accessed import Uses
from remediator.evaluate.catalogue import service_of
from remediator.evaluate.use import Kept, Removable

UNUSED_DAYS = 90
"""The analyzer's own window, where it does not say: its default."""


def without_used(found: Removable, report: Uses, now: datetime, window: timedelta) -> Removable:
    """Without what was used within the window in which it is said to be unused. Of a service that
    goes whole, any use counts."""
    services = _lately({s.casefold(): t for s, t in report.services.items()}, now - window)
    actions = _lately({a.casefold(): t for a, t in report.actions.items()}, now - window)
    for action, time in actions.items():
        service = service_of(action)
        services[service] = max(time, services.get(service, time))
    kept = [Kept(f"{s}:*", _why(services[s], now)) for s in found.services if s in services]
    kept += [
        Kept(a, _why(actions[a.casefold()], now)) for a in found.actions if a.casefold() in actions
    ]
    if not kept:
        return found
    return replace(
        found,
        services=tuple(s for s in found.services if s not in services),
        actions=tuple(a for a in found.actions if a.casefold() not in actions),
        kept=tuple(sorted((*found.kept, *kept), key=lambda k: k.action.casefold())),
    )


def _lately(times: Mapping[str, datetime | None], since: datetime) -> dict[str, datetime]:
    return {name: time for name, time in times.items() if time is not None and time >= since}


def _why(time: datetime, now: datetime) -> str:
    return f"used {(now - time).days} days ago by the report of last use, whatever the finding says"
