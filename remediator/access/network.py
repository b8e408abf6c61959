"""What a security group's rules allow, as an exact set of (protocol, port, address).

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html

Ports are 0-65535 for TCP and UDP. For ICMP a "port" is type * 256 + code. Other protocols have
no ports: a rule opens all of it. IPv4 and IPv6 addresses are two universes. Sources that are no
CIDRs (groups, prefix lists, self) are opaque: each is its own element, by name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from remediator.access.intervals import Intervals, difference, intersection, normal, union

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ALL_PROTOCOLS = "-1"
_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
_NAMES = {number: name for name, number in _NUMBERS.items()}
_ICMP = (1, 58)
_PORTED = (6, 17)
_EVERY = (0, 65535)
_V6 = 1 << 40
"""IPv6 addresses start here on the one line of addresses, far beyond the last IPv4 one."""

# Not globally reachable: RFC 6890 and the IANA special-purpose address registries.
_NOT_GLOBAL = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_GLOBAL_V6 = "2000::/3"
_LEAST_WORLD = 2**31
"""More than half of the IPv4 addresses are globally reachable."""


@lru_cache(4096)
def parse_cidr(text: str) -> Network:
    """A network; host bits are dropped, as EC2 does. Raises ValueError with a sentence."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not a CIDR such as 10.0.0.0/8 or fd00::/8") from None


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """`protocol` as AWS or Terraform writes it; ports None or -1 mean all of them.

    `source` is a CIDR, or any other text: an opaque source of that name.
    """

    protocol: str
    from_port: int | None
    to_port: int | None
    source: str


@dataclass(frozen=True, slots=True)
class _Sources:
    """Who may come in: addresses on one line, and names."""

    addresses: Intervals = ()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.addresses or self.names)


_NOBODY = _Sources()
_Ports = tuple[tuple[int, int, _Sources], ...]
_Combine = Callable[[_Sources, _Sources], _Sources]


@dataclass(frozen=True)
class RuleSet:
    """By protocol number, its ports in order, each range with who may use it. Normal form:
    equal sets are equal values."""

    _by_protocol: Mapping[int, _Ports]

    @staticmethod
    def of(rules: Iterable[Rule]) -> RuleSet:
        """Raises ValueError for a protocol or a port that is none."""
        spans: dict[int, list[tuple[int, int, _Sources]]] = {}
        for rule in rules:
            source = _source(rule.source)
            for protocol in _protocols(rule.protocol):
                low, high = _span(protocol, rule)
                spans.setdefault(protocol, []).append((low, high, source))
        return RuleSet({p: made for p, s in spans.items() if (made := _overlaid(s))})

    def __or__(self, other: RuleSet) -> RuleSet:
        return self._with(
            other,
            lambda a, b: _Sources(union(a.addresses, b.addresses), a.names | b.names),
        )

    def __sub__(self, other: RuleSet) -> RuleSet:
        return self._with(
            other,
            lambda a, b: _Sources(difference(a.addresses, b.addresses), a.names - b.names),
        )

    def __and__(self, other: RuleSet) -> RuleSet:
        return self._with(
            other,
            lambda a, b: _Sources(intersection(a.addresses, b.addresses), a.names & b.names),
        )

    def __le__(self, other: RuleSet) -> bool:
        return not self - other

    def __bool__(self) -> bool:
        return bool(self._by_protocol)

    def _with(self, other: RuleSet, combine: _Combine) -> RuleSet:
        found = {}
        for protocol in {*self._by_protocol, *other._by_protocol}:
            mine, its = self._by_protocol.get(protocol, ()), other._by_protocol.get(protocol, ())
            if made := _combined(mine, its, combine):
                found[protocol] = made
        return RuleSet(found)

    def rules(self) -> tuple[Rule, ...]:
        """The fewest rules of this form that make the set, in order."""
        everybody = self._everything()
        found = list(_rules(ALL_PROTOCOLS, None, None, everybody))
        for protocol, ports in sorted(self._by_protocol.items()):
            name = _NAMES.get(protocol, str(protocol))
            for low, high, sources in ports:
                if sources != everybody:
                    for start, end in _as_written(protocol, low, high):
                        found += _rules(name, start, end, sources)
        return tuple(found)

    def _everything(self) -> _Sources:
        """Who may use every port of every protocol."""
        if len(self._by_protocol) < 256:
            return _NOBODY
        lists = [[s for *_, s in p] if _whole(p) else [_NOBODY] for p in self._by_protocol.values()]
        first, *rest = [s for sources in lists for s in sources]
        addresses, names = first.addresses, first.names
        for sources in rest:
            addresses = intersection(addresses, sources.addresses)
            names &= sources.names
        return _Sources(addresses, names)

    def canonical(self) -> list[dict[str, str | int | None]]:
        """The rules as plain values, for a record: minimal, and the same for equal sets."""
        return [
            {
                "protocol": r.protocol,
                "from_port": r.from_port,
                "to_port": r.to_port,
                "source": r.source,
            }
            for r in self.rules()
        ]

    def describe(self) -> tuple[str, ...]:
        """ "tcp 22 from 0.0.0.0/0", a line a rule."""
        return tuple(f"{_ports(r)} from {r.source}" for r in self.rules())


