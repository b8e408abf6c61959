"""Observing runs kept on the disk, and `remediator report observation`, which sums them up."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from remediator.model import ConfigurationError
from remediator.observe.candidates import documents, observation
from remediator.observe.suggest import exemptions_yaml
from remediator.observe.told import document, lines
from remediator.outcomes import Document
from remediator.texts import plain

_SUFFIXES = (".json", ".jsonl")
_LARGEST = 1 << 30


def keep(folder: Path, made: Document, at: datetime) -> Path:
    """Adds one run to the day's file, in one write: a run that dies leaves at most a torn line.

    Raises ConfigurationError where it cannot be written.
    """
    file = folder / f"{at:%Y-%m-%d}.jsonl"
    line = bytearray()
    for piece in made.pieces(indented=False):
        line += piece.encode()
    line += b"\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if _is_torn(descriptor):
                line.insert(0, ord("\n"))
            left = memoryview(line)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
    except OSError as why:
        raise ConfigurationError(f"{file} cannot be written: {why.strerror}") from None
    return file


def _is_torn(descriptor: int) -> bool:
    """Whether the file ends in a line that was not written whole."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def report(paths: Sequence[Path], form: str, exemptions: Path | None, every: bool) -> int:
    """0; 1 where a document could not be used."""
    found = observation(_read(paths))
    if exemptions is not None:
        _write(exemptions, exemptions_yaml(found, every))
        click.echo(f"{exemptions}: fill in owner and expires of what you keep", err=True)
    if form == "json":
        click.echo(json.dumps(document(found), indent=2))
    elif form == "exemptions":
        click.echo(exemptions_yaml(found, every), nl=False)
    else:
        for line in lines(found):
            click.echo(line)
    for problem in found.problems:
        click.echo(plain(problem, 400), err=True)
    return 1 if found.problems else 0


def _read(paths: Sequence[Path]) -> Iterator[tuple[str, Any]]:
    for path in paths:
        for file in _files(path):
            try:
                if file.stat().st_size > _LARGEST:
                    raise ConfigurationError(f"{file} is larger than any observation")
                data = file.read_bytes()
            except OSError as why:
                raise ConfigurationError(f"{file} cannot be read: {why.strerror}") from None
            yield from documents(str(file), data)


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    inside = sorted(p for p in path.iterdir() if p.suffix in _SUFFIXES)
    if not inside:
        kept = "`observations:` in the configuration keeps them, or name files of `run --json`"
        raise ConfigurationError(f"{path} has no run that observed; {kept}")
    return inside


def _write(path: Path, text: str) -> None:
    """Never over a list that somebody has filled in."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigurationError(f"{path} is there already; name a new file") from None
    except OSError as why:
        raise ConfigurationError(f"{path} cannot be written: {why.strerror}") from None
