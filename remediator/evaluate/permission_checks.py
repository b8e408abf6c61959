"""The gates about what would change: use, production's databases, the age of the finding. Pure.

Who else has a policy is the class's to ask: it knows which policy would change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from remediator.aws.identities import LivePolicy
from remediator.config import Marker
from remediator.evaluate import databases
from remediator.evaluate.catalogue import DATABASES, PASS_ROLE, known_actions, service_of
from remediator.evaluate.checks import lacking_of, traits_of
from remediator.evaluate.facts import (
    PASS_ROLE_UNUSED,
    PRODUCTION,
    PRODUCTION_DATABASE,
    Facts,
)
from remediator.evaluate.granted import (
    granted_actions,
    may_grant,
    named_actions,
    resources_of,
)
from remediator.evaluate.use import Removable
from remediator.model import Check, Disposition, Resource
from remediator.texts import listed, plain

PASS_ROLE_DAYS = 90


def use_facts(
    found: Removable | None,
    policies: Sequence[LivePolicy] | None,
    unused_days: int | None,
    lacking: Sequence[str] = (),
) -> Facts:
    """Whether use is known well enough. `lacking`: what of it is not known."""
    name = "use"
    if found is None:
        return Facts(checks=(Check.unknown(name, "what is granted could not be read"),))
    traits = set()
    has = any(may_grant(p.document, PASS_ROLE) for p in policies or ())
    if has and found.takes(PASS_ROLE) and (unused_days or 0) >= PASS_ROLE_DAYS:
        traits.add(PASS_ROLE_UNUSED)
    if lacking:
        return Facts(frozenset(traits), (Check.unknown(name, listed([*lacking], 3)),))
    gone = f"{len(found.services)} services and {len(found.actions)} actions may go"
    days = found.interval.days if found.interval else 0
    rested = f"; its longest known rest is {days} days" if days else ""
    text = f"{gone}, {len(found.kept)} are kept as use is not excluded{rested}"
    return Facts(frozenset(traits), (Check.passed(name, text),))


def database_facts(
    resource: Resource,
    policies: Sequence[LivePolicy] | None,
    found: Removable | None,
    markers: Mapping[str, Marker],
) -> Facts:
    """Database actions by an identity, or on resources, that are or may be marked `production`:
    what looks unused may be for the next maintenance window."""
    name = "production-databases"
    if found is None:
        return Facts(checks=(Check.unknown(name, "what would go is not known"),))
    actions = database_actions(found)
    if not actions:
        return Facts(checks=(Check.passed(name, "no database's actions would go"),))
    return _touched(resource, policies, actions, markers)


def reached_database_facts(
    resource: Resource, policies: Sequence[LivePolicy] | None, markers: Mapping[str, Marker]
) -> Facts:
    """The same of all that a role may do, for whoever is let in from outside: who reads such a
    database may be a partner."""
    name = "production-databases"
    if policies is None:
        return Facts(checks=(Check.unknown(name, "what the role may do is not known"),))
    documents = [p.document for p in policies]
    actions = [a for service in sorted(DATABASES) for a in granted_actions(documents, service)]
    actions += named_actions(documents, DATABASES)
    if not actions:
        return Facts(checks=(Check.passed(name, "the role may do nothing with databases"),))
    return _touched(resource, policies, actions, markers)


def _touched(
    resource: Resource,
    policies: Sequence[LivePolicy] | None,
    actions: Sequence[str],
    markers: Mapping[str, Marker],
) -> Facts:
    name = "production-databases"
    marker = markers.get(PRODUCTION)
    if marker is None:
        return Facts(checks=(Check.passed(name, f"no marker is called {PRODUCTION}"),))
    shown = listed([*dict.fromkeys(service_of(a) for a in actions)], 5)
    if PRODUCTION in traits_of(resource, {PRODUCTION: marker}):
        return _production(name, f"{shown} by an identity marked {PRODUCTION}")
    arns = dict.fromkeys(a for p in policies or () for a in resources_of(p.document, actions))
    touched = [databases.Pattern(arn) for arn in arns if databases.may_be_one(arn)]
    for one in touched:
        if one.is_marked(marker):
            return _production(name, f"{shown} on {plain(one.arn)}, marked {PRODUCTION}")
    unsure = [f"{plain(one.arn)} ({why})" for one in touched if (why := one.unknown(marker))]
    if lacking := lacking_of(marker, resource):
        unsure.insert(0, f"the identity ({' and '.join(lacking)} not known)")
    if unsure:
        text = f"{shown}: may be {PRODUCTION}'s, by {listed(unsure, 3)}"
        return Facts(checks=(Check.unknown(name, text),))
    return Facts(checks=(Check.passed(name, f"{shown}, and nothing is marked {PRODUCTION}"),))


def _production(name: str, text: str) -> Facts:
    check = Check.lowers(name, Disposition.REVIEW, text)
    return Facts(frozenset({PRODUCTION_DATABASE}), (check,))


def database_actions(found: Removable) -> list[str]:
    single = [a for a in found.actions if service_of(a) in DATABASES]
    whole = [s for s in found.services if s in DATABASES]
    return [*single, *(a for s in whole for a in known_actions(s) or (f"{s}:*",))]


def analysis_facts(
    analyzed_at: datetime | None,
    policies: Sequence[LivePolicy] | None,
    why: str = "",
    made_at: datetime | None = None,
) -> Facts:
    """The finding must not be older than what it is about. `made_at`: since when there is the
    principal; one of the same name that was there before is another one."""
    name = "analysis"
    if policies is None:
        text = why or "the live policies could not be read"
        return Facts(checks=(Check.unknown(name, text),))
    if analyzed_at is None:
        return Facts(checks=(Check.unknown(name, "the finding does not say when it was analyzed"),))
    if made_at is not None and made_at > analyzed_at:
        text = f"it was made at {made_at:%Y-%m-%d %H:%M} UTC, after one of its name was analyzed"
        return Facts(checks=(Check.unknown(name, text),))
    newer = [p.id for p in policies if p.updated_at and p.updated_at > analyzed_at]
    if newer:
        text = f"{listed([plain(p) for p in newer])} changed after it was analyzed at "
        text += f"{analyzed_at:%Y-%m-%d %H:%M} UTC; the analyzer looks again within a day"
        return Facts(checks=(Check.unknown(name, text),))
    unread = [p.id for p in policies if p.document is None]
    if unread:
        text = f"{listed([plain(p) for p in unread])} could not be read"
        return Facts(checks=(Check.unknown(name, text),))
    return Facts(checks=(Check.passed(name, "no policy is known to have changed since"),))
