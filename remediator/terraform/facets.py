"""What a plan's values come to, in the words that a prediction is made in: a facet.

Only what is named here is ever kept of a value. A facet is a set of texts, sorted: two of them
are equal where they mean the same, however each was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from remediator.access.doors import Ports
from remediator.access.network import Rule, RuleSet, parse_cidr
from remediator.model import Json

INGRESS = "ingress"
OTHER_SOURCES = "ingress from others"
Texts = tuple[str, ...]
Values = Mapping[str, Json]
NOTHING: Mapping[str, Texts] = MappingProxyType({})

_SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_OTHERS = (
    "prefix_list_ids",
    "prefix_list_id",
    "security_groups",
    "source_security_group_id",
    "referenced_security_group_id",
)
_PORTS = ("protocol", "ip_protocol", "from_port", "to_port")


@dataclass(frozen=True, slots=True)
class Facet:
    """`attributes` are those that it is read from, in full. `read` raises ValueError, TypeError
    or AttributeError for values of a form that it does not know."""

    attributes: frozenset[str]
    read: Callable[[Values], Iterable[Rule]]

    def texts(self, values: Values) -> Texts:
        return RuleSet.of(self.read(values)).describe()


def ingress(rules: Iterable[Rule]) -> Texts:
    """The facet `ingress` of rules that were evaluated: who may come in, by CIDR."""
    return RuleSet.of(r for r in rules if _is_cidr(r.source)).describe()


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True


def _inline(of_element: Callable[[Values], Iterable[Rule]]) -> Callable[[Values], Iterable[Rule]]:
    def read(values: Values) -> Iterator[Rule]:
        elements = values.get("ingress") or []
        if not isinstance(elements, list):
            raise TypeError("`ingress` is no list")
        for element in elements:
            if not isinstance(element, dict):
                raise TypeError("an element of `ingress` is no object")
            yield from of_element(element)

    return read


def _cidrs(values: Values) -> Iterator[Rule]:
    return _rules(values, [text for name in _SOURCES for text in _listed(values.get(name))])


def _others(values: Values) -> Iterator[Rule]:
    named = [f"{name}: {text}" for name in _OTHERS for text in _listed(values.get(name))]
    return _rules(values, [*named, *(["self"] if values.get("self") else [])])


def _rules(values: Values, sources: Iterable[str]) -> Iterator[Rule]:
    if values.get("type") == "egress":
        return
    protocol = values.get("protocol") or values.get("ip_protocol")
    ports = Ports.of(str(protocol), _port(values.get("from_port")), _port(values.get("to_port")))
    yield from (Rule(ports.protocol, ports.from_port, ports.to_port, s) for s in sources)


def _port(value: Json) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError("a port is no number")


def _listed(value: Json) -> list[str]:
    found = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if not all(isinstance(text, str) for text in found):
        raise TypeError("a source is no text")
    return [str(text) for text in found]


_INLINE = frozenset((INGRESS,))
_EVERY = frozenset((*_PORTS, "type"))
_GROUP = {
    INGRESS: Facet(_INLINE, _inline(_cidrs)),
    OTHER_SOURCES: Facet(_INLINE, _inline(_others)),
}
_RULE = {
    INGRESS: Facet(_EVERY.union(_SOURCES), _cidrs),
    OTHER_SOURCES: Facet(_EVERY.union(_OTHERS, ["self"]), _others),
}
FACETS: Mapping[str, Mapping[str, Facet]] = {
    "aws_security_group": _GROUP,
    "aws_security_group_rule": _RULE,
    "aws_vpc_security_group_ingress_rule": _RULE,
}
"""By resource type."""
