"""python-hcl2 as a second opinion, sharing no code with the tree-sitter view.

It says which top-level blocks differ between two texts, by their tokens: layout and comments do
not count. What it cannot read (a newline before an attribute access, /* */ in a block's header,
very deep expressions) is unread, never safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_BOM = b"\xef\xbb\xbf"
_LAYOUT = "NL_OR_COMMENT"
_TEXT = ("STRING_CHARS", "HEREDOC")  # here white space is content


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


def warm_up() -> None:
    """Loads the parser and its grammar, which takes longer than reading a file."""
    _read(b"a = 1\n")


@lru_cache(maxsize=8)  # one file is read again for each of its findings
def _read(data: bytes) -> Counter[tuple[str, tuple[str, ...]]] | str:
    from hcl2.api import parses_to_tree
    from lark.exceptions import LarkError

    try:
        tree = parses_to_tree(data.removeprefix(_BOM).decode() + "\n")
        return Counter(_blocks(tree))
    except (LarkError, ValueError, RecursionError) as why:
        return type(why).__name__


def _blocks(tree: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
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
