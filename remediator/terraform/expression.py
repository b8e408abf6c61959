"""Values as they are written: literals, lists, objects, calls, each with its byte span."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tree_sitter import Node

from remediator.terraform import grammar
from remediator.terraform.grammar import EXPRESSION, ExpressionKind
from remediator.terraform.literal import decode

if TYPE_CHECKING:  # a file holds expressions, and an expression knows its file
    from remediator.terraform.syntax import SourceFile


@dataclass(frozen=True)
class Comment:
    """A `#`, `//` or `/* */` comment, without the line end."""

    file: SourceFile = field(repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.file.line(self.start)

    @property
    def text(self) -> bytes:
        return self.file.data[self.start : self.end]


@dataclass(frozen=True)
class View:
    """A node of the tree, as a span of its file."""

    file: SourceFile = field(repr=False)
    node: Node = field(repr=False)

    @property
    def start(self) -> int:
        return self.node.start_byte

    @property
    def end(self) -> int:
        return self.node.end_byte

    @property
    def line(self) -> int:
        return self.file.line(self.start)

    @property
    def column(self) -> int:
        return self.file.column(self.start)

    @property
    def text(self) -> bytes:
        return self.file.data[self.start : self.end]


@dataclass(frozen=True)
class ObjectEntry(View):
    """`key = value` or `key: value` of an object constructor."""

    @cached_property
    def _sides(self) -> tuple[Expression, Expression]:
        key, value = (n for n in self.node.children if n.kind_id == EXPRESSION)
        return Expression(self.file, key), Expression(self.file, value)

    @property
    def key(self) -> Expression:
        return self._sides[0]

    @property
    def value(self) -> Expression:
        return self._sides[1]

    @property
    def name(self) -> str | None:
        """The key where it is written out, bare or quoted; None where it is computed."""
        if self.key.kind == "string":
            return self.key.string_value
        return self.key.text.decode() if grammar.is_bare_key(self.key.node) else None


@dataclass(frozen=True)
class Expression(View):
    """A value as it is written. Ask `kind` first: the other properties want the right one,
    and raise ValueError otherwise."""

    @cached_property
    def kind(self) -> ExpressionKind:
        """What it is.

        `string` is a quoted string without interpolation, `template` one with it; `-1` is a
        number. `other` is all that is no plain value: operators, conditionals, `for`, splats,
        parentheses (see `unwrapped`), `f(x...)`, and literals that Terraform would not take.
        """
        parts = grammar.solid(self.node)
        if len(parts) == 1:
            return grammar.literal_kind(parts[0], self.text)
        return "traversal" if grammar.is_traversal(parts) else "other"

    def _inner(self, kind: ExpressionKind) -> Node:
        if self.kind != kind:
            raise ValueError(f"{self.file.path}:{self.line}: a {self.kind}, not a {kind}")
        node = grammar.solid(self.node)[0]
        return node if kind == "call" else node.children[0]

    @property
    def unwrapped(self) -> Expression:
        """What is left without the parentheses around it."""
        return Expression(self.file, grammar.unwrapped(self.node))

    @cached_property
    def items(self) -> tuple[Expression, ...]:
        return self._expressions(self._inner("tuple"))

    @cached_property
    def entries(self) -> tuple[ObjectEntry, ...]:
        nodes = self._inner("object").children
        return tuple(ObjectEntry(self.file, n) for n in nodes if n.kind_id == grammar.OBJECT_ELEM)

    @property
    def function(self) -> str:
        return grammar.text(self.file.data, self._inner("call").children[0]).decode()

    @cached_property
    def arguments(self) -> tuple[Expression, ...]:
        nodes = self._inner("call").children
        return next((self._expressions(n) for n in nodes if n.type == "function_arguments"), ())

    @property
    def string_value(self) -> str:
        """The string as Terraform sees it, its escapes resolved."""
        self._inner("string")
        value = decode(self.text[1:-1].decode())
        assert value is not None  # or it would be no `string`
        return value

    @property
    def number_value(self) -> int | float:
        """HCL has one kind of number: 22.0 is the integer 22."""
        self._inner("number")
        digits = self.text.decode()
        number = float(digits)
        if digits.lstrip("-").isdecimal():
            return int(digits)
        return int(number) if number.is_integer() else number

    @property
    def bool_value(self) -> bool:
        self._inner("bool")
        return self.text == b"true"

    def _expressions(self, node: Node) -> tuple[Expression, ...]:
        return tuple(Expression(self.file, n) for n in node.children if n.kind_id == EXPRESSION)
