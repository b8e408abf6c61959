"""tree-sitter-hcl's nodes: their kinds, what a body holds, and the traversals below a node.

Everything walks iteratively: nesting is only as deep as the file is long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser, Point, Range, Tree

from remediator.terraform.literal import decode

ExpressionKind: TypeAlias = Literal[
    "string",
    "number",
    "bool",
    "null",
    "tuple",
    "object",
    "template",
    "heredoc",
    "call",
    "traversal",
    "other",
]
LANGUAGE = Language(tree_sitter_hcl.language())


def _kind(name: str) -> int:
    kind = LANGUAGE.id_for_node_kind(name, True)
    assert kind is not None, name
    return kind


ATTRIBUTE, BLOCK, COMMENT = _kind("attribute"), _kind("block"), _kind("comment")
EXPRESSION, STRING = _kind("expression"), _kind("string_lit")
OBJECT_ELEM, HEREDOC = _kind("object_elem"), _kind("heredoc_template")
TEMPLATE = _kind("quoted_template")
_BODY, _BLOCK_START = _kind("body"), _kind("block_start")
_VARIABLE, _STEPS = _kind("variable_expr"), (_kind("get_attr"), _kind("index"))
_GET_ATTR, _SPLATS = _kind("get_attr"), (_kind("splat"), _kind("attr_splat"), _kind("full_splat"))

BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(rb"-?[0-9]{1,64}(\.[0-9]{1,64})?([eE][+-]?[0-9]{1,4})?")
_QUOTED_REFERENCE = re.compile(rb'"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)+"')
_TAKES_QUOTED_REFERENCES = (b"depends_on", b"provider")
_USUAL_HEADER = re.compile(rb'([A-Za-z_][\w-]*)(?: "([\w-]+)")?(?: "([\w-]+)")? \{')
_NAME = re.compile(rb"[^\s=/]+")


def parse_tree(data: bytes, like: Tree | None = None) -> Tree:
    """`like`: the tree of nearly the same text, told what differs (`Tree.edit`)."""
    parser = Parser(LANGUAGE)
    return parser.parse(data) if like is None else parser.parse(data, like)


def parse_part(data: bytes, start: int, end: int) -> Tree:
    """What stands between two bytes, as if all around it was blank."""
    first, last = (
        Point(data.count(b"\n", 0, at), at - data.rfind(b"\n", 0, at) - 1) for at in (start, end)
    )
    return Parser(LANGUAGE, included_ranges=[Range(first, last, start, end)]).parse(data)


def text(data: bytes, node: Node) -> bytes:
    return data[node.start_byte : node.end_byte]


def solid(node: Node) -> list[Node]:
    """The children without the comments, which may stand anywhere."""
    return [n for n in node.children if n.kind_id != COMMENT]


def anatomy(owner: Node) -> tuple[int | None, list[Node]]:
    """Where the `{` of a block ends, and the attributes, blocks and comments behind it, in order.

    A file has no `{`. There is no node for an empty body, and the comments at a body's edges
    hang beside it.
    """
    brace_end = None
    found: list[Node] = []
    for child in owner.children:
        kind = child.kind_id
        if kind == _BODY:
            found += child.children
        elif kind == _BLOCK_START:
            brace_end = child.end_byte
            found.clear()
        elif kind == COMMENT:
            found.append(child)
    return brace_end, found


def comment_end(data: bytes, node: Node) -> int:
    """Where a comment ends: the grammar takes the carriage return for a part of it."""
    end = node.end_byte
    return end - 1 if data[end - 1 : end] == b"\r" else end


def attribute_name(data: bytes, node: Node) -> bytes:
    match = _NAME.match(data, node.start_byte)
    assert match is not None
    return match.group()


def label(data: bytes, node: Node) -> str:
    """A block's type or label; one that Terraform would not take stays as it is written."""
    raw = text(data, node).decode()
    if node.kind_id != STRING:
        return raw
    decoded = decode(raw[1:-1])
    return raw[1:-1] if decoded is None else decoded


