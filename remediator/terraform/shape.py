"""What a configuration says, without its layout: every block as its tokens, comments left out.

Two files with equal shapes mean the same to Terraform; where shapes differ, it may differ.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from remediator.terraform.module import Module
from remediator.terraform.syntax import Block

Shape = tuple[bytes, ...]
# The digit of `x.0` is no node of its own, and a template's leaves skip leading white space.
_WHOLE = frozenset(("legacy_index", "string_lit", "quoted_template", "heredoc_template"))


def shapes(module: Module) -> dict[str, tuple[Shape, ...]]:
    """By block address; several blocks of one address (locals, provider) in their order."""
    found: dict[str, tuple[Shape, ...]] = {}
    for file in module.files:
        for block in file.blocks:
            found[block.address] = (*found.get(block.address, ()), shape(block))
    return found


def shape(block: Block) -> Shape:
    data = block.file.data
    return tuple(data[n.start_byte : n.end_byte] for n in _leaves(block.node))


def _leaves(node: Node) -> Iterator[Node]:
    """In order, iteratively: nesting is only as deep as the file is long."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "comment":
            continue
        if current.child_count == 0 or current.type in _WHOLE:
            yield current
        else:
            stack.extend(reversed(current.children))
