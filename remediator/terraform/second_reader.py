"""python-hcl2 as a second opinion, sharing no code with the tree-sitter view.

It says which top-level blocks differ between two texts. What it cannot read (a newline before
an attribute access, /* */ in a block's header, very deep expressions) is unread, never safe.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BOM = b"\xef\xbb\xbf"
_LABELS = {"resource": 2, "data": 2} | dict.fromkeys(
    ("locals", "terraform", "moved", "import", "removed"), 0
)


@dataclass(frozen=True, slots=True)
class Seen:
    addresses: frozenset[str]
    unread_before: str = ""
    unread_after: str = ""


def changed_blocks(before: bytes, after: bytes) -> Seen:
    """The addresses ("aws_security_group.web", "variable.x") whose content differs."""
    was, now = _read(before), _read(after)
    if isinstance(was, str):
        return Seen(frozenset(), unread_before=was)
    if isinstance(now, str):
        return Seen(frozenset(), unread_after=now)
    differing = (was - now) + (now - was)
    return Seen(frozenset(address for address, _ in differing))


def _read(data: bytes) -> Counter[tuple[str, str]] | str:
    import hcl2
    from lark.exceptions import LarkError

    try:
        document = hcl2.loads(data.removeprefix(_BOM).decode() + "\n")
    except (LarkError, ValueError, RecursionError) as why:
        return type(why).__name__
    return Counter(
        (address, json.dumps(body, sort_keys=True, default=str))
        for address, body in _blocks(document)
    )


def _blocks(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, entries in document.items():
        if not isinstance(entries, list) or kind.startswith("__"):  # its own bookkeeping
            continue
        for entry in entries:
            yield from _labelled(kind, entry)


def _labelled(kind: str, entry: Any) -> Iterator[tuple[str, Any]]:
    labels = _LABELS.get(kind, 1)
    name, body = [], entry
    for _ in range(labels):
        if not isinstance(body, dict) or not body:
            break
        label = next(iter(body))
        name.append(label.strip('"'))
        body = body[label]
    prefix = [] if kind == "resource" else [kind]
    yield ".".join([*prefix, *name]), body
