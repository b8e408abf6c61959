"""The rules of a security group as the evaluated code has them, and how two of them compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.access.doors import Ports
from remediator.access.iam.verdict import Answer
from remediator.access.network import Rule, RuleSet, parse_cidr
from remediator.remediate import community_module
from remediator.remediate.evaluated import Evaluated, Grants, grants_in
from remediator.remediate.grants import GROUP, RULE, VPC_RULE
from remediator.remediate.open_instances import grants_of_instance
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.value import Unknown
from remediator.texts import listed

INGRESS, EGRESS = "ingress", "egress"
_GROUPS = (GROUP, "aws_default_security_group")
_SHOWN = 5
# By resource type: the type that it is read as, and the directions that it may have.
TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(_GROUPS, (GROUP, (INGRESS, EGRESS))),
    RULE: (RULE, (INGRESS, EGRESS)),
    VPC_RULE: (VPC_RULE, (INGRESS,)),
    "aws_vpc_security_group_egress_rule": (VPC_RULE, (EGRESS,)),
    community_module.KIND: (community_module.KIND, (INGRESS,)),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """`rules` are known in full; `unread` says of each grant that is not what it is."""

    rules: tuple[Rule, ...] = ()
    unread: frozenset[str] = frozenset()

    def __or__(self, other: Rules) -> Rules:
        return Rules((*self.rules, *other.rules), self.unread | other.unread)

    @property
    def allowed(self) -> RuleSet:
        return RuleSet.of(self.rules)

    def doors(self) -> list[tuple[Ports, str]]:
        """The rules whose source is a CIDR, as `open_doors` takes them."""
        pairs = ((Ports.of(r.protocol, r.from_port, r.to_port), r.source) for r in self.rules)
        return [(ports, source) for ports, source in pairs if _is_cidr(source)]


def rules_of(kind: str, direction: str, content: Content, scope: Scope) -> Rules:
    """One direction of one instance of a resource of type `kind`, which is in TYPES."""
    read_as, _ = TYPES[kind]
    if read_as == community_module.KIND:
        grants = grants_of_instance(kind, content, scope)
    else:
        grants = grants_in(read_as, content, scope, direction)
    return Rules(
        tuple(rule for grant in grants.grants for rule in grant.rules()), frozenset(_unread(grants))
    )


def _unread(grants: Grants) -> Iterator[str]:
    """With ports and sources: the same words about another port are another rule."""
    yield from (_reason(unknown) for unknown in grants.unsure)
    for grant in grants.grants:
        told = [_reason(unknown) for unknown in grant.unsure]
        if grant.ports is None:
            sources = [*(e.text for e in grant.entries), *grant.others]
            told = [f"{'; '.join(told)}, from {listed(sources) or 'nobody that is known'}"]
        yield from (f"{_ports(grant)}: {text}" for text in told)


def _ports(grant: Evaluated) -> str:
    return "ports that are not known" if grant.ports is None else str(grant.ports)


def _reason(unknown: Unknown) -> str:
    return unknown.reason


def compared(after: Rules, before: Rules) -> tuple[Answer, str, str | None, tuple[str, ...]]:
    """The answer, the reason, a witness, and what is gone."""
    was, now = before.allowed, after.allowed
    new, less = _beyond(after.rules, was), _beyond(before.rules, now)
    unread, read = after.unread - before.unread, before.unread - after.unread
    gone = (*less, *sorted(read))
    if new and not read:
        return Answer.WIDER, f"it newly allows {_few(new)}", new[0], gone
    if new:
        why = f"it newly allows {_few(new)}, or allowed it before: {_few(read)}"
        return Answer.UNKNOWN, why, None, gone
    if unread:
        return Answer.UNKNOWN, f"not known from the code: {_few(unread)}", None, gone
    if gone:
        return Answer.NARROWER, f"it no longer allows {_few(gone)}", None, gone
    return Answer.SAME, "it allows the same", None, ()


def _beyond(rules: Iterable[Rule], allowed: RuleSet) -> tuple[str, ...]:
    """The rules, as they are written, that are not within what is allowed."""
    sets = (RuleSet.of([rule]) for rule in dict.fromkeys(rules))
    return tuple(text for one in sets if not one <= allowed for text in one.describe())


def _few(items: Iterable[str]) -> str:
    return listed(sorted(items), _SHOWN)


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True
