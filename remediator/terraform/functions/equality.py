"""Whether two values are equal: yes, no, or None for what cannot be told.

https://developer.hashicorp.com/terraform/language/expressions/operators#equality-operators
"""

from __future__ import annotations

from remediator.terraform.value import (
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    canonical,
    is_known,
)

_WORK = 100_000


def equal(a: Value, b: Value) -> bool | None:
    """A tuple and a list with the same items differ for Terraform; which of them a value is may
    not be exactly known, so that is None."""
    if isinstance(a, Unknown | Handle) or isinstance(b, Unknown | Handle):
        return None
    match a, b:
        case Known(), Known():
            return canonical(a) == canonical(b)
        case Sequence(), Sequence():
            return _sequences(a, b)
        case Mapping(), Mapping():
            return _mappings(a, b)
    return False


def _sequences(a: Sequence, b: Sequence) -> bool | None:
    if a.open or b.open:
        return None
    if "set" in (a.kind, b.kind):
        if not is_known(a) or not is_known(b):
            return None
        same = {canonical(i) for i in a.items} == {canonical(i) for i in b.items}
        return _kinds(same, a.kind == b.kind)
    if len(a.items) != len(b.items):
        return False
    return _all([equal(x, y) for x, y in zip(a.items, b.items, strict=True)], a.kind == b.kind)


def _mappings(a: Mapping, b: Mapping) -> bool | None:
    if a.open or b.open:
        if any(k not in b.entries for k in a.entries) and not b.open:
            return False
        return False if any(k not in a.entries for k in b.entries) and not a.open else None
    if a.entries.keys() != b.entries.keys():
        return False
    found = [equal(value, b.entries[key]) for key, value in a.entries.items()]
    return _all(found, a.kind == b.kind)


def _all(found: list[bool | None], same_kind: bool) -> bool | None:
    if False in found:
        return False
    return None if None in found else _kinds(True, same_kind)


def _kinds(same: bool, same_kind: bool) -> bool | None:
    return same if same_kind or not same else None


def sure_to_differ(items: tuple[Value, ...]) -> bool:
    """Whether no two of them can turn out to be equal. The known ones must differ already."""
    partial = [i for i, item in enumerate(items) if not is_known(item)]
    if len(partial) * len(items) > _WORK:
        return False
    return all(
        equal(items[i], other) is False for i in partial for j, other in enumerate(items) if i != j
    )