def header(data: bytes, block: Node) -> tuple[str, ...]:
    """A block's type and labels."""
    usual = _USUAL_HEADER.match(data, block.start_byte)
    if usual:  # a third of the cost of asking the nodes
        return tuple(name.decode() for name in usual.groups() if name)
    found = []
    for node in block.children:
        kind = node.kind_id
        if kind == _BLOCK_START:
            break
        if kind != COMMENT:
            found.append(label(data, node))
    return tuple(found)


def unwrapped(expression: Node) -> Node:
    """The expression inside all the parentheses."""
    node, parts = expression, solid(expression)
    while len(parts) == 3 and parts[0].type == "(" and parts[1].kind_id == EXPRESSION:
        node, parts = parts[1], solid(parts[1])
    return node


def literal_kind(node: Node, source: bytes) -> ExpressionKind:
    """The kind of an expression that consists of one node; `source` is its text."""
    found = _KINDS.get(node.children[0].type if node.children else "", "other")
    if node.type == "function_call":
        return "other" if _expands(node) else "call"
    if node.type == "variable_expr":
        return "traversal"
    if found == "string" and decode(source[1:-1].decode()) is None:
        return "other"
    is_number = _NUMBER.fullmatch(source) is not None
    if node.type == "operation":
        return "number" if is_number else "other"
    return "other" if found == "number" and not is_number else found


_KINDS: dict[str, ExpressionKind] = {
    "string_lit": "string",
    "numeric_lit": "number",
    "bool_lit": "bool",
    "null_lit": "null",
    "tuple": "tuple",
    "object": "object",
    "quoted_template": "template",
    "heredoc_template": "heredoc",
}


def _expands(call: Node) -> bool:
    arguments = [n for n in call.children if n.type == "function_arguments"]
    return any(n.type == "ellipsis" for a in arguments for n in a.children)


def is_traversal(parts: list[Node]) -> bool:
    return parts[0].kind_id == _VARIABLE and all(n.kind_id in _STEPS for n in parts[1:])


Traversal: TypeAlias = tuple[tuple[str, ...], int, int]
"""The names of it, and the bytes it spans."""


def traversals(data: bytes, top: Node) -> Iterator[Traversal]:
    """Every traversal below a node in the order of the file, the bare keys of objects left out.

    Index and splat steps have no name: `a.b[0].c` is (a, b, c). Terraform still takes quoted
    references in `depends_on` and `provider`, so they count.
    """
    quoted_until = 0
    stack: list[Node | Traversal] = [top]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            yield node
            continue
        kind = node.kind_id
        if kind == ATTRIBUTE and attribute_name(data, node) in _TAKES_QUOTED_REFERENCES:
            quoted_until = node.end_byte
        elif kind == STRING and node.start_byte < quoted_until:
            stack += _quoted(data, node)
            continue
        stack += reversed(_below(data, node))


def _quoted(data: bytes, node: Node) -> list[Traversal]:
    raw = text(data, node)
    if not _QUOTED_REFERENCE.fullmatch(raw):
        return []
    return [(tuple(raw[1:-1].decode().split(".")), node.start_byte, node.end_byte)]


def _below(data: bytes, node: Node) -> list[Node | Traversal]:
    children = solid(node)
    if node.kind_id == OBJECT_ELEM and is_bare_key(children[0]):
        del children[0]
    found: list[Node | Traversal] = []
    for i, child in enumerate(children):
        if child.kind_id == _VARIABLE:
            found.append(_traversal(data, children[i:]))
        elif child.kind_id != _GET_ATTR:
            found.append(child)
    return found


def is_bare_key(expression: Node) -> bool:
    return [n.kind_id for n in solid(expression)] == [_VARIABLE]


def _traversal(data: bytes, nodes: list[Node]) -> Traversal:
    names, end = [text(data, nodes[0]).decode()], nodes[0].end_byte
    for step in nodes[1:]:
        if step.kind_id not in (*_STEPS, *_SPLATS):
            break
        names += _step_names(data, step)
        end = step.end_byte
    return tuple(names), nodes[0].start_byte, end


def _step_names(data: bytes, step: Node) -> Iterator[str]:
    stack = [step]
    while stack:
        node = stack.pop()
        if node.kind_id == _GET_ATTR:
            yield text(data, node.children[-1]).decode()
        elif node.kind_id in _SPLATS:
            stack += reversed(node.children)