def narrower(after: RuleSet, before: RuleSet) -> bool:
    """Whether `after` allows nothing that `before` does not."""
    return after <= before


def problem_of(rule: Rule) -> str | None:
    """Why it is no rule at all, for AWS refuses its protocol or its ports; None where it is one."""
    try:
        for protocol in _protocols(rule.protocol)[:1]:
            _span(protocol, rule)
    except ValueError as why:
        return str(why)
    return None


def _protocols(text: str) -> Sequence[int]:
    name = text.strip().lower()
    if name in (ALL_PROTOCOLS, "all"):
        return range(256)
    number = _NUMBERS.get(name)
    if number is None and name.isdecimal() and len(name) < 9 and int(name) < 256:
        number = int(name)
    if number is None:
        raise ValueError(f"{text!r} is no protocol: write tcp, udp, icmp, icmpv6, -1 or 0 to 255")
    return (number,)


def _span(protocol: int, rule: Rule) -> tuple[int, int]:
    low, high = rule.from_port, rule.to_port
    all_protocols = rule.protocol.strip().lower() in (ALL_PROTOCOLS, "all")
    if all_protocols or protocol not in (*_PORTED, *_ICMP) or low in (None, -1):
        return _EVERY
    if protocol in _ICMP:
        return _icmp(low, high)
    top = low if high is None else high
    if not 0 <= low <= top <= 65535:
        raise ValueError(f"{low}-{high} is no port range: ports are 0 to 65535, the lower first")
    return low, top


def _icmp(kind: int, code: int | None) -> tuple[int, int]:
    if not 0 <= kind <= 255 or not -1 <= (code or 0) <= 255:
        raise ValueError(f"{kind}/{code} is no ICMP type and code: both are 0 to 255, or -1")
    if code is None or code == -1:
        return kind * 256, kind * 256 + 255
    return kind * 256 + code, kind * 256 + code


def _source(text: str) -> _Sources:
    try:
        network = parse_cidr(text)
    except ValueError:
        return _Sources((), frozenset({text}))
    return _Sources((_line(network),))


def _line(network: Network) -> tuple[int, int]:
    start = _V6 if network.version == 6 else 0
    return start + int(network.network_address), start + int(network.broadcast_address)


def _overlaid(spans: list[tuple[int, int, _Sources]]) -> _Ports:
    """Overlapping ranges cut at each other's ends, with the union of who may use them."""
    cuts = sorted({s[0] for s in spans} | {s[1] + 1 for s in spans})
    pieces = []
    for low, after in pairwise(cuts):
        using = [s for a, b, s in spans if a <= low and after - 1 <= b]
        addresses = normal(i for s in using for i in s.addresses)
        names = frozenset().union(*(s.names for s in using))
        pieces.append((low, after - 1, _Sources(addresses, names)))
    return _joined(pieces)


def _joined(pieces: Iterable[tuple[int, int, _Sources]]) -> _Ports:
    """Without the ranges of nobody, and with equal neighbours as one."""
    done: list[tuple[int, int, _Sources]] = []
    for low, high, sources in pieces:
        if not sources:
            continue
        if done and done[-1][1] + 1 == low and done[-1][2] == sources:
            done[-1] = (done[-1][0], high, sources)
        else:
            done.append((low, high, sources))
    return tuple(done)


