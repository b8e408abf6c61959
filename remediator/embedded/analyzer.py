"""IAM Access Analyzer, emulated: its analyzers, and what they find in moto's own policies.

A look is taken again when anything may have changed since the last one: the server counts its
writing calls, the table of use its entries. Imports moto.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from remediator.embedded.drafts import Draft
from remediator.embedded.findings import Finding, Findings
from remediator.embedded.granted import Held
from remediator.embedded.identities import guarded, identities
from remediator.embedded.outside import external_access
from remediator.embedded.unused import unused_access
from remediator.embedded.use import TableOfUse

EXTERNAL = ("ACCOUNT", "ORGANIZATION")
UNUSED = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")
_DEFAULT_AGE = 90  # days
_STALE = timedelta(minutes=5)


@dataclass(slots=True)
class Analyzer:
    """`age` is the window of unused access, in days. `polls` counts what was asked of each
    recommendation, by finding."""

    name: str
    type: str
    account: str
    region: str
    created: datetime
    age: int
    tags: dict[str, str]
    findings: Findings
    recommendations: dict[str, datetime] = field(default_factory=dict)
    polls: dict[str, int] = field(default_factory=dict)
    looked: tuple[int, int, datetime] | None = None

    @property
    def arn(self) -> str:
        return self.findings.arn

    @property
    def summary(self) -> dict[str, Any]:
        said = {
            "arn": self.arn,
            "name": self.name,
            "type": self.type,
            "createdAt": self.created,
            "status": "ACTIVE",
            "tags": self.tags,
        }
        if self.type in UNUSED:
            said["configuration"] = {"unusedAccess": {"unusedAccessAge": self.age}}
        return said


@dataclass(slots=True)
class AnalyzerState:
    """Of one server. `writes` tells how many calls may have changed something; `polls` how often
    what is asynchronous at AWS answers that it is not ready; `failing` are the recommendations
    that fail, by finding id, with code and message; `prefixed` writes unused actions with their
    service's prefix, as AWS does at times."""

    clock: Callable[[], datetime]
    table: TableOfUse
    writes: Callable[[], int] = lambda: 0
    polls: int = 1
    prefixed: bool = False
    failing: dict[str, tuple[str, str]] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    _analyzers: dict[str, Analyzer] = field(default_factory=dict)

    def clear(self) -> None:
        with self.lock:
            self._analyzers.clear()
            self.failing.clear()
            self.polls, self.prefixed = 1, False

    def create(
        self, account: str, region: str, name: str, kind: str, age: int | None, tags: dict[str, str]
    ) -> Analyzer | None:
        """None where there is one of that name."""
        arn = arn_of(account, region, name)
        with self.lock:
            if arn in self._analyzers:
                return None
            made = Analyzer(
                name, kind, account, region, self.clock(), age or _DEFAULT_AGE, tags, Findings(arn)
            )
            self._analyzers[arn] = made
            return made

    def delete(self, arn: str) -> bool:
        with self.lock:
            return self._analyzers.pop(arn, None) is not None

    def find(self, arn: str) -> Analyzer | None:
        with self.lock:
            return self._analyzers.get(arn)

    def of(self, account: str, region: str) -> list[Analyzer]:
        with self.lock:
            every = self._analyzers.values()
            return [a for a in every if (a.account, a.region) == (account, region)]

    def looked_at(self, analyzer: Analyzer) -> Findings:
        """Its findings, as the policies are now."""
        with self.lock:
            now = self.clock()
            at = (self.writes(), self.table.version)
            seen = analyzer.looked
            if seen is None or seen[:2] != at or not now - seen[2] < _STALE:
                analyzer.findings.look(self._drafts(analyzer, now), now)
                analyzer.looked = (*at, now)
            return analyzer.findings

    def scan(self, analyzer: Analyzer) -> None:
        """Look again at the next question, whatever seems to have changed."""
        with self.lock:
            analyzer.looked = None

    def policies_of(self, finding: Finding) -> tuple[Held, ...]:
        """The policies of the identity that a finding is about."""
        found = identities(finding.draft.account, self.table, finding.draft.resource)
        return next((identity.policies for identity in found), ())

    def _drafts(self, analyzer: Analyzer, now: datetime) -> Iterator[Draft]:
        accounts = _zone(analyzer)
        for account in accounts:
            if analyzer.type in EXTERNAL:
                for one in guarded(account, analyzer.region):
                    yield from external_access(one, frozenset(accounts))
            elif analyzer.type in UNUSED:
                since = now - timedelta(days=analyzer.age)
                for identity in identities(account, self.table):
                    yield from unused_access(identity, self.table.of(identity.arn), since)


def arn_of(account: str, region: str, name: str) -> str:
    return f"arn:aws:access-analyzer:{region}:{account}:analyzer/{name}"


def _zone(analyzer: Analyzer) -> tuple[str, ...]:
    """The accounts that an analyzer looks at, which are also those that it trusts."""
    module = sys.modules.get("moto.organizations.models")
    if not analyzer.type.startswith("ORGANIZATION") or module is None:
        return (analyzer.account,)
    backend = module.organizations_backends[analyzer.account]["aws"]
    return tuple(dict.fromkeys((analyzer.account, *(a.id for a in backend.accounts))))
