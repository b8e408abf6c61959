"""Functions over address ranges.

https://developer.hashicorp.com/terraform/language/functions/cidrsubnet
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from remediator.terraform.functions.signature import Function, Stop, integer, takes, text
from remediator.terraform.value import Known, Sequence, Unknown, Value, failure

_V4 = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,8}){3}")
_MAPPED = range(0xFFFF_0000_0000, 0x1_0000_0000_0000)


@dataclass(frozen=True, slots=True)
class Network:
    start: int
    length: int
    bits: int
    """32 or 128."""

    @property
    def size(self) -> int:
        return 1 << (self.bits - self.length)

    def __str__(self) -> str:
        return f"{_address(self.start, self.bits)}/{self.length}"


def _address(number: int, bits: int) -> str:
    return str(IPv4Address(number) if bits == 32 else IPv6Address(number))


def _network(value: Value) -> object:
    """`10.0.0.0/8`, or an address within it. Leading zeros count for nothing here."""
    given = text(value)
    if isinstance(given, Stop):
        return given
    address, _, length = given.partition("/")
    number, bits = _numbers(address)
    if number is None or not re.fullmatch("[0-9]{1,8}", length) or int(length) > bits:
        return Stop(failure(f"{given[:60]!r} is no address range"))
    if bits == 128 and number in _MAPPED:
        return Stop(Unknown("an IPv4 address written as an IPv6 one is not evaluated"))
    host = bits - int(length)
    return Network(number >> host << host, int(length), bits)


def _numbers(address: str) -> tuple[int | None, int]:
    if _V4.fullmatch(address):
        parts = [int(part) for part in address.split(".")]
        whole = sum(part << shift for part, shift in zip(parts, (24, 16, 8, 0), strict=True))
        return (whole if max(parts) < 256 else None), 32
    if "%" in address:
        return None, 128
    try:
        return int(IPv6Address(address)), 128
    except AddressValueError:
        return None, 128


def _shown(network: Network) -> Value:
    if network.bits == 128 and network.start in _MAPPED:
        return Unknown("an IPv4 address written as an IPv6 one is not evaluated")
    return Known(str(network))


@takes(_network, integer, integer)
def _cidrsubnet(network: Network, new_bits: int, number: int) -> Value:
    if new_bits < 0 or number < 0 or new_bits > 63:
        return Unknown("such a `cidrsubnet()` is not evaluated")
    length = network.length + new_bits
    if length > network.bits or number >= 1 << new_bits:
        return failure(f"there is no such subnet in {network}")
    return _shown(
        Network(network.start + (number << (network.bits - length)), length, network.bits)
    )


@takes(_network, integer)
def _cidrhost(network: Network, number: int) -> Value:
    """A negative number counts from the end."""
    last = network.size - 1
    if number > last or -number - 1 > last:
        return failure(f"there is no such address in {network}")
    place = network.start + (number if number >= 0 else network.size + number)
    if network.bits == 128 and place in _MAPPED:
        return Unknown("an IPv4 address written as an IPv6 one is not evaluated")
    return Known(_address(place, network.bits))


@takes(_network)
def _cidrnetmask(network: Network) -> Value:
    if network.bits == 128:
        return failure("`cidrnetmask()` takes IPv4 alone")
    return Known(_address((1 << 32) - network.size, 32))


@takes(_network, rest=integer)
def _cidrsubnets(network: Network, *new_bits: int) -> Value:
    """One after the other, each at the next place that its size allows."""
    if new_bits and network.start == 0:
        return Unknown("subnets at the beginning of all addresses are not evaluated")
    found: list[Value] = []
    at = network.start
    for more in new_bits:
        length = network.length + more
        if not 1 <= more <= 32 or length > network.bits:
            return failure(f"{network} cannot be extended by {more} bits")
        size = 1 << (network.bits - length)
        at = -(-at // size) * size
        if at + size > network.start + network.size:
            return failure(f"{network} has no room left")
        found.append(_shown(Network(at, length, network.bits)))
        at += size
    return Sequence(tuple(found), "list")


FUNCTIONS: dict[str, Function] = {
    "cidrhost": _cidrhost,
    "cidrnetmask": _cidrnetmask,
    "cidrsubnet": _cidrsubnet,
    "cidrsubnets": _cidrsubnets,
}
