"""What the proofs of outcomes predict of a plan, and what the plan says, in the same words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remediator.access.network import Rule, RuleSet
from remediator.embedded.terraform import Plan

GROUP = "aws_security_group"
_SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
Json = Any


@dataclass(frozen=True)
class Effect:
    """`ingress`: who may come in afterwards, by CIDR, and at which ports."""

    action: str
    ingress: tuple[str, ...]


# The plan ----------------------------------------------------------------------------------

_ACTIONS = {("delete", "create"): "replace", ("create", "delete"): "replace"}


def planned_effect(plan: Plan, address: str) -> Effect:
    change = plan.change(address)
    actions = tuple(change["actions"])
    return Effect(_ACTIONS.get(actions, " ".join(actions)), _described([change["after"] or {}]))


def _described(values: Iterable[Json]) -> tuple[str, ...]:
    return RuleSet.of(rule for each in values for rule in _rules(each)).describe()


def _rules(values: Json) -> Iterator[Rule]:
    for each in values.get("ingress", [values]) or []:
        if each.get("type") == "egress":
            continue
        protocol = each.get("protocol") or each.get("ip_protocol")
        for name in _SOURCES:
            found = each.get(name) or []
            for cidr in [found] if isinstance(found, str) else found:
                yield Rule(protocol, each["from_port"], each["to_port"], cidr)


# The proofs --------------------------------------------------------------------------------


def predicted(outcomes: Iterable[Json], installed: Sequence[Json], plan: Plan) -> dict[str, Effect]:
    """By address, as the outcomes come; a later one of the same instance is what counts.

    `installed` are the modules of terraform's own modules.json.
    """
    found: dict[str, Effect] = {}
    for outcome in outcomes:
        if outcome["proof"] and outcome["reason"]["code"] == "written":
            found.update(_Proof(outcome, installed, plan).effects())
    return found


class _Proof:
    def __init__(self, outcome: Json, installed: Sequence[Json], plan: Plan) -> None:
        self.outcome, self.installed, self.plan = outcome, installed, plan
        proof = outcome["proof"]
        self.before, self.after = (json.loads(proof[name]) for name in ("before", "after"))
        self.checks = {check["name"]: check for check in proof["checks"]}
        self.replaces = " ".join(c["detail"] for c in outcome["checks"] if c["name"] == "in-place")

    def effects(self) -> Mapping[str, Effect]:
        return self._traced() if "traced" in self.checks else self._literal()

    def _traced(self) -> Mapping[str, Effect]:
        """A value from elsewhere: the proof is by root and instance; the one root is the top."""
        changed = {a for a in {*self.before, *self.after} if self._at(a)}
        return {a: self._effect(a, self.after.get(a, {"ingress": []})) for a in changed}

    def _at(self, address: str) -> bool:
        return bool(self.before.get(address) != self.after.get(address))

    def _literal(self) -> Mapping[str, Effect]:
        """The proof is of the block, with all the instances that it makes."""
        said = re.fullmatch(
            r"the configuration changes at (.*) and nowhere else",
            self.checks["addresses"]["detail"],
        )
        assert said is not None
        named = {where + a for where in self._modules() for a in said.group(1).split(", ")}
        changes = [c for c in self.plan.resource_changes if _keyless(c["address"]) in named]
        together = _described(c["change"]["after"] or {} for c in changes)
        shared = len({_keyless(c["address"]) for c in changes}) > 1
        if shared and together == self._effect("", self.after).ingress:
            return {c["address"]: self._part(c) for c in changes}
        return {c["address"]: self._effect(c["address"], self.after) for c in changes}

    def _part(self, change: Json) -> Effect:
        """One of several rules that a rule becomes: the proof is of all of them together."""
        part = _described([change["change"]["after"] or {}])
        if change["change"]["before"] is None:
            return Effect("create", part)
        return Effect("replace" if self.replaces else "update", part)

    def _modules(self) -> Iterator[str]:
        root = self.outcome["terraform"]["root"]
        for module in self.installed:
            if module["Dir"] == (root or "."):
                steps = module["Key"].split(".") if module["Key"] else []
                yield "".join(f"module.{step}." for step in steps)

    def _effect(self, address: str, access: Json) -> Effect:
        rules = [
            Rule(r["protocol"], r["from_port"], r["to_port"], r["source"])
            for r in access["ingress"]
        ]
        ingress = RuleSet.of(r for r in rules if "/" in r.source).describe()
        if rules or f"{GROUP}." in address:
            return Effect("replace" if self.replaces else "update", ingress)
        return Effect("delete", ())


def _keyless(address: str) -> str:
    return re.sub(r"\[[^]]*\]", "", address)
