"""The tags that a block's resource has of its provider, wherever its module is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    given_on,
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
    found: list[Given] = []
    for root, names in configurations.modules.reached_from(directory):
        plainly = _plainly(configurations, root, names, provider)
        if plainly is not None:
            found.append(plainly)
            continue
        instances = configurations.of(root).along(names)
        found += [given_by(provider, m) for m in instances]
        if not instances and _is_given_above(configurations, directory):
            found.append(UNKNOWN)  # a variable may be all that keeps the call from making one
    pairs = dict.fromkeys(pair for one in found for pair in one.pairs)
    return Given(tuple(pairs), bool(found) and all(one.whole for one in found))


def _plainly(
    configurations: Configurations, root: str, names: Sequence[str], provider: Provider | None
) -> Given | None:
    """Where nothing has to be evaluated: most calls of a module are plain."""
    way = configurations.modules.plain_way(root, names)
    return None if way is None else given_on(provider, way, configurations.sources)


def may_give_elsewhere(configurations: Configurations, directory: str) -> bool:
    """Whether a call that makes no instance may give any tags."""
    if not _is_given_above(configurations, directory):
        return False
    return not all(instances_by_path(configurations, directory))


def _is_given_above(configurations: Configurations, directory: str) -> bool:
    above = configurations.modules.above(directory)
    return any(may_give(configurations.sources, d) for d in above)
