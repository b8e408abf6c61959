"""Whether a policy newly lets in everybody, and no condition keeps the world out.

What "public" is, `remediate.iam.public` says, as the class does that closes it; and S3's own words,
by which a value with a wildcard or a policy variable, or a wide network, is not fixed:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
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
    return said.get("principal") == EVERYBODY and not _keeps_out({"StringLike": {**limits}})


def _public(document: Document) -> Document:
    """What of it is for everybody without such a condition, and all that it denies. A condition
    that does not keep the world out is left out: nobody needs to know what else it says."""
    value = document.value
    given = value.get("Statement") if isinstance(value, dict) else None
    statements = given if isinstance(given, list) else [given]
    kept = [s for s in statements if isinstance(s, dict)]
    open_ones = [s for s in kept if _is_open(s)]
    if not open_ones or document.problem:
        return Document()
    denied = [s for s in kept if s.get("Effect") == "Deny"]
    bare = [{k: v for k, v in s.items() if k != "Condition"} for s in open_ones]
    return replace(document, value={**value, "Statement": [*bare, *denied]})


def _is_open(statement: dict[str, Any]) -> bool:
    if statement.get("Effect") != "Allow" or _keeps_out(statement.get("Condition")):
        return False
    return "NotPrincipal" in statement or EVERYBODY in _named(statement.get("Principal"))


def _named(principal: Any) -> Iterator[str]:
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    yield from principal if isinstance(principal, list) else [principal]


# Conditions --------------------------------------------------------------------------------

_WIDEST = {4: 8, 6: 32}
"""The shortest prefix of a network that is no wide one."""
# What goes before a wildcard and is somebody's own: an ARN's account, a role's id, an organisation.
_OWN = re.compile(r"arn:[^:*?]+:[^:]*:[^:]*:\d{12}:.*|A[A-Z0-9]+:[^:]*|o-[a-z0-9]+/.*")

# A variable that the caller has no say in, or an escaped sign.
_VARIABLE = re.compile(r"\$\{(?!aws:Resource(?:Account|OrgID|OrgPaths)\}|[*?$]\})", re.IGNORECASE)


def _keeps_out(condition: Any) -> bool:
    if not isinstance(condition, dict):
        return restricts(condition)
    return any(_test_keeps_out(operator, keys) for operator, keys in condition.items())


def _test_keeps_out(operator: str, keys: Any) -> bool:
    """`ForAllValues` holds where a request does not have the key at all."""
    if not isinstance(keys, dict):
        return restricts({operator: keys})
    if operator.lower().startswith("forallvalues:"):
        return False
    pairs = keys.items()
    return any(restricts({operator: {k: v}}) and _is_fixed(k.lower(), v) for k, v in pairs)


def _is_fixed(key: str, values: Any) -> bool:
    """What is not known may be."""
    texts = [v for v in (values if isinstance(values, list) else [values]) if isinstance(v, str)]
    if key in ("aws:sourceip", "aws:vpcsourceip"):
        return not _are_wide(texts)
    if any(_VARIABLE.search(t) for t in texts):
        return False
    return all(not ("*" in t or "?" in t) or _OWN.fullmatch(t) for t in texts)


def _are_wide(texts: list[str]) -> bool:
    """One of them, or those that lie together."""
    four: list[IPv4Network] = []
    six: list[IPv6Network] = []
    for text in texts:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            continue
        if isinstance(network, IPv4Network):
            four.append(network)
        else:
            six.append(network)
    shortest = {
        4: min((n.prefixlen for n in collapse_addresses(four)), default=32),
        6: min((n.prefixlen for n in collapse_addresses(six)), default=128),
    }
    return any(shortest[version] < widest for version, widest in _WIDEST.items())
