"""A policy document as the AWS provider writes it: its own order of keys, and Go's JSON.

https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediator.terraform.functions.json_text import encoded
from remediator.terraform.value import Known, Mapping, Sequence, Unknown, Value

_DOCUMENT = ("Version", "Id", "Statement")
STATEMENT = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)
_ORDERS = {0: _DOCUMENT, 2: STATEMENT}
"""By depth. Deeper down, keys are sorted."""


class _NotWrittenError(ValueError):
    """Why there is no text."""


def written(document: Value, indented: bool) -> str | Unknown:
    """The text of a document that is wholly known."""
    try:
        return "".join(_pieces(document, 0, indented))
    except _NotWrittenError as why:
        return Unknown(str(why))


def _pieces(value: Value, depth: int, indented: bool) -> Iterator[str]:
    match value:
        case Known():
            text = encoded(value)
            if isinstance(text, Unknown):
                raise _NotWrittenError(text.reason)
            yield text
        case Sequence():
            inside = (_pieces(item, depth + 1, indented) for item in value.items)
            yield from _enclosed("[]", inside, depth, indented)
        case Mapping():
            order = _ORDERS.get(depth, ())
            keys = [key for key in order if key in value.entries]
            keys += (key for key in value.entries if key not in order)
            entries = (_entry(key, value.entries[key], depth, indented) for key in keys)
            yield from _enclosed("{}", entries, depth, indented)
        case _:
            raise _NotWrittenError("a part of the document is not known")


def _entry(key: str, value: Value, depth: int, indented: bool) -> Iterator[str]:
    yield from _pieces(Known(key), depth + 1, indented)
    yield ": " if indented else ":"
    yield from _pieces(value, depth + 1, indented)


def _enclosed(
    ends: str, members: Iterable[Iterator[str]], depth: int, indented: bool
) -> Iterator[str]:
    yield ends[0]
    empty = True
    for member in members:
        yield "" if empty else ","
        yield "\n" + "  " * (depth + 1) if indented else ""
        yield from member
        empty = False
    yield "\n" + "  " * depth if indented and not empty else ""
    yield ends[1]
