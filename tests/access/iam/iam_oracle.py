"""An answer by brute force: every short action, every short resource, every kind of principal.

It shares no code with the program: JSON values in, sets of numbers out. A text is a bit, so that
a statement is one mask of actions and one of resources, and a policy a mask of resources for each
principal and action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

PREFIX = "arn:aws:a:::"
ACCOUNTS = ("111111111111", "222222222222")

Statement = Mapping[str, Any]


@lru_cache(None)
def expression(glob: str, fold: bool) -> re.Pattern[str]:
    text = "".join({"*": "(?:.|\n)*", "?": "(?:.|\n)"}.get(c, re.escape(c)) for c in glob)
    return re.compile(text, re.IGNORECASE if fold else 0)


def matches(glob: str, text: str, fold: bool) -> bool:
    return bool(expression(glob, fold).fullmatch(text))


def texts(alphabet: str, length: int) -> list[str]:
    return ["".join(t) for n in range(length + 1) for t in product(alphabet, repeat=n)]


@dataclass(frozen=True)
class Person:
    """`names` are the principals that a policy may name and that this one is."""

    text: str
    names: frozenset[str]


def account(number: str) -> list[Person]:
    root = f"arn:aws:iam::{number}:root"
    both = frozenset({"*", number, root})
    found = [Person(root, both)]
    for name in ("user/a", "user/b", "user/z", "role/a"):
        arn = f"arn:aws:iam::{number}:{name}"
        found.append(Person(arn, both | {arn}))
    session = f"arn:aws:sts::{number}:assumed-role/a/s"
    return [*found, Person(session, both | {session, f"arn:aws:iam::{number}:role/a"})]


PEOPLE = [
    Person("*", frozenset({"*"})),
    Person("a.amazonaws.com", frozenset({"*", "a.amazonaws.com"})),
    Person("b.amazonaws.com", frozenset({"*", "b.amazonaws.com"})),
    *(person for number in (*ACCOUNTS, "333333333333") for person in account(number)),
]


def listed(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def named(principal: Any) -> set[str]:
    if principal == "*":
        return {"*"}
    return {text for value in principal.values() for text in listed(value)}


class World:
    """All requests of short texts."""

    def __init__(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        self.actions, self.resources = actions, resources
        self._masks: dict[tuple[str, bool], int] = {}

    def _mask(self, glob: str, action: bool) -> int:
        key = glob, action
        if key not in self._masks:
            of = self.actions if action else self.resources
            bits = (1 << n for n, text in enumerate(of) if matches(glob, text, action))
            self._masks[key] = sum(bits)
        return self._masks[key]

    def _element(self, statement: Statement, name: str) -> int:
        of = self.actions if name == "Action" else self.resources
        found = 0
        for glob in listed(statement.get(name, statement.get(f"Not{name}"))):
            found |= self._mask(glob, name == "Action")
        return found if name in statement else ((1 << len(of)) - 1) & ~found

    def allowed(self, policy: Any) -> list[int]:
        """For each person and action the resources, a bit each."""
        people = PEOPLE if "Principal" in str(policy) else PEOPLE[:1]
        parts = [
            (s, self._element(s, "Action"), self._element(s, "Resource"))
            for s in policy["Statement"]
        ]
        known: dict[tuple[bool, ...], list[int]] = {}
        found = []
        for person in people:
            here = tuple(applies_to(p[0], person) for p in parts)
            if here not in known:
                chosen = [p for p, applies in zip(parts, here, strict=True) if applies]
                known[here] = [self._row(chosen, n) for n in range(len(self.actions))]
            found += known[here]
        return found

    def _row(self, parts: Sequence[tuple[Statement, int, int]], action: int) -> int:
        allow = deny = 0
        for statement, actions, resources in parts:
            if actions >> action & 1 and statement["Effect"] == "Allow":
                allow |= resources
            elif actions >> action & 1:
                deny |= resources
        return allow & ~deny


def applies_to(statement: Statement, person: Person) -> bool:
    if "Principal" in statement:
        return bool(named(statement["Principal"]) & person.names)
    if "NotPrincipal" in statement:
        return not named(statement["NotPrincipal"]) & person.names
    return True


def allows(policy: Any, principal: str, action: str, resource: str) -> bool:
    """One request, of any length."""
    person = next((p for p in PEOPLE if p.text == principal), stranger(principal))
    effects = {
        s["Effect"]
        for s in policy["Statement"]
        if applies_to(s, person)
        and _one(s, "Action", action, True)
        and _one(s, "Resource", resource, False)
    }
    return effects == {"Allow"}


def stranger(principal: str) -> Person:
    """One whom no policy names, but for the account."""
    number = next((n for n in ACCOUNTS if f":{n}:" in principal), "")
    more = {number, f"arn:aws:iam::{number}:root"} if number else set()
    return Person(principal, frozenset({"*", *more}))


def _one(statement: Statement, name: str, text: str, fold: bool) -> bool:
    globs = listed(statement.get(name, statement.get(f"Not{name}")))
    return any(matches(glob, text, fold) for glob in globs) == (name in statement)
