"""The JSON document that a text is (a policy, mostly), each value of it with its literal.

A text is written in many ways: `jsonencode({…})`, a heredoc with interpolations, a policy
document, `file("x.json")`. Whatever the way, an action in it can be traced to the bytes that say
so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from remediator.terraform import grammar
from remediator.terraform.evaluate import Scope, nowhere, object_of
from remediator.terraform.expression import Expression
from remediator.terraform.functions.json_text import parsed
from remediator.terraform.syntax import SourceFile
from remediator.terraform.template_files import TemplateFile
from remediator.terraform.templates import heredoc_body
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_text,
    unknowns,
)
from remediator.texts import plain


def document(text: Value) -> Value:
    """A Mapping or Sequence; Unknown, with the reason, where the text is no JSON for certain.

    A text that is known in part (an interpolation that is not) is a document with Unknown in it.
    """
    is_json = True
    if isinstance(text, Known) and isinstance(text.value, str):
        is_json, twice = _looked_at(text.value)
        if twice is not None:
            return Unknown(_TWICE.format(twice), text.source.expression if text.source else None)
    if isinstance(text, Known) and isinstance(text.structure, Mapping):
        return text.structure
    written = _written(text)
    if written is not None and not is_json:  # the reader below knows more than JSON
        return Unknown("the text is no JSON", written[0])
    if written is not None:
        return _Masked(*written).read()
    if isinstance(text, Known) and isinstance(text.value, str):
        return parsed(text.value)
    return text if isinstance(text, Unknown) else Unknown("it is no text")


def _written(text: Value) -> tuple[Expression, tuple[Value, ...]] | None:
    """The heredoc that the text is written as, and the values of its parts in order."""
    if isinstance(text, Unknown):
        parts = text.parts
    elif isinstance(text, Known) and isinstance(text.structure, Sequence):
        parts = text.structure.items
    elif isinstance(text, Known):
        parts = (text,)
    else:
        return None
    sources = [p.source for p in parts if isinstance(p, Known) and p.source is not None]
    first = next((s.expression for s in sources if _heredoc(s.expression) is not None), None)
    return None if first is None else (first, parts)


def _heredoc(expression: Expression) -> Node | None:
    if expression.kind != "heredoc":
        return None
    return grammar.solid(expression.node)[0].children[0]


@dataclass(frozen=True, eq=False)
class HeredocFile(SourceFile):
    """The body of a heredoc alone, every byte where it is in its file. `within` is the heredoc."""

    within: Expression = field(repr=False)


@dataclass(frozen=True)
class _Masked:
    """A heredoc as a file of its own: each interpolation a name, so that every byte keeps its
    place."""

    expression: Expression
    parts: tuple[Value, ...]

    def read(self) -> Value:
        node = _heredoc(self.expression)
        assert node is not None
        start, end = self._body(node)
        holes = [n for n in node.children if n.type == "template_interpolation"]
        if any(n.type == "template_directive" for n in node.children):
            return Unknown("a text with template directives is not taken apart", self.expression)
        values = self._values(start, end)
        if len(values) != len(holes):
            return Unknown("the parts of the text are not told apart", self.expression)
        names = {
            _name(n, hole): value for n, (hole, value) in enumerate(zip(holes, values, strict=True))
        }
        if len(names) != len(holes) or any(name is None for name in names):
            return Unknown("an interpolation of the text is not taken apart", self.expression)
        return self._document(start, end, holes, {n: v for n, v in names.items() if n})

    def _body(self, node: Node) -> tuple[int, int]:
        if isinstance(self.expression.file, TemplateFile):
            return 0, len(self.expression.file.data)
        return heredoc_body(self.expression, node)

    def _values(self, start: int, end: int) -> list[Value]:
        """Of the interpolations: every part that is not the heredoc's own text."""
        return [part for part in self.parts if not self._is_text(part, start, end)]

    def _is_text(self, part: Value, start: int, end: int) -> bool:
        source = part.source if isinstance(part, Known) else None
        if source is None or source.expression.start != self.expression.start:
            return False
        same = source.expression.file.path == self.expression.file.path
        first, last = source.piece or (start, end)
        return same and start <= first and last <= end

    def _document(self, start: int, end: int, holes: list[Node], values: dict[str, Value]) -> Value:
        masked = bytearray(self.expression.file.data)
        for hole, name in zip(holes, values, strict=True):
            masked[hole.start_byte : hole.end_byte] = name.encode()
        data = bytes(masked)
        tree = grammar.parse_part(data, start, end)
        file = HeredocFile(self.expression.file.path, data, tree, self.expression)
        root = file.tree.root_node
        inner = [n for n in root.children if n.kind_id != grammar.COMMENT]
        if root.has_error or len(inner) != 1 or inner[0].type != "object":
            return Unknown("the text is no JSON object", self.expression)
        twice = _repeated(inner[0], file.data)
        if twice is not None:
            return Unknown(_TWICE.format(twice), self.expression)
        scope = nowhere().having({name: _inside(value) for name, value in values.items()})
        found = object_of(Expression(file, root), inner[0], scope)
        return _Restored(values, scope).value(found)


