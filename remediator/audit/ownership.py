"""Who a changed resource belongs to: its tags in the code, default tags, and CODEOWNERS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediator.forge.github import codeowners
from remediator.model import SourceError
from remediator.terraform.address import Address, countless
from remediator.terraform.configuration import ModuleInstance
from remediator.terraform.configurations import Configurations
from remediator.terraform.content import Content
from remediator.terraform.default_tags import given_by, provider_of
from remediator.terraform.effects import full_address
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules
from remediator.terraform.syntax import references
from remediator.terraform.value import Mapping as MapValue
from remediator.terraform.value import as_text
from remediator.tree import Tree

# What names the resource that a rule, a policy or a key is of; those have no tags of their own.
_PART_OF = (
    *("security_group_id", "role", "user", "group", "bucket", "key_id", "queue_url", "secret_arn"),
    *("repository", "function_name", "arn"),
)


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
        tags = _tags_at(after, root, address)
        if tags is None:
            tags = _tags_at(before, root, address) or {}
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


def _tags_at(configurations: Configurations, root: str, address: str) -> dict[str, str] | None:
    """A resource's own tags over the provider's; of a rule or a policy, those of what it is of.
    None where the code has no such resource."""
    try:
        parsed = Address.parse(countless(address))
    except ValueError:
        return None
    if not configurations.sources.has_module(root):
        return None
    found: dict[str, str] | None = None
    configuration = configurations.of(root)
    for module in configuration.modules():
        if tuple(step.name for step in module.path) == parsed.module_names:
            content = module.content("resource", parsed.type, parsed.name)
            if content is not None:
                own = dict(_of_resource(module, content, parsed, address))
                given = dict(given_by(provider_of(content), module).pairs)
                found = {**given, **own, **(found or {})}
    return found


def _of_resource(
    module: ModuleInstance, content: Content, parsed: Address, address: str
) -> Iterator[tuple[str, str]]:
    if "tags" not in content.arguments:
        for name in _PART_OF:
            expression = content.arguments.get(name)
            named = next((r.parts for r in references(expression)), ()) if expression else ()
            whole = module.content("resource", *named[:2]) if len(named) > 1 else None
            if whole is not None:
                yield from _tags(whole, module.scope)
                break
    for expansion in module.expansions(content):
        labels = (parsed.type, parsed.name)
        own = full_address(module, "resource", labels, expansion.key, expansion)
        if own == address or countless(address) != address or expansion.key is None:
            yield from _tags(content, module.scope_of(expansion))
            return


def _tags(content: Content, scope: Scope) -> Iterator[tuple[str, str]]:
    expression = content.arguments.get("tags")
    value = evaluate(expression, scope) if expression else None
    if isinstance(value, MapValue):
        for key, item in value.entries.items():
            if (text := as_text(item)) is not None:
                yield key, text
