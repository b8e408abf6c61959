"""From what a report says to findings: it selects among what the code itself has.

The evidence is never the report's. What the code does not bear out is resolved; what may be so
and is no literal goes on with the least that the check says, so that exemptions and the policy
are asked of it before it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from posixpath import dirname

from remediator.access.doors import Door
from remediator.detect.aws_config import SECURITY_GROUP
from remediator.detect.code import doors_of, is_owner, resource_of
from remediator.detect.given_tags import GivenOf
from remediator.detect.groups import Evidence, finding_id
from remediator.detect.reports.checks import About
from remediator.detect.reports.outcomes import as_reported, refused
from remediator.detect.reports.places import by_ending, candidates, segments
from remediator.detect.reports.reported import Place, Reported
from remediator.model import UNOBSERVED, Finding, Kind, Outcome, Refusal, Resource, SourceError
from remediator.remediate.grants import grants_of, hidden
from remediator.remediate.world_open import door_of
from remediator.terraform.address import Address
from remediator.terraform.module import JSON, NATIVE, Sources, is_source
from remediator.terraform.syntax import Block
from remediator.texts import listed

Answer = Sequence[Finding] | Outcome


@dataclass(frozen=True)
class Code:
    """The code that a report may be about. `look` finds everything that is wrong in it."""

    sources: Sources
    look: Callable[[], Iterable[Finding]]
    class_name: Callable[[Door], str]
    evidence: Evidence
    now: datetime
    given_of: GivenOf

    @cached_property
    def files(self) -> Mapping[str, Sequence[str]]:
        """The Terraform files by what their paths end in."""
        paths = self.sources.tree.paths()
        return by_ending(p for p in paths if p.endswith((*NATIVE, *JSON)) and is_source(p))

    @cached_property
    def findings(self) -> Sequence[Finding]:
        return tuple(self.look())

    @cached_property
    def _by_block(self) -> Mapping[tuple[str | None, str], Sequence[Finding]]:
        found: dict[tuple[str | None, str], list[Finding]] = {}
        for finding in self.findings:
            block = Address.parse(finding.address).block if finding.address else ""
            found.setdefault((finding.file, block), []).append(finding)
        return found

    def findings_at(self, path: str, block: str, instance: str | None) -> Sequence[Finding]:
        """Of a block, native or in JSON syntax; of its instances only this one, if it has some."""
        every = self._by_block.get((path, block), ())
        named = [f for f in every if f.root is None or f.address == instance]
        return named if any(f.root is not None for f in named) else every


# A live group, by the blocks that the states say own it --------------------------------------


@dataclass(frozen=True, slots=True)
class Owned:
    """What makes a group's rules: the blocks, and (root, address) of every resource."""

    blocks: Sequence[Block] = ()
    resources: frozenset[tuple[str | None, str | None]] = frozenset()


def of_group(
    entry: Reported,
    check: About,
    group: Resource,
    owned: Owned,
    code: Code,
    observed_at: datetime | None,
) -> Sequence[Finding]:
    """The doors that the check reports, as the code has them; the group's own name and tags are
    the report's, or else the code's."""
    blocks = owned.blocks
    told = (resource_of(b, code.sources, code.given_of) for b in blocks)
    known = next((r for r in told if r.name or r.tags is not None), None)
    if known is not None:
        tags = known.tags if group.tags is None else group.tags
        group = replace(group, name=group.name or known.name, tags=tags)

    def finding(door: Door) -> Finding:
        name = check.finding_class if check.egress else code.class_name(door)
        place = (group.account or "", group.region or "", group.id)
        return Finding(
            id=finding_id(name, *place, door.ports.key),
            finding_class=name,
            source=entry.source,
            resource=group,
            evidence=code.evidence(door, ()),
            created_at=entry.created_at,
            observed_at=observed_at or UNOBSERVED,
        )

    if check.egress:
        return [finding(check.least)]
    instances = [f for f in code.findings if (f.root, f.address) in owned.resources]
    doors = dict.fromkeys([*doors_of(blocks), *(door_of(f) for f in instances)])
    chosen = check.select(finding(door) for door in doors)
    unsure = (door for b in blocks if (door := _unsure(check, b)))
    return chosen or [finding(next(unsure, check.least))]


# A place in the code ---------------------------------------------------------------------------


def of_place(entry: Reported, check: About, place: Place, code: Code) -> Answer:
    files = candidates(place.files, code.files)
    found = [(path, _block_at(path, place, code.sources)) for path in files]
    in_json = [f for p in files if p.endswith(JSON) for f in _instances(p, place, code)]
    if len(files) == 1 and (chosen := check.select(in_json)):
        return chosen
    found = [f for f in found if isinstance(f[1], Block)] or found
    if len(found) > 1:
        exact = {"/".join(segments(name)) for name in place.files}
        found = [f for f in found if f[0] in exact] or found
    if len(found) != 1:
        return refused(entry, check.finding_class, _no_one_file(place, files))
    path, block = found[0]
    if block is None:
        return _gone(entry, check, f"there is no {place.address} in {path}, or beside it, any more")
    if isinstance(block, Refusal):
        return refused(entry, check.finding_class, block)
    if check.egress:
        return [_finding(entry, check, check.least, block, code)]
    if not is_owner(block):
        text = f"{block.address} is of a resource type that this version does not rewrite"
        why = Refusal("locate", "unsupported-owner", f"{text}; change it by hand")
        return refused(entry, check.finding_class, why)
    return _of_block(entry, check, place, block, code)


