"""Where a value can be changed: every edit that might close what it causes, smallest first.

Nothing is decided here. Each candidate is tried on the whole configuration, which alone says
what it closes and what else it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TypeAlias

from tree_sitter import Node

from remediator.model import Edit, Refusal
from remediator.terraform import grammar
from remediator.terraform.content import Document
from remediator.terraform.edit import (
    remove_entries,
    remove_items,
    set_value,
    string_literal,
    wrap_value,
)
from remediator.terraform.expression import Expression
from remediator.terraform.module import JSON
from remediator.terraform.syntax import SourceFile
from remediator.terraform.value import Source
from remediator.terraform.variables import ENDINGS


class Rank(IntEnum):
    """How much more than the value itself a candidate touches."""

    LITERAL = 0
    ELEMENT = 1
    CALL = 2
    FILTER = 3
    RULE = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """`what` is for people: "take 0.0.0.0/0 out of the list at prod.tfvars:3". `lacks` is what it
    should have put in the place of what goes, and does not."""

    rank: Rank
    distance: int
    edits: tuple[Edit, ...]
    what: str
    lacks: str = ""

    @property
    def order(self) -> tuple[int, int]:
        return self.rank, self.distance


@dataclass(frozen=True, slots=True)
class Level:
    """An item of a list or an entry of an object, and the collection that it is in."""

    collection: Expression
    index: int

    @property
    def where(self) -> str:
        return f"{self.collection.file.path}:{self.collection.file.line(self.start)}"

    @property
    def start(self) -> int:
        members = self.collection.entries if self.is_object else self.collection.items
        return members[self.index].start

    @property
    def is_object(self) -> bool:
        return self.collection.kind == "object"


def levels(expression: Expression) -> Iterator[Level]:
    """From a literal outwards: what could be taken out of what, as far as plain lists and
    objects go."""
    file = expression.file
    node: Node | None = expression.node
    while node is not None and node.parent is not None:
        parent = node.parent
        if parent.type == "tuple":
            items = [n for n in parent.children if n.kind_id == grammar.EXPRESSION]
            collection = _expression_of(parent)
            if collection is None:
                return
            yield Level(Expression(file, collection), _position(items, node))
            node = collection
        elif parent.kind_id == grammar.OBJECT_ELEM and parent.parent is not None:
            entries = [n for n in parent.parent.children if n.kind_id == grammar.OBJECT_ELEM]
            collection = _expression_of(parent.parent)
            if collection is None:
                yield from _in_document(file, parent, _position(entries, parent))
                return
            yield Level(Expression(file, collection), _position(entries, parent))
            node = collection
        elif parent.kind_id == grammar.EXPRESSION and parent.children[0].type == "(":
            node = parent
        else:
            return


def _in_document(file: SourceFile, entry: Node, position: int) -> Iterator[Level]:
    """An entry of a JSON file that is data; the keys of others are Terraform's own words."""
    above = entry.parent.parent if entry.parent is not None else None
    is_data = not file.path.endswith((*JSON, *ENDINGS))
    if is_data and above is not None and above.type == "config_file":
        yield Level(Document(file, above), position)


def _position(nodes: Sequence[Node], wanted: Node) -> int:
    return next(i for i, n in enumerate(nodes) if n.start_byte == wanted.start_byte)


def _expression_of(collection: Node) -> Node | None:
    """The expression that consists of this tuple or object alone."""
    value = collection.parent
    outer = value.parent if value is not None else None
    if outer is None or outer.kind_id != grammar.EXPRESSION or len(grammar.solid(outer)) != 1:
        return None
    return outer


def within(
    found: Iterable[Candidate] | Refusal, editable: Callable[[str], bool]
) -> Iterator[Candidate] | Refusal:
    """Those that edit no file which must not be written; a refusal stays one."""
    if isinstance(found, Refusal):
        return found
    return (c for c in found if all(editable(e.file) for e in c.edits))


Span: TypeAlias = tuple[str, int, int]
NOTHING: Mapping[Span, Sequence[str]] = MappingProxyType({})


def of_sources(sources: Sequence[Source], editable: Callable[[str], bool]) -> Iterator[Candidate]:
    """Taking the literals themselves out, then what they stand in, level by level."""
    yield from literals(sources, editable)
    if not sources or not all(editable(s.expression.file.path) for s in sources):
        return
    chains = [list(levels(s.expression)) for s in sources]
    for depth, taken in _outwards(chains):
        whole = any(s.piece for s in sources) or any(level.is_object for level in taken)
        if depth or whole:  # an item of a list is the literal itself
            yield _without(Rank.ELEMENT, depth, taken)


