"""Closing a door in one resource block: exactly the wrong CIDRs go, and never a neighbour.

What the AWS provider does with each form was measured with provider 5.100.0 and is tested in
tests/e2e/test_provider_facts.py; docs/decisions.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from remediator.access.doors import Ports
from remediator.access.network import parse_cidr
from remediator.model import Check, Disposition, Edit, Refusal
from remediator.remediate.closing import Closing, Sources, granted, matching, obscured
from remediator.remediate.grants import Cidr, Form, Grant, grants_of, hidden
from remediator.remediate.lifecycle import forbidden
from remediator.remediate.rewrite import Effect, Rewrite
from remediator.remediate.snippets import copy_of, joined, renamed
from remediator.terraform.edit import (
    insert_resource_after,
    remove_block,
    remove_items,
    replace_block_by_attribute,
    set_value,
    string_literal,
)
from remediator.terraform.syntax import Block, Expression
from remediator.texts import listed

_RESOURCES = (Form.RULE, Form.VPC_RULE)


def close(resource: Block, closing: Closing) -> Rewrite | Refusal:
    """The edits that close the door in this block. `matching` must have found something."""
    refusal = forbidden(resource)
    if refusal is not None:
        return refusal
    closer = _Closer(resource, closing)
    for grant in matching(resource, closing.door):
        refused = closer.close(grant)
        if refused is not None:
            return refused
    return closer.result()


class _Closer:
    """Collects the edits of one block, grant by grant."""

    def __init__(self, resource: Block, closing: Closing) -> None:
        self.resource, self.closing = resource, closing
        self.edits: list[Edit] = []
        self.effects: dict[str, Effect] = {resource.address: Effect.UPDATE}
        self.checks: list[Check] = []
        self.removed: list[int] = []
        self.left = len(grants_of(resource))
        self.granted = granted(resource, closing) if closing.approved else set()
        unsure = obscured(resource, closing.door.ports)
        if unsure:
            detail = f"may open it too: {'; '.join(unsure[:3])}"
            self.checks.append(Check.unknown("other-rules", detail))

    def result(self) -> Rewrite:
        if self.removed:
            # Together: neighbours that go share a comma, and the last ones the list's brackets.
            self.edits += remove_items(self._elements(), self.removed)
        return Rewrite(tuple(self.edits), self.effects, tuple(dict.fromkeys(self.checks)))

    def close(self, grant: Grant) -> Refusal | None:
        wrong = grant.with_cidrs(self.closing.door.cidrs)
        gone = tuple(c.text for c in wrong)
        stays = len(wrong) < len(grant.cidrs) or bool(grant.others) or bool(grant.unknown)
        if grant.unsure:
            detail = "; ".join(u.reason for u in grant.unsure)
            self.checks.append(Check.unknown("other-sources", f"may be nobody: {detail}"))
        if stays and grant.form is Form.VPC_RULE:
            return self._several_sources()
        fresh = [(ports, self._fresh(gone, ports)) for ports in self.closing.closed_ports()]
        rules = [*self.closing.kept(gone), *((ports, cidrs) for ports, cidrs in fresh if cidrs)]
        if self.closing.keep_neighbours and rules:
            self._split(grant, wrong, rules, stays)
            return None
        if stays or rules:
            self._edit_sources(grant, wrong, rules[0][1] if rules else ())
            return None
        if grant.form in _RESOURCES:
            return self._remove_resource()
        return self._remove_inline(grant)

    def _fresh(self, gone: Sequence[str], ports: Ports) -> tuple[str, ...]:
        """The approved CIDRs to let in instead of what goes, unless they are in already."""
        inside = self.closing.approved_within(gone)
        fresh = tuple(c for c in inside if (ports, parse_cidr(c)) not in self.granted)
        self.granted |= {(ports, parse_cidr(c)) for c in fresh}
        return fresh

    def _several_sources(self) -> Refusal:
        where = f"{self.resource.file.path}:{self.resource.line}"
        return Refusal(
            "remediate",
            "several-sources",
            f"{self.resource.address} ({where}) names more than one source, of which the provider "
            "takes one; leave the one that is meant, then run again",
        )

    # One rule stays one rule ------------------------------------------------------------

    def _edit_sources(self, grant: Grant, wrong: Sequence[Cidr], fresh: Sequence[str]) -> None:
        if grant.form is Form.VPC_RULE:
            # cidr_ipv4 and cidr_ipv6 hold one CIDR: further approved ones become resources.
            self.edits += set_value(wrong[0].literal, string_literal(fresh[0]))
            self._add_resources(grant, [(self.closing.door.ports, tuple(fresh[1:]))])
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
        for argument, version in (("cidr_blocks", 4), ("ipv6_cidr_blocks", 6)):
            indexes = [c.index for c in wrong if c.argument == argument]
            family = [c for c in fresh if parse_cidr(c).version == version]
            if indexes:
                self.edits += _list_edits(grant.arguments[argument], indexes, family)

    # One rule becomes several -----------------------------------------------------------

    def _split(
        self, grant: Grant, wrong: Sequence[Cidr], rules: list[Sources], stays: bool
    ) -> None:
        """The rule without the wrong CIDRs, where others are in it, and a rule for each of
        `rules`."""
        if stays:
            self._edit_sources(grant, wrong, ())
        if self.closing.door.ports.protocol == "-1":
            detail = "of all traffic TCP, UDP and ICMP stay; any other protocol (GRE, ESP) goes too"
            self.checks.append(Check.lowers("neighbours", Disposition.REVIEW, detail))
        if grant.form in _RESOURCES:
            self._split_resource(grant, rules, stays)
            return
        texts = [copy_of(grant, ports, cidrs) for ports, cidrs in rules]
        path, node = self.resource.file.path, grant.node
        if not stays:
            start, end, text = node.start, node.end, joined(grant, texts)
        elif grant.form is Form.BLOCK:
            start, end, text = node.end, node.end, joined(grant, [b"", *texts])
        else:
            start, end, text = node.start, node.start, joined(grant, [*texts, b""])
        self.edits.append(Edit(path, start, end, text))

    def _split_resource(self, grant: Grant, rules: list[Sources], stays: bool) -> None:
        rules = _one_cidr_each(rules) if grant.form is Form.VPC_RULE else rules
        if not stays:
            (ports, cidrs), *rules = rules
            is_rule = grant.form is Form.RULE
            self.effects[self.resource.address] = Effect.REPLACE if is_rule else Effect.UPDATE
            if is_rule:
                detail = (
                    "the AWS provider replaces an aws_security_group_rule whose ports change: "
                    "those that stay open are closed for a moment during the apply"
                )
                self.checks.append(Check.lowers("in-place", Disposition.REVIEW, detail))
            text, node = copy_of(grant, ports, cidrs), grant.node
            self.edits.append(Edit(self.resource.file.path, node.start, node.end, text))
        self._add_resources(grant, rules)

    def _add_resources(self, grant: Grant, rules: list[Sources]) -> None:
        rules = _one_cidr_each(rules) if grant.form is Form.VPC_RULE else rules
        for ports, cidrs in rules:
            text, address = renamed(self.closing.module, grant, ports, cidrs, self.effects)
            self.effects[address] = Effect.CREATE
            self.edits += insert_resource_after(self.resource, text)

    # One rule becomes none --------------------------------------------------------------

    def _remove_inline(self, grant: Grant) -> Refusal | None:
        self.left -= 1
        if isinstance(grant.node, Expression):
            starts = [item.start for item in self._elements().items]
            self.removed.append(starts.index(grant.node.start))
        elif self.left:
            self.edits += remove_block(grant.node)
        elif hidden(self.resource):
            return self._may_keep_live_rules()
        else:
            # Without any ingress the provider takes the live rules for granted (computed).
            self.edits += replace_block_by_attribute(grant.node, "ingress", "[]")
        return None

    def _may_keep_live_rules(self) -> Refusal:
        return Refusal(
            "remediate",
            "may-keep-live-rules",
            f"only {listed(list(hidden(self.resource)))} would be left in {self.resource.address}: "
            "where it makes no rule, the provider keeps the live ones; write `ingress = […]`",
        )

    def _elements(self) -> Expression:
        attribute = self.resource.body.attribute("ingress")
        assert attribute is not None
        return attribute.value

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


def _one_cidr_each(rules: list[Sources]) -> list[Sources]:
    return [(ports, (cidr,)) for ports, cidrs in rules for cidr in cidrs]


def _list_edits(
    expression: Expression, wrong: Sequence[int], fresh: Collection[str]
) -> Sequence[Edit]:
    """The list without its wrong items, and with the fresh ones where the first of them was."""
    if not fresh:
        return remove_items(expression, wrong)
    items = [i for n, i in enumerate(expression.items) if n not in wrong[1:]]
    first = expression.items[wrong[0]]
    one_a_line = len(items) > 1 and items[0].line != items[-1].line
    one_a_line = one_a_line or first.line != expression.line
    glue = ",\n" if one_a_line else ", "
    edits = set_value(first, glue.join(string_literal(c) for c in fresh))
    return (*edits, *(remove_items(expression, wrong[1:]) if wrong[1:] else ()))
