"""What is wrong with a configuration file, said to a person.

Every text that comes from a file is quoted, escaped and cut, so that it can neither break a
log line nor pass for our own words.
"""

from __future__ import annotations

import difflib
import json
import re
import types
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, Union, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

Keys: TypeAlias = tuple[str | int, ...]
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
_SHOWN = 60

_TEXTUAL = frozenset({"string_type", "path_type"})
_TEXTS = {
    "string_type": "{input} is not text; put it in quotes",
    "path_type": "{input} is not text; put it in quotes",
    "int_type": "{input} is not a whole number; write one, without quotes",
    "bool_type": "{input} is neither true nor false; write one of the two, without quotes",
    "tuple_type": "{input} is not a list; write [first, second], or a line with a dash for each",
    "dict_type": "{input} is not a mapping; write key: value, a line for each",
    "mapping_type": "{input} is not a mapping; write key: value, a line for each",
    "model_type": "{input} is not a mapping; write key: value, a line for each",
    "enum": "{input} is not known; write {expected}",
    "literal_error": "{input} is not known; write {expected}",
    "greater_than_equal": "{input} is too small; write at least {ge}",
    "less_than_equal": "{input} is too large; write at most {le}",
}


def shown(value: object) -> str:
    """A value of a file, on one line and never longer than a person wants to read."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    cut = text[:_SHOWN] + "…" if len(text) > _SHOWN else text
    if not isinstance(value, str):
        return cut
    return json.dumps(cut, ensure_ascii=not cut.isprintable())


def dotted(keys: Keys) -> str:
    """`exemptions[0].match.class`; a key that is no plain word is quoted."""
    out = ""
    for key in keys:
        if isinstance(key, int):
            out += f"[{key}]"
        elif _SIMPLE.fullmatch(key):
            out += f".{key}" if out else key
        else:
            out += f"[{shown(key)}]"
    return out


def instead(word: str, known: Iterable[str]) -> str:
    """The nearest known word, or all of them where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"write {near[0]}" if near else f"known are {', '.join(names)}"


def explain(model: type[BaseModel], error: ErrorDetails) -> tuple[Keys, str]:
    """One of pydantic's errors: where it is, what is wrong, what to write instead."""
    keys, kind, given = tuple(error["loc"]), error["type"], error["input"]
    context = error.get("ctx", {})
    if keys[-1:] == ("[key]",):  # pydantic's word for "the key itself is wrong"
        keys = keys[:-1]
    if kind == "value_error":
        return keys, str(context["error"])
    if kind == "missing":
        return keys[:-1], _missing(model, keys)
    if kind == "extra_forbidden":
        key = str(keys[-1])
        known = _fields(model, keys[:-1])
        return keys, f"there is no such key; {instead(key, known)}"
    if given is None:
        return keys, "has no value; write one, or remove the key"
    if kind in _TEXTUAL and isinstance(given, (dict, list)):
        return keys, f"{shown(given)} stands where a text belongs"
    text = _TEXTS.get(kind)
    if text is None:
        return keys, f"{shown(given)}: {error['msg']}"
    return keys, text.format(input=shown(given), **context)


def _missing(model: type[BaseModel], keys: Keys) -> str:
    key = str(keys[-1])
    field = _fields(model, keys[:-1]).get(key)
    example = field.examples[0] if field and field.examples else "…"
    return f"{key} is missing; write for example {key}: {example}"


def _fields(model: type[BaseModel], keys: Keys) -> dict[str, FieldInfo]:
    """The keys that the mapping at `keys` may have."""
    current: Any = model
    for key in keys:
        current = _bare(current)
        fields = getattr(current, "model_fields", None)
        if fields is not None:
            current = _named(fields)[str(key)].annotation
        else:
            arguments = get_args(current)
            current = arguments[0] if isinstance(key, int) else arguments[1]
    return _named(getattr(_bare(current), "model_fields", {}))


def _named(fields: dict[str, FieldInfo]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in fields.items()}


def _bare(annotation: Any) -> Any:
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin is Union or origin is types.UnionType:
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation
