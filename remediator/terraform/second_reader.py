"""python-hcl2 as a second opinion, sharing no code with the tree-sitter view.

It says which top-level blocks differ between two texts, by their tokens: layout and comments do
not count. What it cannot read (a newline before an attribute access, /* */ in a block's header,
very deep expressions) is unread, never safe. A file is read in pieces, where each can be read by
itself: together they are what the whole is, and a piece that stayed needs no new look.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_PIECES = re.compile(rb"(?<=\n}\n)")
"""After a brace that closes in the first column. No token but layout goes over a line's end there:
texts and comments that go on either end inside the piece, or it cannot be read by itself."""
_KEPT = 1024
_BOM = b"\xef\xbb\xbf"
_LAYOUT = "NL_OR_COMMENT"
Said = tuple[str, tuple[str, ...]]
"""A block's address, and its tokens."""
_TEXT = ("STRING_CHARS", "HEREDOC")  # here white space is content


@dataclass(frozen=True, slots=True)
class Seen:
    addresses: frozenset[str]
    unread_before: str = ""
    unread_after: str = ""


def changed_blocks(before: bytes, after: bytes) -> Seen:
    """The addresses ("aws_security_group.web", "variable.x") whose content differs."""
    was, now = _whole(before), _whole(after)
    if isinstance(was, str):
        return Seen(frozenset(), unread_before=was)
    if isinstance(now, str):
        return Seen(frozenset(), unread_after=now)
    differing = (was - now) + (now - was)
    return Seen(frozenset(address for address, _ in differing))


def warm_up() -> None:
    """Loads the parser and its grammar, which takes longer than reading a file."""
    _read(b"a = 1\n")


def _whole(data: bytes) -> Counter[Said] | str:
    """All pieces together; the file as one where a piece cannot be read by itself."""
    found: Counter[Said] = Counter()
    for piece in _PIECES.split(data.removeprefix(_BOM)):
        some = _read(piece)
        if isinstance(some, str):
            return _read(data)
        found.update(some)
    return found


@lru_cache(maxsize=_KEPT)  # most of a file is read again for each of its findings
def _read(data: bytes) -> Counter[Said] | str:
    from hcl2.api import parses_to_tree
    from lark.exceptions import LarkError

    try:
        tree = parses_to_tree(data.removeprefix(_BOM).decode() + "\n")
        return Counter(_blocks(tree))
    except (LarkError, ValueError, RecursionError) as why:
        return type(why).__name__


def _blocks(tree: Any) -> Iterator[Said]:
    """Each top-level block or attribute, by its address, with its tokens."""
    for child in tree.children[0].children:
        if child.data in ("block", "attribute"):
            tokens = list(child.scan_values(lambda v: hasattr(v, "type")))
            yield _address(child.data, tokens), tuple(_said(t) for t in tokens if _counts(t))


def _counts(token: Any) -> bool:
    return bool(token.type != _LAYOUT)


def _said(token: Any) -> str:
    text = str(token)
    return text if token.type.startswith(_TEXT) else text.strip()


def _address(kind: str, tokens: list[Any]) -> str:
    names = []
    for token in tokens:
        if token.type in ("LBRACE", "EQ"):
            break
        if token.type in ("NAME", "STRING_CHARS"):
            names.append(str(token))
    return ".".join(names[1:] if kind == "block" and names[:1] == ["resource"] else names)
