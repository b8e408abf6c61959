"""Random groups of literal rules: exactly the doors are closed, and nothing else changes.

What the file says afterwards is read by python-hcl2, which shares no code with the rewriting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from textwrap import indent
from typing import Any

import hcl2
from cases import fix
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.access.network import Rule, RuleSet, narrower
from remediator.model import Kind

ADMIN, WEB = (22, 3389), (80, 443)
ABOVE = "# above\n\nlocals {\n  a    = 1 # not\taligned\n  bcde = [  2 ]\n}\n\n"
BELOW = '\n/* below */\nvariable "x" {\n    default = "0.0.0.0/0"}\n'.replace('0"}', '0"\n}')

PORTS = st.sampled_from(
    [*((p, p) for p in (0, 22, 80, 443, 3389, 5432)), (20, 25), (0, 65535), (22, 3389), (23, 3388)]
)
V4 = ["0.0.0.0/0", "10.0.0.0/8", "198.51.100.0/24", "0.0.0.0/1", "52.0.0.0/8"]
V6 = ["::/0", "fd00::/8", "2001:db8::/32"]


@dataclass(frozen=True)
class Written:
    """One rule as somebody would write it."""

    protocol: str
    ports: tuple[int, int]
    v4: tuple[str, ...]
    v6: tuple[str, ...]
    itself: bool
    spread: bool

    def arguments(self, protocol: str = "protocol") -> Iterator[str]:
        low, high = (0, 0) if self.protocol == "-1" else self.ports
        yield from (f"from_port = {low}", f"to_port = {high}", f'{protocol} = "{self.protocol}"')

    def lines(self) -> str:
        lists = [("cidr_blocks", self.v4), ("ipv6_cidr_blocks", self.v6)]
        texts = [f"{name} = {self._list(cidrs)}" for name, cidrs in lists if cidrs]
        return "\n".join([*self.arguments(), *texts, *(["self = true"] if self.itself else [])])

    def _list(self, cidrs: tuple[str, ...]) -> str:
        if self.spread:
            return "[\n" + "".join(f'  "{c}", # {c}\n' for c in cidrs) + "]"
        return "[" + ", ".join(f'"{c}"' for c in cidrs) + "]"


def cidrs(pool: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(pool), max_size=3, unique=True).map(tuple)


WRITTEN = st.builds(
    Written,
    protocol=st.sampled_from(["tcp", "tcp", "tcp", "udp", "-1"]),
    ports=PORTS,
    v4=cidrs(V4),
    v6=cidrs(V6),
    itself=st.booleans(),
    spread=st.booleans(),
)


def group(rules: list[Written], attribute: bool) -> str:
    if attribute:
        items = [f"{{\n{indent(r.lines(), '  ')}\n}}" for r in rules]
        inside = "ingress = [" + ", ".join(items) + "]"
    else:
        inside = "\n".join(f"ingress {{\n{indent(r.lines(), '  ')}\n}}" for r in rules)
    body = indent('name = "edge"\n' + inside, "  ")
    return f'resource "aws_security_group" "web" {{\n{body}\n}}\n'


def resource(kind: str, number: int, body: str) -> str:
    head = "security_group_id = aws_security_group.web.id\n"
    return f'resource "{kind}" "r{number}" {{\n{indent(head + body, "  ")}\n}}\n'


def resources(rules: list[Written], single: bool) -> str:
    if not single:
        bodies = ['type = "ingress"\n' + r.lines() for r in rules]
        return "\n".join(resource("aws_security_group_rule", n, b) for n, b in enumerate(bodies))
    bodies = [
        "\n".join([*r.arguments("ip_protocol"), f'{argument} = "{cidr}"'])
        for r in rules
        for argument, family in (("cidr_ipv4", r.v4), ("cidr_ipv6", r.v6))
        for cidr in family
    ]
    kind = "aws_vpc_security_group_ingress_rule"
    return "\n".join(resource(kind, n, b) for n, b in enumerate(bodies))


def read(text: str) -> list[Rule]:
    """Every ingress rule of the file, by python-hcl2."""
    found = []
    for entry in hcl2.loads(text).get("resource", []):
        for kind, named in entry.items():
            for body in named.values():
                inline = kind.strip('"') == "aws_security_group"
                for grant in body.get("ingress", []) if inline else [body]:
                    found += _rules(grant)
    return found


def _rules(grant: dict[str, Any]) -> Iterator[Rule]:
    protocol = str(grant.get("protocol", grant.get("ip_protocol"))).strip('"')
    sources = [*grant.get("cidr_blocks", []), *grant.get("ipv6_cidr_blocks", [])]
    sources += [grant[name] for name in ("cidr_ipv4", "cidr_ipv6") if name in grant]
    sources += ["self"] if grant.get("self") in (True, "true") else []
    for source in sources:
        yield Rule(protocol, int(grant["from_port"]), int(grant["to_port"]), source.strip('"'))


def left_of(rule: Rule) -> Iterator[Rule]:
    """What must be there afterwards of one rule, when proposals are accepted too."""
    low, high = rule.from_port or 0, rule.to_port or 0
    if rule.source not in ("0.0.0.0/0", "::/0") or (
        rule.protocol == "tcp" and low == high and low in WEB
    ):
        yield rule
    elif rule.protocol == "-1" or (rule.protocol == "tcp" and any(low <= p <= high for p in ADMIN)):
        every = rule.protocol == "-1"
        start, end = (0, 65535) if every else (low, high)
        cuts = [start - 1, *(p for p in ADMIN if start <= p <= end), end + 1]
        for below, above in pairwise(cuts):
            if below + 1 <= above - 1:
                yield Rule("tcp", below + 1, above - 1, rule.source)
        if every:
            yield Rule("udp", 0, 65535, rule.source)
            yield Rule("icmp" if rule.source == "0.0.0.0/0" else "icmpv6", -1, -1, rule.source)


def check(middle: str, *, inline: bool) -> None:
    text = ABOVE + middle + BELOW
    before = read(text)
    result = fix(text)
    after = RuleSet.of(read(result.text))
    # What is kept of a wide rule goes with another finding of the same block and ports.
    closed = {rule for rule in before if not [*left_of(rule)]} if inline else set()
    expected = [kept for rule in before for kept in left_of(rule) if kept not in closed]
    assert after == RuleSet.of(expected)
    assert narrower(after, RuleSet.of(before))
    assert result.text.startswith(ABOVE)
    assert result.text.endswith(BELOW)
    assert {o.kind for o in result.outcomes} <= {Kind.MERGED, Kind.PROPOSED, Kind.ALERTED}
    again = fix(result.text)
    assert "open-admin-port" not in {o.finding.finding_class for o in again.outcomes}
    if all(rule.from_port == rule.to_port and rule.protocol != "-1" for rule in before):
        assert again.text == result.text


@settings(max_examples=40, deadline=None)
@given(st.lists(WRITTEN, max_size=3), st.booleans())
def test_inline_rules(rules: list[Written], attribute: bool) -> None:
    check(group(rules, attribute), inline=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(WRITTEN, max_size=4), st.booleans())
def test_rules_as_resources(rules: list[Written], single: bool) -> None:
    check(group([], attribute=False) + "\n" + resources(rules, single), inline=False)
