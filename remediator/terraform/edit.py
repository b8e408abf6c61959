"""Changes to Terraform files as byte splices. Nothing is printed anew.

Each function returns the edits that make one change and keep a `terraform fmt`-clean file
clean; line ends, BOM, tabs and a missing final newline stay as they are. The edits of several
calls on one file go through `combine` before they are applied together. ValueError is raised
where something is asked that cannot be.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from remediator.model import Edit
from remediator.terraform.combine import combine
from remediator.terraform.fit import argument, fitted, indentation, inner_indentation
from remediator.terraform.grammar import BLOCK
from remediator.terraform.items import item_edits
from remediator.terraform.literal import string_literal
from remediator.terraform.place import blank_line_wanted, end_of_line, lines_of, parent
from remediator.terraform.splices import splice
from remediator.terraform.syntax import Attribute, Block, Body, Expression

__all__ = [
    "combine",
    "insert_block_after",
    "insert_resource_after",
    "remove_block",
    "remove_entries",
    "remove_item",
    "remove_items",
    "replace_block",
    "replace_block_by_attribute",
    "set_or_insert_attribute",
    "set_value",
    "splice",
    "string_literal",
    "wrap_value",
]

_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
_META_ARGUMENTS = frozenset(("count", "for_each", "provider"))


def remove_item(tuple_expr: Expression, index: int) -> tuple[Edit, ...]:
    """The list without one item. For several items of one list use `remove_items`."""
    return remove_items(tuple_expr, (index,))


def remove_items(tuple_expr: Expression, indexes: Collection[int]) -> tuple[Edit, ...]:
    """The list without these items; without all of them it is `[]`, its comments gone.

    What becomes of commas and comments: see `items`. Raises IndexError for an unknown index.
    """
    return combine(tuple_expr.file, item_edits(tuple_expr, indexes))


def remove_entries(object_expr: Expression, indexes: Collection[int]) -> tuple[Edit, ...]:
    """The object without these entries; without all of them it is `{}`."""
    if object_expr.kind != "object":
        raise ValueError(f"{object_expr.file.path}:{object_expr.line}: no object")
    return combine(object_expr.file, item_edits(object_expr, indexes))


def remove_block(block: Block) -> tuple[Edit, ...]:
    """The file without the block, its comments, and one of the blank-line runs around it.

    Its comments are those on its lines and on the lines directly above it. A licence at the
    top of the file stays even where no blank line is between.
    """
    return combine(block.file, [Edit(block.file.path, *lines_of(block), b"")])


def replace_block(block: Block, text: str) -> tuple[Edit, ...]:
    """Other text, written as if it began in column 0, for the block; its comments stay."""
    new = fitted(block.file, text, indentation(block.file, block.start))
    return combine(block.file, [Edit(block.file.path, block.start, block.end, new)])


def replace_block_by_attribute(block: Block, name: str, text: str) -> tuple[Edit, ...]:
    """`name = text` where the block was; the block's own comments go with it."""
    file = block.file
    start, end = lines_of(block)[0], end_of_line(parent(block), block.end)
    indent = indentation(file, block.start)
    return combine(file, [Edit(file.path, start, end, indent + argument(file, name, text, indent))])


def set_value(expr: Expression, text: str) -> tuple[Edit, ...]:
    """Another expression in the place of this one."""
    new = fitted(expr.file, text, indentation(expr.file, expr.start), b"x = ")
    return combine(expr.file, [Edit(expr.file.path, expr.start, expr.end, new)])


def wrap_value(expr: Expression, before: str, after: str) -> tuple[Edit, ...]:
    """The expression as it is written, over however many lines, with text around it."""
    path = expr.file.path
    around = [
        Edit(path, expr.start, expr.start, before.encode()),
        Edit(path, expr.end, expr.end, after.encode()),
    ]
    return combine(expr.file, around)


def set_or_insert_attribute(body: Body, name: str, text: str) -> tuple[Edit, ...]:
    """The body with `name = text`: where the name is set already, or after the first group.

    A group is attributes without a blank line or a block between; one of nothing but count,
    for_each and provider is passed over where another follows before the first block.
    """
    there = body.attribute(name)
    if there:
        return set_value(there.value, text)
    group = _group(body)
    edit = _appended(body, group[-1], name, text) if group else _first(body, name, text)
    return combine(body.file, [edit])


def insert_block_after(block: Block, text: str) -> tuple[Edit, ...]:
    """`text`, written as if it began in column 0, on lines of its own below the block.

    A blank line is put between at the top level, and where the block has one to its neighbour.
    """
    file, body = block.file, parent(block)
    at = end_of_line(body, block.end)
    indent = indentation(file, block.start)
    above = file.newline * (2 if blank_line_wanted(block) else 1)
    new = above + indent + fitted(file, text, indent)
    follows = file.data[at : body.end].lstrip(b"\r")
    if body.node.kind_id != BLOCK and follows.strip() and not _BLANK_LINE.match(follows):
        new += file.newline
    return combine(file, [Edit(file.path, at, at, new)])


def insert_resource_after(block: Block, text: str) -> tuple[Edit, ...]:
    """A further top-level block below a top-level block."""
    if parent(block).node.kind_id == BLOCK:
        raise ValueError(f"{block.file.path}:{block.line}: not a top-level block")
    return insert_block_after(block, text)


def _group(body: Body) -> list[Attribute]:
    """The attributes that a new one joins; none where a block comes first."""
    first_block = body.blocks[0].start if body.blocks else body.end
    groups: list[list[Attribute]] = []
    for attribute in (a for a in body.attributes if a.start < first_block):
        gap = body.file.data[groups[-1][-1].end : attribute.start] if groups else b"\n\n"
        if _BLANK_LINE.search(gap):
            groups.append([])
        groups[-1].append(attribute)
    telling = (g for g in groups if any(a.name not in _META_ARGUMENTS for a in g))
    return next(telling, groups[0] if groups else [])


def _appended(body: Body, last: Attribute, name: str, text: str) -> Edit:
    """The argument on a line of its own below another; a block on one line becomes three."""
    file = body.file
    newline = file.newline
    if body.node.kind_id == BLOCK and b"\n" not in file.data[body.start : last.start]:
        indent, outer = inner_indentation(body), indentation(file, body.node.start_byte)
        inside = file.data[body.start : body.end].strip(b" \t")
        new = newline + indent + inside + newline + indent + argument(file, name, text, indent)
        return Edit(file.path, body.start, body.end, new + newline + outer)
    indent, at = indentation(file, last.start), end_of_line(body, last.end)
    return Edit(file.path, at, at, newline + indent + argument(file, name, text, indent))


def _first(body: Body, name: str, text: str) -> Edit:
    """The argument at the top of a body that has none, or none before its first block."""
    file, newline = body.file, body.file.newline
    inside = file.data[body.start : body.end]
    if body.node.kind_id != BLOCK:
        new = argument(file, name, text, b"") + newline * (2 if inside.strip() else 1)
        return Edit(file.path, body.start, body.start, new)
    indent = inner_indentation(body)
    new = newline + indent + argument(file, name, text, indent)
    if b"\n" not in inside:
        outer = indentation(file, body.node.start_byte)
        return Edit(file.path, body.start, body.end, new + newline + outer)
    at = end_of_line(body, body.start)
    follows = file.data[at : body.end].lstrip(b"\r")
    parted = not follows.strip() or _BLANK_LINE.match(follows)
    return Edit(file.path, at, at, new if parted else new + newline)
