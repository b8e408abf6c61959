"""What the real terraform says that it would do: `terraform show -json PLAN`, format 1.

A plan holds secrets in clear text. Of each value a digest is kept, and of the few attributes that
`facets` names what they come to; nothing else ever becomes an object.
https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

import msgspec

from remediator.model import SourceError
from remediator.terraform.address import Address
from remediator.terraform.facets import FACETS, NOTHING, Facet, Texts

Digest = bytes
_ABSENT = b""


class Effect(StrEnum):
    """What a plan will show for a block's instances. REPLACE means a gap in access."""

    UPDATE = "update"
    DELETE = "delete"
    CREATE = "create"
    REPLACE = "replace"


NO_OP = "no-op"
_KINDS = {
    (NO_OP,): NO_OP,
    ("create",): Effect.CREATE.value,
    ("update",): Effect.UPDATE.value,
    ("delete",): Effect.DELETE.value,
    ("delete", "create"): Effect.REPLACE.value,
    ("create", "delete"): Effect.REPLACE.value,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to become of one resource instance, or of a deposed object of it.

    `before` and `after` are facets; `unknown` are the attributes, and facets, that are known
    after the apply only; `digests` are of every attribute as planned; `rest` is of whatever else
    the plan says (a move, an import).
    """

    address: Address
    actions: tuple[str, ...]
    before: Mapping[str, Texts]
    after: Mapping[str, Texts]
    unknown: frozenset[str]
    replace_paths: tuple[str, ...]
    digests: Mapping[str, Digest]
    rest: Digest
    deposed: str = ""

    @property
    def kind(self) -> str:
        """no-op, create, update, delete or replace; what has no such name, as it is written."""
        return _KINDS.get(self.actions, ", ".join(self.actions))

    @property
    def is_nothing(self) -> bool:
        return self.kind == NO_OP and not self.rest

    def same_as(self, other: Planned | None) -> bool:
        """Whether the same is to become of it: what it is now does not count."""
        return other is not None and self.result == other.result

    @property
    def result(self) -> tuple[object, ...]:
        """All that is to become of it."""
        return (self.kind, self.unknown, self.replace_paths, self.digests, self.rest)


@dataclass(frozen=True, slots=True)
class Plan:
    """The managed resources by address and deposed key, and a digest of each root output.

    `where` names the root for people. A plan that is not `whole` (it failed, or defers some of
    its changes to a later one) says nothing of what it leaves out.
    """

    where: str
    changes: Mapping[tuple[str, str], Planned]
    outputs: Mapping[str, Digest]
    whole: bool = True


class _Change(msgspec.Struct):
    actions: list[str]
    before: msgspec.Raw = msgspec.Raw(b"null")
    after: msgspec.Raw = msgspec.Raw(b"null")
    after_unknown: Any = None
    replace_paths: list[list[str | int]] | None = None
    importing: msgspec.Raw = msgspec.Raw(b"null")


class _Resource(msgspec.Struct):
    address: str
    mode: str
    type: str
    change: _Change
    deposed: str = ""
    previous_address: str = ""


class _Document(msgspec.Struct):
    format_version: str
    resource_changes: list[_Resource] = []
    output_changes: dict[str, _Change] = {}
    deferred_changes: list[msgspec.Raw] = []
    complete: bool = True
    errored: bool = False


_DECODER = msgspec.json.Decoder(_Document)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)


def read_plan(data: bytes, where: str) -> Plan:
    """Raises SourceError for what is no whole plan of a format that is known here."""
    try:
        document = _DECODER.decode(data)
        if document.format_version.split(".")[0] != "1":
            text = f"has format {document.format_version}, and format 1 is read; update Remediator"
            raise SourceError(where, 1, 1, text)
        managed = [_planned(r) for r in document.resource_changes if r.mode == "managed"]
    except (msgspec.DecodeError, ValueError, RecursionError) as why:
        raise SourceError(where, 1, 1, f"is no whole plan in JSON: {why}") from None
    return Plan(
        where,
        {(str(p.address), p.deposed): p for p in managed},
        {name: _digest_of_output(change) for name, change in document.output_changes.items()},
        document.complete and not document.errored and not document.deferred_changes,
    )


def _planned(resource: _Resource) -> Planned:
    change, facets = resource.change, FACETS.get(resource.type, {})
    before, after = (_OBJECT.decode(v) or {} for v in (change.before, change.after))
    unknown = _unknown(change.after_unknown, [*after])
    now = _texts(facets, after, unknown)
    return Planned(
        Address.parse(resource.address),
        tuple(change.actions),
        _texts(facets, before, frozenset()) if before else NOTHING,
        now if after else NOTHING,
        unknown | (facets.keys() - now.keys()),
        tuple(".".join(map(str, path)) for path in change.replace_paths or ()),
        {name: _digest(value) for name, value in after.items()},
        _rest(resource),
        resource.deposed,
    )


def _unknown(value: Any, attributes: Iterable[str]) -> frozenset[str]:
    """The attributes with anything in them that is known after the apply only."""
    if isinstance(value, dict):
        return frozenset(name for name, inner in value.items() if _any(inner))
    return frozenset(attributes) if value else frozenset()


def _any(value: Any) -> bool:
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
        elif found:
            return True
    return False


def _texts(
    facets: Mapping[str, Facet], values: Mapping[str, msgspec.Raw], unknown: frozenset[str]
) -> Mapping[str, Texts]:
    """The facets that are known."""
    found: dict[str, Texts] = {}
    for name, facet in facets.items():
        if facet.attributes & unknown:
            continue
        kept = {n: msgspec.json.decode(v) for n, v in values.items() if n in facet.attributes}
        try:
            found[name] = facet.texts(kept)
        except (ValueError, TypeError, AttributeError):
            continue
    return found


def _digest(*parts: bytes) -> Digest:
    whole = sha256()
    for part in parts:
        whole.update(part)
        whole.update(b"\0")
    return whole.digest()


def _rest(resource: _Resource) -> Digest:
    moved, imported = resource.previous_address.encode(), bytes(resource.change.importing)
    return _digest(moved, imported) if moved or imported != b"null" else _ABSENT


def _digest_of_output(change: _Change) -> Digest:
    return _digest(repr(change.after_unknown).encode(), bytes(change.after))
