"""What of a principal's permissions may go: only what the data can see, and sees unused. Pure.

The rules, in the order in which an unused action meets them:

- what AWS does not track is kept, unless the whole service is unused;
- what was used within the longest known interval between two other uses of the principal is
  active: a job that runs rarely looks unused in every window;
- what was granted less than `grace` ago is left alone, and so is what may have been;
- iam:PassRole goes only where nothing that could pass a role is in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from remediator.evaluate.catalogue import PASS_ROLE, known_actions, service_of, untracked
from remediator.evaluate.granted import granted_actions, may_grant, named_actions, names_service
from remediator.evaluate.passing import passing_actions
from remediator.model import Json

_GRANTED = "granted less than {days} days ago in {policy}"
_MAYBE = "when {policy} granted it is not known"
_A_DAY = timedelta(days=1)
_JITTER = 1.1
"""Months and quarters are not of one length, and jobs are late."""


@dataclass(frozen=True, slots=True)
class Unused:
    """A service that the analyzer found unused, whole where `actions` is None. Each action with
    its last use; None where AWS knows of none."""

    service: str
    last_used: datetime | None
    actions: tuple[tuple[str, datetime | None], ...] | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A policy of the principal. `granted_at`: when it last changed, or was given to the
    principal; None where nobody knows. `settled`: it is known not to have changed lately."""

    id: str
    document: Mapping[str, Json] | None
    granted_at: datetime | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """An action, or a service as a whole, and why it is not to go."""

    action: str
    why: str


@dataclass(frozen=True, slots=True)
class Removable:
    """A service goes whole, an action by itself; everything else stays. `interval`: the longest
    known one between two uses of the principal. `used`: actions in use that no catalogue has.
    `unexplained`: services that were used by what nobody tracks, with a reason."""

    services: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    interval: timedelta | None = None
    used: tuple[str, ...] = ()
    unexplained: tuple[Kept, ...] = ()

    @property
    def nothing(self) -> bool:
        return not self.services and not self.actions

    def takes(self, action: str) -> bool:
        name = action.casefold()
        return service_of(action) in self.services or name in {a.casefold() for a in self.actions}

    def as_json(self) -> dict[str, Json]:
        return {
            "services": [*self.services],
            "actions": [*self.actions],
            "kept": [{"action": k.action, "why": k.why} for k in self.kept],
            "used": [*self.used],
            "unexplained": [{"service": u.action, "why": u.why} for u in self.unexplained],
        }


@dataclass(frozen=True, slots=True)
class Use:
    """What is known of a principal's use. `uses`: every moment at which it is known to have been
    active, whatever it did."""

    unused: Sequence[Unused]
    grants: Sequence[Grant]
    uses: Sequence[datetime] = ()
    now: datetime = field(kw_only=True)
    grace: timedelta = field(kw_only=True)


def removable(use: Use) -> Removable:
    """What may go. An action is named once, as the analyzer writes it."""
    services: list[str] = []
    actions: list[str] = []
    kept: list[Kept] = []
    for unused in merged(use.unused):
        if unused.actions is None:
            why = _active(unused.last_used, use) or _recent_service(unused.service, use)
            if why:
                kept.append(Kept(f"{unused.service}:*", why))
            elif unused.service == "iam" and (passes := _passing(use)):
                actions += _but_pass_role(use)
                kept.append(Kept(PASS_ROLE, passes))
            else:
                services.append(unused.service)
            continue
        for action, last_used in unused.actions:
            why = _why_kept(action, last_used, use)
            if why:
                kept.append(Kept(action, why))
            else:
                actions.append(action)
    return Removable(
        tuple(sorted(services)),
        tuple(sorted(actions, key=str.casefold)),
        tuple(sorted(kept, key=lambda k: k.action.casefold())),
        longest_interval(use),
    )


def longest_interval(use: Use, but: datetime | None = None) -> timedelta | None:
    """None with fewer than two known uses. `but`: leaving out what was used then, on that day:
    an action's own last use is no evidence of how often the principal is used."""
    own = [u.last_used for u in use.unused]
    own += [time for u in use.unused for _, time in u.actions or ()]
    known = {t for t in (*use.uses, *own) if t is not None and t <= use.now}
    times = sorted(t for t in known if but is None or abs(t - but) > _A_DAY)
    return max((b - a for a, b in pairwise(times)), default=None)


def merged(unused: Iterable[Unused]) -> list[Unused]:
    """A service once, with its own actions alone. Where one part says the whole of it and another
    names actions, only the actions are sure. One that is named twice was used when it was last."""
    found: dict[str, Unused] = {}
    for one in unused:
        before = found.get(one.service)
        found[one.service] = _both(before or Unused(one.service, None, None), one)
    return [found[service] for service in sorted(found)]


def _both(a: Unused, b: Unused) -> Unused:
    times = [t for t in (a.last_used, b.last_used) if t]
    parts = [u.actions for u in (a, b) if u.actions is not None]
    actions: dict[str, tuple[str, datetime | None]] = {}
    for name, time in (pair for part in parts for pair in part if service_of(pair[0]) == a.service):
        known = [t for t in (time, actions.get(name.casefold(), (name, None))[1]) if t]
        actions[name.casefold()] = (name, max(known, default=None))
    return Unused(a.service, max(times, default=None), tuple(actions.values()) if parts else None)


def _why_kept(action: str, last_used: datetime | None, use: Use) -> str | None:
    if action.casefold() == PASS_ROLE.casefold():
        return _active(last_used, use) or _recent(action, use) or _passing(use)
    return untracked(action) or _active(last_used, use) or _recent(action, use)


def _active(last_used: datetime | None, use: Use) -> str | None:
    if last_used is None:
        return None
    age = use.now - last_used
    if age < timedelta(0):
        return "its last use is in the future"
    if age < use.grace:
        return f"used {age.days} days ago"
    interval = longest_interval(use, but=last_used)
    if interval is not None and age <= interval * _JITTER:
        return f"used {age.days} days ago; the principal has rested for {interval.days} days before"
    return None


def _recent(action: str, use: Use) -> str | None:
    new = [(g, why) for g in use.grants if (why := _granted(g, use))]
    return next((why for g, why in new if may_grant(g.document, action)), None)


def _recent_service(service: str, use: Use) -> str | None:
    """Any policy that was changed lately and may grant anything of the service."""
    for grant in use.grants:
        why = _granted(grant, use)
        if why and _may_grant_any([grant.document], service):
            return why
    return None


def _may_grant_any(documents: Sequence[Mapping[str, Json] | None], service: str) -> bool:
    """Anything of a service: also what no catalogue has of it, and of one that none has."""
    if granted_actions(documents, service) or named_actions(documents, frozenset([service])):
        return True
    return not known_actions(service) and names_service(documents, service)


def _granted(grant: Grant, use: Use) -> str | None:
    if grant.granted_at is not None:
        if use.now - grant.granted_at < use.grace:
            return _GRANTED.format(days=use.grace.days, policy=grant.id)
        return None
    return None if grant.settled else _MAYBE.format(policy=grant.id)


def _passing(use: Use) -> str | None:
    """Why iam:PassRole may be in use: some call that passes a role is not seen to be unused."""
    whole = {u.service for u in use.unused if u.actions is None}
    single = {a.casefold() for u in use.unused for a, _ in u.actions or ()}
    for action in _may_pass(use):
        if service_of(action) not in whole and action.casefold() not in single:
            return f"a role may be passed by {action}, which is not seen to be unused"
    return None


def _may_pass(use: Use) -> Iterator[str]:
    documents = [g.document for g in use.grants]
    return (a for a in passing_actions() if any(may_grant(d, a) for d in documents))


def _but_pass_role(use: Use) -> list[str]:
    """The actions of iam that are granted, one by one: what no catalogue knows stays."""
    known = granted_actions([g.document for g in use.grants], "iam")
    return [a for a in known if a.casefold() != PASS_ROLE.casefold()]
