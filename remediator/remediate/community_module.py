"""The module terraform-aws-modules/security-group, as its users call it, where its source is not
in the repository: its documented inputs say what its rules will be.

https://github.com/terraform-aws-modules/terraform-aws-security-group (inputs; rules.tf)
Only what the inputs say for certain is told. Where the source is there (`terraform init` put it
below .terraform), it is evaluated like any other module, and this is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.access.doors import Ports
from remediator.access.network import parse_cidr
from remediator.remediate.evaluated import Entry, Evaluated, Grants
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.functions.call import Call
from remediator.terraform.functions.table import call
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_bool,
    as_int,
    as_text,
)

_SOURCE = re.compile(r"(?:[a-z0-9.-]+/)?terraform-aws-modules/security-group/aws")
KIND = "module"
NAME = "terraform-aws-modules/security-group"
_RULES = {
    "ssh-tcp": (22, 22, "tcp"),
    "rdp-tcp": (3389, 3389, "tcp"),
    "rdp-udp": (3389, 3389, "udp"),
    "http-80-tcp": (80, 80, "tcp"),
    "https-443-tcp": (443, 443, "tcp"),
    "all-all": (-1, -1, "-1"),
    "all-tcp": (0, 65535, "tcp"),
    "all-udp": (0, 65535, "udp"),
}
"""By the module's own names. Others are not known here, and so not told."""


def is_called_by(content: Content, scope: Scope) -> bool:
    """Whether a `module` block calls it, and not one of its ready-made submodules."""
    source = content.arguments.get("source")
    text = as_text(evaluate(source, scope)) if source else None
    return text is not None and _SOURCE.fullmatch(text) is not None


def grants_of_call(content: Content, scope: Scope) -> Grants:
    """What the call's arguments open."""
    given = {name: evaluate(value, scope) for name, value in content.arguments.items()}
    create = given.get("create")
    if create is not None and as_bool(create) is not True:
        return Grants(()) if as_bool(create) is False else Grants((), tuple(_unknown(create)))
    grants: list[Evaluated] = []
    unsure: list[Unknown] = []
    reader = _Reader(content, given, scope)
    for found, missing in (reader.named(), reader.with_cidrs(4), reader.with_cidrs(6)):
        grants += found
        unsure += missing
    return Grants(tuple(grants), tuple(unsure))


def _not_told(name: str | None) -> Unknown:
    return Unknown(f"the ports of the module's rule {name!r} are not known here")


def _ports_of(name: str | None) -> Ports | None:
    rule = _RULES.get(name or "")
    return Ports.of(rule[2], rule[0], rule[1]) if rule else None


def _entries(given: dict[str, Value]) -> tuple[list[Entry], list[Unknown]]:
    entries: list[Entry] = []
    unsure: list[Unknown] = []
    for name in ("ingress_cidr_blocks", "ingress_ipv6_cidr_blocks"):
        value = given.get(name)
        if isinstance(value, Unknown):
            unsure.append(value)
        if isinstance(value, Sequence):
            known, missing = _cidrs(name, value.items)
            entries += known
            unsure += [*missing, *value.open]
    return entries, unsure


def _cidrs(name: str, items: tuple[Value, ...]) -> tuple[list[Entry], list[Unknown]]:
    known: list[Entry] = []
    missing: list[Unknown] = []
    for item in items:
        text = as_text(item)
        if isinstance(item, Known) and text and _is_cidr(text):
            known.append(Entry(text, name, item))
        elif isinstance(item, Unknown):
            missing.append(item)
    return known, missing


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True


def _unknown(value: Value) -> list[Unknown]:
    return [value] if isinstance(value, Unknown) else [Unknown("an argument is not understood")]


class _Reader:
    """The inputs of one call."""

    def __init__(self, content: Content, given: dict[str, Value], scope: Scope) -> None:
        self.content, self.given, self.scope = content, given, scope

    def named(self) -> tuple[list[Evaluated], list[Unknown]]:
        """`ingress_rules` by name, each open to all of `ingress_cidr_blocks` and the IPv6 ones."""
        rules = self.given.get("ingress_rules")
        if isinstance(rules, Unknown):
            return [], [rules]
        if not isinstance(rules, Sequence):
            return [], []
        entries, unsure = _entries(self.given)
        found: list[Evaluated] = []
        missing = list(rules.open)
        for item in rules.items:
            ports = _ports_of(as_text(item))
            if ports is None:
                missing.append(item if isinstance(item, Unknown) else _not_told(as_text(item)))
            else:
                maker = item.source if isinstance(item, Known) else None
                grant = Evaluated(
                    ports, tuple(entries), (), tuple(unsure), self.content, None, maker
                )
                found.append(grant)
        return found, missing

    def with_cidrs(self, version: int) -> tuple[list[Evaluated], list[Unknown]]:
        """`ingress_with_cidr_blocks`: maps of a rule's name or its ports, with CIDRs in one
        text."""
        six = "_ipv6" if version == 6 else ""
        value = self.given.get(f"ingress_with{six}_cidr_blocks")
        if isinstance(value, Unknown):
            return [], [value]
        if not isinstance(value, Sequence):
            return [], []
        found: list[Evaluated] = []
        missing = list(value.open)
        for item in value.items:
            if isinstance(item, Mapping) and not item.open:
                found.append(self._of_map(item, six))
            else:
                missing += _unknown(item)
        return found, missing

    def _of_map(self, item: Mapping, six: str) -> Evaluated:
        ports, unsure = _ports_in(item)
        argument = f"ingress{six}_cidr_blocks"
        own = item.get("ipv6_cidr_blocks" if six else "cidr_blocks")
        if own is None:
            general = self.given.get(argument)
            items = general.items if isinstance(general, Sequence) else ()
        else:
            items = tuple(self._pieces(own))
        known, missing = _cidrs(argument, items)
        return Evaluated(ports, tuple(known), (), (*unsure, *missing))

    def _pieces(self, value: Value) -> Iterator[Value]:
        """The parts of a text with commas, each knowing its bytes."""
        if not isinstance(value, Known):
            yield from _unknown(value)
            return
        at = next(iter(self.content.arguments.values()))
        made = call(Call("split", (Known(","), value), at, self.scope.around))
        yield from made.items if isinstance(made, Sequence) else _unknown(made)


def _ports_in(item: Mapping) -> tuple[Ports | None, list[Unknown]]:
    """Of a map with the name of a rule, or with ports; which wins of both depends on the
    module's version."""
    ports = _ports_of(as_text(item.get("rule")))
    explicit = [item.get(name) for name in ("protocol", "from_port", "to_port")]
    unsure = [v for v in explicit if isinstance(v, Unknown)]
    protocol, low, high = (as_text(explicit[0]), as_int(explicit[1]), as_int(explicit[2]))
    if item.get("rule") is None and protocol and low is not None and high is not None:
        return Ports.of(protocol, low, high), unsure
    if ports is None or any(v is not None for v in explicit):
        return None, unsure or [Unknown("the ports of a rule of the module are not told for sure")]
    return ports, unsure
