"""The patterns of an exemption, refused where they could never match anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from operator import eq
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo

from remediator.fields import Glob, matches
from remediator.sentences import instead, shown
from remediator.settings import arn_pattern

CLASSES = "classes"
"""The validation context's key for the finding classes that there are."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REGION = re.compile(r"[a-z0-9*?-]+")
_KEY = r"\[(?:[0-9]+|\"(?:[^\"\\]|\\.)*\")\]"
_ANY_KEY = re.compile(_KEY)
_LAST_KEY = re.compile(_KEY + r"\Z")
_PATTERN_KEY = re.compile(r"\[[^\]]*\]")
_ADDRESS = re.compile(
    r"[A-Za-z_*?][A-Za-z0-9_.*?-]*(?:\[(?:[0-9*?]+|\"[^\"]*\")\][A-Za-z0-9_.*?-]*)*"
)


def day(value: Any) -> Any:
    """YYYY-MM-DD, with or without quotes, and nothing that merely resembles it."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(f"{shown(value)} is not a date; write YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        text = f"{shown(value)} is no day of the calendar; write one that is"
        raise ValueError(text) from error


def place(arn: str | None) -> tuple[str | None, str | None]:
    """Region and account of an ARN; S3's, for one, has neither."""
    parts = (arn or "").split(":", 5)
    if len(parts) != 6:
        return None, None
    return parts[3] or None, parts[4] or None


def names(address: str) -> tuple[str, ...]:
    """What an address may be called: itself, and the resource whose instance it is.

    Terraform's own reading: a resource without a key means all of its instances.
    """
    whole = _LAST_KEY.sub("", address)
    return tuple(dict.fromkeys((address, whole, _ANY_KEY.sub("", address))))


def is_arn_of(pattern: str, arn: str) -> bool:
    """As `matches`; of IAM the resource without regard to case, as AWS takes A and a for one name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    if matches(pattern, arn):
        return True
    return arn.split(":")[2:3] == ["iam"] and matches(_folded(pattern), _folded(arn))


def _folded(arn: str) -> str:
    """A pattern with fewer parts may begin with its resource anywhere."""
    parts = arn.split(":", 5)
    return ":".join([*parts[:5], parts[5].casefold()]) if len(parts) == 6 else arn.casefold()


def may_mean(pattern: str, address: str) -> bool:
    """Whether an address pattern may match an instance of this one, wherever modules call it.

    Instance keys aside: `module.a[*].module.b.<address>` and the like.
    """
    glob = _PATTERN_KEY.sub("", pattern)
    seen: frozenset[int] = frozenset()
    at = _after_stars(glob, {0})
    while not at <= seen:
        seen |= at
        if len(glob) in _after(glob, at, address):
            return True
        at = _after(glob, _after_label(glob, _after(glob, at, "module.")), ".")
    return False


def _after(glob: str, places: frozenset[int], text: str) -> frozenset[int]:
    """Every place of a glob that it may have come to once it has matched the text."""
    for char in text:
        places = _step(glob, places, partial(eq, char))
    return places


def _after_label(glob: str, places: frozenset[int]) -> frozenset[int]:
    """The same for a module's name, whatever it is."""
    reached: frozenset[int] = frozenset()
    while places := _step(glob, places, lambda c: c != ".") - reached:
        reached |= places
    return reached


def _step(glob: str, places: frozenset[int], fits: Callable[[str], bool]) -> frozenset[int]:
    here = [p for p in places if p < len(glob)]
    stay = {p for p in here if glob[p] == "*"}
    return _after_stars(glob, stay | {p + 1 for p in here if glob[p] == "?" or fits(glob[p])})


def _after_stars(glob: str, places: set[int]) -> frozenset[int]:
    """A star may stand for nothing."""
    found = {*places}
    for place in sorted(places):
        while place < len(glob) and glob[place] == "*":
            place += 1
            found.add(place)
    return frozenset(found)


def _class(value: str, info: ValidationInfo) -> str:
    known: Iterable[str] = (info.context or {}).get(CLASSES, ())
    if not any(matches(value, name) for name in known):
        raise ValueError(f"there is no class {shown(value)}; {instead(value, known)}")
    return value


def _account(value: str) -> str:
    fixed = value.replace("*", "")
    possible = len(fixed) == 12 if fixed == value else len(fixed) <= 12
    if not possible or not re.fullmatch(r"[0-9?]*", fixed):
        raise ValueError(f"{shown(value)} cannot match an account; write its twelve digits")
    return value


def _region(value: str) -> str:
    if not _REGION.fullmatch(value):
        hint = "write one such as eu-central-1 or eu-*"
        raise ValueError(f"{shown(value)} cannot match a region; {hint}")
    return value


def _arn(value: str) -> str:
    arn_pattern(value)
    if "*" not in value and value.count(":") < 5:
        hint = "write arn:partition:service:region:account:resource"
        raise ValueError(f"{shown(value)} cannot match an ARN; {hint}")
    return value


def _resource(value: str) -> str:
    if value.startswith("arn:"):
        raise ValueError(f"{shown(value)} is an ARN; write it under arn")
    if any(c.isspace() for c in value):
        raise ValueError(f"{shown(value)} has a space, which no id has; write the resource's id")
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value) or not set(value) & set(".*"):
        hint = "write one such as module.web.aws_security_group.admin"
        raise ValueError(f"{shown(value)} cannot match a Terraform address; {hint}")
    return value


ClassGlob = Annotated[Glob, AfterValidator(_class)]
AccountGlob = Annotated[Glob, AfterValidator(_account)]
RegionGlob = Annotated[Glob, AfterValidator(_region)]
ArnGlob = Annotated[Glob, AfterValidator(_arn)]
ResourceGlob = Annotated[Glob, AfterValidator(_resource)]
AddressGlob = Annotated[Glob, AfterValidator(_address)]
