"""Who may come in, as the evaluated configuration says: one resource instance at a time.

Where `grants` reads what is written in a block, this reads what the arguments come to: through
variables, locals, `for_each`, dynamic blocks and modules. Each CIDR knows its literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from remediator.access.doors import Door, Ports
from remediator.access.network import Rule, parse_cidr, problem_of
from remediator.remediate.grants import GROUP, RULE
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate, pairs_of
from remediator.terraform.expression import Expression
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Source,
    Unknown,
    Value,
    as_bool,
    as_int,
    as_text,
    is_null,
    unknowns,
)

_CIDR_LISTS = ("cidr_blocks", "ipv6_cidr_blocks")
_CIDR_TEXTS = ("cidr_ipv4", "cidr_ipv6")
_OTHER_LISTS = ("prefix_list_ids", "security_groups")
_OTHER_TEXTS = ("prefix_list_id", "source_security_group_id", "referenced_security_group_id")
Arguments = MappingOf[str, Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """A CIDR that is let in, the argument that says so, and the value with its source."""

    text: str
    argument: str
    value: Known


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One grant. `ports` is None where they are not known; `others` are the further sources;
    `unsure` says what is not known of it. `body` has the arguments, and `dynamic` is the dynamic
    block around it; an element of a computed `ingress` has neither. `maker` is the literal that
    names the whole rule, or its port. `maybe` are the sources that may turn out to be nobody."""

    ports: Ports | None
    entries: tuple[Entry, ...]
    others: tuple[str, ...]
    unsure: tuple[Unknown, ...]
    body: Content | None = None
    dynamic: Content | None = None
    maker: Source | None = None
    maybe: tuple[Unknown, ...] = ()

    @property
    def empty(self) -> bool:
        """Nobody is let in: AWS takes no rule without a source."""
        return not (self.entries or self.others or self.unsure)

    @property
    def may_be_empty(self) -> bool:
        sure = len(self.others) - len(self.maybe)
        return not self.entries and not sure and not self.empty

    def rules(self) -> Iterator[Rule]:
        if self.ports is None:
            return
        p = self.ports
        for source in (*(str(parse_cidr(e.text)) for e in self.entries), *self.others):
            yield Rule(p.protocol, p.from_port, p.to_port, source)

    def stays_without(self, door: Door) -> bool:
        """Whether somebody else is let in, or may be."""
        return len(self.of_door(door)) < len(self.entries) or bool(self.others or self.unsure)

    def of_door(self, door: Door) -> tuple[Entry, ...]:
        if self.ports != door.ports:
            return ()
        wanted = {parse_cidr(c) for c in door.cidrs}
        return tuple(e for e in self.entries if parse_cidr(e.text) in wanted)


@dataclass(frozen=True, slots=True)
class Grants:
    """`unsure`: what may be further grants, besides what is unsure of each."""

    grants: tuple[Evaluated, ...]
    unsure: tuple[Unknown, ...] = ()

    def all_unsure(self) -> tuple[Unknown, ...]:
        return (*self.unsure, *(u for g in self.grants for u in g.unsure))

    def unsure_at(self, ports: Ports) -> tuple[Unknown, ...]:
        """What may let somebody in at these ports."""
        possible = (g for g in self.grants if g.ports in (None, ports))
        return (*self.unsure, *(u for g in possible for u in g.unsure))


def grants_in(kind: str, content: Content, scope: Scope, direction: str = "ingress") -> Grants:
    """The grants of one direction that one instance of a resource of type `kind` has."""
    if kind == GROUP:
        return _inline(content, scope, direction)
    arguments = _evaluated(content, scope)
    said = arguments.get("type")
    if kind == RULE and said is not None:
        if isinstance(said, Unknown):
            return Grants((), (said,))
        if (as_text(said) == "egress") != (direction == "egress"):
            return Grants(())
    return Grants((_grant(arguments, content),))


def _evaluated(content: Content, scope: Scope) -> Arguments:
    return {name: evaluate(value, scope) for name, value in content.arguments.items()}


def _inline(content: Content, scope: Scope, direction: str) -> Grants:
    grants: list[Evaluated] = []
    unsure: list[Unknown] = []
    blocks = content.nested(direction)
    for block in blocks:
        grants.append(_grant(_evaluated(block, scope), block))
    for dynamic in content.dynamic(direction):
        some, unknown = _dynamic(dynamic, scope, direction)
        grants += some
        unsure += unknown
    attribute = content.arguments.get(direction)
    if attribute is not None and (grants or unsure) and _is_argument(content, attribute, direction):
        return Grants((), (Unknown(f"`{direction}` is both an argument and a block", attribute),))
    if attribute is not None and not blocks:
        some, unknown = _elements(evaluate(attribute, scope))
        grants += some
        unsure += unknown
    return Grants(tuple(grants), tuple(unsure))


def _is_argument(content: Content, attribute: Expression, direction: str) -> bool:
    """In JSON syntax the objects of an argument are its blocks too."""
    return not any(_holds(attribute, block) for block in content.nested(direction))


def _holds(attribute: Expression, block: Content) -> bool:
    same = attribute.file.path == block.file.path
    return same and attribute.start <= block.place < attribute.end


def iterator_of(dynamic: Content | None, direction: str = "ingress") -> str:
    """What the body of a dynamic block calls the element."""
    iterator = dynamic.arguments.get("iterator") if dynamic else None
    return iterator.text.decode().strip('"') if iterator else direction


