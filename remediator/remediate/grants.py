"""Who may come in, as the code says: the ingress grants of one resource block.

Four ways to write one:
    aws_security_group { ingress { … } }              a nested block
    aws_security_group { ingress = [{ … }] }          an element of the attribute
    aws_security_group_rule { type = "ingress" … }    a resource of its own, lists of CIDRs
    aws_vpc_security_group_ingress_rule { … }         a resource of its own, one CIDR
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from remediator.access.doors import Ports
from remediator.access.network import Rule, parse_cidr, problem_of
from remediator.terraform.resolve import (
    Known,
    Sequence,
    Unknown,
    Value,
    as_int,
    as_text,
    is_null,
    resolve,
)
from remediator.terraform.syntax import Block, Body, Expression

GROUP = "aws_security_group"
RULE = "aws_security_group_rule"
VPC_RULE = "aws_vpc_security_group_ingress_rule"
OWNER_TYPES = (GROUP, RULE, VPC_RULE)

_CIDR_LISTS = ("cidr_blocks", "ipv6_cidr_blocks")
_CIDR_ARGUMENTS = (*_CIDR_LISTS, "cidr_ipv4", "cidr_ipv6")
_OTHER_SOURCES = (
    "prefix_list_ids",
    "prefix_list_id",
    "security_groups",
    "source_security_group_id",
    "referenced_security_group_id",
    "self",
)


class Form(StrEnum):
    BLOCK = "ingress block"
    ELEMENT = "ingress list"
    RULE = RULE
    VPC_RULE = VPC_RULE


@dataclass(frozen=True, slots=True)
class Cidr:
    """A CIDR where it is written: the argument, the literal, and its place in the list."""

    text: str
    argument: str
    literal: Expression
    index: int


@dataclass(frozen=True, slots=True)
class Grant:
    """`ports` is None where they are not literal; `others` are the sources that are no CIDRs,
    by the text that names them; `unknown` are the ports and CIDRs that are not literal, and
    where; `unsure` the other sources that may turn out to be nobody."""

    form: Form
    resource: Block
    node: Block | Expression
    arguments: Mapping[str, Expression]
    ports: Ports | None
    cidrs: tuple[Cidr, ...]
    others: tuple[str, ...]
    unknown: tuple[Unknown, ...]
    unsure: tuple[Unknown, ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """What is known of it, as rules; the other sources are opaque, by their text."""
        if self.ports is None:
            return ()
        p = self.ports
        sources = [str(parse_cidr(c.text)) for c in self.cidrs] + list(self.others)
        return tuple(Rule(p.protocol, p.from_port, p.to_port, s) for s in sources)

    def with_cidrs(self, wanted: Iterable[str]) -> tuple[Cidr, ...]:
        networks = {parse_cidr(w) for w in wanted}
        return tuple(c for c in self.cidrs if parse_cidr(c.text) in networks)


def grants_of(resource: Block) -> tuple[Grant, ...]:
    """Every ingress grant that is written in the block. See `hidden` for what is not."""
    if resource.labels[0] == GROUP:
        inline = [
            _grant(Form.BLOCK, resource, b, _arguments(b.body))
            for b in resource.body.nested("ingress")
        ]
        return (*inline, *_elements(resource))
    form = Form.RULE if resource.labels[0] == RULE else Form.VPC_RULE
    grant = _grant(form, resource, resource, _arguments(resource.body))
    kind = resource.body.attribute("type") if form is Form.RULE else None
    direction = resolve(kind.value) if kind is not None else None
    if isinstance(direction, Unknown):
        return (replace(grant, ports=None, unknown=(direction, *grant.unknown)),)
    return () if as_text(direction) == "egress" else (grant,)


def hidden(resource: Block) -> tuple[str, ...]:
    """Where this block makes ingress that reading literals cannot see, as sentences."""
    places = []
    for block in resource.body.nested("dynamic"):
        if block.labels == ("ingress",):
            places.append(f'the dynamic "ingress" block at {block.file.path}:{block.line}')
    attribute = resource.body.attribute("ingress")
    if attribute is not None and resource.labels[0] == GROUP:
        value = resolve(attribute.value)
        if isinstance(value, Unknown):
            places.append(f"{value.reason} at {attribute.file.path}:{attribute.line}")
    return tuple(places)


def _elements(resource: Block) -> list[Grant]:
    attribute = resource.body.attribute("ingress")
    if attribute is None or attribute.value.kind != "tuple":
        return []
    grants = []
    for item in attribute.value.items:
        entries = item.entries if item.kind == "object" else ()
        arguments = {e.name: e.value for e in entries if e.name is not None}
        grants.append(_grant(Form.ELEMENT, resource, item, arguments))
    return grants


def _arguments(body: Body) -> dict[str, Expression]:
    return {a.name: a.value for a in body.attributes}


def _grant(
    form: Form, resource: Block, node: Block | Expression, arguments: Mapping[str, Expression]
) -> Grant:
    values = {name: resolve(expression) for name, expression in arguments.items()}
    ports, unknown = _ports(values)
    cidrs: list[Cidr] = []
    for name in _CIDR_ARGUMENTS:
        if name in values:
            known, missing = _cidrs(name, values[name])
            cidrs += known
            unknown += missing
    if isinstance(node, Expression) and not _is_object(node):
        unknown.append(Unknown("an element of `ingress` is not an object literal", node))
        ports = None
    named = [name for name in _OTHER_SOURCES if _is_source(values.get(name))]
    others = tuple(_opaque(name, arguments[name]) for name in named)
    unsure = tuple(v for name in named if isinstance(v := values[name], Unknown))
    return Grant(
        form, resource, node, arguments, ports, tuple(cidrs), others, tuple(unknown), unsure
    )


def _is_object(node: Expression) -> bool:
    return node.kind == "object" and not isinstance(resolve(node), Unknown)


def _ports(values: Mapping[str, Value]) -> tuple[Ports | None, list[Unknown]]:
    protocol = values.get("protocol", values.get("ip_protocol"))
    low, high = values.get("from_port"), values.get("to_port")
    unknown = [v for v in (protocol, low, high) if isinstance(v, Unknown)]
    unknown += [u for v in (low, high) if v is not None and (u := _no_number(v)) is not None]
    name = as_text(protocol)
    if unknown or name is None or protocol is None:
        return None, unknown
    ports = Ports.of(name, as_int(low), as_int(high))
    problem = problem_of(Rule(ports.protocol, ports.from_port, ports.to_port, ""))
    return (None, [Unknown(problem, protocol.expression)]) if problem else (ports, [])


def _no_number(value: Value) -> Unknown | None:
    if isinstance(value, Unknown) or is_null(value) or as_int(value) is not None:
        return None
    return Unknown(f"`{as_text(value)}` is not a port", value.expression)


def _cidrs(argument: str, value: Value) -> tuple[list[Cidr], list[Unknown]]:
    known: list[Cidr] = []
    unknown: list[Unknown] = []
    items = value.items if isinstance(value, Sequence) else () if is_null(value) else (value,)
    is_list = isinstance(value, Sequence)
    if items and not isinstance(value, Unknown) and is_list != (argument in _CIDR_LISTS):
        wanted = "one text" if is_list else "a list"
        return [], [Unknown(f"`{argument}` takes {wanted}", value.expression)]
    for index, item in enumerate(items):
        text = as_text(item)
        if isinstance(item, Unknown):
            unknown.append(item)
        elif text is None or not _is_cidr(text):
            unknown.append(Unknown(f"`{text}` is not a CIDR", item.expression))
        else:
            known.append(Cidr(text, argument, item.expression, index))
    return known, unknown


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True


def _is_source(value: Value | None) -> bool:
    """Whether an argument can let somebody in: [], false and null cannot."""
    if isinstance(value, Sequence):
        return bool(value.items)
    if isinstance(value, Known):
        return value.value not in (None, False, "")
    return value is not None


def _opaque(name: str, expression: Expression) -> str:
    text = " ".join(expression.text.decode(errors="replace").split())
    return f"{name}: {text}"
