"""Whether a policy newly lets in everybody, and no condition keeps the world out.

What "public" is, `remediate.iam.public` says, as the class does that closes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from remediator.remediate.iam.outsiders import EVERYBODY
from remediator.remediate.iam.public import restricts
from remediator.verify import policies
from remediator.verify.difference import Answer
from remediator.verify.documents import Document
from remediator.verify.policy_types import Held
from remediator.verify.subjects import Names, Subject

_LIMITS = ("source_account", "source_arn", "principal_org_id", "event_source_token")


def opened(old: Subject | None, new: Subject) -> str | None:
    """What everybody may newly do; None where that is nothing, or not sure."""
    if isinstance(new.value, Names):
        was = old.value.items if old and isinstance(old.value, Names) else frozenset()
        known = {_what(s) for s in was if _is_for_everybody(s)}
        found = (s for s in sorted(new.value.items - was) if _is_for_everybody(s))
        return next((s for s in found if _what(s) not in known), None)
    if not isinstance(new.value, Document):
        return None
    before = old.value if old and isinstance(old.value, Document) else Document()
    after = _public(new.value)
    if after.value is None:
        return None
    held = replace(new.held or Held("", "", None), open_without=False)
    answer, _, witness, _ = policies.compared(after, _public(before), held)
    is_anyone = witness and (witness.endswith(" by *") or " by * with " in witness)
    return witness if answer is Answer.WIDER and is_anyone else None


def _said(permission: str) -> dict[str, str]:
    """The arguments of a permission that is a resource of its own, as `subjects` puts them."""
    return dict(part.split(" = ", 1) for part in permission.split(", ") if " = " in part)


def _what(permission: str) -> tuple[str | None, ...]:
    said = _said(permission)
    return tuple(said.get(name) for name in ("action", "function_name", "qualifier"))


def _is_for_everybody(permission: str) -> bool:
    said = _said(permission)
    limits = {f"lambda:{name}": said[name] for name in _LIMITS if name in said}
    return said.get("principal") == EVERYBODY and not restricts({"StringLike": {**limits}})


def _public(document: Document) -> Document:
    """What of it is for everybody without such a condition, and all that it denies."""
    value = document.value
    given = value.get("Statement") if isinstance(value, dict) else None
    statements = given if isinstance(given, list) else [given]
    kept = [s for s in statements if isinstance(s, dict)]
    open_ones = [s for s in kept if _is_open(s)]
    if not open_ones or document.problem:
        return Document()
    denied = [s for s in kept if s.get("Effect") == "Deny"]
    return replace(document, value={**value, "Statement": [*open_ones, *denied]})


def _is_open(statement: dict[str, Any]) -> bool:
    if statement.get("Effect") != "Allow" or restricts(statement.get("Condition")):
        return False
    return "NotPrincipal" in statement or EVERYBODY in _named(statement.get("Principal"))


def _named(principal: Any) -> Iterator[str]:
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    yield from principal if isinstance(principal, list) else [principal]
