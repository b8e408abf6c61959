"""The gates about what would change: use, production's databases, other holders. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from remediator.aws.identities import LivePolicy
from remediator.config import Marker
from remediator.evaluate.catalogue import DATABASES, PASS_ROLE, known_actions, service_of
from remediator.evaluate.checks import lacking_of, marks, traits_of
from remediator.evaluate.facts import (
    PASS_ROLE_UNUSED,
    PRODUCTION,
    PRODUCTION_DATABASE,
    Facts,
)
from remediator.evaluate.granted import may_grant, resources_of
from remediator.evaluate.use import Removable
from remediator.model import Check, Disposition, Resource
from remediator.texts import listed, plain

PASS_ROLE_DAYS = 90


def use_facts(
    found: Removable | None, unused_days: int | None, lacking: Sequence[str] = ()
) -> Facts:
    """Whether use is known well enough. `lacking`: what of it is not known."""
    name = "use"
    if found is None:
        return Facts(checks=(Check.unknown(name, "what is granted could not be read"),))
    traits = set()
    if found.takes(PASS_ROLE) and unused_days is not None and unused_days >= PASS_ROLE_DAYS:
        traits.add(PASS_ROLE_UNUSED)
    if lacking:
        return Facts(frozenset(traits), (Check.unknown(name, listed([*lacking], 3)),))
    gone = f"{len(found.services)} services and {len(found.actions)} actions may go"
    rested = f"; its longest known rest is {found.interval.days} days" if found.interval else ""
    text = f"{gone}, {len(found.kept)} are kept as use is not excluded{rested}"
    return Facts(frozenset(traits), (Check.passed(name, text),))


def database_facts(
    resource: Resource,
    policies: Sequence[LivePolicy] | None,
    found: Removable | None,
    markers: Mapping[str, Marker],
) -> Facts:
    """Database actions by an identity, or on resources, marked `production`: what looks unused
    may be for the next maintenance window."""
    name = "production-databases"
    if found is None:
        return Facts(checks=(Check.unknown(name, "what would go is not known"),))
    actions = database_actions(found)
    if not actions:
        return Facts(checks=(Check.passed(name, "no database's actions would go"),))
    marker = markers.get(PRODUCTION)
    if marker is None:
        return Facts(checks=(Check.passed(name, f"no marker is called {PRODUCTION}"),))
    shown = listed([*dict.fromkeys(service_of(a) for a in actions)], 5)
    if PRODUCTION in traits_of(resource, {PRODUCTION: marker}):
        return _production(name, f"{shown} by an identity marked {PRODUCTION}")
    for arn in dict.fromkeys(a for p in policies or () for a in resources_of(p.document, actions)):
        if arn != "*" and marks(marker, Resource("", "", arn, name=arn.rpartition(":")[2])):
            return _production(name, f"{shown} on {plain(arn)}, marked {PRODUCTION}")
    unsure = lacking_of(marker, resource)
    if unsure:
        text = f"{shown}: may be {PRODUCTION}'s, the {' and '.join(unsure)} not known"
        return Facts(checks=(Check.unknown(name, text),))
    return Facts(checks=(Check.passed(name, f"{shown}, and nothing is marked {PRODUCTION}"),))


def _production(name: str, text: str) -> Facts:
    check = Check.lowers(name, Disposition.REVIEW, text)
    return Facts(frozenset({PRODUCTION_DATABASE}), (check,))


def database_actions(found: Removable) -> list[str]:
    single = [a for a in found.actions if service_of(a) in DATABASES]
    whole = [s for s in found.services if s in DATABASES]
    return [*single, *(a for s in whole for a in known_actions(s) or (f"{s}:*",))]


def holders_facts(
    arn: str,
    policies: Sequence[LivePolicy] | None,
    found: Removable | None,
    others: Mapping[str, Removable],
    groups: Iterable[str] = (),
) -> Facts:
    """Who else has the policies that would change: a shared one is narrowed only by what all of
    them leave unused. `others`: what may go of each principal that has a finding, by ARN;
    `groups`: those of a user, which have what it has by them."""
    name = "holders"
    if policies is None or found is None:
        return Facts(checks=(Check.unknown(name, "who else has the policies is not known"),))
    ours = {arn, *groups}
    left: dict[str, None] = {}
    agree: dict[str, None] = {}
    for policy in policies:
        rest = [h for h in policy.attached if h not in ours and not _is_group(h)]
        if policy.kind == "aws" or not rest:
            continue
        gone = [*_taken(policy, found)]
        for holder in rest if gone else ():
            same = others.get(holder)
            fine = same is not None and all(same.takes(a) for a in gone)
            (agree if fine else left)[f"{plain(holder)} ({plain(policy.id)})"] = None
    if left:
        text = f"a policy that would change is also of {listed([*left])}, which may use it"
        return Facts(checks=(Check.lowers(name, Disposition.REVIEW, text),))
    if agree:
        text = f"also of {listed([*agree])}, which leave the same unused"
        return Facts(checks=(Check.passed(name, text),))
    return Facts(checks=(Check.passed(name, "nobody else has the policies that would change"),))


def _is_group(arn: str) -> bool:
    return ":group/" in arn


def _taken(policy: LivePolicy, found: Removable) -> Iterable[str]:
    """What would go of this policy: actions, and of a whole service those that are known."""
    for action in found.actions:
        if may_grant(policy.document, action):
            yield action
    for service in found.services:
        for action in (*known_actions(service), f"{service}:AnyOther"):
            if may_grant(policy.document, action):
                yield action


def analysis_facts(
    analyzed_at: datetime | None, policies: Sequence[LivePolicy] | None, why: str = ""
) -> Facts:
    """The finding must not be older than what it is about."""
    name = "analysis"
    if policies is None:
        text = why or "the live policies could not be read"
        return Facts(checks=(Check.unknown(name, text),))
    if analyzed_at is None:
        return Facts(checks=(Check.unknown(name, "the finding does not say when it was analyzed"),))
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