def elements(
    sources: Sequence[Source], distance: int, editable: Callable[[str], bool]
) -> Iterator[Candidate]:
    """What the literals name, or are an attribute of: only as a whole."""
    if sources and all(editable(s.expression.file.path) for s in sources):
        chains = [list(levels(s.expression)) for s in sources]
        for depth, taken in _outwards(chains):
            yield _without(Rank.ELEMENT, distance + depth, taken)


def _outwards(chains: Sequence[Sequence[Level]]) -> Iterator[tuple[int, list[Level]]]:
    """Of each chain the same level, or its last."""
    if all(chains):
        for depth in range(max(map(len, chains))):
            yield depth, [chain[min(depth, len(chain) - 1)] for chain in chains]


def literals(
    sources: Sequence[Source],
    editable: Callable[[str], bool],
    fresh: Mapping[Span, Sequence[str]] = NOTHING,
) -> Iterator[Candidate]:
    """Taking the literals themselves out; `fresh` are put in the place of one, by its span."""
    if not sources or not all(editable(s.expression.file.path) for s in sources):
        return
    edits: list[Edit] = []
    plain: list[Level] = []
    for source in sources:
        texts = fresh.get(source.span, ())
        first = next(levels(source.expression), None)
        if source.piece is not None:
            edits += _piece(source, texts)
        elif texts:
            replaced = _replaced(source.expression, first, texts)
            if replaced is None:
                return
            edits += replaced
        elif first is None or first.is_object:
            return  # a text that stands alone cannot go without what it stands in
        else:
            plain.append(first)
    where = ", ".join(dict.fromkeys(_where(s) for s in sources))
    if plain:
        taken = _without(Rank.LITERAL, 0, plain)
        edits += taken.edits
    verb = "replace" if fresh else "take out"
    yield Candidate(Rank.LITERAL, 0, tuple(dict.fromkeys(edits)), f"{verb} the literal at {where}")


def _where(source: Source) -> str:
    return f"{source.expression.file.path}:{source.expression.line}"


def _replaced(
    expression: Expression, level: Level | None, fresh: Sequence[str]
) -> Sequence[Edit] | None:
    texts = [string_literal(text) for text in fresh]
    in_list = level is not None and not level.is_object
    if not in_list and len(texts) != 1:
        return None
    glue = ",\n" if level is not None and in_list and _is_tall(level.collection) else ", "
    return set_value(expression, glue.join(texts))


def _is_tall(items: Expression) -> bool:
    """Whether a list has its items on lines of their own."""
    first, last = items.items[0].line, items.items[-1].line
    return first != last or first != items.line


def _piece(source: Source, fresh: Sequence[str]) -> list[Edit]:
    """A part of a text with commas: the part, and one comma beside it."""
    assert source.piece is not None
    start, end = source.piece
    expression = source.expression
    data, path = expression.file.data, expression.file.path
    if fresh:
        return [Edit(path, start, end, ",".join(fresh).encode())]
    first, last = expression.start + 1, expression.end - 1
    after = end + len(data[end:last]) - len(data[end:last].lstrip(b" "))
    before = start - (len(data[first:start]) - len(data[first:start].rstrip(b" ")))
    if data[after : after + 1] == b"," and after < last:
        stop = after + 1 + len(data[after + 1 : last]) - len(data[after + 1 : last].lstrip(b" "))
        return [Edit(path, start, stop, b"")]
    if before > first and data[before - 1 : before] == b",":
        return [Edit(path, first + len(data[first : before - 1].rstrip(b" ")), end, b"")]
    return [Edit(path, start, end, b"")]


def _without(rank: Rank, distance: int, taken: Sequence[Level]) -> Candidate:
    """All of these taken out; those of one collection together."""
    by_collection: dict[tuple[str, int, int], list[Level]] = {}
    for level in taken:
        c = level.collection
        by_collection.setdefault((c.file.path, c.start, c.end), []).append(level)
    edits: list[Edit] = []
    for members in by_collection.values():
        collection, indexes = members[0].collection, {m.index for m in members}
        remove = remove_entries if members[0].is_object else remove_items
        edits += remove(collection, indexes)
    where = ", ".join(dict.fromkeys(level.where for level in taken))
    return Candidate(rank, distance, tuple(edits), f"take out what stands at {where}")


def without(
    expression: Expression, unwanted: Sequence[str], fresh: Sequence[str] = (), as_set: bool = False
) -> Sequence[Edit]:
    """The expression, whatever it is, less these texts; `fresh` are added."""
    if len(unwanted) == 1:
        condition = f"c != {string_literal(unwanted[0])}"
    else:
        condition = f"!contains([{', '.join(map(string_literal, unwanted))}], c)"
    before, after = "[for c in ", f" : c if {condition}]"
    if fresh:
        before, after = f"concat({before}", f"{after}, [{', '.join(map(string_literal, fresh))}])"
    if as_set:
        before, after = f"toset({before}", f"{after})"
    return wrap_value(expression, before, after)
