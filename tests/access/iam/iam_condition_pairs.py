"""Pairs of policies with conditions and variables, by chance, from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from iam_oracle import PREFIX

ACTIONS = ("s:a", "s:b", "s:", "t:a", "s:z")
RESOURCES = (
    *("*", PREFIX, "arn:aws:z:::z"),
    *(f"{PREFIX}{w}" for w in ("a", "b", "ab", "A", "z", "some", "aa", "aab", "a/some", "ab/a")),
    *(f"{PREFIX}{w}" for w in ("a/a", "b/a", "x/b", "a/b", "b/")),
)
_GLOBS = ("a", "b", "a*", "*a", "*", "a/*", "a?")
_VARIABLE = ("${aws:username}", "a/${aws:username}", "${aws:username}/*", "*/${aws:username}")
_MORE = ("${AWS:UserName}*", "${s3:prefix}", "${aws:username}")
_KEYS = ("aws:SourceVpc", "aws:sourcevpc", "s3:prefix", "s3:prefix", "aws:username")
_OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
    *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
)
_TEXTS = ("a", "b", "ab", "A", "${aws:username}")
_LIKE = ("a", "b", "a*", "*b", "ab", "*", "?", "${aws:username}", "${aws:username}*")


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - tests want the same every time

    def pair(self) -> tuple[Any, Any]:
        """Before and after."""
        before = self._policy()
        if self.random.random() < 0.2:
            return before, self._policy()
        after = self._changed(before)
        return before, self._changed(after) if self.random.random() < 0.3 else after

    def _policy(self) -> Any:
        count = self.random.choice((1, 1, 2, 2, 3))
        return {"Version": "2012-10-17", "Statement": [self._statement() for _ in range(count)]}

    def _statement(self) -> dict[str, Any]:
        effect = {"Effect": self._one(("Allow", "Allow", "Deny"))}
        return {**effect, **self._actions(), **self._resources(), **self._conditions()}

    def _actions(self) -> dict[str, Any]:
        name = "NotAction" if self.random.random() < 0.1 else "Action"
        some = ("s:a", "s:*", "t:*", "s:b", "*", "s:?")
        return {name: [self._one(some) for _ in range(self.random.randint(1, 2))]}

    def _resources(self) -> dict[str, Any]:
        name = "NotResource" if self.random.random() < 0.2 else "Resource"
        some = ("*", *(f"{PREFIX}{text}" for text in (*_GLOBS, *_VARIABLE, *_MORE)))
        return {name: [self._one(some) for _ in range(self.random.randint(1, 2))]}

    def _conditions(self) -> dict[str, Any]:
        if self.random.random() < 0.4:
            return {}
        found: dict[str, dict[str, Any]] = {}
        for _ in range(self.random.choice((1, 1, 2))):
            operator, key = self._one(_OPERATORS), self._one(_KEYS)
            if self.random.random() < 0.1:
                found["Null"] = {key: self._one(("true", "false"))}
                continue
            before = self._one(("", "", "", "", "ForAllValues:", "ForAnyValue:"))
            name = f"{before}{operator}{self._one(('', '', '', 'IfExists'))}"
            some = _LIKE if "Like" in operator else _TEXTS
            found[name] = {key: self.random.sample(some, self.random.randint(1, 3))}
        return {"Condition": found}

    def _changed(self, policy: Any) -> Any:
        statements = [dict(s) for s in policy["Statement"]]
        place = self.random.randrange(len(statements))
        kind = self._one(("Action", "Resource", "Condition", "loose", "values", "add", "remove"))
        if kind == "add":
            statements.append(self._statement())
        elif kind == "remove" and len(statements) > 1:
            del statements[place]
        elif kind == "values":
            statements[place] = self._other_values(statements[place])
        elif kind == "loose":
            statements[place].pop("Condition", None)
        elif kind != "remove":
            made = {"Action": self._actions, "Resource": self._resources}
            kept = {k: v for k, v in statements[place].items() if not k.endswith(kind)}
            statements[place] = kept | made.get(kind, self._conditions)()
        return {**policy, "Statement": statements}

    def _other_values(self, statement: dict[str, Any]) -> dict[str, Any]:
        """One value more or less in one of its conditions."""
        blocks = {o: dict(keys) for o, keys in statement.get("Condition", {}).items()}
        lists = [(o, k) for o, keys in blocks.items() for k in keys if isinstance(keys[k], list)]
        if not lists:
            return statement
        operator, key = self._one(lists)
        values = blocks[operator][key]
        less = len(values) > 1 and self.random.random() < 0.5
        blocks[operator][key] = values[1:] if less else [*values, self._one(("a", "b", "zz"))]
        return statement | {"Condition": blocks}

    def _one(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices)
