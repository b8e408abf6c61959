"""IAM's grammar, strictly: what AWS would refuse is refused with a sentence, and nothing guessed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remediator.access.iam.conditions import Condition, conditions
from remediator.access.iam.document import check_keys, read_json
from remediator.access.iam.inclusion import Patterns
from remediator.access.iam.patterns import Pattern, pattern
from remediator.access.iam.principals import EVERYBODY, Principal, Principals, principal
from remediator.access.iam.resources import partition_of, resource
from remediator.access.iam.statements import Kind, MalformedPolicyError, Policy, Statement

_TOP = ("Version", "Id", "Statement")
_ELEMENTS = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
)
_ACTION = re.compile(r"(?:[A-Za-z0-9.-]+|\*):[^:]*|\*")


def parse(text: str | bytes, kind: Kind | None = None) -> Policy:
    """A policy from its JSON text. `kind` is told by its elements where it is not given.

    Raises MalformedPolicyError with a sentence.
    """
    return policy_of(read_json(text), kind)


def policy_of(document: Any, kind: Kind | None = None) -> Policy:
    """A policy from a JSON value; otherwise as `parse`."""
    check_keys(document)
    if not isinstance(document, dict):
        raise MalformedPolicyError("a policy is a JSON object")
    _names(document, _TOP, "the policy")
    version = document.get("Version", "2008-10-17")
    if version not in ("2008-10-17", "2012-10-17"):
        raise MalformedPolicyError(
            f"Version is {version!r}, which is neither 2012-10-17 nor 2008-10-17"
        )
    _string("Id", document.get("Id", ""))
    statements = _statements(document)
    found = kind or _kind(statements)
    partition = "" if found is Kind.IDENTITY else partition_of(statements)
    reader = _Reader(found, version == "2012-10-17", partition)
    made = tuple(reader.statement(n, s) for n, s in enumerate(statements, 1))
    _sids_differ(made)
    if found is Kind.TRUST:
        _only_assumes(made)
    return Policy(found, made)


def _names(found: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for name in found:
        if name not in known:
            same = next((k for k in known if k.lower() == name.lower()), None)
            hint = f": write {same}" if same else ""
            raise MalformedPolicyError(
                f"{where} has the element {name!r}, which there is not{hint}"
            )


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement")
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed:
        raise MalformedPolicyError("the policy has no Statement")
    for number, one in enumerate(listed, 1):
        if not isinstance(one, dict):
            raise MalformedPolicyError(f"statement {number} is not a JSON object")
    return listed


def _kind(statements: Sequence[Mapping[str, Any]]) -> Kind:
    """By the first statement: the others are held to it."""
    first = statements[0]
    if not ("Principal" in first or "NotPrincipal" in first):
        return Kind.IDENTITY
    return Kind.RESOURCE if "Resource" in first or "NotResource" in first else Kind.TRUST


def _sids_differ(statements: Sequence[Statement]) -> None:
    seen: set[str] = set()
    for one in statements:
        if one.sid in seen:
            raise MalformedPolicyError(f"two statements have the Sid {one.sid!r}")
        seen.update({one.sid} - {""})


def _only_assumes(statements: Sequence[Statement]) -> None:
    """A policy without resources that names one action of STS is a role's, with no others."""
    services = {p.text.partition(":")[0] for s in statements for p in s.actions.listed}
    if "sts" in services and len(services) > 1:
        raise MalformedPolicyError("a role's trust policy can only have actions of sts")


@dataclass(frozen=True, slots=True)
class _Reader:
    kind: Kind
    variables: bool
    partition: str

    def statement(self, number: int, found: Mapping[str, Any]) -> Statement:
        try:
            return self._statement(found)
        except ValueError as why:
            raise MalformedPolicyError(f"statement {number}: {why}") from None

    def _statement(self, found: Mapping[str, Any]) -> Statement:
        _names(found, _ELEMENTS, "it")
        effect = found.get("Effect")
        if effect not in ("Allow", "Deny"):
            raise ValueError(f"Effect is {effect!r}, which is neither Allow nor Deny")
        return Statement(
            effect == "Allow",
            self._patterns(found, "Action"),
            self._resources(found),
            self._principals(found),
            frozenset(self._conditions(found.get("Condition", {}))),
            _string("Sid", found.get("Sid", "")),
        )

    def _resources(self, found: Mapping[str, Any]) -> Patterns | None:
        if self.kind is not Kind.TRUST:
            return self._patterns(found, "Resource")
        if "Resource" in found or "NotResource" in found:
            raise ValueError("it has a Resource, which a trust policy has not")
        return None

    def _patterns(self, found: Mapping[str, Any], element: str) -> Patterns:
        name, value = _either(found, element)
        if name is None:
            raise ValueError(f"it has neither {element} nor Not{element}")
        read = self._resource if element == "Resource" else _action
        return Patterns.of((read(text) for text in _texts(name, value)), name != element)

    def _resource(self, text: str) -> Pattern:
        return resource(text, self.variables, in_policy_of=self.kind)

    def _principals(self, found: Mapping[str, Any]) -> Principals | None:
        name, value = _either(found, "Principal")
        if self.kind is Kind.IDENTITY:
            if name is not None:
                raise ValueError(f"it has a {name}, which an identity policy has not")
            return None
        if name is None:
            raise ValueError("it has neither Principal nor NotPrincipal")
        return Principals.of(self._listed(name, value), name != "Principal")

    def _listed(self, name: str, value: Any) -> Iterator[Principal]:
        if value == "*":
            yield EVERYBODY
            return
        if not isinstance(value, dict) or not value:
            raise ValueError(f'{name} is neither "*" nor a map such as {{"AWS": "123456789012"}}')
        for kind, texts in value.items():
            for text in _texts(f"{name}.{kind}", texts):
                yield principal(kind, text, self.partition)

    def _conditions(self, block: Any) -> Iterator[Condition]:
        for operator, keys in _map("Condition", block).items():
            seen: set[str] = set()
            for key, value in _map(operator, keys).items():
                if key.lower() in seen:
                    raise ValueError(f"{operator} has the key {key} twice, in different case")
                seen.add(key.lower())
                texts = _values(f"{operator} on {key}", value)
                yield conditions(operator, key, texts, self.variables)


def _either(found: Mapping[str, Any], element: str) -> tuple[str | None, Any]:
    names = [name for name in (element, f"Not{element}") if name in found]
    if len(names) > 1:
        raise ValueError(f"it has both {element} and Not{element}")
    return (names[0], found[names[0]]) if names else (None, None)


def _texts(name: str, value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(text, str) and text for text in listed):
        raise ValueError(f"{name} is neither a string nor a list of strings, none of them empty")
    return listed


def _string(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedPolicyError(f"{name} is not a string")
    return value


def _map(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not a JSON object")
    return value


def _values(name: str, value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | int | float) for one in listed):
        raise ValueError(f"{name} has a value that is no string, number or Boolean")
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in listed]


def _action(text: str) -> Pattern:
    if not _ACTION.fullmatch(text):
        raise ValueError(f"the action {text!r} is neither * nor a service, one colon and a name")
    return pattern(text, variables=False, fold=True)
