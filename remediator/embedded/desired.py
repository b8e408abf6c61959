"""What a repository of security groups and of identities asks for, as its evaluated code says.

The demo's stand-in for Terraform where terraform is not installed. What the evaluator does not
know of a resource is refused loudly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from remediator.embedded.resources import KINDS, RANKS
from remediator.model import Refusal, SourceError
from remediator.remediate.grants import GROUP, OWNER_TYPES
from remediator.terraform.address import Key, address_key
from remediator.terraform.configuration import Configuration, ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate, pairs_of
from remediator.terraform.expression import Expression
from remediator.terraform.syntax import references
from remediator.terraform.value import Known, Sequence, Unknown, Value
from remediator.terraform.value import Mapping as ObjectValue

_SKIPPED = ("count", "for_each", "depends_on", "provider", "ingress", "egress")


@dataclass(frozen=True, slots=True)
class Desired:
    """One resource instance. A group's `ingress` is None where the code does not say."""

    module: str
    type: str
    name: str
    key: Key
    arguments: Mapping[str, object]
    ingress: tuple[Mapping[str, object], ...] | None = None

    @property
    def address(self) -> str:
        own = f"{self.name}{address_key(self.key)}"
        return ".".join(p for p in (self.module, self.type, own) if p)


@dataclass(frozen=True, slots=True)
class Later:
    """An attribute of another resource, known only once that was made."""

    address: str
    attribute: str


def desired(configuration: Configuration) -> tuple[Desired, ...]:
    """In an order in which everybody finds what they point to."""
    found = [item for module in configuration.modules() for item in _in_module(module)]
    return tuple(sorted(found, key=_rank))


def _rank(item: Desired) -> int:
    return RANKS.get(item.type, -2 if item.type == GROUP else -1)


def _in_module(module: ModuleInstance) -> Iterator[Desired]:
    if isinstance(module.declared, Refusal):
        raise SourceError(module.directory, 1, 1, module.declared.text)
    for (kind, name), content in module.declared.of_kind("resource"):
        if kind not in OWNER_TYPES and kind not in KINDS:
            continue
        for expansion in module.expansions(content):
            scope = module.scope_of(expansion)
            arguments = _arguments(content, scope, str(module))
            if inline := content.nested("inline_policy"):
                found = [_arguments(block, scope, str(module)) for block in inline]
                arguments["inline_policy"] = found
            ingress = _ingress(content, scope, str(module)) if kind == GROUP else None
            yield Desired(str(module), kind, name, expansion.key, arguments, ingress)


def _arguments(content: Content, scope: Scope, path: str) -> dict[str, object]:
    return {
        name: _plain(evaluate(value, scope), value, path)
        for name, value in content.arguments.items()
        if name not in _SKIPPED
    }


def _ingress(content: Content, scope: Scope, path: str) -> tuple[Mapping[str, object], ...] | None:
    attribute = content.arguments.get("ingress")
    if attribute is not None:
        given = _plain(evaluate(attribute, scope), attribute, path)
        assert isinstance(given, list)
        return tuple(given)
    found = [_arguments(block, scope, path) for block in content.nested("ingress")]
    for dynamic in content.dynamic("ingress"):
        over = dynamic.arguments["for_each"]
        for key, value in pairs_of(evaluate(over, scope)) or ():
            names = {"ingress": ObjectValue.of([("key", key), ("value", value)])}
            inner = scope.having(names)
            found += [_arguments(block, inner, path) for block in dynamic.nested("content")]
    return tuple(found) or None


def _plain(value: Value, at: Expression, path: str) -> object:
    match value:
        case Known(value=Fraction() as number):
            return float(number)
        case Known():
            return value.value
        case Sequence():
            return [_plain(item, at, path) for item in value.items]
        case ObjectValue():
            return {key: _plain(item, at, path) for key, item in value.entries.items()}
    return _reference(value, at, path)


def _reference(value: Value, at: Expression, path: str) -> object:
    """Of a resource that is made here; attributes of anything else are of no use to the demo."""
    parts = next((r.parts for r in references(at)), ())
    if len(parts) == 3 and (parts[0] == GROUP or parts[0] in KINDS):
        return Later(".".join(p for p in (path, *parts[:2]) if p), parts[2])
    if parts and parts[0].startswith(("aws_", "data", "module")):
        return None
    why = value.reason if isinstance(value, Unknown) else "a whole object"
    raise SourceError(at.file.path, at.line, at.column, f"the demo cannot evaluate this: {why}")
