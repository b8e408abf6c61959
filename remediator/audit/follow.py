"""What became of merged changes: applied, resolved, or still waiting for an apply. Pure.

Applied: the live rules of a resource no longer have what the change took from them. Resolved: the
source that reported it does not do so any more. Both are only told of what was looked at in this
very run; a source that did not answer says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediator.audit.grounds import Grounds, GroundsOf
from remediator.model import Finding, Json, Record, Resource
from remediator.texts import listed

APPLIED, APPLIED_HOW = "Applied", "Applied-How"
RESOLVED, RESOLVED_HOW = "Resolved", "Resolved-How"
_GROUP = "sg-"
_LIVE = "ec2:DescribeSecurityGroupRules"
_CONFIG = "config:"
_DOOR = re.compile(r"[\w-]+:-?\d+--?\d+")
"""A protocol and its ports, as our own ids end in."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one run saw. `open` are the findings that live rules bear out; `late` those that a
    source still reports and live rules do not; `whole`: every source answered."""

    open: tuple[Finding, ...]
    late: tuple[Finding, ...]
    into: Callable[[Resource], bool]
    whole: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A merged change that is not applied. `overdue`: for longer than the limit. `other`: what is
    live is neither what was there before nor what the change made of it."""

    record: Record
    since: timedelta
    overdue: bool
    other: bool = False

    @property
    def commit(self) -> str:
        return self.record.merge or self.record.commit


@dataclass(frozen=True, slots=True)
class Followed:
    """`notes`: by commit, what is to be noted. `waiting` in the order of the records."""

    notes: Mapping[str, tuple[tuple[str, str], ...]]
    waiting: tuple[Waiting, ...]


def follow(
    records: Iterable[Record],
    noted: Callable[[str, str], bool],
    looked: Looked,
    limit: timedelta,
    grounds_of: GroundsOf = lambda record: None,
) -> Followed:
    """`noted`: whether a commit has a note of that key already. `grounds_of`: what the states say
    of a record whose findings are of the code alone."""
    notes: dict[str, tuple[tuple[str, str], ...]] = {}
    waiting: list[Waiting] = []
    for record in records:
        commit = record.merge or record.commit
        if noted(commit, RESOLVED):
            continue
        told = _Targets.of(record, grounds_of)
        if told is None or not all(looked.into(target.resource) for target in told.every):
            continue
        if still := [target for target in told.every if _is_open(target, looked.open)]:
            since = looked.at - record.merged_at
            if not noted(commit, APPLIED) and any(target.sure for target in still):
                waiting.append(Waiting(record, since, since > limit))
            continue
        pairs = tuple(p for p in _pairs(record, told, looked) if not noted(commit, p[0]))
        if any(key in (APPLIED, RESOLVED) for key, _ in pairs):
            notes[commit] = pairs
    return Followed(notes, tuple(waiting))


@dataclass(frozen=True, slots=True)
class _Target:
    """One finding that a record closes, as far as its id says what and where. `door` is empty
    where the id is not of our own form: then any door of that class counts. `sure`: that it is
    open can only be for want of an apply."""

    finding_class: str
    resource: Resource
    door: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Targets:
    """`gone`: addresses of rules that no state has any more."""

    every: tuple[_Target, ...]
    gone: tuple[str, ...] = ()

    @staticmethod
    def of(record: Record, grounds_of: GroundsOf) -> _Targets | None:
        """None where of one of them nobody can look. A finding of the code has no resource in the
        record."""
        kind, names = record.one("Finding-Class") or "", record.all("Finding-Id")
        resources = record.all("Resource")
        own = {name: target for name in names if (target := _own(kind, name))}
        code = [n for n in names if n not in own and n.startswith(f"{kind}/")]
        if not resources and not own:
            code = [*names]
        live = [n for n in names if n not in code]
        found: list[_Target] = []
        for number, name in enumerate(live):
            if name in own:
                found.append(own[name])
            elif len(resources) == len(live) and (other := _of_arn(resources[number])):
                found.append(_Target(kind, other))
            else:
                return None
        if not code:
            return _Targets(tuple(found)) if found else None
        grounds = grounds_of(record)
        if grounds is None:
            return None
        return _Targets((*found, *_in_code(kind, code, grounds)), grounds.gone)


def _own(kind: str, name: str) -> _Target | None:
    """Of an id of our own form: what, where and which door."""
    parts = name.split("/")
    if len(parts) != 5 or parts[0] != kind or not parts[3].startswith(_GROUP):
        return None
    resource = Resource("", parts[3], account=parts[1], region=parts[2])
    return _Target(kind, resource, _door(name))


def _door(name: str) -> str:
    """That an id of our own form names; a file may have given any other."""
    last = name.rpartition("/")[2]
    return last if _DOOR.fullmatch(last) else ""


def _in_code(kind: str, names: Iterable[str], grounds: Grounds) -> Iterator[_Target]:
    """The doors that findings of the code name, at each group that the change reaches."""
    for name in names:
        door = _door(name) if name.startswith(f"{kind}/") else ""
        for group, is_sole in grounds.groups:
            yield _Target(kind, group, door, is_sole)


def _of_arn(text: str) -> Resource | None:
    """arn:aws:ec2:REGION:ACCOUNT:security-group/sg-…"""
    parts = text.split(":", 5)
    name = parts[-1].rpartition("/")[2]
    if len(parts) != 6 or parts[2] != "ec2" or not name.startswith(_GROUP):
        return None
    return Resource("", name, text, parts[4], parts[3])


def _is_open(target: _Target, findings: Iterable[Finding]) -> bool:
    for finding in findings:
        if finding.resource.id == target.resource.id:
            parts = finding.id.split("/")
            own = len(parts) == 5 and parts[0] == finding.finding_class
            if not (target.door and own):
                return True  # whose door it is cannot be told
            if parts[4] == target.door:
                return True
    return False


def _pairs(record: Record, told: _Targets, looked: Looked) -> Iterator[tuple[str, str]]:
    when = looked.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    groups = sorted({target.resource.id for target in told.every})
    how = [f"the live rules of {', '.join(groups)} do not have it any more"] if groups else []
    how += [f"no state has {listed([*told.gone], 3)} any more"] if told.gone else []
    yield APPLIED, when
    yield APPLIED_HOW, "; ".join(how)
    source = record.one("Finding-Source") or ""
    parts = [part.strip() for part in source.split(",")]
    ours = all(part == _LIVE or part.startswith(_CONFIG) for part in parts)
    late = any(finding.resource.id in groups for finding in looked.late)
    if ours and looked.whole and not late:
        yield RESOLVED, when
        yield RESOLVED_HOW, f"{source} does not report it any more"


def document(waiting: Iterable[Waiting]) -> list[Json]:
    """For the `--json` output: what is merged and not applied."""
    return [
        {
            "commit": it.commit,
            "merged_at": it.record.merged_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "findings": [*it.record.all("Finding-Id")],
            "addresses": [*it.record.all("Terraform-Address")],
            "waiting_seconds": int(it.since.total_seconds()),
            "overdue": it.overdue,
        }
        for it in waiting
    ]
