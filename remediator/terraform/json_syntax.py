"""What stands in a file of Terraform's JSON syntax: enough to keep away from it.

https://developer.hashicorp.com/terraform/language/syntax/json
Labels are nested objects, each of which may also be a list of objects; a key may come twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

Node: TypeAlias = "tuple[tuple[str, Node], ...] | list[Node] | str | int | float | bool | None"


def read(data: bytes) -> Node:
    """The document, its objects as pairs. Raises ValueError for what is not JSON, or too deep."""
    try:
        found: Node = json.loads(data, object_pairs_hook=tuple)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def declares(document: Node, address: str) -> bool:
    """Whether a resource of that address has a block in the document."""
    nodes: list[Node] = [document]
    for key in ("resource", *address.split(".")):
        nodes = [value for node in nodes for name, value in _pairs(node) if name == key]
    return bool(nodes)


def has(document: Node, key: str) -> bool:
    """Whether it has that key at its top."""
    return any(name == key for name, _ in _pairs(document))


def mentions(document: Node, address: str) -> bool:
    """Whether any text in the document names the address, as a reference or otherwise."""
    whole = re.compile(rf"(?<![\w-]){re.escape(address)}(?![\w-])")
    return any(whole.search(text) for text in _texts(document))


def _pairs(node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node, tuple):
        yield from node
    elif isinstance(node, list):
        for item in node:
            yield from _pairs(item)


def _texts(document: Node) -> Iterator[str]:
    stack = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, tuple):
            stack += [part for pair in node for part in pair]
        elif isinstance(node, list):
            stack += node
