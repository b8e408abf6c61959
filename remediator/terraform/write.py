"""New HCL, laid out as `terraform fmt` has it. Any text may be hostile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap

from remediator.terraform.literal import string_literal
from remediator.texts import plain

_WIDTH = 98
_MAX_COMMENT = 2000
_MAX_NAME = 60


def comment(text: str) -> list[str]:
    shown = plain(text, _MAX_COMMENT)
    lines = wrap(shown, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]


def block(header: str, *groups: Sequence[str]) -> list[str]:
    """A block or an object of these groups of lines, with an empty line between them."""
    inside: list[str] = []
    for group in groups:
        inside += ["", *group] if inside and group else group
    return [f"{header} {{", *(f"  {line}" if line else "" for line in inside), "}"]


def attributes(values: Mapping[str, str]) -> list[str]:
    """Lines whose `=` stand below each other; names in ASCII, values of one line."""
    width = max((len(name) for name in values), default=0)
    return [f"{name:<{width}} = {value}" for name, value in values.items()]


def literal(text: str) -> str:
    """A quoted string; a lone surrogate, which no HCL string can hold, becomes "?"."""
    return string_literal(text.encode("utf-8", "replace").decode())


def key(text: str) -> str:
    """An object's key in ASCII: what `terraform fmt` counts as one column is not one character."""
    return "".join(c if c.isascii() else _escaped(c) for c in literal(text))


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def identifier(text: str) -> str:
    """A name that Terraform takes, as near to the text as one can be."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()[:_MAX_NAME].rstrip("_")
    return name if name[:1].isalpha() else f"imported_{name}".rstrip("_")
