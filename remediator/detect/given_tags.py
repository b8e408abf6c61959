"""The tags that a block's resource has of its provider, wherever its module is called."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname
from typing import TypeAlias

from remediator.terraform.configurations import Configurations
from remediator.terraform.content import of_block
from remediator.terraform.default_tags import (
    ESCAPE,
    NAMES,
    NONE,
    UNKNOWN,
    Given,
    Provider,
    given_by,
    may_give,
    provider_of,
)
from remediator.terraform.module import JSON, NATIVE
from remediator.terraform.syntax import Block
from remediator.tracing import instances_by_path

GivenOf: TypeAlias = Callable[[Block], Given]


def given_in(configurations: Configurations) -> GivenOf:
    """Of a block that makes several instances, the tags of each: what one of them is marked by
    counts for the block."""
    tree = configurations.sources.tree
    if not (tree.grep(NAMES, (*NATIVE, *JSON, ".hcl")) or tree.grep([ESCAPE], JSON)):
        return lambda block: NONE
    known: dict[tuple[str, Provider | None], Given] = {}

    def of(block: Block) -> Given:
        key = (dirname(block.file.path), provider_of(of_block(block)))
        if key not in known:
            known[key] = _of_all(configurations, *key)
        return known[key]

    return of


def _of_all(configurations: Configurations, directory: str, provider: Provider | None) -> Given:
    found: list[Given] = [UNKNOWN] if may_give_elsewhere(configurations, directory) else []
    for instances in instances_by_path(configurations, directory):
        found += [given_by(provider, m) for m in instances]
    pairs = dict.fromkeys(pair for one in found for pair in one.pairs)
    return Given(tuple(pairs), bool(found) and all(one.whole for one in found))


def may_give_elsewhere(configurations: Configurations, directory: str) -> bool:
    """Whether a call that makes no instance may give any tags: a variable may be all that keeps it
    from making one."""
    above = configurations.modules.above(directory)
    if not any(may_give(configurations.sources, d) for d in above):
        return False
    return not all(instances_by_path(configurations, directory))
