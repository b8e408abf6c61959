"""What the ingress rules of one or more security groups allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from remediator.access.network import Rule, RuleSet
from remediator.model import Json
from remediator.remediate.access import Access
from remediator.terraform.facets import INGRESS, NOTHING, Texts, ingress


@dataclass(frozen=True)
class GroupAccess:
    """The rules that are known, one by one, and the text of every grant that is not."""

    rules: tuple[Rule, ...]
    unread: tuple[str, ...] = ()

    @cached_property
    def allowed(self) -> RuleSet:
        return RuleSet.of(self.rules)

    def within(self, wider: Access) -> bool:
        return (
            isinstance(wider, GroupAccess)
            and self.unread == wider.unread
            and self.allowed <= wider.allowed
        )

    def canonical(self) -> Json:
        rules: list[Json] = [{**rule} for rule in self.allowed.canonical()]
        unread: list[Json] = list(self.unread)
        found: dict[str, Json] = {"ingress": rules}
        if unread:
            found["not_evaluated"] = unread
        return found

    def lost(self, after: Access) -> tuple[str, ...]:
        """Of a rule that stays in part, the ports that go. Where a part of its addresses stays by
        another rule, the rule as it is written: nobody wants to read 0.0.0.0/0 in pieces."""
        left = after.allowed if isinstance(after, GroupAccess) else RuleSet.of(())
        unread = after.unread if isinstance(after, GroupAccess) else ()
        stays = frozenset(left.rules())
        moved = (rule for rule in self.allowed.rules() if rule not in stays)
        rules = (text for rule in moved for text in _lost(rule, left))
        gone = (f"not evaluated: {u}" for u in self.unread if u not in unread)
        return tuple(dict.fromkeys((*rules, *gone)))

    def planned(self) -> Mapping[str, Texts]:
        return NOTHING if self.unread else {INGRESS: ingress(self.rules)}


def _lost(rule: Rule, left: RuleSet) -> tuple[str, ...]:
    whole = RuleSet.of([rule])
    gone = whole - left
    parts = gone.rules()
    return (gone if all(p.source == rule.source for p in parts) else whole).describe()
