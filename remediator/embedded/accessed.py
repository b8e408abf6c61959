"""Service last accessed, from what a holder is granted and the table of use. Pure.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceLastAccessed.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from remediator.embedded.catalogue import is_tracked, service_name
from remediator.embedded.granted import by_service, granted
from remediator.embedded.use import TableOfUse, Use, latest

Granularity = Literal["SERVICE_LEVEL", "ACTION_LEVEL"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A role, a user, a group or a managed policy: what it grants, and the principals whose use
    counts for it."""

    documents: tuple[str, ...]
    principals: tuple[str, ...]


def last_accessed(
    holder: Holder, table: TableOfUse, granularity: Granularity
) -> list[dict[str, Any]]:
    """One a service that is granted, by its namespace."""
    uses = [use for principal in holder.principals for use in table.of(principal)]
    found = []
    for service, actions in by_service(granted(holder.documents)).items():
        of_service = [use for use in uses if use.service == service]
        one: dict[str, Any] = {
            "ServiceName": service_name(service),
            "ServiceNamespace": service,
            "TotalAuthenticatedEntities": len({use.principal for use in of_service}),
        }
        last = latest(of_service)
        if last:
            one |= {
                "LastAuthenticated": last.at,
                "LastAuthenticatedEntity": last.principal,
                "LastAuthenticatedRegion": last.region,
            }
        if granularity == "ACTION_LEVEL":
            tracked = [a for a in actions if is_tracked(a)]
            one["TrackedActionsLastAccessed"] = [_action(a, of_service) for a in tracked]
        found.append(one)
    return found


def _action(action: str, uses: list[Use]) -> dict[str, Any]:
    last = latest(use for use in uses if use.action.lower() == action.lower())
    said: dict[str, Any] = {"ActionName": action.partition(":")[2]}
    if last is None:
        return said
    return said | {
        "LastAccessedEntity": last.principal,
        "LastAccessedTime": last.at,
        "LastAccessedRegion": last.region,
    }
