"""What a run leaves for the next one in texts on GitHub: HTML comments that nobody sees.

A mark is a line `<!-- remediator:NAME {json} -->`, and nothing else is: in a code span foreign text
stands as it is, but it never begins a line. Nor does it reach a mark unescaped: JSON writes `<`,
`>` and `-` of its values as escapes, so that no value can end a comment or start one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from remediator.model import Json

_MARK = re.compile(r"^<!-- remediator:([a-z]+) (\{[^<>\n]*\}) -->[ \t\r]*$", re.MULTILINE)
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "-": "\\u002d"}


def mark(name: str, values: Mapping[str, Json]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return f"<!-- remediator:{name} {_escaped(text)} -->"


def read(name: str, text: str) -> Mapping[str, Json] | None:
    """The first mark of that name, or None where there is none that can be read."""
    for found in _MARK.finditer(text):
        if found[1] == name:
            return _object(found[2])
    return None


def without(name: str, text: str) -> str:
    return _MARK.sub(lambda found: "" if found[1] == name else found[0], text)


def word(values: Mapping[str, Json] | None, key: str) -> str:
    """A text of a mark, "" where it is not there or is no text."""
    value = (values or {}).get(key)
    return value if isinstance(value, str) else ""


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in text)


def _object(text: str) -> Mapping[str, Json] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
