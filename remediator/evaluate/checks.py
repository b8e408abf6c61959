"""Questions asked before a change, each a pure function to a Check: known and good, or lowered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from remediator.config import Marker
from remediator.evaluate.exemptions import Exempt, Exemption, Exemptions, Subject, Undecided
from remediator.fields import matches
from remediator.model import UNOBSERVED, Check, Disposition, Finding, Resource
from remediator.texts import plain

_UNOBSERVED = (
    "the finding's source does not say when it looked, and no live rules were read that have it"
)


def exemption_check(exemptions: Exemptions, subject: Subject, today: date) -> Check:
    """`today` is a day in UTC. An exemption that only may hold leaves review at the most."""
    answer = exemptions.exempt_on(today, subject)
    if isinstance(answer, Exempt):
        by = answer.by
        detail = f"{by.id} until {by.expires}, owned by {by.owner}: {by.reason}"
        return Check.lowers("exemption", Disposition.EXEMPT, detail)
    if isinstance(answer, Undecided):
        whole = {"address": "whole address"} if subject.in_code else {}
        lacking = " and ".join(whole.get(key, key) for key in answer.lacking)
        text = f"{answer.candidate.id} may hold: the finding's {lacking} is not known"
        return Check.unknown("exemption", text)
    return Check.passed("exemption", _none(answer.expired))


def _none(expired: tuple[Exemption, ...]) -> str:
    past = [f"{e.id} expired on {e.expires}" for e in expired]
    return "; ".join(["no exemption holds", *past])


def traits_of(resource: Resource, markers: Mapping[str, Marker]) -> frozenset[str]:
    """The markers that a resource surely has; each is a trait for the policy."""
    return frozenset(name for name, marker in markers.items() if marks(marker, resource))


def traits_by_name(names: Iterable[str], markers: Mapping[str, Marker]) -> frozenset[str]:
    """The markers that something of one of these names has by its name alone."""
    written = [name.casefold() for name in names if name]
    return frozenset(
        trait
        for trait, marker in markers.items()
        if any(matches(p.casefold(), name) for p in marker.names for name in written)
    )


def marker_check(resource: Resource, markers: Mapping[str, Marker]) -> Check:
    """Whether it is known of every marker that the resource has it, or has it not.

    What a marker means is the policy's to say; this lowers only where nobody can tell.
    """
    marked = traits_of(resource, markers)
    unsure = sorted(
        f"{name} ({' and '.join(lacking)} not known)"
        for name, marker in markers.items()
        if name not in marked and (lacking := lacking_of(marker, resource))
    )
    if unsure:
        return Check.unknown("markers", f"may be {', '.join(unsure)}")
    if marked:
        return Check.passed("markers", f"is {', '.join(sorted(marked))}")
    return Check.passed("markers", f"is none of {', '.join(sorted(markers))}")


def freshness_check(observed_at: datetime, now: datetime, max_age: timedelta) -> Check:
    """Evidence that is too old, or from the future, is no evidence. Both times have a zone."""
    if observed_at.tzinfo is None or now.tzinfo is None:
        return Check.unknown("freshness", "the time of observation has no time zone")
    if observed_at == UNOBSERVED:
        return Check.unknown("freshness", _UNOBSERVED)
    age = now - observed_at
    if age < timedelta(0):
        seen = observed_at.isoformat(timespec="seconds")
        return Check.unknown("freshness", f"observed at {seen}, which is in the future")
    detail = f"observed {_hours(age)} ago"
    if age > max_age:
        return Check.unknown("freshness", f"{detail}, more than the {_hours(max_age)} allowed")
    return Check.passed("freshness", detail)


def told_apart(written: Sequence[tuple[Finding, Check]]) -> tuple[Check, ...]:
    """The checks of several findings, each once. Where they differ in an answer, of whom it is:
    "is none of them" beside "is production" would contradict itself."""
    same = {check for _, check in written}
    answers = Counter(check.name for check in same)
    told = (
        replace(check, detail=f"{check.detail} ({_whose(finding)})")
        if answers[check.name] > 1 and len({f.id for f, c in written if c.name == check.name}) > 1
        else check
        for finding, check in written
    )
    return tuple(dict.fromkeys(told))


def _whose(finding: Finding) -> str:
    resource = finding.resource
    return plain(resource.name or resource.id or finding.address or finding.id, 120)


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"


def marks(marker: Marker, resource: Resource) -> bool:
    tags = [(key.casefold(), value) for key, value in resource.tags or ()]
    names = [resource.name, *(value for key, value in tags if key == "name")]
    if ":iam::" in (resource.arn or ""):  # whatever else it is called
        names.append((resource.arn or "").rpartition("/")[2])
    pairs = [
        (pattern, value)
        for wanted, patterns in marker.tags.items()
        for key, value in tags
        if key == wanted.casefold()
        for pattern in patterns
    ]
    pairs += [(pattern, name) for pattern in marker.names for name in names if name]
    pairs += [(pattern, resource.arn) for pattern in marker.arns if resource.arn]
    return any(matches(pattern.casefold(), value.casefold()) for pattern, value in pairs)


def lacking_of(marker: Marker, resource: Resource) -> list[str]:
    """What of the resource would have to be known to say that it does not have the marker."""
    lacking = []
    if (marker.tags or marker.names) and resource.tags is None:
        lacking.append("tags")
    if marker.names and not resource.name:
        lacking.append("name")
    if marker.arns and not resource.arn:
        lacking.append("ARN")
    return lacking
