"""`remediator access compare`: whether one IAM policy allows nothing that another does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any, BinaryIO

import click

from remediator.access.iam.compare import compare_documents
from remediator.access.iam.document import LARGEST, check_keys, read_json
from remediator.access.iam.statements import MalformedPolicyError
from remediator.access.iam.verdict import Answer, Verdict, told
from remediator.model import ConfigurationError, Json
from remediator.texts import plain

_LONGEST = 4 * LARGEST
"""Bytes of a line: two policies, perhaps as escaped text."""


def compare_files(before: Path, after: Path) -> int:
    """0 where nothing new is allowed, else 1. What is malformed is unknown, not an error."""
    verdict = compare_documents(_read(after), _read(before))
    click.echo(str(verdict.answer))
    for label, text in _lines(verdict):
        click.echo(f"  {label:<10} {plain(text, 2000)}")
    return 0 if verdict.nothing_new else 1


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST + 1)
    except OSError as why:
        raise ConfigurationError(f"{path} cannot be read: {why.strerror}") from None


def _lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    request = verdict.witness
    if request is None:
        yield "because", verdict.reason
        return
    yield "because", "only the policy after allows this request"
    yield "principal", str(request.principal)
    yield "action", request.action
    if request.resource is not None:
        yield "resource", request.resource
    for key, texts in sorted(request.context.items()):
        yield "with", f"{key} = {' and '.join(texts)}"


def compare_lines(stream: BinaryIO) -> int:
    """Answers each line of `stream`, also one that is no question. 0 where each allows nothing
    new."""
    status = 0
    for line in _questions(stream):
        name, verdict = _answered(line)
        click.echo(json.dumps(_document(name, verdict)))
        status = max(status, 0 if verdict.nothing_new else 1)
    return status


def _questions(stream: BinaryIO) -> Iterator[bytes]:
    """Lines that are not blank; of one that is too long, its beginning."""
    while line := stream.readline(_LONGEST + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := stream.readline(_LONGEST)):
            pass
        if line.strip():
            yield line


def _answered(line: bytes) -> tuple[Json, Verdict]:
    try:
        found = _question(line)
    except MalformedPolicyError as why:
        return None, Verdict(Answer.UNKNOWN, str(why))
    name = found.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int | float) or name in (inf, -inf):
        return None, Verdict(Answer.UNKNOWN, "the line has no id that is a string or a number")
    for key in ("before", "after"):
        if not isinstance(found.get(key), str | dict):
            text = f"the line has no {key} that is a policy: an object, or its text"
            return name, Verdict(Answer.UNKNOWN, text)
    return name, compare_documents(found["after"], found["before"])


def _question(line: bytes) -> dict[str, Any]:
    if len(line) > _LONGEST:
        raise MalformedPolicyError(f"the line is longer than {_LONGEST} bytes")
    found = read_json(line, _LONGEST)
    if not isinstance(found, dict):
        raise MalformedPolicyError("the line is not a JSON object")
    # A key that is written twice in a policy is that policy's fault, and the answer has the id.
    check_keys(dict.fromkeys(found) if type(found) is dict else found)
    return found


def _document(name: Json, verdict: Verdict) -> dict[str, Json]:
    return {
        "id": name,
        "verdict": str(verdict.answer),
        "witness": told(verdict.witness) if verdict.witness else None,
        "reason": verdict.reason,
    }
