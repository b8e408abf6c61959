"""Policy documents as the AWS provider reads them from JSON and puts them over one another.

https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from remediator.terraform.documents import document
from remediator.terraform.functions.json_text import parsed
from remediator.terraform.policy_text import STATEMENT
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_text,
    canonical,
    failure,
    is_null,
)


@dataclass(frozen=True, slots=True)
class Document:
    """`statements` are those whose `Sid` is known; `open` may be any number of further ones."""

    version: Value | None = None
    id: Value | None = None
    statements: tuple[Mapping, ...] = ()
    open: tuple[Unknown, ...] = ()

    def tree(self) -> Mapping:
        entries = [("Version", self.version), ("Id", self.id)]
        found = [(name, value) for name, value in entries if value is not None]
        if self.statements or self.open:
            found.append(("Statement", Sequence(self.statements, "tuple", None, self.open)))
        return Mapping.of(found)


def of_unknown(why: Unknown) -> Document:
    return Document(why, why, (), (why,))


def of_statements(
    version: Value | None, id_: Value | None, found: Iterable[Value], more: tuple[Unknown, ...]
) -> Document:
    """Of statements whose `Sid` is not known nothing is told."""
    statements: list[Mapping] = []
    unsure = list(more)
    for one in found:
        sid = one.get("Sid") if isinstance(one, Mapping) else one
        if isinstance(sid, Unknown):
            unsure.append(replace(sid, parts=()))
        elif isinstance(one, Mapping):
            statements.append(one)
    return Document(version, id_, tuple(statements), tuple(unsure))


def merged(below: Document, above: Document) -> Document:
    """A statement takes the place of the one with the same `Sid`; others are added."""
    kept, unsure = list(below.statements), [*below.open, *above.open]
    if above.open:  # any of them may replace one that has a Sid
        unsure += (Unknown("it may be overridden") for s in kept if "Sid" in s.entries)
        kept = [s for s in kept if "Sid" not in s.entries]
    places = {sid(s): i for i, s in reversed(list(enumerate(kept))) if sid(s)}
    for statement in above.statements:
        place = places.get(sid(statement))
        if place is None:
            if sid(statement):
                places[sid(statement)] = len(kept)
            kept.append(statement)
        else:
            kept[place] = statement
    version = _greater(below.version, above.version)
    return Document(version, above.id or below.id, tuple(kept), tuple(unsure))


def sid(statement: Mapping) -> str | None:
    return as_text(statement.get("Sid"))


def _greater(below: Value | None, above: Value | None) -> Value | None:
    for version in (below, above):
        if isinstance(version, Unknown):
            return version
    return above if (as_text(above) or "") > (as_text(below) or "") else below


def repeated(statements: Iterable[Mapping]) -> str | None:
    """A `Sid` that two of them have."""
    seen: set[str] = set()
    for name in filter(None, map(sid, statements)):
        if name in seen:
            return name
        seen.add(name)
    return None


# Reading JSON ------------------------------------------------------------------------------


def read(text: Value) -> Document:
    tree = _tree(text)
    if not isinstance(tree, Mapping):
        return of_unknown(tree if isinstance(tree, Unknown) else failure("it is no JSON object"))
    found = _field(tree, "Statement")
    version, id_ = (_text(_field(tree, name)) for name in ("Version", "Id"))
    if isinstance(found, Unknown) or tree.open:
        why = found if isinstance(found, Unknown) else tree.open[0]
        return of_unknown(replace(why, parts=()))
    if is_null(found):
        return Document(version, id_)
    if not isinstance(found, Sequence):
        return of_unknown(failure("its `Statement` is no list"))
    return of_statements(version, id_, map(_statement, found.items), found.open)


def _tree(text: Value) -> Value:
    """The document with its sources, if it comes to what the text says."""
    found = document(text)
    if isinstance(text, Known) and isinstance(text.value, str):
        plain = parsed(text.value)
        return found if canonical(found) == canonical(plain) else plain
    return found


def _field(tree: Mapping, name: str) -> Value | None:
    """Go does not tell capitals from small letters here."""
    found = [value for key, value in tree.entries.items() if key.lower() == name.lower()]
    if len(found) > 1:
        return Unknown(f"{name!r} is there twice")
    return found[0] if found else None


def _text(value: Value | None) -> Value | None:
    """None for null and for an empty text, which the provider leaves out."""
    if is_null(value) or isinstance(value, Unknown):
        return value if isinstance(value, Unknown) else None
    if isinstance(value, Known) and isinstance(value.value, str):
        return value if value.value else None
    return failure("a text of the document is none")


def _statement(tree: Value) -> Value:
    if not isinstance(tree, Mapping):
        return tree if isinstance(tree, Unknown) else Unknown("a statement is no object")
    if tree.open:
        return tree.open[0]
    entries = {}
    for name in STATEMENT:
        value = _READERS.get(name, _any)(_field(tree, name))
        if value is not None and not _is_empty(value):
            entries[name] = value
    return Mapping.of(entries.items(), "object", tree.source)


def _is_empty(value: Value) -> bool:
    return isinstance(value, Mapping) and not value.entries and not value.open


def _any(value: Value | None) -> Value | None:
    """A text or a list of texts, as it is."""
    if is_null(value):
        return None
    items = value.items if isinstance(value, Sequence) else (value,)
    for item in items:
        if not isinstance(item, Unknown) and not _is_text(item):
            return Unknown("an action or a resource is no text")
    return value


def _is_text(value: Value | None) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str)


def _principals(value: Value | None) -> Value | None:
    """Any text means everybody; lists are sorted backwards."""
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(value, Known) and isinstance(value.value, str):
        return value if value.value == "*" else Known("*")
    if not isinstance(value, Mapping):
        return Unknown("a principal is no text and no object")
    return everybody(
        Mapping.of(
            ((key, _identifiers(item)) for key, item in value.entries.items()),
            "object",
            value.source,
            value.open,
        )
    )


def _identifiers(value: Value) -> Value:
    if isinstance(value, Unknown) or _is_text(value):
        return value
    if isinstance(value, Sequence) and all(
        isinstance(i, Unknown) or _is_text(i) for i in value.items
    ):
        return backwards(value)
    return Unknown("an identifier of a principal is no text")


def backwards(value: Sequence) -> Sequence:
    """The last in the order of bytes comes first; where unknown ones come is not known."""
    known = [item for item in value.items if isinstance(item, Known)]
    unsure = tuple(item for item in value.items if isinstance(item, Unknown))
    known.sort(key=lambda item: str(item.value).encode(), reverse=True)
    return Sequence(tuple(known), "tuple", value.source, value.open + unsure)


def everybody(principals: Mapping) -> Value:
    """`{"*": "*"}` alone is written as `"*"`."""
    if list(principals.entries) != ["*"] or principals.open:
        return principals
    value = principals.entries["*"]
    if isinstance(value, Sequence) and len(value.items) == 1 and not value.open:
        value = value.items[0]
    return value if isinstance(value, Known) and value.value == "*" else principals


def _conditions(value: Value | None) -> Value | None:
    if value is None or isinstance(value, Unknown) or is_null(value):
        return value if isinstance(value, Unknown) else None
    if not isinstance(value, Mapping):
        return Unknown("a condition is no object")
    tests = ((test, _tested(item)) for test, item in value.entries.items())
    return Mapping.of(tests, "object", value.source, value.open)


def _tested(value: Value) -> Value:
    if not isinstance(value, Mapping):
        return value if isinstance(value, Unknown) else Unknown("a condition is no object")
    variables = ((name, _compared(item)) for name, item in value.entries.items())
    return Mapping.of(variables, "object", value.source, value.open)


def _compared(value: Value) -> Value:
    """One value stands without a list."""
    if isinstance(value, Known) and isinstance(value.value, bool):
        return replace(value, value="true" if value.value else "false")
    if isinstance(value, Unknown) or _is_text(value):
        return value
    if not isinstance(value, Sequence) or not all(
        isinstance(i, Unknown) or _is_text(i) for i in value.items
    ):
        return Unknown("a value of a condition is no text")
    return value.items[0] if len(value.items) == 1 and not value.open else value


_READERS: dict[str, Callable[[Value | None], Value | None]] = {
    "Sid": _text,
    "Effect": _text,
    "Principal": _principals,
    "NotPrincipal": _principals,
    "Condition": _conditions,
}
