"""The nested blocks of a type that a block has, those that dynamic blocks make among them.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from dataclasses import dataclass

from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate, pairs_of
from remediator.terraform.functions.convert import in_order
from remediator.terraform.value import Handle, Mapping, Sequence, Unknown, Value


@dataclass(frozen=True, slots=True)
class Nested:
    """One block, with the scope that its arguments are evaluated in."""

    content: Content
    scope: Scope

    def argument(self, name: str) -> Value | None:
        expression = self.content.arguments.get(name)
        return None if expression is None else evaluate(expression, self.scope)


@dataclass(frozen=True, slots=True)
class Blocks:
    """In their order. `open`: unknowns that may make any number of further blocks anywhere."""

    blocks: tuple[Nested, ...]
    open: tuple[Unknown, ...] = ()


def nested_blocks(content: Content, kind: str, scope: Scope) -> Blocks:
    found: list[Nested] = []
    unsure: list[Unknown] = []
    for name, labels, inner in content.blocks:
        if name == kind:
            found.append(Nested(inner, scope))
        elif name == "dynamic" and labels == (kind,):
            made = _dynamic(inner, kind, scope)
            found += made.blocks
            unsure += made.open
    return Blocks(tuple(found), tuple(unsure))


def _dynamic(dynamic: Content, kind: str, scope: Scope) -> Blocks:
    over, bodies = dynamic.arguments.get("for_each"), dynamic.nested("content")
    if over is None or len(bodies) != 1:
        return Blocks((), (Unknown(f"the dynamic block at {dynamic.where} is not understood"),))
    collection = evaluate(over, scope)
    if isinstance(collection, Sequence):
        collection = in_order(collection)
    pairs = None if isinstance(collection, Unknown | Handle) else pairs_of(collection)
    if pairs is None:
        why = f"`for_each` at {dynamic.where} is not known"
        return Blocks((), (collection if isinstance(collection, Unknown) else Unknown(why, over),))
    iterator = dynamic.arguments.get("iterator")
    name = iterator.text.decode().strip('"') if iterator else kind
    blocks = tuple(
        Nested(bodies[0], scope.having({name: Mapping.of([("key", key), ("value", value)])}))
        for key, value in pairs
    )
    return Blocks(blocks, collection.open if isinstance(collection, Sequence | Mapping) else ())
