"""The tags that a resource has by its code, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from remediator.terraform.address import Address, countless
from remediator.terraform.configuration import Configuration, ModuleInstance
from remediator.terraform.configurations import Configurations
from remediator.terraform.content import Content
from remediator.terraform.default_tags import given_by, provider_of
from remediator.terraform.effects import full_address
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.syntax import references
from remediator.terraform.value import Mapping, as_text, is_null

# What names the resource that a rule, a policy or a key is of; those have no tags of their own.
_PART_OF = (
    *("security_group_id", "role", "user", "group", "bucket", "key_id", "queue_url", "secret_arn"),
    *("repository", "function_name", "arn"),
)

_Tags = dict[str, str | None]
"""None for a value that is not known."""


def tags_at(configurations: Configurations, root: str, address: str) -> dict[str, str] | None:
    """A resource's own tags over the provider's; of a rule or a policy, those of what it is of.
    None where the code has no such resource."""
    found = _at(configurations, root, address)
    return None if found is None else {k: text for k, text in found.items() if text is not None}


def unknown_at(configurations: Configurations, root: str, address: str) -> frozenset[str]:
    """The keys of its tags whose values are not known."""
    found = _at(configurations, root, address) or {}
    return frozenset(key for key, text in found.items() if text is None)


def _at(configurations: Configurations, root: str, address: str) -> _Tags | None:
    if not configurations.sources.has_module(root):
        return None
    configuration = configurations.of(root)
    known, key = configuration.worked_out, (__name__, address)
    if key not in known:
        known[key] = _evaluated(configuration, address)
    return cast(_Tags | None, known[key])


def _evaluated(configuration: Configuration, address: str) -> _Tags | None:
    try:
        parsed = Address.parse(countless(address))
    except ValueError:
        return None
    found: _Tags | None = None
    for module in configuration.along(parsed.module_names):
        if _is_at(module, parsed):
            content = module.content("resource", parsed.type, parsed.name)
            if content is not None:
                own = dict(_of_resource(module, content, parsed, address))
                given = given_by(provider_of(content), module)
                default = {**dict.fromkeys(given.unknown), **dict(given.pairs)}
                found = {**default, **own, **(found or {})}
    return found


def _is_at(module: ModuleInstance, address: Address) -> bool:
    """An address that says no key of a module is of every instance; so may one be whose key is
    not known."""
    return all(
        None in (own.key, meant.key) or own.key == meant.key
        for own, meant in zip(module.path, address.modules, strict=True)
    )


def _of_resource(
    module: ModuleInstance, content: Content, parsed: Address, address: str
) -> Iterator[tuple[str, str | None]]:
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


def _tags(content: Content, scope: Scope) -> Iterator[tuple[str, str | None]]:
    expression = content.arguments.get("tags")
    value = evaluate(expression, scope) if expression else None
    if isinstance(value, Mapping):
        for key, item in value.entries.items():
            if not is_null(item):
                yield key, as_text(item)