def _of_block(entry: Reported, check: About, place: Place, block: Block, code: Code) -> Answer:
    there = code.findings_at(block.file.path, block.address, place.address)
    chosen = check.select(_on_line(place.line, block, there))
    if chosen:
        return chosen
    unsure = _unsure(check, block)
    if unsure is not None:
        return [_finding(entry, check, unsure, block, code)]
    doubt = _in_module(block.file.path, block.address, code.sources)
    if isinstance(doubt, Refusal):
        return refused(entry, check.finding_class, doubt)
    where = f"{block.address} at {block.file.path}:{block.line}"
    if check.narrower:
        text = f"{where} opens nothing to the whole world, and {entry.source} flags less than that"
        why = Refusal("detect", "not-world-open", f"{text} too; change it by hand")
        return refused(entry, check.finding_class, why)
    return _gone(entry, check, f"{where} does not open it to the world any more")


def _gone(entry: Reported, check: About, why: str) -> Outcome:
    found = as_reported(entry, check.finding_class)
    text = f"{entry.source} reports it, and {why}"
    return Outcome(found, Kind.RESOLVED, "gone-from-code", text)


def _no_one_file(place: Place, files: Sequence[str]) -> Refusal:
    if files:
        return Refusal(
            "locate",
            "ambiguous-file",
            f"{place} may be any of {listed([*files], 5)}; scan from the top of the repository, "
            "so that the report says which",
        )
    return Refusal(
        "locate", "no-such-file", f"{place} is no Terraform file here; scan this repository again"
    )


def _block_at(path: str, place: Place, sources: Sources) -> Block | Refusal | None:
    """By its address, in the file or beside it; else by the line. None: the address is gone."""
    if path.endswith(JSON):
        return Refusal(
            "locate",
            "json-syntax",
            f"{path} is in JSON syntax, which this version does not edit; change it by hand",
        )
    try:
        blocks = [b for b in sources.file(path).blocks if b.type == "resource"]
    except SourceError as broken:
        text = f"{broken}; correct the file, then run again"
        return Refusal("locate", "unreadable-source", text)
    address = _address(place)
    if address is not None:
        here = (b for b in blocks if b.address == address)
        return next(here, None) or _in_module(path, address, sources)
    there = (b for b in blocks if b.line <= place.line <= b.file.line(b.end - 1))
    return next(there, None) or Refusal(
        "locate",
        "no-resource-there",
        f"{path}:{place.line} is inside no resource; if the file changed since, scan it again",
    )


def _in_module(path: str, address: str, sources: Sources) -> Block | Refusal | None:
    """Nothing can be said to be gone while a file of the module is not read, or overrides it."""
    module = sources.module(dirname(path))
    return module if isinstance(module, Refusal) else module.find(address)


def _instances(path: str, place: Place, code: Code) -> Sequence[Finding]:
    address = _address(place)
    return code.findings_at(path, address, place.address) if address else ()


def _address(place: Place) -> str | None:
    """The block's, inside its module: the scanner says which instance of it in which module."""
    try:
        address = Address.parse(place.address or "")
    except ValueError:
        return None
    return address.block if address.mode == "managed" else None


def _on_line(line: int, block: Block, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Where the line is inside one rule of several, only the doors with that rule's ports."""
    ports = {
        g.ports
        for g in grants_of(block)
        if g.node is not block and g.node.line <= line <= block.file.line(g.node.end - 1)
    }
    return [f for f in findings if door_of(f).ports in ports] or findings


def _unsure(check: About, block: Block) -> Door | None:
    """The door that something in the block may be which is no literal."""
    cidrs = check.least.cidrs
    for grant in grants_of(block):
        if grant.unknown and grant.ports is None:
            return check.least
        if grant.unknown and grant.ports is not None and check.wants_ports(grant.ports):
            return Door(grant.ports, cidrs)
    return check.least if hidden(block) else None


def _finding(entry: Reported, check: About, door: Door, block: Block, code: Code) -> Finding:
    """What the report says, where the code does not show it."""
    name = check.finding_class if check.egress else code.class_name(door)
    unknown = Resource(SECURITY_GROUP, "", tags=None)
    return Finding(
        id=finding_id(name, block.file.path, block.address, door.ports.key),
        finding_class=name,
        source=entry.source,
        resource=resource_of(block, code.sources, code.given_of) if is_owner(block) else unknown,
        evidence=code.evidence(door, ()),
        created_at=None,
        observed_at=code.now,
        address=block.address,
        file=block.file.path,
        line=block.line,
    )
