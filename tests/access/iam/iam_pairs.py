"""Policies by chance, from a seed: several statements, Allow and Deny, Not*, globs anywhere."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from iam_oracle import ACCOUNTS, PREFIX

_NAMES = (
    "*",
    "a",
    "b",
    "a*",
    "*a",
    "?",
    "b?",
    "a?*",
    "*b*",
    "?b",
    "ab",
    "a*b",
    "B",
    "*A",
    "ba*",
    "??",
)
_IDS = (*_NAMES[:12], "a:*", "*:b", ":", "?:*", "A", "a:b")
_SERVICES = ("s", "S", "t")
_PEOPLE = (
    *ACCOUNTS,
    *(f"arn:aws:iam::{n}:root" for n in ACCOUNTS),
    *(f"arn:aws:iam::{n}:{name}" for n in ACCOUNTS for name in ("user/a", "user/b", "role/a")),
    f"arn:aws:sts::{ACCOUNTS[0]}:assumed-role/a/s",
)


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - tests want the same every time

    def pair(self, principals: bool = False) -> tuple[Any, Any]:
        """Before and after: unrelated, or the same with something changed."""
        before = self.policy(principals)
        if self.random.random() < 0.4:
            return before, self.policy(principals)
        after = {**before, "Statement": [dict(s) for s in before["Statement"]]}
        for _ in range(self.random.randint(1, 2)):
            self._change(after["Statement"], principals)
        return before, after

    def policy(self, principals: bool = False) -> Any:
        count = self.random.choice((1, 1, 2, 2, 3, 4))
        return {
            "Version": "2012-10-17",
            "Statement": [self._statement(principals) for _ in range(count)],
        }

    def _statement(self, principals: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"Effect": self._one(("Allow", "Allow", "Deny"))}
        if principals:
            made |= self._principal(made["Effect"])
        return made | self._actions() | self._resources()

    def _actions(self) -> dict[str, Any]:
        name = "NotAction" if self.random.random() < 0.15 else "Action"
        made = [
            "*" if self.random.random() < 0.1 else f"{self._one(_SERVICES)}:{self._one(_NAMES)}"
            for _ in range(self.random.randint(1, 3))
        ]
        return {name: made if len(made) > 1 or self.random.random() < 0.5 else made[0]}

    def _resources(self) -> dict[str, Any]:
        name = "NotResource" if self.random.random() < 0.15 else "Resource"
        made = [
            "*" if self.random.random() < 0.15 else f"{PREFIX}{self._one(_IDS)}"
            for _ in range(self.random.randint(1, 3))
        ]
        return {name: made}

    def _principal(self, effect: str) -> dict[str, Any]:
        if self.random.random() < 0.2:
            return {"Principal": self._one(("*", {"AWS": "*"}))}
        if self.random.random() < 0.2:
            return {"Principal": {"Service": self._one(("a.amazonaws.com", "b.amazonaws.com"))}}
        name = "Principal"
        made = [self._one(_PEOPLE) for _ in range(self.random.randint(1, 2))]
        return {name: {"AWS": made}}

    def _change(self, statements: list[dict[str, Any]], principals: bool) -> None:
        what = self.random.randrange(6)
        place = self.random.randrange(len(statements))
        old = statements[place]
        if what == 0 and len(statements) > 1:
            del statements[place]
        elif what == 1:
            statements.insert(place, self._statement(principals))
        elif what == 2:
            kept = {k: v for k, v in old.items() if k not in ("Action", "NotAction")}
            statements[place] = kept | self._actions()
        elif what == 3:
            kept = {k: v for k, v in old.items() if k not in ("Resource", "NotResource")}
            statements[place] = kept | self._resources()
        elif what == 4 and isinstance(old.get("Action"), list) and len(old["Action"]) > 1:
            statements[place] = old | {"Action": old["Action"][1:]}
        elif principals:
            statements[place] = {k: v for k, v in old.items() if "Principal" not in k}
            statements[place] |= self._principal(old["Effect"])

    def _one(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices)
