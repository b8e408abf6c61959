"""Closing a door in one resource block: exactly the wrong CIDRs go, and never a neighbour.

What the AWS provider does with each form was measured with provider 5.100.0 and is tested in
tests/e2e/test_provider_facts.py; docs/decisions.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediator.access.doors import ADMIN_PORTS, Door, Ports
from remediator.access.network import parse_cidr, split_around
from remediator.model import Check, Disposition, Edit, Refusal
from remediator.remediate.grants import Form, Grant, grants_of, hidden
from remediator.remediate.rewrite import Effect, Rewrite
from remediator.remediate.snippets import copy_of, renamed
from remediator.terraform.edit import (
    insert_resource_after,
    remove_block,
    remove_items,
    replace_block_by_attribute,
    set_value,
    string_literal,
)
from remediator.terraform.module import Module
from remediator.terraform.resolve import as_text, resolve
from remediator.terraform.syntax import Block


@dataclass(frozen=True, slots=True)
class Closing:
    """`approved` replace the world, family by family; `keep_neighbours` cuts the admin ports
    out of a wider range instead of closing all of it."""

    door: Door
    module: Module
    approved: tuple[str, ...] = ()
    keep_neighbours: bool = False

    def replacements(self) -> tuple[str, ...]:
        """The approved CIDRs of the families that the door is open to: never a new family."""
        families = {parse_cidr(c).version for c in self.door.cidrs}
        return tuple(c for c in self.approved if parse_cidr(c).version in families)

    def kept_ports(self) -> tuple[Ports, ...]:
        """What stays open to the world of a wider door; of all traffic, TCP, UDP and ICMP."""
        ports = self.door.ports
        if not self.keep_neighbours:
            return ()
        if ports.protocol == "tcp":
            ranges = split_around(max(ports.from_port, 0), _top(ports), ADMIN_PORTS)
            return tuple(Ports("tcp", low, high) for low, high in ranges)
        ranges = split_around(0, 65535, ADMIN_PORTS)
        icmp = {4: Ports("icmp", -1, -1), 6: Ports("icmpv6", -1, -1)}
        families = sorted({parse_cidr(c).version for c in self.door.cidrs})
        return (
            *(Ports("tcp", low, high) for low, high in ranges),
            Ports("udp", 0, 65535),
            *(icmp[f] for f in families),
        )

    def closed_admin_ports(self) -> tuple[Ports, ...]:
        if not self.keep_neighbours:
            return (self.door.ports,)
        return tuple(Ports("tcp", p, p) for p in ADMIN_PORTS if self.door.ports.reaches_tcp(p))


def _top(ports: Ports) -> int:
    return 65535 if ports.to_port == -1 else ports.to_port


def matching(resource: Block, door: Door) -> tuple[Grant, ...]:
    """The block's grants that make the door: the same ports, and one of its CIDRs."""
    same = (g for g in grants_of(resource) if g.ports == door.ports)
    return tuple(g for g in same if g.with_cidrs(door.cidrs))


def close(resource: Block, closing: Closing) -> Rewrite | Refusal:
    """The edits that close the door in this block. `matching` must have found something."""
    refusal = _lifecycle(resource)
    if refusal is not None:
        return refusal
    grants = matching(resource, closing.door)
    rewrite = _Rewriter(resource, closing, len(grants_of(resource)))
    for grant in grants:
        refused = rewrite.close(grant)
        if refused is not None:
            return refused
    return rewrite.result()


def _lifecycle(resource: Block) -> Refusal | None:
    where = f"{resource.file.path}:{resource.line}"
    for lifecycle in resource.body.nested("lifecycle"):
        ignored = lifecycle.body.attribute("ignore_changes")
        words = ignored.value.text.decode(errors="replace") if ignored else ""
        if "ingress" in words or words.strip() == "all" or "cidr" in words:
            return Refusal(
                "remediate",
                "ignored-changes",
                f"{resource.address} ({where}) ignores changes of its rules (lifecycle."
                "ignore_changes), so that no apply would close this; remove that argument, "
                "or close the rule where it is managed",
            )
        prevented = lifecycle.body.attribute("prevent_destroy")
        is_rule = resource.labels[0] != "aws_security_group"
        if prevented and is_rule and as_text(resolve(prevented.value)) != "false":
            return Refusal(
                "remediate",
                "prevent-destroy",
                f"{resource.address} ({where}) has lifecycle.prevent_destroy, so that an apply "
                "which removes it would fail; decide whether it may go, and remove that argument",
            )
    return None


