"""Copies of a rule with other ports and sources, in the author's own layout."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from remediator.access.doors import Ports
from remediator.access.network import parse_cidr
from remediator.remediate.grants import Form, Grant
from remediator.terraform.edit import set_or_insert_attribute, set_value, splice, string_literal
from remediator.terraform.module import Module
from remediator.terraform.syntax import parse

_INNER = re.compile(rb"\r?\n[ \t]*")
_END = re.compile(rb"\r?\n[ \t]*\}\Z")
_NO_SOURCE = {
    "prefix_list_ids": "[]",
    "security_groups": "[]",
    "self": "false",
}


def copy_of(grant: Grant, ports: Ports | None, cidrs: Sequence[str]) -> bytes:
    """The grant's own text with these CIDRs; with `ports` also those, and no other source."""
    settings = _cidr_settings(grant, cidrs)
    if ports is not None:
        settings |= _port_settings(grant, ports)
        settings |= {k: v for k, v in _NO_SOURCE.items() if k in grant.arguments}
    text = grant.resource.file.data[grant.node.start : grant.node.end]
    for name, value in settings.items():
        text = _with(grant.form, text, name, value)
    return text


def joined(grant: Grant, texts: Sequence[bytes]) -> bytes:
    """Several rules side by side as `terraform fmt` has them, each beginning where one began."""
    data, newline = grant.resource.file.data, grant.resource.file.newline
    head = data[data.rfind(b"\n", 0, grant.node.start) + 1 : grant.node.start]
    if grant.form is Form.BLOCK:
        indent = head[: len(head) - len(head.lstrip())]
        return (newline * 2 + indent).join(texts)
    if not head.strip():
        return (b"," + newline + head).join(texts)
    # Where one begins on the line on which another ends, only the last ends further out.
    inner = _INNER.search(grant.node.text)
    ended = [_END.sub(inner[0] + b"}", t) if inner else t for t in texts[:-1]]
    return b", ".join([*ended, texts[-1]])


def renamed(
    module: Module, grant: Grant, ports: Ports, cidrs: Sequence[str], taken: Container[str]
) -> tuple[str, str]:
    """A copy of a rule resource under a new name, and its address."""
    kind, name = grant.resource.labels
    stem = f"{name}_{ports.protocol}_{ports.from_port}_{ports.to_port}".replace("-", "")
    fresh, number = stem, 2
    while f"{kind}.{fresh}" in taken or module.find(f"{kind}.{fresh}") is not None:
        fresh, number = f"{stem}_{number}", number + 1
    text = copy_of(grant, ports, cidrs).decode().replace("\r\n", "\n")
    header = re.compile(rf'^(resource\s+"?{re.escape(kind)}"?\s+"?){re.escape(name)}("?)')
    return header.sub(rf"\g<1>{fresh}\g<2>", text, count=1), f"{kind}.{fresh}"


def _cidr_settings(grant: Grant, cidrs: Sequence[str]) -> dict[str, str]:
    by_family = {v: [c for c in cidrs if parse_cidr(c).version == v] for v in (4, 6)}
    if grant.form is Form.VPC_RULE:
        (only,) = cidrs
        return {grant.cidrs[0].argument: string_literal(only)}
    settings = {}
    for name, version in (("cidr_blocks", 4), ("ipv6_cidr_blocks", 6)):
        if name in grant.arguments or by_family[version]:
            items = ", ".join(string_literal(c) for c in by_family[version])
            settings[name] = f"[{items}]"
    return settings


def _port_settings(grant: Grant, ports: Ports) -> dict[str, str]:
    protocol = "ip_protocol" if grant.form is Form.VPC_RULE else "protocol"
    return {
        "from_port": str(ports.from_port),
        "to_port": str(ports.to_port),
        protocol: string_literal(ports.protocol),
    }


def _with(form: Form, text: bytes, name: str, value: str) -> bytes:
    """The snippet with one argument set. An object literal is read as an attribute's value."""
    if form is not Form.ELEMENT:
        file = parse("snippet", text)
        body = file.body.blocks[0].body
        return splice(file.data, set_or_insert_attribute(body, name, value))
    prefix = b"x = "
    file = parse("snippet", prefix + text)
    entries = file.body.attributes[0].value.entries
    entry = next(e for e in entries if e.key.text.decode().strip('"') == name)
    return splice(file.data, set_value(entry.value, value))[len(prefix) :]
