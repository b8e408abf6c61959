"""Findings that stand in the code itself: what `remediator fix` looks for, with no AWS at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from posixpath import dirname

from remediator.access.doors import Door, open_doors
from remediator.detect.aws_config import SECURITY_GROUP
from remediator.detect.groups import finding_id
from remediator.model import Finding, Json, Resource, SourceError
from remediator.remediate.grants import GROUP, OWNER_TYPES, grants_of
from remediator.terraform.module import NATIVE, Sources, is_source
from remediator.terraform.resolve import Mapping, as_text, resolve
from remediator.terraform.syntax import Block

SOURCE = "code"
Evidence = Callable[[Door, Iterable[str]], dict[str, Json]]


def findings_in(
    sources: Sources, class_name: Callable[[Door], str], evidence: Evidence, now: datetime
) -> tuple[tuple[Finding, ...], tuple[SourceError, ...]]:
    """The world-open doors of every resource block, and the files that do not parse.

    Only files that mention an owning resource type are parsed.
    """
    findings: list[Finding] = []
    broken: list[SourceError] = []
    for path in sources.tree.grep(["aws_security_group", "aws_vpc_security_group"], NATIVE):
        if not is_source(path):
            continue
        try:
            blocks = sources.file(path).blocks
        except SourceError as error:
            broken.append(error)
            continue
        for block in blocks:
            findings += _findings(sources, block, class_name, evidence, now)
    return tuple(findings), tuple(broken)


def _findings(
    sources: Sources,
    block: Block,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    now: datetime,
) -> Iterator[Finding]:
    if block.type != "resource" or len(block.labels) != 2 or block.labels[0] not in OWNER_TYPES:
        return
    path = block.file.path
    rules = [(g.ports, c.text) for g in grants_of(block) if g.ports for c in g.cidrs]
    for door in open_doors(rules):
        name = class_name(door)
        yield Finding(
            id=finding_id(name, path, block.address, door.ports.key),
            finding_class=name,
            source=SOURCE,
            resource=_resource(_group(block, sources)),
            evidence=evidence(door, ()),
            created_at=None,
            observed_at=now,
            address=block.address,
            file=path,
            line=block.line,
        )


def _group(block: Block, sources: Sources) -> Block | None:
    """The group that a block is, or that its rule belongs to, where the code says so plainly."""
    if block.labels[0] == GROUP:
        return block
    attribute = block.body.attribute("security_group_id")
    words = attribute.value.text.decode(errors="replace").split(".") if attribute else []
    if len(words) != 3 or words[0] != GROUP or words[2] != "id":
        return None
    return sources.find(dirname(block.file.path), f"{GROUP}.{words[1]}")


def _resource(group: Block | None) -> Resource:
    """Name and tags are what markers go by: unknown where they are not literal."""
    if group is None:
        return Resource(SECURITY_GROUP, "", tags=None)
    name = group.body.attribute("name")
    known = as_text(resolve(name.value)) if name else None
    return Resource(SECURITY_GROUP, "", name=known or "", tags=_tags(group))


def _tags(block: Block) -> tuple[tuple[str, str], ...] | None:
    attribute = block.body.attribute("tags")
    if attribute is None:
        return ()
    value = resolve(attribute.value)
    if not isinstance(value, Mapping):
        return None
    pairs = [(key, as_text(item)) for key, item in value.entries]
    known = tuple(sorted((k, text) for k, text in pairs if text is not None))
    return known if len(known) == len(pairs) else None