def _combined(a: _Ports, b: _Ports, combine: _Combine) -> _Ports:
    cuts = sorted({p[0] for p in (*a, *b)} | {p[1] + 1 for p in (*a, *b)})
    pieces = []
    for low, after in pairwise(cuts):
        pieces.append((low, after - 1, combine(_at(a, low), _at(b, low))))
    return _joined(pieces)


def _at(ports: _Ports, port: int) -> _Sources:
    return next((s for low, high, s in ports if low <= port <= high), _NOBODY)


def _whole(ports: _Ports) -> bool:
    return normal((low, high) for low, high, _ in ports) == (_EVERY,)


def _as_written(protocol: int, low: int, high: int) -> Iterator[tuple[int | None, int | None]]:
    """A range of the model as from_port and to_port say it."""
    if protocol in _PORTED:
        yield low, high
    elif protocol not in _ICMP:
        yield None, None
    elif (low, high) == _EVERY:
        yield -1, -1
    else:
        yield from _icmp_written(low, high)


def _icmp_written(low: int, high: int) -> Iterator[tuple[int, int]]:
    at = low
    while at <= high:
        if at % 256 == 0 and at + 255 <= high:
            yield at // 256, -1
            at += 256
        else:
            yield at // 256, at % 256
            at += 1


def _rules(protocol: str, low: int | None, high: int | None, sources: _Sources) -> Iterator[Rule]:
    for start, end in sources.addresses:
        kind = ipaddress.IPv6Address if start >= _V6 else ipaddress.IPv4Address
        base = _V6 if start >= _V6 else 0
        networks = ipaddress.summarize_address_range(kind(start - base), kind(end - base))
        yield from (Rule(protocol, low, high, str(n)) for n in networks)
    yield from (Rule(protocol, low, high, name) for name in sorted(sources.names))


def _ports(rule: Rule) -> str:
    if rule.protocol == ALL_PROTOCOLS:
        return "all traffic"
    if rule.from_port is None or rule.from_port == -1:
        return (
            f"all {rule.protocol}" if not rule.protocol.isdecimal() else f"protocol {rule.protocol}"
        )
    if rule.protocol in ("icmp", "icmpv6"):
        code = "" if rule.to_port == -1 else f" code {rule.to_port}"
        return f"{rule.protocol} type {rule.from_port}{code}"
    span = "" if rule.to_port == rule.from_port else f"-{rule.to_port}"
    return f"{rule.protocol} {rule.from_port}{span}"


# The world ---------------------------------------------------------------------------------


@cache
def _reachable(version: int) -> Intervals:
    """Every globally reachable unicast address of a family."""
    if version == 6:
        return (_line(parse_cidr(_GLOBAL_V6)),)
    special = normal(_line(parse_cidr(n)) for n in _NOT_GLOBAL)
    return difference(((0, 2**32 - 1),), special)


def is_world(cidrs: Collection[str]) -> bool:
    """Whether together they hold every globally reachable address of IPv4, or of IPv6."""
    lines = [_line(parse_cidr(c)) for c in cidrs]
    # Most lists are far too small to be the world, and this is asked of every rule there is.
    if sum(high - low for low, high in lines) < _LEAST_WORLD:
        return False
    held = normal(lines)
    return any(not difference(_reachable(version), held) for version in (4, 6))


def world_pieces(cidrs: Collection[str]) -> tuple[str, ...]:
    """The CIDRs that make it the world, largest first, without those that add nothing public.

    Empty where they are not the world.
    """
    found: list[str] = []
    for version in (4, 6):
        family = [c for c in cidrs if parse_cidr(c).version == version]
        if is_world(family):
            found += _needed(family, _reachable(version))
    return tuple(found)


def _needed(cidrs: Iterable[str], public: Intervals) -> Iterator[str]:
    left = public
    for cidr in sorted(cidrs, key=lambda c: (parse_cidr(c).prefixlen, c)):
        rest = difference(left, (_line(parse_cidr(cidr)),))
        if rest != left:
            yield cidr
        left = rest


def contains(wider: Network, network: Network) -> bool:
    """Whether every address of `network` is in `wider`."""
    if wider.version != network.version:
        return False
    (low, high), (start, end) = _line(wider), _line(network)
    return low <= start and end <= high


def split_around(low: int, high: int, holes: Collection[int]) -> tuple[tuple[int, int], ...]:
    """The port ranges that are left of low-high when single ports are cut out of it."""
    return difference(((low, high),), normal((h, h) for h in holes))
