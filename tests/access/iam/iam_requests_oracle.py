"""Conditions and variables by brute force: one request at a time, in small contexts.

As iam_oracle.py it shares no code with the program. AWS says that a variable without a value
"might" make the whole statement invalid, so there are two readings, and a proof must hold in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from iam_oracle import listed, matches

Context = Mapping[str, Sequence[str]]
KEYS = ("aws:sourcevpc", "aws:username", "s3:prefix")
VALUES: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",), ("ab",), ("A",), ("some",), ("a", "b"))
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def contexts() -> Iterator[Context]:
    for values in product(VALUES, repeat=len(KEYS)):
        if len(values[1]) < 2:
            yield {k: v for k, v in zip(KEYS, values, strict=True) if v}


def allows(policy: Any, action: str, resource: str, context: Context, strict: bool) -> bool:
    return World([action], [resource]).allowed(policy, context, strict) == [1]


class World:
    """All requests of these actions and resources, in one context after the other."""

    def __init__(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        self._actions, self._resources = actions, resources
        self._masks: dict[Any, int] = {}

    def allowed(self, policy: Any, context: Context, strict: bool) -> list[int]:
        """For each action the resources, a bit each."""
        known = {k: v[0] for k, v in context.items() if len(v) == 1}
        allow, deny = [0] * len(self._actions), [0] * len(self._actions)
        for statement in policy["Statement"]:
            if _in_force(statement, context, known, strict):
                actions = self._element(statement, "Action", self._actions, {})
                resources = self._element(statement, "Resource", self._resources, known)
                target = allow if statement["Effect"] == "Allow" else deny
                for number in range(len(target)):
                    if actions >> number & 1:
                        target[number] |= resources
        return [a & ~d for a, d in zip(allow, deny, strict=True)]

    def _element(
        self, statement: Any, name: str, of: Sequence[str], values: Mapping[str, str]
    ) -> int:
        found = 0
        for glob in listed(statement.get(name, statement.get(f"Not{name}"))):
            used = tuple(values.get(v.lower()) for v in _VARIABLE.findall(glob))
            if (name, glob, used) not in self._masks:
                fold = name == "Action"
                bits = (1 << n for n, text in enumerate(of) if _matches(glob, text, values, fold))
                self._masks[name, glob, used] = sum(bits)
            found |= self._masks[name, glob, used]
        return found if name in statement else ((1 << len(of)) - 1) & ~found


def _in_force(statement: Any, context: Context, known: Mapping[str, str], strict: bool) -> bool:
    named = {v.lower() for v in _VARIABLE.findall(str(statement))}
    return (not strict or named <= known.keys()) and all(
        holds(name, context.get(key.lower(), ()), listed(wanted), known)
        for name, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _matches(glob: str, text: str, values: Mapping[str, str], fold: bool = False) -> bool:
    if any(v.lower() not in values for v in _VARIABLE.findall(glob)):
        return False
    return matches(_VARIABLE.sub(lambda m: values[m[1].lower()], glob), text, fold)


def holds(
    name: str, given: Sequence[str], wanted: Sequence[str], values: Mapping[str, str]
) -> bool:
    qualifier, _, operator = name.rpartition(":")
    if operator == "Null":
        return ("false" if given else "true") in wanted
    if operator.endswith("IfExists"):
        if not given:
            return True
        operator = operator.removesuffix("IfExists")
    negated = "Not" in operator
    plain = operator.replace("Not", "")
    answers = [any(_one(plain, text, w, values) for w in wanted) != negated for text in given]
    if qualifier == "ForAllValues":
        return all(answers)
    if qualifier == "ForAnyValue":
        return any(answers)
    return all(answers) if given else negated


def _one(operator: str, text: str, wanted: str, values: Mapping[str, str]) -> bool:
    if operator == "StringLike":
        return _matches(wanted, text, values)
    if any(v.lower() not in values for v in _VARIABLE.findall(wanted)):
        return False
    plain = _VARIABLE.sub(lambda m: values[m[1].lower()], wanted)
    return text.lower() == plain.lower() if "IgnoreCase" in operator else text == plain
