"""Findings that a block spells out itself, with no AWS and no evaluation at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from posixpath import dirname

from remediator.access.doors import Door, open_doors
from remediator.detect.aws_config import SECURITY_GROUP
from remediator.detect.given_tags import GivenOf
from remediator.detect.groups import finding_id
from remediator.model import Finding, Json, Resource
from remediator.remediate.grants import GROUP, OWNER_TYPES, grants_of, hidden
from remediator.terraform.content import of_block
from remediator.terraform.default_tags import leaves_tags
from remediator.terraform.module import Sources
from remediator.terraform.resolve import Mapping, as_text, resolve
from remediator.terraform.syntax import Block

SOURCE = "code"
Evidence = Callable[[Door, Iterable[str]], dict[str, Json]]


def findings_at(
    sources: Sources,
    block: Block,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    now: datetime,
    given_of: GivenOf,
) -> Iterator[Finding]:
    """The world-open doors of one block; of a block that cannot own any, none."""
    if not is_owner(block):
        return
    path = block.file.path
    for door in doors_of([block]):
        name = class_name(door)
        yield Finding(
            id=finding_id(name, path, block.address, door.ports.key),
            finding_class=name,
            source=SOURCE,
            resource=resource_of(block, sources, given_of),
            evidence=evidence(door, ()),
            created_at=None,
            observed_at=now,
            address=block.address,
            file=path,
            line=block.line,
        )


def is_owner(block: Block) -> bool:
    return block.type == "resource" and len(block.labels) == 2 and block.labels[0] in OWNER_TYPES


def is_spelt_out(block: Block) -> bool:
    """Whether the block alone says all that there is to know of its ingress."""
    if hidden(block):
        return False
    return not any(g.unknown or g.ports is None for g in grants_of(block))


def doors_of(blocks: Iterable[Block]) -> tuple[Door, ...]:
    """Of the blocks of one group together."""
    grants = (g for block in blocks for g in grants_of(block))
    return open_doors([(g.ports, c.text) for g in grants if g.ports for c in g.cidrs])


def resource_of(block: Block, sources: Sources, given_of: GivenOf) -> Resource:
    """Name and tags of its group are what markers go by: unknown where they are not literal, and
    of the provider's tags where those are not known."""
    group = _group(block, sources)
    if group is None:
        return Resource(SECURITY_GROUP, "", tags=None)
    name = group.body.attribute("name")
    known = as_text(resolve(name.value)) if name else None
    tags = given_of(group).below(_tags(group))
    return Resource(SECURITY_GROUP, "", name=known or "", tags=tags)


def _group(block: Block, sources: Sources) -> Block | None:
    """The group that a block is, or that its rule belongs to, where the code says so plainly."""
    if block.labels[0] == GROUP:
        return block
    attribute = block.body.attribute("security_group_id")
    words = attribute.value.text.decode(errors="replace").split(".") if attribute else []
    if len(words) != 3 or words[0] != GROUP or words[2] != "id":
        return None
    return sources.find(dirname(block.file.path), f"{GROUP}.{words[1]}")


def _tags(block: Block) -> tuple[tuple[str, str], ...] | None:
    attribute = block.body.attribute("tags")
    if leaves_tags(of_block(block)):
        return None
    if attribute is None:
        return ()
    value = resolve(attribute.value)
    if not isinstance(value, Mapping):
        return None
    pairs = [(key, as_text(item)) for key, item in value.entries]
    known = tuple(sorted((k, text) for k, text in pairs if text is not None))
    return known if len(known) == len(pairs) else None
