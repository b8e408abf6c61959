"""A block's arguments and nested blocks, in native and in JSON syntax alike, and with what
override files put over them.

https://developer.hashicorp.com/terraform/language/files/override
https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from tree_sitter import Node

from remediator.model import SourceError
from remediator.terraform import grammar
from remediator.terraform.check import problem_in_bytes
from remediator.terraform.expression import Expression
from remediator.terraform.json_templates import readable
from remediator.terraform.syntax import Block, SourceFile

_MAX_DEPTH = 16
"""No provider nests blocks deeper; what is deeper is data."""


Blocks: TypeAlias = "tuple[tuple[str, tuple[str, ...], Content], ...]"
Parts: TypeAlias = "tuple[Mapping[str, Expression], Blocks]"
Declared: TypeAlias = "tuple[str, tuple[str, ...], Content]"
"""Kind, labels and content of a top-level block."""


class Content:
    """`place` is the byte that it begins at in `file`. `blocks` are (type, labels, content).

    In JSON syntax nothing tells an argument from a block: what is an object, or a list of them,
    is both. Nothing is looked at before it is asked for.
    """

    def __init__(
        self, file: SourceFile, place: int, native: Block | None, read: Callable[[], Parts]
    ) -> None:
        self.file, self.place, self.native, self._read = file, place, native, read

    @cached_property
    def _parts(self) -> Parts:
        return self._read()

    @property
    def arguments(self) -> Mapping[str, Expression]:
        return self._parts[0]

    @property
    def blocks(self) -> Blocks:
        return self._parts[1]

    @property
    def line(self) -> int:
        return self.file.line(self.place)

    @property
    def where(self) -> str:
        return f"{self.file.path}:{self.line}"

    def nested(self, kind: str) -> list[Content]:
        return [content for name, _, content in self.blocks if name == kind]

    def dynamic(self, kind: str) -> list[Content]:
        return [c for name, labels, c in self.blocks if name == "dynamic" and labels == (kind,)]

    def over(self, below: Content) -> Content:
        """This content put over another of the same address: arguments one by one, nested blocks
        all of a type at once, dynamic ones among them. Of `lifecycle` both are kept: Terraform
        puts its arguments together one by one."""

        def read() -> Parts:
            replaced = {_kind(name, labels) for name, labels, _ in self.blocks} - {"lifecycle"}
            kept = [b for b in below.blocks if _kind(b[0], b[1]) not in replaced]
            return {**below.arguments, **self.arguments}, (*kept, *self.blocks)

        return Content(below.file, below.place, below.native, read)


def _kind(name: str, labels: tuple[str, ...]) -> str:
    return labels[0] if name == "dynamic" and labels else name


def of_block(block: Block, depth: int = 0) -> Content:
    def read() -> Parts:
        inner = block.body.blocks if depth < _MAX_DEPTH else ()
        blocks = tuple((b.type, b.labels, of_block(b, depth + 1)) for b in inner)
        return {a.name: a.value for a in block.body.attributes}, blocks

    return Content(block.file, block.start, block, read)


def of_object(expression: Expression, depth: int = 0) -> Content:
    """An object of JSON syntax."""
    return Content(
        expression.file, expression.start, None, lambda: _object_parts(expression, depth)
    )


def _object_parts(expression: Expression, depth: int) -> Parts:
    arguments: dict[str, Expression] = {}
    blocks: list[tuple[str, tuple[str, ...], Content]] = []
    for entry in expression.entries:
        name = entry.name
        if name is None or name == "//":
            continue
        arguments[name] = entry.value
        if depth >= _MAX_DEPTH:
            continue
        if name == "dynamic":
            blocks += [(name, labels, c) for labels, c in labelled(entry.value, 1)]
        else:
            blocks += [(name, (), of_object(e, depth + 1)) for e in objects(entry.value)]
    return arguments, tuple(blocks)


def objects(expression: Expression) -> list[Expression]:
    """The object that it is, or the objects of the list that it is."""
    if expression.kind == "object":
        return [expression]
    if expression.kind == "tuple":
        return [item for item in expression.items if item.kind == "object"]
    return []


def labelled(expression: Expression, labels: int) -> Iterator[tuple[tuple[str, ...], Content]]:
    """The blocks below so many levels of labels; each level may be a list of objects."""
    if labels == 0:
        yield from (((), of_object(e)) for e in objects(expression))
        return
    for found in objects(expression):
        for entry in found.entries:
            if entry.name is None or entry.name == "//":
                continue
            for names, content in labelled(entry.value, labels - 1):
                yield (entry.name, *names), content


class Document(Expression):
    """The object that a JSON file is; the grammar puts no expression around it."""

    @property
    def kind(self) -> grammar.ExpressionKind:
        return "object"

    def _inner(self, kind: grammar.ExpressionKind) -> Node:
        if kind != "object":
            raise ValueError(f"{self.file.path}:1: an object, not a {kind}")
        return grammar.solid(self.node)[0]

    @property
    def start(self) -> int:
        return self._inner("object").start_byte

    @property
    def end(self) -> int:
        return self._inner("object").end_byte


def json_source(path: str, data: bytes) -> tuple[SourceFile, Expression]:
    """A JSON document as a file whose values have spans. Raises SourceError for what is none.

    The HCL grammar reads JSON objects as its own; escapes that only JSON has are refused.
    """
    file = SourceFile(path, data, grammar.parse_tree(readable(data)))
    problem = problem_in_bytes(data)
    if problem:
        raise file.error(*problem)
    root = file.tree.root_node
    inner = [n for n in root.children if n.kind_id != grammar.COMMENT]
    if root.has_error or len(inner) != 1 or inner[0].type != "object":
        raise SourceError(path, 1, 1, "cannot be read as JSON: it is not one object")
    return file, Document(file, root)


LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "locals": 0}


def declared(file: SourceFile) -> Iterator[Declared]:
    """The blocks of a native file that something can be evaluated from."""
    for block, (kind, *labels) in zip(file.blocks, file.headers, strict=True):
        if LABELS.get(kind) == len(labels):
            yield kind, tuple(labels), of_block(block)


def declared_in_json(document: Expression) -> Iterator[Declared]:
    for entry in document.entries:
        count = LABELS.get(entry.name or "")
        if count is not None and entry.name is not None:
            for labels, content in labelled(entry.value, count):
                yield entry.name, labels, content
