"""Who a changed resource belongs to: its tags in the code, default tags, and CODEOWNERS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remediator.forge.github import codeowners
from remediator.model import SourceError
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources
from remediator.terraform.resource_tags import tags_at
from remediator.terraform.roots import Modules
from remediator.tree import Tree


@dataclass(frozen=True, slots=True)
class Ownership:
    """None is not known; empty is known to be nobody."""

    team: str | None = None
    cost: str | None = None
    code_owners: tuple[str, ...] = ()


def ownership(
    trees: tuple[Tree, Tree],
    places: Sequence[tuple[str, str]],
    files: Iterable[str],
    keys: tuple[Sequence[str], Sequence[str]],
    var_files: Mapping[str, Sequence[str]],
) -> Ownership:
    """`trees`: of the merge, and the one before the change, which has what the change removed.
    `places` are roots and addresses, `files` the changed ones, `keys` the tags of the team and
    of the cost centre. The first place that tells counts."""
    after, before = (Configurations(Sources(t), Modules(t), var_files) for t in trees)
    team = cost = None
    for root, address in places[:20]:
        tags = tags_at(after, root, address)
        if tags is None:
            tags = tags_at(before, root, address) or {}
        team = team or _first(tags, keys[0])
        cost = cost or _first(tags, keys[1])
        if team and cost:
            break
    return Ownership(team, cost, _code_owners(trees[0], files))


def _first(tags: Mapping[str, str], keys: Sequence[str]) -> str | None:
    lowered = {key.casefold(): value for key, value in tags.items()}
    return next((lowered[k.casefold()] for k in keys if k.casefold() in lowered), None)


def _code_owners(tree: Tree, files: Iterable[str]) -> tuple[str, ...]:
    there = set(tree.paths())
    path = next((p for p in codeowners.PLACES if p in there), None)
    if path is None:
        return ()
    try:
        text = tree.read(path).decode("utf-8", "replace")
    except SourceError:
        return ()
    return codeowners.reviewers(text, files)
