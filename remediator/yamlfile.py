"""YAML for rules that people review: every value keeps its line, and surprises are refused.

Read is the part of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/, chapter 10.3) that
rules need. Not read, on purpose: anchors and aliases (an entry must say by itself what it does,
and a handful of them can stand for gigabytes), tags, several documents, duplicate keys. `no`,
`on` and `0123` stay text; a date stays text too, so that quotes around it change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import yaml

from remediator.model import ConfigurationError, Json, sha256
from remediator.sentences import Keys, dotted, explain, shown

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

MAX_BYTES = 1024 * 1024
MAX_NODES = 100_000
MAX_DEPTH = 20

# libyaml's scanner is some ten times faster; both give the same events.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a file. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    text: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class InvalidFile(ConfigurationError):  # noqa: N818 - a ConfigurationError, named for what it says
    """A ConfigurationError whose problems can also be had apart, in `found`."""

    def __init__(self, *found: Problem) -> None:
        super().__init__(*map(str, found))
        self.found = found


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value, where each part of it stands, and the sha256 of its bytes."""

    path: str
    value: Json
    lines: Mapping[Keys, int]
    digest: str

    def line(self, keys: Keys) -> int:
        """The line of a value, or of the nearest thing around it that is in the file."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def problem(self, keys: Keys, text: str) -> Problem:
        where = dotted(keys)
        return Problem(self.path, self.line(keys), f"{where}: {text}" if where else text)


def read(path: Path) -> Document:
    """Raises InvalidFile for a file that is missing, unreadable, too large or not such YAML."""
    name = str(path)
    try:
        if not path.is_file():
            raise InvalidFile(Problem(name, 0, "there is no such file"))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidFile(Problem(name, 0, f"cannot be read: {error.strerror}")) from error
    return parse(name, data)


def parse(path: str, data: bytes) -> Document:
    """Pure. `path` is what the sentences call the file. Raises InvalidFile."""
    if len(data) > MAX_BYTES:
        raise InvalidFile(Problem(path, 0, f"is larger than {MAX_BYTES} bytes; split it"))
    text = _text(path, data)
    builder = _Builder(path)
    try:
        value = builder.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        raise InvalidFile(_syntax(path, text, error)) from error
    if builder.problems:
        raise InvalidFile(*builder.problems)
    return Document(path, value, builder.lines, sha256(data))


def validate(model: type[M], document: Document, context: Mapping[str, object] | None = None) -> M:
    """The document as `model`. Raises InvalidFile, one sentence for each of pydantic's errors."""
    from pydantic import ValidationError

    try:
        return model.model_validate(document.value, context=dict(context or {}))
    except ValidationError as error:
        found = (explain(model, e) for e in error.errors(include_url=False))
        raise InvalidFile(*sorted(document.problem(keys, text) for keys, text in found)) from error


def _text(path: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidFile(Problem(path, line, "is not UTF-8; save the file as UTF-8")) from error
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        code = f"U+{ord(found.group()):04X}"
        raise InvalidFile(Problem(path, line, f"holds the control character {code}; remove it"))
    return text


class _Builder:
    """Events to values. `lines` has a mapping's value by the line of its key."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: dict[Keys, int] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> Json:
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            raise InvalidFile(Problem(self.path, 1, "is empty; begin it with version: 1"))
        value = self._node(events, next(events), ())
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._stopped(after, "a second document begins here; one file holds one")
        return value

    def _node(self, events: Iterator[yaml.Event], event: yaml.Event, keys: Keys) -> Json:
        self.lines.setdefault(keys, _line(event))
        if len(self.lines) > MAX_NODES:
            raise self._stopped(event, f"more than {MAX_NODES} values; split the file")
        if len(keys) > MAX_DEPTH:
            raise self._stopped(event, f"nested deeper than {MAX_DEPTH} levels; no rule is")
        self._plain(event)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, keys)
        return self._mapping(events, keys)

    def _plain(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            name = shown(f"*{_anchor(event)}")
            text = f"{name} is an alias, which is not read here; write the value out"
            raise self._stopped(event, f"{text}, or put a text that begins with * in quotes")
        if anchor := _anchor(event):
            name = shown(f"&{anchor}")
            raise self._stopped(event, f"{name} is an anchor, which is not read here; remove it")
        if tag := getattr(event, "tag", None):
            raise self._stopped(event, f"the tag {shown(tag)} is not read here; remove it")

    def _sequence(self, events: Iterator[yaml.Event], keys: Keys) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(events, event, (*keys, len(items))))
        return items

    def _mapping(self, events: Iterator[yaml.Event], keys: Keys) -> dict[str, Json]:
        mapping: dict[str, Json] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event, keys)
            if key in mapping:
                first = self.lines[(*keys, key)]
                text = f"is written twice, first on line {first}; remove one of the two"
                place = f"{dotted((*keys, key))}: {text}"
                self.problems.append(Problem(self.path, _line(event), place))
            self.lines.setdefault((*keys, key), _line(event))
            mapping[key] = self._node(events, next(events), (*keys, key))
        return mapping

    def _key(self, event: yaml.Event, keys: Keys) -> str:
        self._plain(event)
        value = _scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(value, str):
            return value
        around = f"{dotted(keys)}: " if keys else ""
        if not isinstance(event, yaml.ScalarEvent):
            raise self._stopped(event, f"{around}a list or a mapping is not a key; write a name")
        raise self._stopped(event, f"{around}the key {event.value} is not text; put it in quotes")

    def _stopped(self, event: yaml.Event, text: str) -> InvalidFile:
        return InvalidFile(*self.problems, Problem(self.path, _line(event), text))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _anchor(event: yaml.Event) -> str | None:
    return getattr(event, "anchor", None)


def _scalar(event: yaml.ScalarEvent) -> Json:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _syntax(path: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """The scanner's complaint as a sentence: what people get wrong most, then its own words."""
    begin, at = error.context_mark, error.problem_mark
    context, problem = error.context or "", error.problem or "cannot be read"
    line = at.line if at else 0
    rows = text.splitlines() or [""]
    row = rows[min(line, len(rows) - 1)]
    if "\t" in row[: len(row) - len(row.lstrip())]:
        return Problem(path, line + 1, "is indented with a tab; write spaces")
    if "alias" in context:
        return Problem(path, line + 1, "a text that begins with * must be put in quotes")
    if at and row[at.column : at.column + 1] in ("@", "`", "%"):
        mark = row[at.column]
        return Problem(path, line + 1, f"a text that begins with {mark} must be put in quotes")
    if "mapping values" in problem:
        hint = "put the text in quotes, or indent the line as its neighbours"
        return Problem(path, line + 1, f"a colon stands where no key can be; {hint}")
    if begin and "flow" in context and "node" not in context:
        return Problem(path, begin.line + 1, "the bracket that opens here is not closed")
    if begin and "end of stream" in problem:
        return Problem(path, begin.line + 1, "the quote that opens here is not closed")
    return Problem(path, line + 1, f"is not valid YAML: {problem}")
