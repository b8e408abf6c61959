"""A lossless, lazy view over tree-sitter-hcl: every piece knows its byte span in its file.

Nothing here is evaluated and nothing is written: `edit` makes byte splices of what is found.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tree_sitter import Node, Tree

from remediator.model import Edit, SourceError
from remediator.terraform import grammar
from remediator.terraform.check import problem_in_bytes, problem_in_tree
from remediator.terraform.expression import Comment, Expression, ObjectEntry, View
from remediator.terraform.grammar import ATTRIBUTE, BLOCK, BOM, COMMENT

__all__ = [
    "Attribute",
    "Block",
    "Body",
    "Comment",
    "Expression",
    "ObjectEntry",
    "Reference",
    "SourceFile",
    "parse",
    "references",
    "references_in",
]


def parse(path: str, data: bytes) -> SourceFile:
    """The file, ready to be looked at and edited. Raises SourceError where it is not Terraform.

    Nested values are only looked at when they are asked for. `1e5` is refused though valid:
    the grammar does not know it.
    """
    file = SourceFile(path, data, grammar.parse_tree(data))
    problem = problem_in_bytes(data) or problem_in_tree(data, file.tree.root_node)
    if problem:
        raise file.error(*problem)
    return file


@dataclass(frozen=True, eq=False)
class SourceFile:
    """One parsed file. `path` is what the caller called it."""

    path: str
    data: bytes = field(repr=False)
    tree: Tree = field(repr=False)

    @property
    def body(self) -> Body:
        """Made anew each time, so that file and body make no cycle: the tree, which the garbage
        collector does not see, is freed with the file."""
        return Body(self, self.tree.root_node)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.body.blocks

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """Type and labels of each of its blocks, in their order."""
        nodes = (n for n in grammar.anatomy(self.tree.root_node)[1] if n.kind_id == BLOCK)
        return tuple(grammar.header(self.data, n) for n in nodes)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, header in enumerate(self.headers):
            found.setdefault(_address(header), []).append(place)
        return found

    def at(self, address: str) -> tuple[Block, ...]:
        """The top-level blocks of that address."""
        places = self._places.get(address)
        if not places:
            return ()
        blocks = self.blocks
        return tuple(blocks[place] for place in places)

    @cached_property
    def known_references(self) -> dict[tuple[int, int], tuple[Reference, ...]]:
        """By span, those of each part that was asked for: a file is read again for every change
        that may reach it."""
        return {}

    @cached_property
    def combined(self) -> set[tuple[Edit, ...]]:
        """Sets of edits that `combine` made for it, and need not be laid out again."""
        return set()

    @cached_property
    def newline(self) -> bytes:
        """What most of its lines end in."""
        crlf = self.data.count(b"\r\n")
        return b"\r\n" if crlf * 2 > self.data.count(b"\n") else b"\n"

    @cached_property
    def _newlines(self) -> list[int]:
        return [m.start() for m in re.finditer(b"\n", self.data)]

    def line(self, offset: int) -> int:
        """The line of a byte, from 1."""
        return bisect_left(self._newlines, offset) + 1

    def line_start(self, line: int) -> int:
        """The first byte of a line; the end of the file beyond its last line."""
        if line <= 1:
            return 0
        ends = self._newlines
        return ends[line - 2] + 1 if line - 2 < len(ends) else len(self.data)

    def column(self, offset: int) -> int:
        """The column of a byte in characters, from 1."""
        start = self.data.rfind(b"\n", 0, offset) + 1
        start += len(BOM) if start == 0 and self.data.startswith(BOM) else 0
        return len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def error(self, offset: int, text: str) -> SourceError:
        return SourceError(self.path, self.line(offset), self.column(offset), text)

    def block(self, address: str) -> Block | None:
        """The top-level block of that address. Raises SourceError where there are several.

        `locals`, `terraform` and `provider.x` may well be several: go through `blocks` for them.
        """
        found = self.at(address)
        if len(found) > 1:
            text = f"{address} is already declared on line {found[0].line}"
            raise self.error(found[1].start, text)
        return found[0] if found else None


@dataclass(frozen=True)
class Body(View):
    """The inside of a block, between its braces, or of a file. Only its own level."""

    @cached_property
    def _anatomy(self) -> tuple[int | None, list[Node]]:
        return grammar.anatomy(self.node)

    @property
    def start(self) -> int:
        brace_end = self._anatomy[0]
        if brace_end is not None:
            return brace_end
        return len(BOM) if self.file.data.startswith(BOM) else 0

    @property
    def end(self) -> int:
        return self.node.end_byte - 1 if self.node.kind_id == BLOCK else len(self.file.data)

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        return tuple(Attribute(self.file, n) for n in self._anatomy[1] if n.kind_id == ATTRIBUTE)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(Block(self.file, n) for n in self._anatomy[1] if n.kind_id == BLOCK)

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """Those on lines of their own and those after a definition, not those inside a value."""
        nodes = (n for n in self._anatomy[1] if n.kind_id == COMMENT)
        end_of = grammar.comment_end
        return tuple(Comment(self.file, n.start_byte, end_of(self.file.data, n)) for n in nodes)

    def attribute(self, name: str) -> Attribute | None:
        return next((a for a in self.attributes if a.name == name), None)

    def nested(self, block_type: str) -> tuple[Block, ...]:
        return tuple(b for b in self.blocks if b.type == block_type)


@dataclass(frozen=True)
class Block(View):
    """A block from its type to its closing brace, without comments, indentation or line end."""

    @cached_property
    def _header(self) -> tuple[str, ...]:
        return grammar.header(self.file.data, self.node)

    @property
    def type(self) -> str:
        return self._header[0]

    @property
    def labels(self) -> tuple[str, ...]:
        return self._header[1:]

    @property
    def address(self) -> str:
        """As Terraform writes it inside the module: `aws_iam_role.web`, `data.x.y`, `locals`."""
        return _address(self._header)

    @cached_property
    def body(self) -> Body:
        return Body(self.file, self.node)

    @property
    def one_line(self) -> bool:
        return b"\n" not in self.text


def _address(header: tuple[str, ...]) -> str:
    return ".".join(header[1:] if header[0] == "resource" else header)


@dataclass(frozen=True)
class Attribute(View):
    """`name = value`, without indentation, trailing comment or line end."""

    @cached_property
    def name(self) -> str:
        return grammar.attribute_name(self.file.data, self.node).decode()

    @cached_property
    def value(self) -> Expression:
        return Expression(self.file, self.node.children[-1])


@dataclass(frozen=True, slots=True)
class Reference:
    """A traversal: `aws_security_group.web[0].id` has the parts aws_security_group, web, id."""

    parts: tuple[str, ...]
    start: int
    end: int
    line: int


def references(where: SourceFile | Body | Expression) -> Iterator[Reference]:
    """Every traversal in it, in the file's order: templates, heredocs, `for` and nested blocks too.

    Index and splat steps are left out of the parts. The names that a `for` or `dynamic` makes
    are not told apart: too many references are safe, too few are not.
    """
    view = where.body if isinstance(where, SourceFile) else where
    known, span = view.file.known_references, (view.start, view.end)
    if span not in known:
        known[span] = tuple(_references(view))
    yield from known[span]


def references_in(
    file: SourceFile, words: Sequence[bytes], but: Container[int] = ()
) -> Iterator[Reference]:
    """Those of the top-level blocks, or arguments, whose text has each of the words. `but`: where
    blocks begin that are not looked at."""
    parts: list[Block | Attribute] = [*file.body.blocks, *file.body.attributes]
    for part in sorted(parts, key=lambda p: p.start):
        if part.start in but:
            continue
        if all(file.data.find(word, part.start, part.end) >= 0 for word in words):
            yield from references(part.body if isinstance(part, Block) else part.value)


def _references(view: Body | Expression) -> Iterator[Reference]:
    for parts, start, end in grammar.traversals(view.file.data, view.node):
        yield Reference(parts, start, end, view.file.line(start))
