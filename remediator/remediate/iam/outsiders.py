"""Who a finding of external access names, and which principals of a policy are they.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.model import Finding, Json
from remediator.remediate.iam.catalogue import globbed
from remediator.remediate.iam.public import restricts

EVERYBODY = "*"
SEEN_OPEN = "open-to-world-policy"
"""The class of what was seen in the code to let in everybody."""
_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Outsider:
    """`pairs` are (type, normal text); `actions` those that the finding names, or none. `public`:
    only where no condition keeps the world out."""

    pairs: frozenset[tuple[str, str]]
    actions: tuple[str, ...] = ()
    public: bool = False

    def is_(self, kind: str, text: str) -> bool:
        return (kind, normal(text)) in self.pairs

    def may(self, patterns: Iterable[str], condition: Json) -> bool:
        """Whether one of the finding's actions is among these, under this condition."""
        if self.public and restricts(condition):
            return False
        globs = [globbed(p) for p in patterns]
        return not self.actions or any(g.fullmatch(a) for g in globs for a in self.actions)

    def is_named_in(self, document: Json) -> bool:
        """Whether an Allow of a policy names one of them."""
        given = document.get("Statement") if isinstance(document, dict) else None
        statements = given if isinstance(given, list) else [given]
        allows = [s for s in statements if isinstance(s, dict) and s.get("Effect") == "Allow"]
        return any(not self.pairs.isdisjoint(_pairs(s.get("Principal"))) for s in allows)

    @property
    def shown(self) -> str:
        return ", ".join(sorted(text for _, text in self.pairs))


def normal(text: str) -> str:
    """An account by its number and by its root's ARN is the same."""
    found = _ROOT.fullmatch(text)
    return found[1] if found else text


EVERYONE = Outsider(frozenset([("AWS", EVERYBODY)]), public=True)
"""Whom a statement lets in that was seen in the code to let in the world."""


def outsider_of(finding: Finding) -> Outsider:
    """Raises ValueError with a sentence for evidence that is none."""
    if finding.finding_class == SEEN_OPEN:
        return EVERYONE
    principal = finding.evidence.get("principal")
    pairs = frozenset(_pairs(principal))
    if not pairs:
        raise ValueError(
            'evidence needs "principal", such as {"AWS": "arn:aws:iam::444455556666:root"}'
        )
    actions = finding.evidence.get("actions")
    texts = [a for a in actions if isinstance(a, str)] if isinstance(actions, list) else []
    return Outsider(pairs, tuple(texts))


def _pairs(principal: Json) -> Iterator[tuple[str, str]]:
    if isinstance(principal, str) and (principal == EVERYBODY or account_of(principal)):
        yield "AWS", normal(principal)  # Lambda's, as some emulators of AWS have it
    if not isinstance(principal, dict):
        return
    for kind, value in principal.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and text:
                yield kind, normal(text)


def account_of(text: str) -> str | None:
    """Of a principal's text, where it says one."""
    if _ACCOUNT.fullmatch(text):
        return text
    parts = text.split(":")
    return parts[4] if len(parts) > 5 and _ACCOUNT.fullmatch(parts[4]) else None
