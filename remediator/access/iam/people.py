"""Who may ask: the finitely many kinds of principal that two policies can tell apart.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from remediator.access.iam.literals import NONE, Alias, Excepted, Literals
from remediator.access.iam.principals import (
    ANONYMOUS,
    EVERYBODY,
    IDENTITY,
    Principal,
    Principals,
    Sort,
)
from remediator.access.iam.statements import Policy

_STRANGERS = ("111122223333", "444455556666", "777788889999")

Alternatives = tuple[Literals, ...]
"""Ways in which a statement may apply: none, or each with what must hold for it. (NONE,) is
certainly."""
CERTAIN: Alternatives = (NONE,)
NEVER: Alternatives = ()


@dataclass(frozen=True, slots=True)
class Named:
    """The principals of a statement, to be asked for many askers.

    A unique or a canonical id tells no account, so it may be anybody's in one; a role's session
    may be a web identity's, and a federated user's may be that of a user.
    """

    listed: frozenset[Principal]
    negated: bool
    everybody: bool
    accounts: frozenset[str]
    by_sort: Mapping[Sort, Sequence[Principal]]

    @staticmethod
    def of_element(principals: Principals) -> Named:
        by_sort: dict[Sort, list[Principal]] = {}
        for one in principals.listed:
            by_sort.setdefault(one.sort, []).append(one)
        return Named(
            frozenset(principals.listed),
            principals.negated,
            EVERYBODY in principals.listed,
            frozenset(one.account for one in by_sort.get(Sort.ACCOUNT, ())),
            by_sort,
        )

    def of(self, sort: Sort, asker: Principal, *askers: Sort) -> Sequence[Principal]:
        """Those of a sort, where the asker is of one of `askers`."""
        return self.by_sort.get(sort, ()) if asker.sort in askers else ()


@dataclass(frozen=True, slots=True)
class People:
    """All principals that the policies name, `mentioned`, and one asker of each kind that these
    can tell apart. A policy without principals has one asker, whoever has it."""

    mentioned: frozenset[Principal]
    askers: tuple[Principal, ...]

    @staticmethod
    def of(*policies: Policy) -> People:
        named = (s.principals for policy in policies for s in policy.statements)
        mentioned = frozenset(p for some in named if some for p in some.listed)
        return People(mentioned, tuple(_askers(mentioned)) if mentioned else (IDENTITY,))

    def applies(self, principals: Principals | None, asker: Principal) -> Alternatives:
        """Whether a statement for `principals` is about this asker."""
        return self.applies_to(Named.of_element(principals), asker) if principals else CERTAIN

    def applies_to(self, named: Named | None, asker: Principal) -> Alternatives:
        """The same, for many askers."""
        if named is None:
            return CERTAIN
        if named.everybody:
            return NEVER if named.negated else CERTAIN
        if named.negated:
            return self._excepted(named, asker)
        if asker in named.listed or asker.account in named.accounts:
            return CERTAIN
        return self._perhaps(named, asker) if asker.account else NEVER

    def _excepted(self, named: Named, asker: Principal) -> Alternatives:
        """AWS may ask for the account, the role and the session, so one who is named in part is
        excepted or is not."""
        chain = {asker, *self._above(asker)}
        if chain <= named.listed:
            return NEVER
        if not chain & named.listed and not self._perhaps(named, asker):
            return CERTAIN
        return (frozenset({Excepted(named.listed)}),)

    def _perhaps(self, named: Named, asker: Principal) -> Alternatives:
        """By another name: a session of a role, or one of those that tell too little."""
        found = [self._role(one, asker) for one in named.of(Sort.ROLE, asker, Sort.SESSION)]
        if CERTAIN in found:
            return CERTAIN
        if asker.account:
            others = (Sort.UNIQUE_ID, Sort.CANONICAL)
            found += [_alias(one) for sort in others for one in named.by_sort.get(sort, ())]
        for one in named.of(Sort.FEDERATED, asker, Sort.ROLE, Sort.SESSION):
            found.append(_alias(one))
        for one in named.of(Sort.USER, asker, Sort.FEDERATED_USER):
            if one.account == asker.account:
                found.append(_alias(one))
        return tuple(dict.fromkeys(literals for way in found for literals in way))

    def _above(self, asker: Principal) -> Iterator[Principal]:
        """The principals that an asker belongs to."""
        if asker.account:
            yield Principal(Sort.ACCOUNT, account=asker.account)
        if asker.sort is Sort.SESSION:
            paths = self._paths(asker)
            yield Principal(Sort.ROLE, paths[0] if len(paths) == 1 else asker.name, asker.account)

    def _role(self, role: Principal, session: Principal) -> Alternatives:
        """A session's ARN lacks the role's path. Names are unique in an account: where only one
        path is written, it is that."""
        if role.account != session.account or role.role != session.name:
            return NEVER
        if len(self._paths(session)) == 1:
            return CERTAIN
        return _alias(role)

    def _paths(self, session: Principal) -> list[str]:
        same = [p for p in self.mentioned if p.sort is Sort.ROLE and p.account == session.account]
        return sorted({p.name for p in same if p.role == session.name})


def _askers(mentioned: frozenset[Principal]) -> Iterator[Principal]:
    yield ANONYMOUS
    yield from sorted(p for p in mentioned if p.sort is not Sort.EVERYBODY)
    used = {p.name for p in mentioned} | {p.role for p in mentioned}
    name = _unused(used, "any")
    yield Principal(Sort.SERVICE, _unused(used, "any.amazonaws.com"))
    yield Principal(Sort.FEDERATED, _unused(used, "any.example.com"))
    for account in _accounts(mentioned):
        yield Principal(Sort.ACCOUNT, account=account)
        for sort in (Sort.USER, Sort.ROLE, Sort.FEDERATED_USER):
            yield Principal(sort, name, account)


def _accounts(mentioned: frozenset[Principal]) -> list[str]:
    """Those that are named, and one that is not."""
    named = {p.account for p in mentioned if p.account}
    numbers = {account.partition(":")[2] for account in named}
    stranger = next(n for n in chain(_STRANGERS, map(_number, count())) if n not in numbers)
    return sorted({*named, f"aws:{stranger}"})


def _number(number: int) -> str:
    return f"{number:012}"


def _unused(used: set[str], name: str) -> str:
    return next(n for n in chain([name], (f"{i}-{name}" for i in count())) if n not in used)


def _alias(one: Principal) -> Alternatives:
    return (frozenset({Alias(one)}),)
