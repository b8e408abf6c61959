"""What a small repository of security groups asks for, read from its code.

The demo's stand-in for Terraform where terraform is not installed. It knows security groups,
their rules, literal values, variables' defaults and module arguments, count and for_each over
literals: what the demo's infrastructure uses, and it refuses anything else loudly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediator.model import Refusal, SourceError
from remediator.remediate.grants import GROUP, OWNER_TYPES
from remediator.terraform.module import Sources
from remediator.terraform.resolve import Known, Sequence, Unknown, Value, resolve
from remediator.terraform.resolve import Mapping as ObjectValue
from remediator.terraform.roots import Modules
from remediator.terraform.syntax import Block, Body, Expression

Scope = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Desired:
    """One resource instance. A group's `ingress` is None where the code does not say."""

    module: str
    type: str
    name: str
    key: str | int | None
    arguments: Mapping[str, object]
    ingress: tuple[Mapping[str, object], ...] | None = None

    @property
    def address(self) -> str:
        key = "" if self.key is None else f'["{self.key}"]'
        key = f"[{self.key}]" if isinstance(self.key, int) else key
        return ".".join(p for p in (self.module, self.type, f"{self.name}{key}") if p)


@dataclass(frozen=True, slots=True)
class GroupOf:
    """A reference to a group's id, known only once the group was made."""

    address: str


def desired(sources: Sources, modules: Modules, root: str) -> tuple[Desired, ...]:
    """Groups first, so that rules find theirs."""
    found = list(_module(sources, modules, root, "", {}))
    return tuple(sorted(found, key=lambda d: d.type != GROUP))


def _module(
    sources: Sources, modules: Modules, directory: str, path: str, given: Scope
) -> Iterator[Desired]:
    module = sources.module(directory)
    if isinstance(module, Refusal):
        raise SourceError(directory, 1, 1, module.text)
    scope: dict[str, object] = {}
    blocks = [b for f in module.files for b in f.blocks]
    for block in blocks:
        if block.type == "variable":
            name = block.labels[0]
            default = block.body.attribute("default")
            scope[f"var.{name}"] = given.get(name, _value(default.value, {}) if default else None)
    for block in blocks:
        if block.type == "resource" and block.labels[0] in OWNER_TYPES:
            yield from _resource(block, path, scope)
    for call in modules.calls(directory):
        if call.directory is not None:
            block = next(b for b in blocks if b.type == "module" and b.labels == (call.name,))
            arguments = _arguments(block.body, scope)
            inner = f"{path}.module.{call.name}".removeprefix(".")
            yield from _module(sources, modules, call.directory, inner, arguments)


def _resource(block: Block, path: str, scope: Scope) -> Iterator[Desired]:
    for key, instance in _instances(block, scope):
        arguments = _arguments(block.body, instance | {"path": path})
        kind, name = block.labels
        yield Desired(path, kind, name, key, arguments, _ingress(block, arguments, instance))


def _instances(block: Block, scope: Scope) -> Iterator[tuple[str | int | None, dict[str, object]]]:
    count, each = block.body.attribute("count"), block.body.attribute("for_each")
    if count is not None:
        number = _value(count.value, scope)
        assert isinstance(number, int)
        yield from ((i, {**scope, "count.index": i}) for i in range(number))
    elif each is not None:
        entries = _value(each.value, scope)
        assert isinstance(entries, dict)
        for key, value in entries.items():
            yield key, {**scope, "each.key": key, "each.value": value}
    else:
        yield None, dict(scope)


def _ingress(
    block: Block, arguments: Mapping[str, object], scope: Scope
) -> tuple[Mapping[str, object], ...] | None:
    if "ingress" in arguments:
        given = arguments["ingress"]
        assert isinstance(given, list)
        return tuple(given)
    nested = block.body.nested("ingress")
    return tuple(_arguments(b.body, scope) for b in nested) or None


def _arguments(body: Body, scope: Scope) -> dict[str, object]:
    skipped = ("source", "count", "for_each", "depends_on", "provider")
    return {a.name: _value(a.value, scope) for a in body.attributes if a.name not in skipped}


def _value(expression: Expression, scope: Scope) -> object:
    if expression.kind == "call" and expression.function == "toset":
        items = _value(expression.arguments[0], scope)
        assert isinstance(items, list)
        return {item: item for item in items}
    return _plain(resolve(expression), scope)


def _plain(value: Value, scope: Scope) -> object:
    match value:
        case Known():
            return value.value
        case Sequence():
            return [_plain(item, scope) for item in value.items]
        case ObjectValue():
            return {key: _plain(item, scope) for key, item in value.entries}
        case Unknown():
            return _reference(value.expression, scope)


def _reference(expression: Expression, scope: Scope) -> object:
    text = expression.text.decode()
    if text in scope:
        return scope[text]
    if text.startswith(f"{GROUP}.") and text.endswith(".id"):
        inner = text.removesuffix(".id")
        return GroupOf(".".join(p for p in (str(scope.get("path", "")), inner) if p))
    if text.startswith(("module.", "aws_", "data.")):
        return None
    file, line = expression.file.path, expression.line
    raise SourceError(file, line, expression.column, f"the demo cannot evaluate `{text}`")
