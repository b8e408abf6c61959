"""exemptions.yaml: what is left as it is, for whom, why and until when.

An exemption holds through its last day (UTC). Its patterns are `*` and `?` on the whole value,
all of them must match, and a value that is not known is neither a match nor none: it makes the
answer unknown, which leaves review at the most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from remediator import yamlfile
from remediator.evaluate import patterns
from remediator.fields import Name, OneLine, Strict, Version, matches
from remediator.model import Finding
from remediator.yamlfile import Document, InvalidFile, Problem

KEYS = ("class", "account", "region", "arn", "resource", "address")
WARNING_DAYS = 14


@dataclass(frozen=True, slots=True)
class Subject:
    """What exemptions are matched against: the values of each key, None where not known.

    `in_code`: the addresses are as the code has them. Which modules call that code, and how often
    it is instantiated, may stand outside of what was read.
    """

    values: Mapping[str, tuple[str, ...] | None]
    in_code: bool = False

    @staticmethod
    def of(finding: Finding, addresses: Sequence[str] | None = None) -> Subject:
        """`addresses` are the Terraform addresses of the resource, once its owner is found."""
        resource = finding.resource
        region, account = patterns.place(resource.arn)
        if addresses is None and finding.address:
            addresses = [finding.address]
        known = {
            "class": finding.finding_class,
            "account": resource.account or account,
            "region": resource.region or region,
            "arn": resource.arn,
            "resource": resource.id,
        }
        named = tuple(n for a in addresses for n in patterns.names(a)) if addresses else None
        values: dict[str, tuple[str, ...] | None] = {
            key: (value,) if value else None for key, value in known.items()
        }
        if resource.arn:
            values["arn"] = (resource.arn, *_policies(finding))
        return Subject({**values, "address": named}, finding.address is not None)

    def matches(self, key: str, pattern: str) -> bool | None:
        values = self.values[key]
        if pattern.strip("*") == "":
            return True
        if values is None:
            return None
        fits = patterns.is_arn_of if key == "arn" else matches
        if any(fits(pattern, v) for v in values):
            return True
        may = (
            key == "address" and self.in_code and any(patterns.may_mean(pattern, v) for v in values)
        )
        return None if may else False


def _policies(finding: Finding) -> Iterator[str]:
    """The ARNs of the policies that an identity has: to exempt one is to exempt all who have it."""
    live = finding.evidence.get("live")
    found = live.get("policies") if isinstance(live, dict) else None
    for policy in found if isinstance(found, list) else []:
        name = policy.get("id") if isinstance(policy, dict) else None
        if isinstance(name, str) and name.startswith("arn:"):
            yield name


@dataclass(frozen=True, slots=True)
class Exemption:
    """`expires` is its last day; `match` has a pattern for each key that counts."""

    id: str
    owner: str
    reason: str
    expires: date
    match: tuple[tuple[str, str], ...]
    file: str
    line: int

    def holds(self, today: date) -> bool:
        return today <= self.expires

    def lacking(self, subject: Subject) -> tuple[str, ...] | None:
        """None: it does not match. Otherwise the keys that nobody knows; (): it matches."""
        unknown: list[str] = []
        for key, pattern in self.match:
            answer = subject.matches(key, pattern)
            if answer is False:
                return None
            if answer is None:
                unknown.append(key)
        return tuple(unknown)


@dataclass(frozen=True, slots=True)
class Exempt:
    by: Exemption


@dataclass(frozen=True, slots=True)
class NotExempt:
    """`expired` would have exempted it on an earlier day."""

    expired: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """`candidate` may exempt it: the finding does not say its `lacking` keys."""

    candidate: Exemption
    lacking: tuple[str, ...]


Answer: TypeAlias = Exempt | NotExempt | Undecided


@dataclass(frozen=True, slots=True)
class Exemptions:
    entries: tuple[Exemption, ...] = ()

    def exempt_on(self, today: date, subject: Subject) -> Answer:
        """Surely exempt, surely not, or unknown. `today` is a day in UTC."""
        undecided: Undecided | None = None
        expired: list[Exemption] = []
        for entry in self.entries:
            lacking = entry.lacking(subject)
            if lacking is None:
                continue
            if not entry.holds(today):
                expired.append(entry)
            elif not lacking:
                return Exempt(entry)
            else:
                undecided = undecided or Undecided(entry, lacking)
        return undecided or NotExempt(tuple(expired))

    def expired(self, today: date) -> tuple[Exemption, ...]:
        return tuple(e for e in self.entries if not e.holds(today))


@dataclass(frozen=True, slots=True)
class _Read:
    """Every entry that is right by itself, and everything that is wrong beside them."""

    entries: tuple[Exemption, ...] = ()
    problems: tuple[Problem, ...] = ()

    def usable(self) -> Exemptions:
        """Raises InvalidFile where anything is wrong: half a list would exempt too little."""
        if self.problems:
            raise InvalidFile(*self.problems)
        return Exemptions(self.entries)


def load_exemptions(paths: Iterable[Path], known_classes: Iterable[str]) -> Exemptions:
    """All lists together. Raises ConfigurationError, a sentence for each thing wrong in any."""
    return _read_files(paths, known_classes).usable()


def exemptions_of(documents: Iterable[Document], known_classes: Iterable[str]) -> Exemptions:
    """As `load_exemptions`, of documents that were read already. Pure."""
    return _read(documents, known_classes).usable()


def lint(
    paths: Iterable[Path],
    known_classes: Iterable[str],
    today: date,
    candidates: Sequence[Subject] | None = None,
) -> list[Problem]:
    """For `remediator exemptions check`: what is wrong, expired, about to be, or of no use.

    With `candidates`, what is known to be found, an entry that matches none of them is told.
    """
    read = _read_files(paths, known_classes)
    found = [*read.problems, *_ending(read.entries, today)]
    if candidates is not None:
        found += _idle(read.entries, today, candidates)
    return sorted(found)


def _read_files(paths: Iterable[Path], known_classes: Iterable[str]) -> _Read:
    problems: list[Problem] = []
    documents: list[Document] = []
    for path in paths:
        try:
            documents.append(yamlfile.read(path))
        except InvalidFile as error:
            problems += error.found
    read = _read(documents, known_classes)
    return _Read(read.entries, (*problems, *read.problems))


def _read(documents: Iterable[Document], known_classes: Iterable[str]) -> _Read:
    context = {patterns.CLASSES: frozenset(known_classes)}
    problems: list[Problem] = []
    entries: list[Exemption] = []
    for document in documents:
        try:
            listed = yamlfile.validate(_ExemptionFile, document, context)
        except InvalidFile as error:
            problems += error.found
            entries += _right_alone(document, context)
        else:
            entries += [_exemption(document, i, e) for i, e in enumerate(listed.exemptions)]
    return _Read(tuple(entries), (*problems, *_twice(entries)))


def _right_alone(document: Document, context: Mapping[str, object]) -> Iterator[Exemption]:
    """The entries that would be valid in a list of their own, of the same version."""
    frame = document.value if isinstance(document.value, dict) else {}
    listed = frame.get("exemptions")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        alone = replace(document, value={"version": frame.get("version"), "exemptions": [entry]})
        with suppress(InvalidFile):
            (valid,) = yamlfile.validate(_ExemptionFile, alone, context).exemptions
            yield _exemption(document, index, valid)


def _ending(entries: Iterable[Exemption], today: date) -> Iterator[Problem]:
    for entry in entries:
        days = (entry.expires - today).days
        if days < 0:
            yield _warning(entry, f"expired on {entry.expires} and no longer exempts; remove it")
        elif days <= WARNING_DAYS:
            left = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
            text = f"expires {left}, on {entry.expires}; close the finding, or renew it"
            yield _warning(entry, text)


def _idle(
    entries: Iterable[Exemption], today: date, subjects: Sequence[Subject]
) -> Iterator[Problem]:
    for entry in entries:
        if entry.holds(today) and all(entry.lacking(s) is None for s in subjects):
            text = f"matches none of the {len(subjects)} known findings; correct or remove it"
            yield _warning(entry, text)


def _warning(entry: Exemption, text: str) -> Problem:
    return Problem(entry.file, entry.line, f"{entry.id}: {text}", "warning")


def _twice(entries: Iterable[Exemption]) -> Iterator[Problem]:
    seen: dict[str, Exemption] = {}
    for entry in entries:
        first = seen.setdefault(entry.id, entry)
        if first is not entry:
            where = f"{first.file}:{first.line}"
            text = f"{entry.id}: the id is taken by the exemption at {where}; write another"
            yield Problem(entry.file, entry.line, text)


class _Match(Strict):
    finding_class: patterns.ClassGlob | None = Field(default=None, alias="class")
    account: patterns.AccountGlob | None = None
    region: patterns.RegionGlob | None = None
    arn: patterns.ArnGlob | None = None
    resource: patterns.ResourceGlob | None = None
    address: patterns.AddressGlob | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        values = self.model_dump(by_alias=True)
        return tuple((key, values[key]) for key in KEYS if values[key] is not None)

    @model_validator(mode="after")
    def _something(self) -> _Match:
        if all(pattern.strip("*") == "" for _, pattern in self.pairs):
            raise ValueError(f"would exempt everything; write one of {', '.join(KEYS)}")
        return self


class _Entry(Strict):
    id: Name = Field(examples=["legacy-vendor-ssh"])
    owner: OneLine = Field(examples=["platform-team"])
    reason: OneLine = Field(examples=["why the finding is accepted"])
    expires: Annotated[date, BeforeValidator(patterns.day)] = Field(examples=["2027-03-31"])
    match: _Match = Field(examples=['{account: "123456789012", resource: sg-0a1b2c3d}'])


class _ExemptionFile(Strict):
    version: Version = Field(examples=[1])
    exemptions: tuple[_Entry, ...] = Field(examples=["[]"])


def _exemption(document: Document, index: int, entry: _Entry) -> Exemption:
    line = document.line(("exemptions", index))
    pairs = entry.match.pairs
    return Exemption(entry.id, entry.owner, entry.reason, entry.expires, pairs, document.path, line)
