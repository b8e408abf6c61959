"""The findings of an emulated analyzer: stable ids, and when each came, changed and went. Pure.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from remediator.embedded.drafts import Draft

ACTIVE, ARCHIVED, RESOLVED = "ACTIVE", "ARCHIVED", "RESOLVED"


@dataclass(frozen=True, slots=True)
class Finding:
    id: str
    draft: Draft
    status: str
    created: datetime
    updated: datetime
    analyzed: datetime

    @property
    def summary(self) -> dict[str, Any]:
        """As ListFindingsV2 gives it."""
        return {
            "id": self.id,
            "analyzedAt": self.analyzed,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "status": self.status,
            "resource": self.draft.resource,
            "resourceType": self.draft.resource_type,
            "resourceOwnerAccount": self.draft.account,
            "findingType": self.draft.type,
        }


@dataclass(slots=True)
class Findings:
    """Of one analyzer. Its `arn` makes the ids, so that they are the same in the next process."""

    arn: str
    _by_id: dict[str, Finding] = field(default_factory=dict)
    _chosen: tuple[str, list[Finding]] | None = None

    def look(self, drafts: Iterable[Draft], now: datetime) -> None:
        """Takes over what is there now: what is not there any more is resolved."""
        self._chosen = None
        seen = set()
        for draft in drafts:
            made = self._seen(draft, now)
            self._by_id[made.id] = made
            seen.add(made.id)
        for one in self._by_id.values():
            if one.id not in seen and one.status != RESOLVED:
                self._by_id[one.id] = replace(one, status=RESOLVED, updated=now, analyzed=now)

    def archive(self, ids: Iterable[str], status: str, now: datetime) -> None:
        """`status` is ACTIVE or ARCHIVED. Raises KeyError for an id that is not there."""
        self._chosen = None
        for one in [self._by_id[i] for i in ids]:
            if one.status != RESOLVED:
                self._by_id[one.id] = replace(one, status=status, updated=now)

    def get(self, finding_id: str) -> Finding | None:
        return self._by_id.get(finding_id)

    def chosen(self, criteria: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
        """Those that meet every criterion, by type, resource and id. The last choice is kept: it
        is asked for page by page."""
        asked = repr(criteria)
        known = self._chosen
        if known is None or known[0] != asked:
            found = [f for f in self._by_id.values() if _meets(f, criteria)]
            found.sort(key=lambda f: (f.draft.type, f.draft.resource, f.id))
            known = self._chosen = (asked, found)
        return known[1]

    def of_resource(self, arn: str) -> list[str]:
        return [f.id for f in self._by_id.values() if f.draft.resource == arn]

    def _seen(self, draft: Draft, now: datetime) -> Finding:
        made = str(uuid5(NAMESPACE_URL, "|".join((self.arn, *draft.key))))
        known = self._by_id.get(made)
        if known is None:
            return Finding(made, draft, ACTIVE, now, now, now)
        status = ACTIVE if known.status == RESOLVED else known.status
        changed = known.draft != draft or known.status != status
        updated = now if changed else known.updated
        return Finding(made, draft, status, known.created, updated, now)


def _meets(finding: Finding, criteria: Mapping[str, Mapping[str, Any]]) -> bool:
    values: dict[str, list[str]] = {
        name: [str(value)] for name, value in finding.summary.items() if isinstance(value, str)
    }
    values |= dict(_external(finding.draft))
    return all(_holds(values.get(key, []), c) for key, c in criteria.items())


def _external(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    for details in draft.details:
        external = details.get("externalAccessDetails")
        if external:
            yield "isPublic", [str(external["isPublic"]).lower()]
            yield "action", external["action"]
            yield from ((f"principal.{k}", [v]) for k, v in external["principal"].items())
            yield from ((f"condition.{k}", [v]) for k, v in external["condition"].items())


def _holds(values: list[str], criterion: Mapping[str, Any]) -> bool:
    wanted: dict[str, Callable[[Any], bool]] = {
        "eq": lambda given: any(v in given for v in values),
        "neq": lambda given: not any(v in given for v in values),
        "contains": lambda given: any(g in v for g in given for v in values),
        "exists": lambda given: bool(values) == given,
    }
    return all(wanted[name](given) for name, given in criterion.items())
