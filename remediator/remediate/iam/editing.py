"""Edits of a policy where its values stand: items of lists, statements, blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from posixpath import dirname
from typing import TypeGuard

from tree_sitter import Node

from remediator.model import Edit
from remediator.remediate.candidates import Level, levels
from remediator.terraform import grammar
from remediator.terraform.edit import (
    insert_resource_after,
    remove_block,
    remove_entries,
    remove_items,
    set_value,
    string_literal,
)
from remediator.terraform.expression import Expression
from remediator.terraform.syntax import Attribute, Block, SourceFile
from remediator.terraform.value import Source

_WIDE = 100
"""Columns: a list on one line that would be longer is written one item a line."""


@dataclass(slots=True)
class Editing:
    """Collects what is to go and to change. `stuck` says why something cannot."""

    edits: list[Edit] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    where: dict[str, None] = field(default_factory=dict)
    _gone: dict[tuple[str, int, int], tuple[Level, set[int]]] = field(default_factory=dict)
    _new: dict[tuple[str, int, int], tuple[Expression, tuple[str, ...]]] = field(
        default_factory=dict
    )
    _blocks: dict[tuple[str, int], Block] = field(default_factory=dict)
    _replaced: dict[tuple[str, int, int], str] = field(default_factory=dict)
    _before: dict[tuple[str, int, int], tuple[Expression, set[str]]] = field(default_factory=dict)
    _resources: dict[tuple[str, str], tuple[Block, str]] = field(default_factory=dict)

    def take(self, source: Source) -> None:
        """An item out of the list that it stands in."""
        level = next(levels(source.expression), None)
        if source.piece is not None or level is None or level.is_object:
            self._cannot(source, "is no item of a list by itself")
            return
        self._level(level)

    def entry(self, source: Source) -> None:
        """An item out of its list, or an entry out of its object."""
        level = next(levels(source.expression), None)
        if source.piece is not None or level is None:
            self._cannot(source, "is no item of a list, and no entry of an object, by itself")
            return
        self._level(level)

    def put(self, source: Source, texts: tuple[str, ...]) -> None:
        """These texts in the place of one."""
        if source.piece is not None or source.expression.kind != "string":
            self._cannot(source, "is a part of a longer text")
            return
        span = source.span
        if self._new.setdefault(span, (source.expression, texts))[1] != texts:
            self._cannot(source, "is shared by policies that keep different actions")
        self._note(source.expression)

    def principal(self, source: Source, whole: Source | None) -> None:
        """A principal out of its list; `whole` is where all of its type stand, if none is left."""
        block = block_around(source, "principals")
        if block is not None:
            identifiers = block.body.attribute("identifiers")
            items = identifiers.value.items if _is_list(identifiers) else ()
            if len(items) == 1 and source.is_within(block):
                self.block(block)
                return
        if whole is None or block is not None:
            self.take(source)
            return
        level = next(levels(whole.expression), None)
        if level is None or not level.is_object:
            self._cannot(whole, "is no entry of an object by itself")
            return
        self._level(level)

    def statement(self, source: Source | None, inside: Source | None) -> None:
        """A whole statement: an object in a list, or the `statement` block around a literal."""
        level = next(levels(source.expression), None) if source else None
        if level is not None and not level.is_object:
            self._level(level)
            return
        block = block_around(inside, "statement") if inside else None
        if block is None:
            self.stuck.append("a statement that would be left without actions cannot be taken out")
            return
        self.block(block)

    def block(self, block: Block) -> None:
        self._blocks[(block.file.path, block.start)] = block
        self.where.setdefault(f"{block.file.path}:{block.line}", None)

    def resource(self, block: Block, label: str, text: str) -> None:
        """A new resource below a block; once for all who attach it."""
        key = (dirname(block.file.path), label)
        if self._resources.setdefault(key, (block, text))[1] != text:
            self.stuck.append(f"two policies would both be called {label}")

    def replace(self, expression: Expression, text: str) -> None:
        """By another expression; it must be the same for all who have it."""
        span = (expression.file.path, expression.start, expression.end)
        if self._replaced.setdefault(span, text) != text:
            at = f"{expression.file.path}:{expression.line}"
            self.stuck.append(
                f"what stands at {at} is shared by identities that use different parts"
            )
            return
        self.edits += set_value(expression, text)
        self._note(expression)

    def prefix(self, expression: Expression, text: str) -> None:
        """More text before an expression; of several each once, in the order of their texts."""
        span = (expression.file.path, expression.start, expression.end)
        self._before.setdefault(span, (expression, set()))[1].add(text)
        self._note(expression)

    def made(self) -> tuple[Edit, ...]:
        """All edits. Of what is inside something that goes, none."""
        self.edits += self._new_resources()
        for expression, before in self._before.values():
            old = expression.text.decode(errors="replace")
            self.edits += set_value(expression, "".join(sorted(before)) + old)
        for block in self._blocks.values():
            self.edits += remove_block(block)
        for level, indexes in self._gone.values():
            remove = remove_entries if level.is_object else remove_items
            self.edits += remove(level.collection, indexes)
        gone = list(self.edits)
        for expression, texts in self._new.values():
            self.edits += self._written(expression, texts)
        within = [e for e in self.edits if e not in gone and _is_inside(e, gone)]
        return tuple(dict.fromkeys(e for e in self.edits if e not in within))

    def _new_resources(self) -> Iterator[Edit]:
        """Those below one block together: two insertions at one place would have no order."""
        below: dict[tuple[str, int], tuple[Block, list[str]]] = {}
        for block, text in self._resources.values():
            below.setdefault((block.file.path, block.start), (block, []))[1].append(text)
        for block, texts in below.values():
            yield from insert_resource_after(block, "\n\n".join(texts))

    def _written(self, expression: Expression, texts: tuple[str, ...]) -> Sequence[Edit]:
        level = next(levels(expression), None)
        if level is None or level.is_object:
            return set_value(expression, _value(expression, texts))
        items = level.collection.items
        alone = len(items) == 1 and not level.collection.text.count(b"\n")
        if alone and len(_flat(expression, texts)) > _WIDE:
            return set_value(level.collection, _tall(expression, texts))
        glue = ",\n" if is_tall(level.collection) else ", "
        return set_value(expression, glue.join(map(string_literal, texts)))

    def _level(self, level: Level) -> None:
        c = level.collection
        key = (c.file.path, c.start, c.end)
        self._gone.setdefault(key, (level, set()))[1].add(level.index)
        self.where.setdefault(level.where, None)

    def _note(self, expression: Expression) -> None:
        self.where.setdefault(f"{expression.file.path}:{expression.line}", None)

    def _cannot(self, source: Source, why: str) -> None:
        at = f"{source.expression.file.path}:{source.expression.line}"
        self.stuck.append(f"what stands at {at} {why}")


def _is_list(attribute: Attribute | None) -> TypeGuard[Attribute]:
    return attribute is not None and attribute.value.kind == "tuple"


def _is_inside(edit: Edit, gone: Iterable[Edit]) -> bool:
    return any(
        g.file == edit.file and g.start <= edit.start and edit.end <= g.end and not g.text
        for g in gone
    )


def _value(expression: Expression, texts: tuple[str, ...]) -> str:
    """In the place of one text: one text or a list."""
    if len(texts) == 1:
        return string_literal(texts[0])
    flat = _flat(expression, texts)
    return flat if len(flat) <= _WIDE else _tall(expression, texts)


def _flat(expression: Expression, texts: tuple[str, ...]) -> str:
    start = expression.file.line_start(expression.line)
    before = expression.file.data[start : expression.start].decode(errors="replace")
    made = f"[{', '.join(map(string_literal, texts))}]"
    return made if len(before) + len(made) <= _WIDE else made.ljust(_WIDE + 1)


def _tall(expression: Expression, texts: tuple[str, ...]) -> str:
    """JSON takes no comma behind the last item, and HCL has one."""
    last = "" if is_json(expression) else ","
    return "[\n" + ",\n".join(f"  {string_literal(t)}" for t in texts) + f"{last}\n]"


def is_json(expression: Expression) -> bool:
    """In a file of JSON, or a heredoc that holds it, which is a file of its own here."""
    if not expression.file.path.endswith((".tf", ".tofu", ".tfvars")):
        return True
    text = expression.file.data.strip()
    return text.startswith(b"{")


def is_tall(items: Expression) -> bool:
    """Whether a list has its items on lines of their own."""
    return any(item.line != items.line for item in items.items)


def block_around(source: Source, kind: str) -> Block | None:
    """The nested block of this type that a literal stands in; none that a dynamic one makes."""
    file = source.expression.file
    node: Node | None = source.expression.node
    while node is not None:
        if node.kind_id == grammar.BLOCK:
            name = grammar.header(file.data, node)[0]
            if name in ("dynamic", "content"):
                return None
            if name == kind:
                return _block_at(file, node)
        node = node.parent
    return None


def _block_at(file: SourceFile, node: Node) -> Block | None:
    waiting = list(file.blocks)
    while waiting:
        block = waiting.pop()
        if block.start == node.start_byte:
            return block
        if block.start <= node.start_byte < block.end:
            waiting += block.body.blocks
    return None