_TWICE = "the text has {} twice in one object, and readers differ on which counts"


def _looked_at(text: str) -> tuple[bool, str | None]:
    """Whether it is JSON, and a key that it has twice in one object: which of them counts is
    nobody's promise (RFC 8259, 4)."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        twice = _twice(name for name, _ in pairs)
        found.extend([twice] if twice is not None else [])

    try:
        json.loads(text, object_pairs_hook=look)
    except (ValueError, RecursionError):
        return False, None
    return True, plain(found[0], 40) if found else None


def _repeated(node: Node, data: bytes) -> str | None:
    """The same of a tree that was read as an object of HCL."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        elements = (n for n in one.children if n.kind_id == grammar.OBJECT_ELEM)
        twice = _twice(_key(grammar.text(data, n.children[0])) for n in elements)
        if twice is not None:
            return plain(twice, 40)
        waiting += one.children
    return None


def _key(text: bytes) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text.decode(errors="replace")


def _twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _name(number: int, hole: Node) -> str | None:
    """A name as long as the interpolation, which no other has."""
    name = f"X{number}"
    length = hole.end_byte - hole.start_byte
    return name + "_" * (length - len(name)) if length > len(name) else None


def _inside(value: Value) -> Value:
    """What an interpolation outside of quotes stands for: a document of its own."""
    if isinstance(value, Known) and isinstance(value.value, str):
        return document(value) if value.structure is not None else parsed(value.value)
    return value


@dataclass(frozen=True)
class _Restored:
    """Puts the values of interpolations back into the texts that they stand in."""

    names: dict[str, Value]
    scope: Scope

    def value(self, found: Value) -> Value:
        match found:
            case Known(value=str() as text) if any(name in text for name in self.names):
                return self._text(found)
            case Sequence():
                return replace(found, items=tuple(self.value(item) for item in found.items))
            case Mapping():
                if any(name in key for key in found.entries for name in self.names):
                    return Unknown("a key of the text is interpolated")
                entries = ((key, self.value(item)) for key, item in found.entries.items())
                return Mapping.of(entries, found.kind, found.source, found.open)
        return found

    def _text(self, found: Known) -> Value:
        rest = str(found.value)
        parts: list[Value] = []
        while rest:
            at, name = min(((rest.find(n), n) for n in self.names if n in rest), default=(-1, ""))
            if at < 0:
                parts.append(Known(rest))
                break
            parts += [Known(rest[:at])] if at else []
            parts.append(self.names[name])
            rest = rest[at + len(name) :]
        texts = [as_text(part) for part in parts]
        if None in texts:
            missing = next(u for p in parts for u in unknowns(p))
            return Unknown(missing.reason, missing.expression, missing.fails, tuple(parts))
        whole = "".join(t for t in texts if t is not None)
        return Known(whole, found.source)