def _dynamic(
    dynamic: Content, scope: Scope, direction: str
) -> tuple[list[Evaluated], list[Unknown]]:
    over, bodies = dynamic.arguments.get("for_each"), dynamic.nested("content")
    name = iterator_of(dynamic, direction)
    if over is None or len(bodies) != 1:
        return [], [Unknown(f"the dynamic block at {dynamic.where} is not understood")]
    collection = evaluate(over, scope)
    if isinstance(collection, Unknown):
        return [], [collection]
    pairs = pairs_of(collection)
    if pairs is None:
        return [], [] if is_null(collection) else [Unknown(f"`for_each` at {dynamic.where}", over)]
    grants = []
    for key, value in pairs:
        inside = scope.having({name: Mapping.of([("key", key), ("value", value)])})
        grants.append(_grant(_evaluated(bodies[0], inside), bodies[0], dynamic))
    still_open = collection.open if isinstance(collection, Sequence | Mapping) else ()
    return grants, list(still_open)


def _elements(value: Value) -> tuple[list[Evaluated], list[Unknown]]:
    """`ingress = [{…}]`, where every element names every argument."""
    if is_null(value):
        return [], []
    if not isinstance(value, Sequence):
        return [], [value if isinstance(value, Unknown) else Unknown("`ingress` is no list")]
    grants: list[Evaluated] = []
    unsure = list(value.open)
    for item in value.items:
        if isinstance(item, Mapping) and not item.open:
            grants.append(_grant(item.entries))
        else:
            found = next(unknowns(item), None)
            unsure.append(found or Unknown("an element of `ingress` is no object"))
    return grants, unsure


def _grant(
    arguments: Arguments, body: Content | None = None, dynamic: Content | None = None
) -> Evaluated:
    ports, unsure = _ports(arguments)
    entries: list[Entry] = []
    for name in (*_CIDR_LISTS, *_CIDR_TEXTS):
        value = arguments.get(name)
        if value is not None and not is_null(value):
            known, missing = _cidrs(name, value)
            entries += known
            unsure += missing
    others: list[str] = []
    for name in (*_OTHER_LISTS, *_OTHER_TEXTS):
        known_others, missing = _other(name, arguments.get(name))
        others += known_others
        unsure += missing
    own = arguments.get("self")
    if isinstance(own, Unknown):
        unsure.append(own)
    elif as_bool(own):
        others.append("self")
    low = arguments.get("from_port")
    maker = low.source if isinstance(low, Known) else None
    maybe = tuple(
        v for n in (*_OTHER_LISTS, *_OTHER_TEXTS) if isinstance(v := arguments.get(n), Unknown)
    )
    return Evaluated(
        ports, tuple(entries), tuple(others), tuple(unsure), body, dynamic, maker, maybe
    )


def _ports(arguments: Arguments) -> tuple[Ports | None, list[Unknown]]:
    protocol = arguments.get("protocol", arguments.get("ip_protocol"))
    low, high = arguments.get("from_port"), arguments.get("to_port")
    unknown = [v for v in (protocol, low, high) if isinstance(v, Unknown)]
    name = as_text(protocol)
    if unknown or name is None:
        return None, unknown or [Unknown("a rule without a protocol")]
    for value in (low, high):
        if value is not None and not is_null(value) and as_int(value) is None:
            return None, [Unknown(f"`{as_text(value)}` is not a port", _expression(value))]
    ports = Ports.of(name, as_int(low), as_int(high))
    problem = problem_of(Rule(ports.protocol, ports.from_port, ports.to_port, ""))
    return (None, [Unknown(problem, _expression(protocol))]) if problem else (ports, [])


def _cidrs(argument: str, value: Value) -> tuple[list[Entry], list[Unknown]]:
    known: list[Entry] = []
    missing: list[Unknown] = []
    is_list = isinstance(value, Sequence)
    if not isinstance(value, Unknown) and is_list != (argument in _CIDR_LISTS):
        wanted = "one text" if is_list else "a list"
        return [], [Unknown(f"`{argument}` takes {wanted}", _expression(value))]
    for item in value.items if isinstance(value, Sequence) else (value,):
        text = as_text(item)
        if isinstance(item, Known) and text is not None and _is_cidr(text):
            known.append(Entry(text, argument, item))
        else:
            missing.append(
                item
                if isinstance(item, Unknown)
                else Unknown(f"`{text}` is not a CIDR", _expression(item))
            )
    missing += value.open if isinstance(value, Sequence) else ()
    return known, missing


def _expression(value: Value | None) -> Expression | None:
    source = value.source if isinstance(value, Known | Sequence | Mapping) else None
    return source.expression if source else None


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True


def _other(name: str, value: Value | None) -> tuple[list[str], list[Unknown]]:
    """Sources that are no CIDRs: the id of a group is rarely known, and lets somebody in. What
    may be nobody is told by `_maybe`."""
    if is_null(value) or value is None:
        return [], []
    items = value.items if isinstance(value, Sequence) else (value,)
    found = []
    for item in items:
        text = as_text(item)
        shown = item.reason if isinstance(item, Unknown) else text
        if shown:
            found.append(f"{name}: {shown}")
    return found, list(value.open) if isinstance(value, Sequence) else []


def rules_of(grants: Iterable[Evaluated]) -> tuple[Rule, ...]:
    return tuple(rule for grant in grants for rule in grant.rules())
