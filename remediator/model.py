"""The types that flow through the loop. Frozen, and importing nothing of ours.

Refusals are values (`Refusal`); exceptions are for broken input, bad configuration and
upstream faults, and only `cli.py` catches them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from sys import intern
from types import MappingProxyType
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
NO_EVIDENCE: Mapping[str, Json] = MappingProxyType({})

UNOBSERVED = datetime(1970, 1, 1, tzinfo=UTC)
"""`observed_at` of a finding whose source does not say when it looked: never fresh."""


class SourceError(Exception):
    """A file that is not what it should be. `line` and `column` count from 1."""

    def __init__(self, path: str, line: int, column: int, text: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {text}")
        self.path, self.line, self.column, self.text = path, line, column, text


class ConfigurationError(Exception):
    """A configuration, policy or exemption file that must not be used as it is.

    `problems` holds one sentence each, already carrying its file and line.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UpstreamError(Exception):
    """AWS, a git remote or a forge did not do what was asked of it."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(f"{what}: {text}")
        self.what, self.text = what, text


class Disposition(IntEnum):
    """What may happen to a finding. Ordered: the gate takes the minimum."""

    EXEMPT = 0
    ALERT = 1
    REVIEW = 2
    AUTO = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Resource:
    """A live resource. `type` is CloudFormation's name (AWS::EC2::SecurityGroup).

    A finding seen in the code alone has no `id`; its `address` and file say where it is.
    An empty `name` is not known, and neither is anything that is None.
    """

    type: str
    id: str
    arn: str | None = None
    account: str | None = None
    region: str | None = None
    name: str = ""
    tags: tuple[tuple[str, str], ...] | None = ()
    description: str | None = None
    vpc: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `evidence` belongs to the class, which alone interprets it.

    `created_at` is when it first was wrong according to the source, where the source knows;
    `observed_at` is when it was last seen with our own eyes. A finding in the code has an
    `address`, of a block inside its module; with a `root`, of one instance in that root.
    """

    id: str
    finding_class: str
    source: str
    resource: Resource
    evidence: Mapping[str, Json]
    created_at: datetime | None
    observed_at: datetime
    address: str | None = None
    file: str | None = None
    line: int = 0
    root: str | None = None


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A top-level block of a Terraform file: its bytes, and its address inside its module."""

    file: str
    start: int
    end: int
    line: int
    directory: str
    address: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One resource instance that a block makes. `root` is the root module's directory."""

    root: str
    address: str
    id: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The Terraform that makes a live resource what it is.

    `instances` are all instances of the block that the states know, in every root that reaches
    it; `unseen` says why there may be more, in states that nobody read.
    """

    root: str
    address: str
    block: BlockRef
    instances: tuple[Instance, ...] = ()
    unseen: tuple[str, ...] = ()


def place(root: str, address: str) -> str:
    """An address after the root that it is in: what a record's `Terraform-Address` holds."""
    return f"{root}:{address}" if root else address


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    LOWERS = "lowers"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked before a change, and the most that its answer allows. Thousands of
    findings have the same answers: each is in memory once."""

    name: str
    verdict: Verdict
    detail: str
    limit: Disposition = Disposition.AUTO

    @staticmethod
    def passed(name: str, detail: str) -> Check:
        return Check(name, Verdict.PASS, intern(detail))

    @staticmethod
    def lowers(name: str, limit: Disposition, detail: str) -> Check:
        return Check(name, Verdict.LOWERS, intern(detail), limit)

    @staticmethod
    def unknown(name: str, detail: str) -> Check:
        """Unknown is never safe: it leaves review at the most."""
        return Check(name, Verdict.UNKNOWN, intern(detail), Disposition.REVIEW)

    @staticmethod
    def skipped(name: str, detail: str) -> Check:
        """Nobody asked for it: it claims nothing, and lowers nothing."""
        return Check(name, Verdict.SKIPPED, intern(detail))


@dataclass(frozen=True, slots=True)
class Decision:
    """`complete`: every check was made. Until then it is no more than what is left possible."""

    disposition: Disposition
    checks: tuple[Check, ...]
    policy_row: str
    policy_digest: str
    rationale: str
    complete: bool = True

    @property
    def decided(self) -> Disposition | None:
        """None where checks that were never made might still have lowered `auto`."""
        early = not self.complete and self.disposition is Disposition.AUTO
        return None if early else self.disposition

    def after(self, *checks: Check) -> Decision:
        """The same decision once more checks were made; they can only lower it."""
        limit = min((c.limit for c in checks), default=Disposition.AUTO)
        return replace(
            self,
            disposition=min(self.disposition, limit),
            checks=self.checks + checks,
        )


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes [start, end) of a file by `text`."""

    file: str
    start: int
    end: int
    text: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"no such span: {self.start}..{self.end} in {self.file}")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Patch:
    """Sorted, disjoint edits, and the digest of every file as it was read."""

    edits: tuple[Edit, ...]
    inputs: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        if not self.edits:
            raise ValueError("a patch without an edit")
        for a, b in zip(self.edits, self.edits[1:], strict=False):
            if a.file == b.file and (b.start < a.end or (a.start, a.end) == (b.start, b.end)):
                raise ValueError(f"edits overlap in {a.file} at {b.start}")
            if a > b:
                raise ValueError("edits are not sorted")
        if {e.file for e in self.edits} != {path for path, _ in self.inputs}:
            raise ValueError("every edited file needs its digest, and no other")

    @staticmethod
    def of(edits: tuple[Edit, ...], before: Mapping[str, bytes]) -> Patch:
        files = sorted({e.file for e in edits})
        return Patch(tuple(sorted(edits)), tuple((f, sha256(before[f])) for f in files))

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(path for path, _ in self.inputs)

    def apply(self, before: Mapping[str, bytes]) -> dict[str, bytes]:
        """The edited files. Raises ValueError where an input is not the one that was read."""
        after = {}
        for path, digest in self.inputs:
            data = before[path]
            if sha256(data) != digest:
                raise ValueError(f"{path} changed since it was read")
            for edit in reversed([e for e in self.edits if e.file == path]):
                data = data[: edit.start] + edit.text + data[edit.end :]
            after[path] = data
        return after


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven of a patch, and what the real terraform says of it. Made by `prove()` alone,
    and told by `planning`; `checks` name what is missing too.

    `before` and `after` are the evaluated access, as canonical JSON. `removed` is what goes, a
    sentence each; `left` what stays of it in other words, such as `s3:Get*` of `s3:*`.
    """

    checks: tuple[Check, ...]
    before: str
    after: str
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One commit's worth. `findings` are all that this edit closes, the first one leading.

    `trail`: of values from elsewhere, each literal and the names between it and the rule.
    """

    id: str
    findings: tuple[Finding, ...]
    owners: tuple[Owner, ...]
    decision: Decision
    patch: Patch
    proof: Proof
    summary: str
    before: Mapping[str, bytes] = field(repr=False)
    after: Mapping[str, bytes] = field(repr=False)
    trail: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        return f"remediator/{self.id}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The tool will not do this, and says why and what a person can do."""

    stage: str
    code: str
    text: str


