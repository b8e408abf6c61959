"""Whether one policy of the code allows nothing that another does not, names that nobody knows yet
among them.

Where tokens stand for what is not known, "nothing new" is told of Allow statements alone, every
Deny of before being kept: a pattern with a token in it includes another whatever the token stands
for, if it does so with a token that is no other text. That does not hold for what is negated, nor
in conditions; there the answer is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from remediator.access.iam import (
    Answer,
    Kind,
    MalformedPolicyError,
    Policy,
    Verdict,
    compare,
    policy_of,
)
from remediator.access.iam.verdict import sentence
from remediator.texts import listed
from remediator.verify.documents import Document
from remediator.verify.policy_types import Held

Compared = tuple[Answer, str, str | None, tuple[str, ...]]
_NOT_PLAIN = ("Condition", "NotAction", "NotPrincipal", "NotResource")


def compared(after: Document, before: Document, held: Held) -> Compared:
    """The answer, the reason, a witness, and what is gone."""
    for name, document in (("before", before), ("after", after)):
        if document.problem:
            return Answer.UNKNOWN, f"the policy {name} is not known: {document.problem}", None, ()
        if document.value is None and held.open_without:
            text = f"without a policy AWS's own default holds {name}, which is not in the code"
            return Answer.UNKNOWN, text, None, ()
    both = Document(tokens=before.tokens | after.tokens)
    try:
        was, now = _policies(before.value, after.value, held.kind)
    except MalformedPolicyError as why:
        return Answer.UNKNOWN, both.named(str(why)), None, ()
    verdict = _verdict(now, was, after, before) if both.tokens else compare(now, was)
    witness = both.named(sentence(verdict.witness)) if verdict.witness else None
    gone = (both.named(sentence(verdict.gone)),) if verdict.gone else ()
    return verdict.answer, both.named(verdict.reason), witness, gone


def _policies(before: Any, after: Any, kind: Kind | None) -> tuple[Policy, Policy]:
    """What is not there allows nothing, in the words of the other."""
    read: dict[str, Policy] = {}
    for name, value in (("before", before), ("after", after)):
        if value is not None:
            try:
                read[name] = policy_of(value, kind)
            except MalformedPolicyError as why:
                raise MalformedPolicyError(f"the policy {name} is malformed: {why}") from None
    nothing = Policy(next((p.kind for p in read.values()), Kind.IDENTITY), ())
    return read.get("before", nothing), read.get("after", nothing)


def _verdict(now: Policy, was: Policy, after: Document, before: Document) -> Verdict:
    whole = compare(now, was)
    tokens = before.tokens | after.tokens
    loose = before.loose | after.loose
    if whole.answer is Answer.WIDER:
        if not loose:
            return whole
        names = listed(sorted(tokens[t] for t in loose))
        return Verdict(Answer.UNKNOWN, f"{whole.reason}, unless {names} says otherwise")
    if whole.answer is Answer.UNKNOWN or set(now.statements) == set(was.statements):
        return whole
    if not set(was.denies) <= set(now.denies):
        text = "a Deny changed, and names in the policy are not known"
        return Verdict(Answer.UNKNOWN, text, gone=whole.gone)
    odd = _not_plain(_changed(after.value, before.value), tokens) or _loose(
        _changed(after.value, before.value), loose
    )
    if odd:
        text = f"{listed(sorted(tokens[t] for t in odd))} is not known where it decides"
        return Verdict(Answer.UNKNOWN, text, gone=whole.gone)
    allows = compare(Policy(now.kind, now.allows), Policy(was.kind, was.allows))
    if not allows.nothing_new:
        return Verdict(Answer.UNKNOWN, allows.reason)
    return whole


def _changed(after: Any, before: Any) -> list[Any]:
    """The statements that are not in both."""
    was, now = _statements(before), _statements(after)
    return [s for s in now if s not in was] + [s for s in was if s not in now]


def _statements(value: Any) -> list[Any]:
    found = value.get("Statement", []) if isinstance(value, dict) else []
    return found if isinstance(found, list) else [found]


def _not_plain(statements: Iterable[Any], tokens: Iterable[str]) -> set[str]:
    parts = [s[name] for s in statements for name in _NOT_PLAIN if name in s]
    return _in(parts, tokens)


def _loose(statements: Iterable[Any], loose: Iterable[str]) -> set[str]:
    return _in([*statements], loose)


def _in(parts: list[Any], tokens: Iterable[str]) -> set[str]:
    text = json.dumps(parts)
    return {token for token in tokens if token in text}
