"""What a scanner's report says of one thing: which check failed and where, without evidence.

`expand` turns it into findings, by what is detected live or in the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from remediator.detect.aws_config import SECURITY_GROUP
from remediator.model import Finding, Resource

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
"""A check's or a tool's name, bounded as it ends up in every outcome."""

Text = Annotated[str, msgspec.Meta(max_length=4096)]
"""A path or an id."""

_MOST_SECONDS = 100_000_000_000
_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,17}")
_GROUP_ARN = re.compile(
    r"arn:aws[a-z-]*:ec2:(?P<region>[a-z0-9-]*):(?P<account>\d{12}|):security-group/"
    r"(?P<id>sg-[0-9a-f]{8,17})"
)


@dataclass(frozen=True, slots=True)
class Live:
    """A live resource: a security group where the check is one that we know."""

    resource: Resource

    def __str__(self) -> str:
        return self.resource.arn or self.resource.id


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the code. `files` are all names that the report has for one file, as paths;
    `line` is 0 where none is said."""

    files: tuple[str, ...]
    line: int = 0
    address: str | None = None

    def __str__(self) -> str:
        where = self.files[0] if self.files else "no file"
        return f"{where}:{self.line}" if self.line else where


@dataclass(frozen=True, slots=True)
class Reported:
    """`id` is the scanner's own, where it has one. `inactive` says why there is nothing to do."""

    tool: str
    check: str
    at: Live | Place
    id: str | None = None
    created_at: datetime | None = None
    observed_at: datetime | None = None
    inactive: str = ""

    @property
    def source(self) -> str:
        name = f"{self.tool}:{self.check}"
        return f"{name} {self.id}" if self.id else name


@dataclass(frozen=True, slots=True)
class Report:
    """A document of one format. `entries` are read one by one, so that a bad one harms no other;
    `notes` are sentences for a person."""

    entries: Sequence[Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inactive:
    """An entry that nothing is to be done about, and why."""

    reason: str


Read = Callable[[Any], tuple[Reported | Finding | Inactive, ...]]
"""Reads one entry. A finding is complete as it is. Raises ValueError (msgspec's ValidationError
is one) with a sentence."""


def security_group(
    name: str,
    account: str | None,
    region: str | None,
    group_name: str = "",
    tags: tuple[tuple[str, str], ...] | None = None,
) -> Live | None:
    """Of an ARN or an id; the ARN's own account and region are the group's. None for others."""
    arn = _GROUP_ARN.fullmatch(name)
    if arn is None and not _GROUP_ID.fullmatch(name):
        return None
    resource = Resource(
        SECURITY_GROUP,
        arn["id"] if arn else name,
        name if arn else None,
        (arn["account"] if arn else "") or account or None,
        (arn["region"] if arn else "") or region or None,
        group_name,
        tags,
    )
    return Live(resource)


def other_resource(kind: str, name: str, account: str | None, region: str | None) -> Live:
    arn = name if name.startswith("arn:") else None
    return Live(Resource(kind, name, arn, account or None, region or None, tags=None))


def moment(text: str | None) -> datetime | None:
    """A time in UTC. What is none is not known: a report is no worse for it."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(epoch: int | float | None) -> datetime | None:
    """Of seconds, or of milliseconds, which OCSF asks for and Prowler does not write."""
    if epoch is None:
        return None
    try:
        return datetime.fromtimestamp(epoch / 1000 if abs(epoch) > _MOST_SECONDS else epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None