class _Rewriter:
    """Collects the edits of one block, grant by grant."""

    def __init__(self, resource: Block, closing: Closing, grants: int) -> None:
        self.resource, self.closing = resource, closing
        self.edits: list[Edit] = []
        self.effects: dict[str, Effect] = {resource.address: Effect.UPDATE}
        self.checks: list[Check] = []
        self.left = grants

    def result(self) -> Rewrite:
        return Rewrite(tuple(self.edits), self.effects, tuple(dict.fromkeys(self.checks)))

    def close(self, grant: Grant) -> Refusal | None:
        wrong = grant.with_cidrs(self.closing.door.cidrs)
        stays = len(wrong) < len(grant.cidrs) or bool(grant.others) or bool(grant.unknown)
        if grant.unknown:
            detail = "; ".join(u.reason for u in grant.unknown)
            self.checks.append(Check.unknown("other-sources", detail))
        copies = list(self._copies(grant))
        if copies or not (stays or self.closing.replacements()):
            return self._replace_or_remove(grant, stays, copies)
        self._edit_lists(grant, stays)
        return None

    def _copies(self, grant: Grant) -> Iterator[tuple[Ports, Sequence[str]]]:
        """The further rules that the code needs when one rule becomes several."""
        closing = self.closing
        for ports in closing.kept_ports():
            families = {"icmp": 4, "icmpv6": 6}
            only = families.get(ports.protocol)
            cidrs = [c for c in closing.door.cidrs if only in (None, parse_cidr(c).version)]
            yield ports, cidrs
        if closing.keep_neighbours and closing.replacements():
            for ports in closing.closed_admin_ports():
                yield ports, closing.replacements()

    # One rule stays one rule ------------------------------------------------------------

    def _edit_lists(self, grant: Grant, stays: bool) -> None:
        if grant.form is Form.VPC_RULE:
            self._edit_single(grant)
            return
        if grant.form is Form.RULE:
            self.effects[self.resource.address] = Effect.REPLACE
            self.checks.append(
                Check.lowers(
                    "in-place",
                    Disposition.REVIEW,
                    "the AWS provider replaces an aws_security_group_rule whose CIDRs change: "
                    "the remaining sources lose access for a moment during the apply",
                )
            )
        for argument in ("cidr_blocks", "ipv6_cidr_blocks"):
            wrong = [c for c in grant.with_cidrs(self.closing.door.cidrs) if c.argument == argument]
            if wrong:
                self._edit_list(grant, argument, [c.index for c in wrong])

    def _edit_list(self, grant: Grant, argument: str, wrong: list[int]) -> None:
        expression = grant.arguments[argument]
        there = {parse_cidr(c.text) for c in grant.cidrs}
        version = 6 if argument.startswith("ipv6") else 4
        fresh = [
            c
            for c in self.closing.replacements()
            if parse_cidr(c).version == version and parse_cidr(c) not in there
        ]
        if not fresh:
            self.edits += remove_items(expression, wrong)
            return
        items = [i for n, i in enumerate(expression.items) if n not in wrong[1:]]
        first = expression.items[wrong[0]]
        one_a_line = len(items) > 1 and items[0].line != items[-1].line
        one_a_line = one_a_line or first.line != expression.line
        glue = f",\n{' ' * (first.column - 1)}" if one_a_line else ", "
        self.edits += set_value(first, glue.join(string_literal(c) for c in fresh))
        self.edits += remove_items(expression, wrong[1:]) if wrong[1:] else ()

    def _edit_single(self, grant: Grant) -> None:
        """cidr_ipv4 and cidr_ipv6 hold one CIDR: further approved ones become resources."""
        first, *rest = self.closing.replacements()
        self.edits += set_value(grant.cidrs[0].literal, string_literal(first))
        self._add_resources(grant, [(grant.ports or self.closing.door.ports, [c]) for c in rest])

    # One rule becomes none, or several --------------------------------------------------

    def _replace_or_remove(
        self, grant: Grant, stays: bool, copies: list[tuple[Ports, Sequence[str]]]
    ) -> Refusal | None:
        if grant.form in (Form.RULE, Form.VPC_RULE):
            return self._resource(grant, stays, copies)
        texts = [copy_of(grant, ports, cidrs) for ports, cidrs in copies]
        if stays:
            texts.insert(0, copy_of(grant, None, self._neighbours(grant)))
        if not texts:
            self._remove_inline(grant)
        elif grant.form is Form.BLOCK:
            glue = grant.resource.file.newline * 2 + _indent(grant)
            self._replace_node(grant, glue.join(texts))
        else:
            self._replace_node(grant, b", ".join(texts))
        return None

    def _neighbours(self, grant: Grant) -> list[str]:
        wrong = set(grant.with_cidrs(self.closing.door.cidrs))
        return [c.text for c in grant.cidrs if c not in wrong]

    def _replace_node(self, grant: Grant, text: bytes) -> None:
        node = grant.node
        self.edits.append(Edit(self.resource.file.path, node.start, node.end, text))

    def _remove_inline(self, grant: Grant) -> None:
        self.left -= 1
        if grant.form is Form.ELEMENT:
            attribute = self.resource.body.attribute("ingress")
            assert attribute is not None
            items = attribute.value.items
            index = next(n for n, i in enumerate(items) if i.start == grant.node.start)
            self.edits += remove_items(attribute.value, [index])
            return
        assert isinstance(grant.node, Block)
        if self.left:
            self.edits += remove_block(grant.node)
            return
        # Without any ingress the provider takes the live rules for granted (computed).
        if hidden(self.resource):
            self.checks.append(
                Check.unknown("other-rules", "; ".join(hidden(self.resource)) + " may make none")
            )
            self.edits += remove_block(grant.node)
            return
        self.edits += replace_block_by_attribute(grant.node, "ingress", "[]")

    def _resource(
        self, grant: Grant, stays: bool, copies: list[tuple[Ports, Sequence[str]]]
    ) -> Refusal | None:
        if grant.form is Form.VPC_RULE:
            copies = [(ports, [c]) for ports, cidrs in copies for c in cidrs]
        if stays:
            self._edit_lists(grant, stays)
            self._add_resources(grant, copies)
            return None
        if copies:
            ports, cidrs = copies[0]
            self.effects[self.resource.address] = (
                Effect.REPLACE if grant.form is Form.RULE else Effect.UPDATE
            )
            self._replace_node(grant, copy_of(grant, ports, cidrs))
            self._add_resources(grant, copies[1:])
            return None
        return self._remove_resource()

    def _add_resources(self, grant: Grant, copies: list[tuple[Ports, Sequence[str]]]) -> None:
        for ports, cidrs in reversed(copies):
            text, address = renamed(self.closing.module, grant, ports, cidrs, self.effects)
            self.effects[address] = Effect.CREATE
            self.edits += insert_resource_after(self.resource, text)

    def _remove_resource(self) -> Refusal | None:
        address = self.resource.address
        mentions = [f"{f.path}:{r.line}" for f, r in self.closing.module.references_to(address)]
        mentions += self.closing.module.json_mentions(address)
        if mentions:
            return Refusal(
                "remediate",
                "referenced",
                f"{address} would have to go, and {', '.join(mentions[:5])} refers to it; "
                "remove that reference first, or change the rule by hand",
            )
        self.effects[address] = Effect.DELETE
        self.edits += remove_block(self.resource)
        return None


def _indent(grant: Grant) -> bytes:
    """The white space before the node on its own line."""
    data = grant.resource.file.data
    start = data.rfind(b"\n", 0, grant.node.start) + 1
    head = data[start : grant.node.start]
    return head[: len(head) - len(head.lstrip(b" \t"))]
