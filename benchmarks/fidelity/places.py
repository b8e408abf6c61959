"""The places of a file that an edit of each kind can be tried on, and the edits.

What an edit is meant to do is written down beside it, so that the checks need not ask the code
that makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TypeVar

from tree_sitter import Node

from remediator.model import Edit
from remediator.terraform import grammar
from remediator.terraform.content import json_source
from remediator.terraform.edit import (
    combine,
    insert_block_after,
    insert_resource_after,
    remove_block,
    remove_entries,
    remove_items,
    replace_block,
    replace_block_by_attribute,
    set_or_insert_attribute,
    set_value,
    wrap_value,
)
from remediator.terraform.expression import Expression, View
from remediator.terraform.syntax import Attribute, Block, SourceFile

T = TypeVar("T")
_LINE = '["10.0.0.0/8"]'
_LINES = '[\n  "10.0.0.0/8",\n  "192.168.0.0/16",\n]'
_NEW = 'fidelity {\n  from = 22\n  name = "a"\n\n  inner {\n    to_port = [22]\n  }\n}'
_FRESH = "fidelity_argument"
_FILTER = ("[for c in ", ' : c if c != "0.0.0.0/0"]')


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes [start, end) go, and the tokens of `text` come. `seams`: how many lines may hold
    something else beside these, and so change with them."""

    start: int
    end: int
    text: str = ""
    seams: int = 1

    @property
    def is_insertion(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Attempt:
    """`names`: the top-level blocks, arguments or keys that differ afterwards."""

    kind: str
    make: Callable[[], tuple[Edit, ...]]
    parts: tuple[Part, ...]
    names: frozenset[str]


class Picker:
    """A few of many, the same ones in every run."""

    def __init__(self, seed: str, most: int) -> None:
        self.random, self.most = Random(seed), most  # noqa: S311 # reproducible, no secret

    def some(self, among: Sequence[T], most: int | None = None) -> Sequence[T]:
        most = most or self.most
        return among if len(among) <= most else self.random.sample(among, most)


def attempts(file: SourceFile, picker: Picker) -> Iterator[Attempt]:
    """All that are tried on a native file."""
    found = _found(file)
    made = [
        *_removals("list item", found.lists, picker),
        *_removals("object entry", found.objects, picker),
        *_of_blocks(found, picker),
        *_of_values(found, picker),
    ]
    yield from made
    yield from _insertions(found, picker)
    yield from _together(file, made, picker)


def attempts_in_json(path: str, data: bytes, picker: Picker) -> Iterator[Attempt]:
    """Those that mean something in JSON syntax. Raises SourceError for what is no JSON."""
    file, document = json_source(path, data)
    found = _Found(file)
    for entry in document.entries:
        found.collect(entry.node, entry.name or "")
    yield from _removals("list item", found.lists, picker)
    yield from _removals("object entry", found.objects, picker)
    for entry in picker.some(document.entries):
        yield _set("value, to one line", entry.value, entry.name or "", _LINE)


# Looking around ----------------------------------------------------------------------------


@dataclass
class _Found:
    """What a file has of each kind, with the top-level name that it stands below."""

    file: SourceFile
    lists: list[tuple[Expression, str]] = field(default_factory=list)
    objects: list[tuple[Expression, str]] = field(default_factory=list)
    blocks: list[tuple[Block, str]] = field(default_factory=list)
    nested: list[tuple[Block, str]] = field(default_factory=list)
    arguments: list[tuple[Attribute, str]] = field(default_factory=list)

    def collect(self, top: Node, name: str) -> None:
        """The lists and objects below a node that are not empty."""
        stack = [top]
        while stack:
            node = stack.pop()
            if node.kind_id == grammar.EXPRESSION:
                expression = Expression(self.file, node)
                if expression.kind == "tuple" and expression.items:
                    self.lists.append((expression, name))
                elif expression.kind == "object" and expression.entries:
                    self.objects.append((expression, name))
            stack += reversed(node.children)


def _found(file: SourceFile) -> _Found:
    found = _Found(file)
    for attribute in file.body.attributes:
        found.arguments.append((attribute, attribute.name))
        found.collect(attribute.node, attribute.name)
    for block in file.blocks:
        name = block.address
        found.blocks.append((block, name))
        found.collect(block.node, name)
        waiting = [block]
        while waiting:
            body = waiting.pop().body
            found.arguments += [(a, name) for a in body.attributes]
            found.nested += [(b, name) for b in body.blocks]
            waiting += body.blocks
    return found


# Each kind of edit -------------------------------------------------------------------------

_POSITIONS: dict[str, Callable[[int], int | None]] = {
    "first": lambda count: 0 if count > 1 else None,
    "middle": lambda count: count // 2 if count > 2 else None,
    "last": lambda count: count - 1 if count > 1 else None,
    "only": lambda count: 0 if count == 1 else None,
}


def _removals(
    what: str, among: Sequence[tuple[Expression, str]], picker: Picker
) -> Iterator[Attempt]:
    for place, index_of in _POSITIONS.items():
        chosen = [one for one in among if index_of(len(_members(one[0]))) is not None]
        for whole, name in picker.some(chosen):
            members = _members(whole)
            index = index_of(len(members))
            assert index is not None
            part = Part(members[index].start, members[index].end)
            if len(members) == 1:
                part = Part(whole.start, whole.end, "[]" if whole.kind == "tuple" else "{}")
            remove = remove_items if whole.kind == "tuple" else remove_entries
            make = partial(remove, whole, (index,))
            yield Attempt(f"{what}: {place}", make, (part,), frozenset((name,)))


def _members(whole: Expression) -> Sequence[View]:
    return whole.items if whole.kind == "tuple" else whole.entries


def _of_blocks(found: _Found, picker: Picker) -> Iterator[Attempt]:
    for block, name in picker.some(found.nested):
        part = Part(block.start, block.end)
        yield Attempt(
            "nested block: removed", partial(remove_block, block), (part,), frozenset((name,))
        )
    for block, name in picker.some(found.blocks):
        part = Part(block.start, block.end)
        yield Attempt("block: removed", partial(remove_block, block), (part,), frozenset((name,)))
    for block, name in picker.some(found.nested):
        part = Part(block.start, block.end, _NEW, seams=2)
        yield Attempt(
            "nested block: replaced",
            partial(replace_block, block, _NEW),
            (part,),
            frozenset((name,)),
        )
    for block, name in picker.some(found.nested):
        part = Part(block.start, block.end, f"{_FRESH} = []")
        yield Attempt(
            "nested block: to an argument",
            partial(replace_block_by_attribute, block, _FRESH, "[]"),
            (part,),
            frozenset((name,)),
        )


def _of_values(found: _Found, picker: Picker) -> Iterator[Attempt]:
    for attribute, name in picker.some(found.arguments):
        yield _set("value, to one line", attribute.value, name, _LINE)
    for attribute, name in picker.some(found.arguments):
        yield _set("value, to several lines", attribute.value, name, _LINES)
    computed = [
        (a, name) for a, name in found.arguments if a.value.kind in ("traversal", "call", "tuple")
    ]
    for attribute, name in picker.some(computed):
        value = attribute.value
        text = f"{_FILTER[0]}{value.text.decode()}{_FILTER[1]}"
        part = Part(value.start, value.end, text, seams=0)
        make = partial(wrap_value, value, *_FILTER)
        yield Attempt("value, filtered", make, (part,), frozenset((name,)))


def _set(kind: str, value: Expression, name: str, text: str) -> Attempt:
    part = Part(value.start, value.end, text, seams=2)
    return Attempt(kind, partial(set_value, value, text), (part,), frozenset((name,)))


def _insertions(found: _Found, picker: Picker) -> Iterator[Attempt]:
    for block, name in picker.some([*found.blocks, *found.nested]):
        seams = 4 if block.one_line else 0  # a block on one line becomes three or four
        part = Part(block.start, block.start, f'{_FRESH} = "a"', seams)
        make = partial(set_or_insert_attribute, block.body, _FRESH, '"a"')
        yield Attempt("argument: inserted", make, (part,), frozenset((name,)))
    for block, name in picker.some(found.nested):
        part = Part(block.end, block.end, _NEW, seams=0)
        make = partial(insert_block_after, block, _NEW)
        yield Attempt("nested block: inserted", make, (part,), frozenset((name,)))
    for block, _ in picker.some(found.blocks):
        part = Part(block.end, block.end, _NEW, seams=0)
        make = partial(insert_resource_after, block, _NEW)
        yield Attempt("block: inserted", make, (part,), frozenset(("fidelity",)))


def _together(file: SourceFile, made: Sequence[Attempt], picker: Picker) -> Iterator[Attempt]:
    """Several of the others in one change, each below another top-level name."""
    chosen: dict[str, Attempt] = {}
    for attempt in picker.some(made, 12):
        chosen.setdefault(min(attempt.names), attempt)
    some = list(chosen.values())[:4]
    if len(some) > 1:
        yield Attempt(
            "several at once",
            lambda: combine(file, [edit for one in some for edit in one.make()]),
            tuple(sorted((p for one in some for p in one.parts), key=lambda p: p.start)),
            frozenset(name for one in some for name in one.names),
        )
