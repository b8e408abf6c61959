"""`for` expressions, over what is known of a collection.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Node

from remediator.terraform import grammar
from remediator.terraform.evaluate import Scope, evaluate, key_text, short, truth_of
from remediator.terraform.expression import Expression
from remediator.terraform.value import (
    Mapping,
    Sequence,
    Unknown,
    Value,
    failure,
)


class Loop:
    """One `for` expression: its body, evaluated for each pair."""

    def __init__(self, expression: Expression, node: Node, names: list[str], scope: Scope) -> None:
        self.expression, self.names, self.scope = expression, names, scope
        self.bodies = [
            Expression(expression.file, n) for n in node.children if n.kind_id == grammar.EXPRESSION
        ]
        condition = next((n for n in node.children if n.type == "for_cond"), None)
        found = condition.children[-1] if condition else None
        self.condition = Expression(expression.file, found) if found else None
        self.grouping = any(n.type == "ellipsis" for n in node.children)

    def inside(self, key: Value, value: Value) -> Scope:
        names = [key, value] if len(self.names) > 1 else [value]
        return self.scope.having(dict(zip(self.names, names, strict=True)))

    def wanted(self, inside: Scope) -> bool | Unknown:
        if self.condition is None:
            return True
        return truth_of(evaluate(self.condition, inside), self.condition)

    def refused(self) -> Unknown | None:
        """Terraform tries the condition once more than there are pairs: it may fail at once."""
        any_one = Unknown("any key or value")
        wanted = self.wanted(self.inside(any_one, any_one))
        return wanted if isinstance(wanted, Unknown) and wanted.fails else None

    def as_tuple(self, pairs: list[tuple[Value, Value]], open_: tuple[Unknown, ...]) -> Value:
        items: list[Value] = []
        unsure = list(open_)
        for key, value in pairs:
            inside = self.inside(key, value)
            wanted = self.wanted(inside)
            if isinstance(wanted, Unknown):
                if wanted.fails:
                    return wanted
                unsure.append(wanted)
            elif wanted:
                item = evaluate(self.bodies[0], inside)
                if isinstance(item, Unknown) and item.fails:
                    return item
                items.append(item)
        return Sequence(tuple(items), "tuple", None, tuple(unsure))

    def as_object(self, pairs: list[tuple[Value, Value]], open_: tuple[Unknown, ...]) -> Value:
        groups: dict[str, list[Value]] = {}
        for key, value in pairs:
            inside = self.inside(key, value)
            wanted = self.wanted(inside)
            if isinstance(wanted, Unknown):
                return replace(wanted, parts=())
            if not wanted:
                continue
            name = key_text(evaluate(self.bodies[0], inside), self.bodies[0])
            if isinstance(name, Unknown):
                return name
            item = evaluate(self.bodies[1], inside)
            if isinstance(item, Unknown) and item.fails:
                return item
            groups.setdefault(name, []).append(item)
        if open_:
            return open_[0]
        return self._object(groups)

    def _object(self, groups: dict[str, list[Value]]) -> Value:
        if self.grouping:
            return Mapping.of((k, Sequence(tuple(v))) for k, v in groups.items())
        if any(len(values) > 1 for values in groups.values()):
            return failure(f"`{short(self.expression)}` makes a key twice", self.expression)
        return Mapping.of((k, v[0]) for k, v in groups.items())
