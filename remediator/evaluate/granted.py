"""Which actions policies may grant: an upper bound, for questions where too much is the safe side.

What one policy allows exactly, and how two compare, is `access/iam`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remediator.evaluate.catalogue import known_actions, service_of
from remediator.fields import matches

Document = Mapping[str, Any]


def may_grant(document: Document | None, action: str) -> bool:
    """A policy that could not be read, or says what is not understood, may grant anything. No
    Deny is heeded, and no condition."""
    if document is None:
        return True
    return any(_allows(statement, action) for statement in statements(document))


def resources_of(document: Document | None, actions: Iterable[str]) -> Iterator[str]:
    """The patterns of resources on which any of these may be granted; `*` where it is not said."""
    if document is None:
        yield "*"
        return
    wanted = [*actions]
    for statement in statements(document):
        if any(_allows(statement, action) for action in wanted):
            found = listed(statement.get("Resource"))
            yield from found if found is not None else ["*"]


def granted_actions(documents: Iterable[Document | None], service: str) -> tuple[str, ...]:
    """The actions of a service that the catalogue knows and any of the policies may grant."""
    read = [d for d in documents if names_service([d], service)]
    return tuple(a for a in known_actions(service) if any(may_grant(d, a) for d in read))


def named_actions(
    documents: Iterable[Document | None], services: frozenset[str]
) -> tuple[str, ...]:
    """What any of the policies allows of these services, as it is written: also what no catalogue
    has. A wildcard over services is none of them."""
    read = (s for d in documents if d is not None for s in statements(d))
    allowed = (listed(s.get("Action")) or [] for s in read if s.get("Effect") != "Deny")
    found = (p for patterns in allowed for p in patterns if service_of(p) in services)
    return tuple(dict.fromkeys(found))


def names_service(documents: Iterable[Document | None], service: str) -> bool:
    """Whether any of them may grant anything of a service, known to the catalogue or not."""
    for document in documents:
        if document is None:
            return True
        for statement in statements(document):
            if statement.get("Effect") == "Deny":
                continue
            patterns = listed(statement.get("Action"))
            if patterns is None or "NotAction" in statement:
                return True
            if any(matches(_services(p), service.casefold()) for p in patterns):
                return True
    return False


def _services(pattern: str) -> str:
    """Of which services actions may be. Without a colon it is no action of any one of them."""
    return (service_of(pattern) or "*") if ":" in pattern else "*"


def statements(document: Document) -> Iterator[Mapping[str, Any]]:
    found = document.get("Statement")
    for statement in found if isinstance(found, list) else [found]:
        yield statement if isinstance(statement, dict) else {}


def _allows(statement: Mapping[str, Any], action: str) -> bool:
    if statement.get("Effect") == "Deny":
        return False
    if "NotAction" in statement:
        spared = listed(statement["NotAction"])
        return spared is None or not any(_matches(p, action) for p in spared)
    patterns = listed(statement.get("Action"))
    return patterns is None or any(_matches(p, action) for p in patterns)


def _matches(pattern: str, action: str) -> bool:
    return pattern == "*" or matches(pattern.casefold(), action.casefold())


def listed(value: Any) -> list[str] | None:
    """One text or a list of them; None for what is neither."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(v, str) for v in found):
        return None
    return found
