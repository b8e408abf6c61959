"""One batch of files: every edit made, every check asked, `terraform fmt` run twice for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fidelity.checks import (
    as_fmt_has_it,
    json_differs_at,
    lines_changed,
    outside_is_identical,
    says_what_was_meant,
)
from benchmarks.fidelity.layout import formatted
from benchmarks.fidelity.places import Attempt, Picker, attempts, attempts_in_json
from benchmarks.fidelity.tally import (
    AGREES,
    BEYOND,
    CLEAN_AFTER,
    CLEAN_BEFORE,
    COMMENTS,
    EDITS,
    MEANT,
    OUTSIDE,
    PARSED,
    READ,
    Tally,
)
from remediator.model import SourceError
from remediator.terraform.content import json_source
from remediator.terraform.edit import splice
from remediator.terraform.second_reader import changed_blocks
from remediator.terraform.syntax import parse

_NATIVE = (".tf", ".tfvars")
_QUOTED = re.compile(r"`[^`]*`|\d+")


@dataclass(frozen=True, slots=True)
class File:
    repository: str
    name: str
    path: str

    @property
    def is_json(self) -> bool:
        return self.name.endswith(".json")


@dataclass(frozen=True, slots=True)
class _Made:
    """An edit that was made, until fmt has seen its result."""

    file: File
    kind: str
    what: str
    after: bytes
    moved: tuple[bytes, ...]


def tried(files: Iterable[File], places: int, scratch: Path) -> Tally:
    return _Trial(places, scratch).run(files)


class _Trial:
    def __init__(self, places: int, scratch: Path) -> None:
        self.places, self.scratch, self.tally = places, scratch, Tally()

    def run(self, files: Iterable[File]) -> Tally:
        texts = {f: Path(f.path).read_bytes() for f in files}
        laid_out = self._formatted((f, text) for f, text in texts.items() if not f.is_json)
        made: list[_Made] = []
        for file, data in texts.items():
            self.tally.files[file.repository, "files"] += 1
            as_fmt = laid_out.get(file)
            if as_fmt == data:
                self.tally.files[file.repository, "fmt-clean"] += 1
            made += self._file(file, data, as_fmt)
        self._judge([m for m in made if laid_out.get(m.file) is not None], texts, laid_out)
        return self.tally

    def _file(self, file: File, data: bytes, as_fmt: bytes | None) -> Iterator[_Made]:
        try:
            some = list(self._attempts(file, data))
        except SourceError as refused:
            reads = "-" if file.is_json else "refuses it" if as_fmt is None else "reads it"
            self.tally.files[file.repository, "refused"] += 1
            self.tally.refused[_QUOTED.sub("…", refused.text), reads] += 1
            return
        self.tally.files[file.repository, "parsed"] += 1
        for attempt in some:
            self.tally.files[file.repository, "edits"] += 1
            self.tally.cells[attempt.kind, EDITS] += 1
            yield from self._edit(file, data, attempt)

    def _attempts(self, file: File, data: bytes) -> Iterator[Attempt]:
        picker = Picker(f"{file.repository} {file.name}", self.places)
        if file.is_json:
            return attempts_in_json(file.name, data, picker)
        return attempts(parse(file.name, data), picker)

    def _edit(self, file: File, data: bytes, attempt: Attempt) -> Iterator[_Made]:
        line = data.count(b"\n", 0, attempt.parts[0].start) + 1
        what = f"{file.repository}/{file.name}:{line}"
        try:
            edits = attempt.make()
            after = splice(data, edits)
            (json_source if file.is_json else parse)(file.name, after)
        except Exception as why:  # noqa: BLE001 # any of them is what we are looking for
            self._broken(attempt, what, f"{type(why).__name__}: {why}")
            return
        self._count(attempt, PARSED, True, what)
        self._count(attempt, OUTSIDE, outside_is_identical(data, after, edits), what)
        self._count(attempt, MEANT, says_what_was_meant(data, after, attempt.parts), what)
        self._second_reader(file, data, after, attempt, what)
        lines = lines_changed(data, after, attempt.parts)
        self.tally.cells[attempt.kind, COMMENTS] += lines.comments
        self._beyond(attempt.kind, lines.beyond, what)
        yield _Made(file, attempt.kind, what, after, lines.moved)

    def _second_reader(
        self, file: File, data: bytes, after: bytes, attempt: Attempt, what: str
    ) -> None:
        expected = attempt.names if after != data else frozenset()
        if file.is_json:
            differs = json_differs_at(data, after)
            self.tally.cells[attempt.kind, READ] += 1
            self._count(attempt, AGREES, differs == expected, what)
            return
        seen = changed_blocks(data, after)
        if not seen.unread_before:
            self.tally.cells[attempt.kind, READ] += 1
            agrees = not seen.unread_after and seen.addresses == expected
            self._count(attempt, AGREES, agrees, f"{what} {seen}")

    # Layout ------------------------------------------------------------------------------

    def _judge(
        self, made: list[_Made], before: Mapping[File, bytes], laid_out: Mapping[File, bytes | None]
    ) -> None:
        """Of files that terraform can read."""
        names = {f"{n}{_suffix(one.file)}": one for n, one in enumerate(made)}
        done = formatted({name: one.after for name, one in names.items()}, self.scratch)
        for name, one in names.items():
            text = done[name]
            if text is None:
                self.tally.failures.append(f"{one.kind}: terraform fmt refuses {one.what}")
                continue
            if laid_out[one.file] == before[one.file]:
                self.tally.cells[one.kind, CLEAN_BEFORE] += 1
                self.tally.cells[one.kind, CLEAN_AFTER] += text == one.after
                if text != one.after:
                    self.tally.failures.append(f"{one.kind}: not fmt-clean any more: {one.what}")
            lines = text.split(b"\n")
            odd = sum(not as_fmt_has_it(line, lines) for line in one.moved)
            self._beyond(one.kind, odd, one.what)

    def _formatted(self, texts: Iterable[tuple[File, bytes]]) -> dict[File, bytes | None]:
        named = {f"{n}{_suffix(f)}": (f, text) for n, (f, text) in enumerate(texts)}
        done = formatted({name: text for name, (_, text) in named.items()}, self.scratch)
        return {named[name][0]: text for name, text in done.items()}

    # Counting ----------------------------------------------------------------------------

    def _count(self, attempt: Attempt, column: str, holds: bool, what: str) -> None:
        self.tally.cells[attempt.kind, column] += holds
        if not holds:
            self._broken(attempt, what, column)

    def _beyond(self, kind: str, lines: int, what: str) -> None:
        self.tally.cells[kind, BEYOND] += lines
        if lines:
            self.tally.failures.append(f"{kind}: {lines} lines beyond the minimum: {what}")

    def _broken(self, attempt: Attempt, what: str, why: str) -> None:
        self.tally.failures.append(f"{attempt.kind}: {why}: {what}")


def _suffix(file: File) -> str:
    return ".tfvars" if file.name.endswith(".tfvars") else ".tf"
