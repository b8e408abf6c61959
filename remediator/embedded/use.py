"""The table of use: who did what when, as a scenario says. What AWS would know of activity.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
Actions are compared without regard to case. Safe between threads; mutable on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

SIGN_IN, ASSUME_ROLE = "ConsoleLogin", "AssumeRole"


@dataclass(frozen=True, slots=True)
class Use:
    """`action` as "s3:GetObject"; `resource` is what it was done to, an ARN or "*"."""

    principal: str
    action: str
    at: datetime
    resource: str = "*"
    region: str = "us-east-1"

    @property
    def service(self) -> str:
        return self.action.partition(":")[0].lower()


@dataclass(frozen=True, slots=True)
class Session:
    """`event` is CloudTrail's name of it; `principal` the role that was assumed, the user or the
    root (arn:aws:iam::ACCOUNT:root) who signed in; `by` the principal who assumed the role."""

    principal: str
    at: datetime
    region: str = "us-east-1"
    event: str = ASSUME_ROLE
    by: str = ""


@dataclass(slots=True)
class TableOfUse:
    """Principals are ARNs. A later use of the same action and resource replaces the earlier."""

    version: int = 0
    _uses: dict[str, dict[tuple[str, str], Use]] = field(default_factory=dict)
    _keys: dict[str, datetime] = field(default_factory=dict)
    _sessions: dict[str, list[Session]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def used(
        self,
        principal: str,
        action: str,
        at: datetime,
        resource: str = "*",
        region: str = "us-east-1",
    ) -> None:
        """`at` needs its time zone. Raises ValueError for an action without its service."""
        if ":" not in action or "*" in action or at.tzinfo is None:
            raise ValueError(f"a use needs one whole action and a time zone: {action!r} {at}")
        one = Use(principal, action, at, resource, region)
        with self._lock:
            known = self._uses.setdefault(principal, {})
            key = (action.lower(), resource)
            if key not in known or known[key].at < at:
                known[key] = one
            self.version += 1

    def key_used(self, access_key_id: str, at: datetime) -> None:
        """A user's access key, told by its id."""
        with self._lock:
            self._keys[access_key_id] = at
            self.version += 1

    def session(self, session: Session) -> None:
        with self._lock:
            self._sessions.setdefault(session.principal, []).append(session)
            self.version += 1

    def of(self, principal: str) -> tuple[Use, ...]:
        with self._lock:
            return tuple(self._uses.get(principal, {}).values())

    def last(self, principal: str) -> datetime | None:
        """When the principal was last active: by a use, or by a session."""
        with self._lock:
            uses = self._uses.get(principal, {}).values()
            times = [u.at for u in uses]
            times += [s.at for s in self._sessions.get(principal, ())]
        return max(times, default=None)

    @property
    def keys(self) -> Mapping[str, datetime]:
        with self._lock:
            return dict(self._keys)

    @property
    def sessions(self) -> tuple[Session, ...]:
        with self._lock:
            return tuple(one for known in self._sessions.values() for one in known)

    def sessions_of(self, principal: str) -> tuple[Session, ...]:
        with self._lock:
            return tuple(self._sessions.get(principal, ()))

    @property
    def uses(self) -> tuple[Use, ...]:
        with self._lock:
            return tuple(use for known in self._uses.values() for use in known.values())

    def clear(self) -> None:
        with self._lock:
            self._uses.clear()
            self._keys.clear()
            self._sessions.clear()
            self.version += 1

    def load(self, document: Mapping[str, Any]) -> None:
        """Adds what `as_json` gives. Raises KeyError, TypeError or ValueError for other forms."""
        for one in document.get("uses", ()):
            self.used(**_timed(one))
        for one in document.get("sessions", ()):
            self.session(Session(**_timed(one)))
        for key, at in document.get("keys", {}).items():
            self.key_used(key, datetime.fromisoformat(at))

    def as_json(self) -> dict[str, Any]:
        """{"uses": [{principal, action, at, resource, region}], "sessions": [{principal, at,
        region, event, by}], "keys": {access key id: at}}; times in ISO 8601."""
        return {
            "uses": _plain(self.uses, ("principal", "action", "at", "resource", "region")),
            "sessions": _plain(self.sessions, ("principal", "at", "region", "event", "by")),
            "keys": {key: at.isoformat() for key, at in self.keys.items()},
        }


def latest(uses: Iterable[Use]) -> Use | None:
    return max(uses, key=lambda use: use.at, default=None)


def _timed(one: Mapping[str, Any]) -> dict[str, Any]:
    return dict(one) | {"at": datetime.fromisoformat(one["at"])}


def _plain(items: Iterable[Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {n: v.isoformat() if n == "at" else v for n in names for v in (getattr(item, n),)}
        for item in items
    ]
