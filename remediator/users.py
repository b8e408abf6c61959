"""Who uses a resource, by the names that the code gives them: markers look at these too.

A security group called `ssh` is a bastion's where the instance that is in it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import dirname

from remediator.estate import Estate
from remediator.model import Owner, Refusal
from remediator.terraform.module import Module
from remediator.terraform.resolve import Mapping, as_text, resolve
from remediator.terraform.syntax import Block, references

_NAMES = ("name", "name_prefix", "identifier")


def names_of_users(owners: Iterable[Owner], estate: Estate) -> frozenset[str]:
    """Of the resources and module calls in the same module that refer to a resource, or to what
    it refers to by `security_group_id`: their labels, names and tags, where these are literal."""
    found: set[str] = set()
    for owner in owners:
        module = estate.sources.module(dirname(owner.block.file))
        if not isinstance(module, Refusal):
            for address in {owner.block.address, *_groups(owner.block.address, module)}:
                for block in _referring(address, module):
                    found |= {*_named(block)}
    return frozenset(found)


def _groups(address: str, module: Module) -> Iterator[str]:
    for block in (b for f in module.files for b in f.at(address)):
        attribute = block.body.attribute("security_group_id")
        for reference in references(attribute.value) if attribute else ():
            if len(reference.parts) > 1:
                yield ".".join(reference.parts[:2])


def _referring(address: str, module: Module) -> Iterator[Block]:
    for file, reference in module.references_to(address):
        yield from (
            b
            for b in file.blocks
            if b.type in ("resource", "module") and b.start <= reference.start < b.end
        )


def _named(block: Block) -> Iterator[str]:
    yield from block.labels[-1:]
    for name in _NAMES:
        attribute = block.body.attribute(name)
        text = as_text(resolve(attribute.value)) if attribute else None
        if text:
            yield text
    tags = block.body.attribute("tags")
    value = resolve(tags.value) if tags else None
    for _, item in value.entries if isinstance(value, Mapping) else ():
        text = as_text(item)
        if text:
            yield text
