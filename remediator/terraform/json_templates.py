"""JSON text as the HCL grammar can read it: where a template in a JSON string quotes a text of its
own, the quotes are escaped, and the grammar knows no such quotes.

https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

from __future__ import annotations

import re

_STEP = re.compile(rb'\\.|[$%]+\{|[{}"]', re.DOTALL)
_HARMLESS = (b"\\n", b"\\t", b"\\r")


def readable(data: bytes) -> bytes:
    r"""As many bytes: each text begins and ends where it did, less the `\` of its quotes.

    A template with any other escape inside becomes a name that nobody knows.
    """
    if b"{" not in data or b'\\"' not in data:
        return data
    made = bytearray(data)
    at = 0
    while (quote := data.find(b'"', at)) >= 0:
        at = _string(data, made, quote + 1)
    return bytes(made)


def _string(data: bytes, made: bytearray, at: int) -> int:
    """Reads a JSON string to behind its closing quote."""
    while step := _STEP.search(data, at):
        found, at = step.group(), step.end()
        if found == b'"':
            return at
        if _begins(found):
            at = _template(data, made, at)
    return len(data)


def _begins(found: bytes) -> bool:
    return found in (b"${", b"%{")


def _template(data: bytes, made: bytearray, start: int) -> int:
    """Reads to behind the brace that closes it; the JSON string's own end ends it too."""
    nested = ["template"]  # templates, braces and texts within each other
    at, strange = start, False
    while step := _STEP.search(data, at):
        found, at = step.group(), step.end()
        in_text = nested[-1] == "text"
        if found == b'"':
            return step.start()
        if found == b'\\"':
            made[step.start() : at] = b'" ' if in_text else b' "'
            nested = nested[:-1] if in_text else [*nested, "text"]
        elif found[:1] == b"\\":
            strange |= in_text or found not in _HARMLESS
            made[step.start() : at] = b"  "
        elif _begins(found):
            nested.append("template")
        elif found in (b"{", b"}") and not in_text:
            nested = [*nested, "brace"] if found == b"{" else nested[:-1]
        if not nested:
            break
    if strange:
        made[start : at - 1] = b"_" * (at - 1 - start)
    return at
