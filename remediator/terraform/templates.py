"""Quoted templates and heredocs: what they come to, and what is known of one that is not.

https://developer.hashicorp.com/terraform/language/expressions/strings and, for the white space,
https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser_template.go: a template is a flat row
of tokens there, and of a heredoc each line is one; a strip marker reaches no further than the
token beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeAlias

from tree_sitter import Node

from remediator.terraform import grammar
from remediator.terraform.evaluate import Scope, evaluate, pairs_of, short, truth_of, unknown
from remediator.terraform.expression import Expression
from remediator.terraform.functions.convert import in_order
from remediator.terraform.functions.texts import normalized
from remediator.terraform.literal import decode
from remediator.terraform.value import (
    MAX_TEXT,
    Handle,
    Known,
    Mapping,
    Sequence,
    Source,
    Unknown,
    Value,
    as_text,
    failure,
    unnamed,
)

_INSERTED = "template_interpolation"
_MARKERS = {
    "template_if_intro": "if",
    "template_else_intro": "else",
    "template_if_end": "end",
    "template_for_start": "for",
    "template_for_end": "end",
}
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go counts as white space."""


@dataclass(slots=True)
class _Text:
    """A literal token: its bytes in the file, and what is left of it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Marker:
    """An interpolation ("insert"), or one marker of a directive."""

    kind: str
    node: Node


@dataclass(frozen=True, slots=True)
class _If:
    condition: Node
    then: tuple[_Part, ...]
    other: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _For:
    intro: Node
    body: tuple[_Part, ...]


_Item: TypeAlias = "_Text | _Marker"
_Part: TypeAlias = "_Text | _Marker | _If | _For"


def render(expression: Expression, node: Node, scope: Scope) -> Value:
    """The value of a quoted template or heredoc node. `"${x}"` alone is the value of x itself."""
    if node.type != "heredoc_template":
        tokens = _quoted(expression, node)
        if tokens is None:
            return unknown("has an escape that is not known", expression)
        return _rendered(expression, tokens, False, scope)
    tokens = _lines(expression, node, *heredoc_body(expression, node))
    value = _rendered(expression, tokens, _is_flush(expression, node), scope)
    if isinstance(value, Known) and all(isinstance(t, _Text) for t in tokens):
        # A heredoc without any interpolation is a literal, and stands where it stands.
        return Known(value.value, Source(expression))
    return value


def render_lines(expression: Expression, node: Node, start: int, end: int, scope: Scope) -> Value:
    """The value of a template that is these bytes of a heredoc node."""
    tokens = _lines(expression, node, start, end)
    value = _rendered(expression, tokens, False, scope)
    if isinstance(value, Known) and all(isinstance(t, _Text) for t in tokens):
        return Known(value.value, Source(expression, (), (start, end)))
    return value


def _rendered(expression: Expression, tokens: list[_Item], flush: bool, scope: Scope) -> Value:
    if _is_disputed(expression, tokens):
        return unknown("has a `$` or `%` before a template's beginning", expression)
    _strip(expression, tokens)
    if flush:
        _flush(tokens)
    reader = _Reader(expression)
    if len(tokens) == 1 and isinstance(tokens[0], _Marker):
        return reader.inserted(tokens[0].node, scope)
    parts, _ = _nested(tokens, 0)
    return reader.joined(parts, scope)


# Tokens ------------------------------------------------------------------------------------


def _quoted(expression: Expression, node: Node) -> list[_Item] | None:
    """Literal text between quotes, with its escapes; None where one is not known."""
    tokens: list[_Item] = []
    for found in _cut(expression, node, node.start_byte + 1, node.end_byte - 1):
        if isinstance(found, _Marker):
            tokens.append(found)
            continue
        text = decode(expression.file.data[slice(*found)].decode())
        if text is None:
            return None
        tokens.append(_Text(*found, text))
    return tokens


def _lines(expression: Expression, node: Node, start: int, end: int) -> list[_Item]:
    """Literal text of a heredoc, line by line; a backslash is itself there."""
    tokens: list[_Item] = []
    for found in _cut(expression, node, start, end):
        if isinstance(found, _Marker):
            tokens.append(found)
            continue
        lines = expression.file.data[slice(*found)].split(b"\n")
        whole = [line + b"\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]
        places = pairwise(accumulate((len(line) for line in whole), initial=found[0]))
        for place, line in zip(places, whole, strict=True):
            text = line.decode().replace("$${", "${").replace("%%{", "%{")
            tokens.append(_Text(*place, text))
    return tokens


def heredoc_body(expression: Expression, node: Node) -> tuple[int, int]:
    """It begins behind the newline that follows the first marker, and ends where the line of the
    last marker begins."""
    data = expression.file.data
    start = data.index(b"\n", node.start_byte) + 1
    return start, max(start, data.rfind(b"\n", 0, node.end_byte) + 1)


def _is_flush(expression: Expression, node: Node) -> bool:
    return expression.file.data.startswith(b"<<-", node.start_byte)


def _cut(
    expression: Expression, owner: Node, start: int, end: int
) -> Iterator[_Marker | tuple[int, int]]:
    """Markers, and the spans of the literal bytes between them, in order."""
    at = start
    for marker in _markers(owner):
        if _is_text(expression.file.data, marker):
            continue
        if marker.node.start_byte > at:
            yield at, marker.node.start_byte
        yield marker
        at = marker.node.end_byte
    if end > at:
        yield at, end


def _markers(owner: Node) -> Iterator[_Marker]:
    for child in owner.children:
        if child.type == _INSERTED:
            yield _Marker("insert", child)
        elif child.type == "template_directive":
            yield from _markers(child.children[0])
        elif child.type in _MARKERS:
            yield _Marker(_MARKERS[child.type], child)


def _is_text(data: bytes, marker: _Marker) -> bool:
    """Of `$$${` our grammar says that it begins an interpolation; to Terraform it is a text."""
    inside = data[marker.node.start_byte + 2 : marker.node.end_byte]
    plain = marker.kind == "insert" and b'"' not in inside and b"{" not in inside
    return plain and _is_escaped(data, marker.node)


def _is_escaped(data: bytes, node: Node) -> bool:
    at = node.start_byte
    return data[at - 1 : at] == data[at : at + 1]


def _is_disputed(expression: Expression, tokens: Iterable[_Item]) -> bool:
    """A text to Terraform, that we do not see the end of."""
    data = expression.file.data
    return any(_is_escaped(data, t.node) for t in tokens if isinstance(t, _Marker))


def _strip(expression: Expression, tokens: list[_Item]) -> None:
    """`~}` and `${~` take the white space of the token beside them away."""
    data = expression.file.data
    for before, after in pairwise(tokens):
        match before, after:
            case _Marker(node=node), _Text() if data[node.end_byte - 2 : node.end_byte] == b"~}":
                after.text = after.text.lstrip(_SPACE)
            case _Text(), _Marker(node=node) if data.startswith(b"~", node.start_byte + 2):
                before.text = before.text.rstrip(_SPACE)


def _flush(tokens: list[_Item]) -> None:
    """`<<-`: every line without the least indentation; what begins with a marker has none."""
    least: int | None = None
    indented: list[_Text] = []
    begins = True
    for token in tokens:
        if begins and (isinstance(token, _Marker) or not _is_blank(token)):
            width = _indentation(token)
            least = width if least is None else min(least, width)
            indented += [token] if isinstance(token, _Text) else []
        begins = isinstance(token, _Text) and token.text.endswith("\n")
    for token in indented:
        token.text = token.text[least or 0 :]


def _is_blank(token: _Text) -> bool:
    return token.text.endswith("\n") and not token.text.strip(_SPACE)


def _indentation(token: _Item) -> int:
    return len(token.text) - len(token.text.lstrip(_SPACE)) if isinstance(token, _Text) else 0


# Parts -------------------------------------------------------------------------------------


def _nested(tokens: list[_Item], at: int) -> tuple[tuple[_Part, ...], int]:
    """The parts up to the `else` or end of the directive around them, and where that stands."""
    parts: list[_Part] = []
    while at < len(tokens):
        token = tokens[at]
        if isinstance(token, _Text) or token.kind == "insert":
            parts.append(token)
        elif token.kind in ("else", "end"):
            break
        else:
            body, at = _nested(tokens, at + 1)
            other: tuple[_Part, ...] = ()
            if at < len(tokens) and _kind(tokens[at]) == "else":
                other, at = _nested(tokens, at + 1)
            parts.append(
                _For(token.node, body) if token.kind == "for" else _If(token.node, body, other)
            )
        at += 1
    return tuple(parts), at


def _kind(token: _Item) -> str:
    return token.kind if isinstance(token, _Marker) else "text"


class _Reader:
    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def joined(self, parts: Iterable[_Part], scope: Scope) -> Value:
        return self._concatenated([self._value(part, scope) for part in parts])

    def _value(self, part: _Part, scope: Scope) -> Value:
        match part:
            case _Text():
                return self._literal(part)
            case _Marker():
                return self.inserted(part.node, scope)
            case _If():
                return self._if(part, scope)
            case _For():
                return self._for(part, scope)

    def _literal(self, token: _Text) -> Known:
        """Its place is that of the bytes that are left of it, where they are the text itself."""
        written = token.text.encode()
        at = self.expression.file.data.find(written, token.start, token.end)
        place = (token.start, token.end) if at < 0 else (at, at + len(written))
        return Known(normalized(token.text), Source(self.expression, (), place))

    def inserted(self, node: Node, scope: Scope) -> Value:
        inner = self._expressions(node)
        return evaluate(inner[0], scope) if inner else unknown("is empty", self.expression)

    def _expressions(self, node: Node) -> list[Expression]:
        file = self.expression.file
        return [Expression(file, n) for n in node.children if n.kind_id == grammar.EXPRESSION]

    def _if(self, part: _If, scope: Scope) -> Value:
        (condition,) = self._expressions(part.condition)
        decided = truth_of(evaluate(condition, scope), condition)
        if isinstance(decided, Unknown):
            return decided
        return self.joined(part.then if decided else part.other, scope)

    def _for(self, part: _For, scope: Scope) -> Value:
        data = self.expression.file.data
        identifiers = (n for n in part.intro.children if n.type == "identifier")
        names = [grammar.text(data, n).decode() for n in identifiers]
        (over,) = self._expressions(part.intro)
        collection = evaluate(over, scope)
        if isinstance(collection, Sequence):
            collection = in_order(collection)
        if isinstance(collection, Unknown):
            return Unknown(collection.reason, collection.expression, collection.fails)
        if isinstance(collection, Handle):
            return unknown("is a whole object", over)
        if isinstance(collection, Sequence | Mapping) and collection.open:
            return unnamed(collection.open[0])
        pairs = pairs_of(collection)
        if pairs is None:
            return failure("a template walks over what is no list or map", over)
        found: list[Value] = []
        for key, value in pairs:
            given = [key, value] if len(names) > 1 else [value]
            inside = scope.having(dict(zip(names, given, strict=True)))
            found.append(self.joined(part.body, inside))
        return self._concatenated(found)

    def _concatenated(self, found: list[Value]) -> Value:
        """All in one text. Unknown keeps every part, for who can do with less than all."""
        texts = [self._text(value) for value in found]
        missing = [t for t in texts if isinstance(t, Unknown)]
        if missing:
            first = next((u for u in missing if u.fails), missing[0])
            where = first.expression or self.expression
            return Unknown(first.reason, where, first.fails, tuple(found))
        whole = "".join(t for t in texts if isinstance(t, str))
        if len(whole) > MAX_TEXT:
            return unknown("is too large to evaluate", self.expression)
        made_of = Sequence(tuple(found), "tuple") if len(found) > 1 else None
        return Known(normalized(whole), None, made_of)

    def _text(self, value: Value) -> str | Unknown:
        if isinstance(value, Unknown):
            return value
        text = as_text(value)
        if text is not None:
            return text
        what = f"`{short(self.expression)}` puts something into a text that is none"
        if isinstance(value, Known) and value.value is not None:
            return Unknown(what, self.expression)  # a number without a short text
        return failure(what, self.expression)
