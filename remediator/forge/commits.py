"""Commit objects: what they hold, read from git's own bytes and written as git writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from remediator.model import UNOBSERVED

_PERSON = re.compile(r"(.*?) ?<([^<>]*)> (-?\d{1,12})(?: [+-]\d{4})?")
_NOT_IN_A_NAME = re.compile(r"[<>\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Person:
    """Who, and when (UTC). A time that is none is `UNOBSERVED`."""

    name: str
    email: str
    time: datetime

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str

    @property
    def subject(self) -> str:
        return self.message.lstrip("\n").split("\n", 1)[0].strip()


def parse(commit: str, data: bytes) -> Commit:
    """A commit object's bytes. What is not as it should be is read as unknown, never an error."""
    head, _, body = data.partition(b"\n\n")
    fields: dict[str, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key.decode("ascii", "replace"), []).append(value)
    encoding = fields.get("encoding", [b"utf-8"])[0].decode("ascii", "replace")
    return Commit(
        commit,
        fields.get("tree", [b""])[0].decode("ascii", "replace"),
        tuple(p.decode("ascii", "replace") for p in fields.get("parent", [])),
        _person(_text(fields.get("author", [b""])[0], encoding)),
        _person(_text(fields.get("committer", [b""])[0], encoding)),
        _text(body, encoding),
    )


def render(
    tree: str,
    parents: Sequence[str],
    identity: tuple[str, str],
    when: datetime,
    message: str,
) -> bytes:
    """A commit object's bytes: UTF-8, in UTC, to the second, so that the same input is the same.

    Raises ValueError for a time without a time zone.
    """
    if when.tzinfo is None:
        raise ValueError("a commit's time needs a time zone")
    name, email = (_NOT_IN_A_NAME.sub("", part).strip() for part in identity)
    person = f"{name} <{email}> {int(when.timestamp())} +0000"
    head = [f"tree {tree}", *(f"parent {p}" for p in parents)]
    head += [f"author {person}", f"committer {person}"]
    text = message.replace("\0", "\ufffd").strip("\n")
    return ("\n".join(head) + f"\n\n{text}\n").encode("utf-8", "replace")


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _person(text: str) -> Person:
    match = _PERSON.fullmatch(text)
    if match is None:
        return Person(text, "", UNOBSERVED)
    try:
        time = datetime.fromtimestamp(int(match[3]), UTC)
    except (ValueError, OverflowError, OSError):
        time = UNOBSERVED
    return Person(match[1], match[2], time)
