"""The kinds of value that our YAML files share: strict, frozen, refused with a sentence."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StrictInt

from remediator.sentences import shown

MAX_TEXT = 500
MAX_GLOB = 2048
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Strict(BaseModel):
    """A mapping with no key but its own, and no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def _version(value: int) -> int:
    if value != 1:
        raise ValueError(f"version {value} is not known here; write 1, or update Remediator")
    return value


def one_line(value: str) -> str:
    """Text for a table, a commit or a pull request; a folded YAML text becomes one line."""
    text = " ".join(value.split())
    if not text:
        raise ValueError("is empty; write a text")
    if len(text) > MAX_TEXT:
        raise ValueError(f"is longer than {MAX_TEXT} characters; shorten it")
    _printable(text)
    return text


def _printable(text: str) -> None:
    if not text.isprintable():
        odd = next(c for c in text if not c.isprintable())
        raise ValueError(f"holds U+{ord(odd):04X}, which cannot be seen; remove it")


def _glob(value: str) -> str:
    if not value:
        raise ValueError("is empty, and an empty pattern matches nothing; remove the key")
    if len(value) > MAX_GLOB:
        raise ValueError(f"is longer than {MAX_GLOB} characters; shorten it")
    _printable(value)
    if value != value.strip():
        raise ValueError(f"{shown(value)} begins or ends with a space; remove it")
    return value


def digits(value: Any) -> Any:
    """An account id without quotes is read as a number; nothing of it is lost."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def listed(value: Any) -> Any:
    """One text where a list of them may stand."""
    return [value] if isinstance(value, str) else value


def _name(value: str) -> str:
    if len(value) > 64 or not _NAME.fullmatch(value):
        raise ValueError(
            f"{shown(value)} is not a name; write small letters, digits and single dashes"
        )
    return value


@lru_cache(maxsize=4096)  # the same few patterns, and each name several times
def matches(pattern: str, value: str) -> bool:
    """The whole value, by `*` and `?`. Brackets mean themselves: addresses are full of them."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == value
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


Version = Annotated[StrictInt, AfterValidator(_version)]
OneLine = Annotated[str, AfterValidator(one_line)]
Name = Annotated[str, AfterValidator(_name)]
Glob = Annotated[str, BeforeValidator(digits), AfterValidator(_glob)]
