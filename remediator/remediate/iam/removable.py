"""What may go of a principal's permissions: computed from its use, before any policy is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remediator.model import Json
from remediator.remediate.iam.catalogue import globbed, is_known, service_of, services

ANY = "*"
_SERVICE = re.compile(r"[A-Za-z0-9.-]+")
_SERVICE_OR_ANY = re.compile(r"[A-Za-z0-9.-]+|\*")
_ACTION = re.compile(r"[A-Za-z0-9.-]+:[A-Za-z0-9]+")
_KEPT = re.compile(r"[A-Za-z0-9.-]+:(?:[A-Za-z0-9]+|\*)")


@dataclass(frozen=True, slots=True)
class Removable:
    """Services that go as a whole, and single actions; all in small letters.

    An action that no catalogue knows is nobody's to remove: its use may not be tracked. Only with
    its whole service, whose use covers every call, does it go. `new` are such actions that are
    known to be in use, as they are spelt: a wildcard that is written out must name them.
    `unexplained`: services that may be used by what nobody tracks, each with the reason; `*` where
    it is not told which.
    """

    services: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    unexplained: frozenset[tuple[str, str]] = frozenset()

    @staticmethod
    def of(
        services: Iterable[str],
        actions: Iterable[str],
        kept: Iterable[str] = (),
        unexplained: Iterable[tuple[str, str]] = (),
    ) -> Removable:
        known = (a.lower() for a in actions if is_known(a))
        new = frozenset(a for a in kept if not _is_expected(a))
        whole = frozenset(s.lower() for s in services)
        return Removable(whole, frozenset(known), new, frozenset(unexplained))

    def takes(self, action: str) -> bool:
        return action.lower() in self.actions or service_of(action) in self.services

    def __bool__(self) -> bool:
        return bool(self.services or self.actions)

    def __and__(self, other: Removable) -> Removable:
        both = [a for a in self.actions if other.takes(a)] + [
            a for a in other.actions if self.takes(a)
        ]
        return Removable(
            self.services & other.services,
            frozenset(both),
            self.new | other.new,
            self.unexplained | other.unexplained,
        )

    def parts(self) -> tuple[str, ...]:
        """For people, and to tell which of them are found: `sqs:*`, `s3:deletebucket`."""
        return (*sorted(f"{s}:*" for s in self.services), *sorted(self.actions))

    def granted_by(self, pattern: str) -> bool:
        """Whether an action pattern of an Allow grants any of it."""
        glob = globbed(pattern)
        service = service_of(pattern)
        wild = "*" in service or "?" in service
        if service in self.services or (wild and self.services):
            return True
        return any(glob.fullmatch(action) for action in self.actions)

    def document(self) -> dict[str, Json]:
        kept: list[Json] = [{"action": action} for action in sorted(self.new)]
        found: dict[str, Json] = {
            "services": [*sorted(self.services)],
            "actions": [*sorted(self.actions)],
        }
        unexplained: list[Json] = [{"service": s, "why": w} for s, w in sorted(self.unexplained)]
        found |= {"kept": kept} if kept else {}
        return found | {"unexplained": unexplained}


def _is_expected(action: str) -> bool:
    """Whether the catalogue has it: an action, or with `*` a whole service."""
    return service_of(action) in services() if action.endswith(":*") else is_known(action)


def removable_of(value: Json) -> Removable | None:
    """The inverse of `document`; None for null. Raises ValueError with a sentence."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError('evidence "removable" must be an object or null')
    whole = _texts(value.get("services", []), _SERVICE, "services")
    actions = _texts(value.get("actions", []), _ACTION, "actions")
    used = _texts(value.get("used", []), _ACTION, "used")
    named = [e.get("action") for e in _entries(value.get("kept"), "kept")]
    kept_all = [*_texts(named, _KEPT, "kept"), *used]
    return Removable.of(whole, actions, kept_all, _unexplained(value.get("unexplained")))


def contradicted(goes: Removable, value: Mapping[str, Json]) -> str | None:
    """The first of what is said to stay or to be in use in this evidence, which was read, that
    would go. What is used and no catalogue has is `exactness`'s to keep."""
    partly = {service_of(action) for action in goes.actions}
    for entry in _entries(value.get("kept"), "kept"):
        action = str(entry.get("action")).lower()
        service, _, name = action.partition(":")
        if (
            action in goes.actions
            or service in goes.services
            or (name == "*" and service in partly)
        ):
            return str(entry.get("action"))
    used = value.get("used")
    for one in used if isinstance(used, list) else []:
        if is_known(str(one)) and goes.takes(str(one)):
            return str(one)
    services = (str(e.get("service")) for e in _entries(value.get("unexplained"), "unexplained"))
    return next((f"{s}:*" for s in services if s.lower() in goes.services), None)


def _unexplained(value: Json) -> list[tuple[str, str]]:
    if value is None:
        return [(ANY, "which services are in use is not told")]
    entries = _entries(value, "unexplained")
    services = _texts([e.get("service") for e in entries], _SERVICE_OR_ANY, "unexplained")
    whys = [e.get("why") for e in entries]
    said = [w if isinstance(w, str) and w else "no reason is told" for w in whys]
    return [(s.lower(), why) for s, why in zip(services, said, strict=True)]


def _entries(value: Json, name: str) -> list[dict[str, Json]]:
    """Nothing that is said of use may be overlooked for its form."""
    listed = [] if value is None else value
    found = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else None
    if found is None or not isinstance(listed, list) or len(found) != len(listed):
        raise ValueError(f'evidence "removable.{name}" must be a list of objects')
    return found


def _texts(value: Json, form: re.Pattern[str], name: str) -> list[str]:
    found = [t for t in value if isinstance(t, str)] if isinstance(value, list) else None
    if found is None or len(found) != len(value) or not all(map(form.fullmatch, found)):  # type: ignore[arg-type]  # a list then
        raise ValueError(f'evidence "removable.{name}" must be a list of names without wildcards')
    return found