class Kind(StrEnum):
    MERGED = "merged"
    PROPOSED = "proposed"
    ALERTED = "alerted"
    EXEMPTED = "exempted"
    REFUSED = "refused"
    DRIFTED = "drifted"
    UNMANAGED = "unmanaged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one finding ended in one run. `word` says it to people where the kind's would mislead:
    what was only looked at is not merged. `advice` is HCL with comments, for a person."""

    finding: Finding
    kind: Kind
    code: str
    text: str
    owner: Owner | None = None
    decision: Decision | None = None
    patch: Patch | None = None
    proof: Proof | None = None
    commit: str | None = None
    branch: str | None = None
    timings: tuple[tuple[str, float], ...] = ()
    advice: tuple[str, ...] = ()
    word: str = ""
    pull_request: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a merged commit says of itself, read back from git. `problems` is what did not hold, and
    `codes` name the kind of each."""

    commit: str
    merge: str | None
    actor: str
    merged_by: str
    committed_at: datetime
    merged_at: datetime
    subject: str
    trailers: tuple[tuple[str, str], ...]
    problems: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def all(self, key: str) -> tuple[str, ...]:
        return tuple(v for k, v in self.trailers if k == key)

    def one(self, key: str) -> str | None:
        values = self.all(key)
        return values[0] if values else None
