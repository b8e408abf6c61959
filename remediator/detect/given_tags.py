"""The tags that a block's resource has of its provider, wherever its module is called."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname
from typing import TypeAlias

from remediator.terraform.configurations import Configurations
from remediator.terraform.content import of_block
from remediator.terraform.default_tags import (
    NAME,
    NONE,
    Given,
    Provider,
    given_by,
    provider_of,
)
from remediator.terraform.module import JSON, NATIVE
from remediator.terraform.syntax import Block
from remediator.tracing import module_instances

GivenOf: TypeAlias = Callable[[Block], Given]


def given_in(configurations: Configurations) -> GivenOf:
    """Of a block that makes several instances, the tags of each: what one of them is marked by
    counts for the block."""
    if not configurations.sources.tree.grep([NAME], (*NATIVE, *JSON)):
        return lambda block: NONE
    known: dict[tuple[str, Provider | None], Given] = {}

    def of(block: Block) -> Given:
        key = (dirname(block.file.path), provider_of(of_block(block)))
        if key not in known:
            known[key] = _of_all(configurations, *key)
        return known[key]

    return of


def _of_all(configurations: Configurations, directory: str, provider: Provider | None) -> Given:
    found = [given_by(provider, m) for m in module_instances(configurations, directory)]
    pairs = dict.fromkeys(pair for one in found for pair in one.pairs)
    return Given(tuple(pairs), bool(found) and all(one.whole for one in found))
