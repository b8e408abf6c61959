"""The types of values, and the one type that several values become together.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion and, for what
it leaves out, https://github.com/zclconf/go-cty/blob/main/cty/convert/unify.go

A value of ours does not tell every type. FREE is that of a null whose type is not known, or of
what an empty list would hold: beside a number it is taken for a number, but beside a collection
Terraform refuses a null that has no type, so that is DOUBTFUL. ANY is that of an unknown: beside
it a number may become a text, and a list a set, so that is UNSURE.

So two things are taken for known that a type would tell better. A number beside such a null or
an empty list is a number, where the null or the list may be one of texts: then Terraform has a
text of the same digits. And an empty list of one type passes where Terraform wants another.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from remediator.terraform.value import Handle, Known, Mapping, Sequence, Unknown, Value


@dataclass(frozen=True, slots=True)
class Type:
    """`parts`: of a list, set or map its one element; of a tuple its items; of an object the
    attributes, in the order of `names`."""

    kind: str
    parts: tuple[Type, ...] = ()
    names: tuple[str, ...] = ()


STRING, NUMBER, BOOL = Type("string"), Type("number"), Type("bool")
FREE, ANY = Type("free"), Type("any")
UNSURE, DOUBTFUL = Type("unsure"), Type("doubtful")
_VAGUE = (FREE, ANY, UNSURE, DOUBTFUL)
_SCALARS = ("string", "number", "bool")


def type_of(value: Value) -> Type:
    match value:
        case Known():
            return _scalar(value)
        case Unknown() | Handle():
            return ANY
        case Sequence(kind="tuple"):
            return ANY if value.open else Type("tuple", tuple(map(type_of, value.items)))
        case Sequence():
            declared = value.of if not value.items else None
            return Type(value.kind, (declared or element_type(value.items),))
        case Mapping(kind="map"):
            return Type("map", (element_type(value.entries.values()),))
    if value.open:
        return ANY
    return Type("object", tuple(map(type_of, value.entries.values())), tuple(value.entries))


def _scalar(value: Known) -> Type:
    match value.value:
        case None:
            return value.null_of or FREE
        case bool():
            return BOOL
        case str():
            return STRING
    return NUMBER


def element_type(items: Iterable[Value]) -> Type:
    """Of a list, set or map, whose items are of one type: the unknown ones too."""
    return unify(map(type_of, items), alike=True) or UNSURE


def unify(types: Iterable[Type], alike: bool = False) -> Type | None:
    """None where there is no such type, which Terraform answers with an error.

    `alike`: they are known to be of one type already, so that a null and an unknown are too.
    """
    distinct = dict.fromkeys(types)
    told = [t for t in distinct if t not in _VAGUE]
    unsure = UNSURE in distinct or (ANY in distinct and not alike)
    if not told:
        return _vague(distinct)
    if all(t.kind in _SCALARS for t in told):
        return _unify_scalars(told, unsure, FREE in distinct)
    if any(t.kind in _SCALARS for t in told):
        return None if len(told) == len(distinct) else DOUBTFUL
    if DOUBTFUL in distinct or (FREE in distinct and not alike):
        return DOUBTFUL
    if unsure:
        return UNSURE
    return told[0] if len(told) == 1 else _unify_structures(told, alike)


def _vague(distinct: Container[Type]) -> Type:
    return next(t for t in (DOUBTFUL, UNSURE, ANY, FREE) if t in distinct or t == FREE)


def _unify_scalars(told: list[Type], unsure: bool, free: bool) -> Type | None:
    if STRING in told:
        return STRING
    if len(told) == 1:
        return UNSURE if unsure else told[0]
    return UNSURE if unsure or free else None


def _unify_structures(told: list[Type], alike: bool) -> Type | None:
    kinds = {t.kind for t in told}
    if kinds == {"object"}:
        return _unify_objects(told, alike)
    if kinds == {"tuple"}:
        return _unify_tuples(told, alike)
    if kinds <= {"map", "object"} and kinds != {"map"}:
        return _collected("map", told, alike) or DOUBTFUL
    if kinds <= {"list", "tuple"} and kinds != {"list"}:
        return _collected("list", told, alike) or DOUBTFUL
    if len(kinds) == 1:
        return _collected(told[0].kind, told, alike)
    if kinds <= {"set", "list", "tuple"}:
        return _mixed(told)
    return None


def _mixed(told: list[Type]) -> Type:
    """Of lists, sets and tuples a list if there is one, else a set: the type of that one."""
    kind = "list" if any(t.kind == "list" for t in told) else "set"
    (wanted, *others) = [t for t in told if t.kind == kind]
    element = unify(part for t in told for part in t.parts)
    clear = not others and element == wanted.parts[0] and element not in _VAGUE
    return wanted if clear else UNSURE


def _unify_objects(told: list[Type], alike: bool) -> Type | None:
    """Of the same attributes an object, of other ones a map."""
    names = told[0].names
    if any(t.names != names for t in told):
        return _collected("map", told, alike)
    parts = [unify((t.parts[i] for t in told), alike) for i in range(len(names))]
    return None if None in parts else Type("object", tuple(p for p in parts if p), names)


def _unify_tuples(told: list[Type], alike: bool) -> Type | None:
    length = len(told[0].parts)
    if any(len(t.parts) != length for t in told):
        return _collected("list", told, alike)
    parts = [unify((t.parts[i] for t in told), alike) for i in range(length)]
    return None if None in parts else Type("tuple", tuple(p for p in parts if p))


def _collected(kind: str, told: list[Type], alike: bool) -> Type | None:
    element = unify((part for t in told for part in t.parts), alike)
    return None if element is None else Type(kind, (element,))
