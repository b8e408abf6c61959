"""What the policies of a resource instance allow, and when two of them allow no more than one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from remediator.access.iam import Kind, allows_nothing_new
from remediator.access.iam.budget import Budget, TooLargeError
from remediator.access.iam.inclusion import within as pattern_within
from remediator.access.iam.patterns import pattern
from remediator.model import Json
from remediator.remediate.access import Access
from remediator.remediate.iam.documents import UNKNOWN, comparable, json_of, shown
from remediator.remediate.iam.policies import PolicyText
from remediator.terraform.facets import NOTHING, Texts, statements
from remediator.terraform.value import Mapping as Tree
from remediator.texts import plain

MANAGED = "managed:"
"""What stands for the text of an AWS-managed policy, before its ARN."""
_LONGEST = 2_000
_MOST_LINES = 5_000
"""Of a statement: actions times principals."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy as JSON, each thing that is not known a word; `unread` where nothing of it is.
    `words` are what people read for those. `through`: it is attached, and is another resource's."""

    label: str
    kind: Kind
    tree: Json
    unread: str = ""
    words: Mapping[str, str] = field(default_factory=dict, compare=False)
    through: bool = field(default=False, compare=False)

    @staticmethod
    def of(text: PolicyText) -> Document:
        if isinstance(text.tree, Tree):
            return Document(text.label, text.kind, json_of(text.tree), "", shown(text.tree))
        word = json_of(text.tree)
        return Document(text.label, text.kind, None, str(word), shown(text.tree))

    @property
    def is_of_aws(self) -> bool:
        """Whether AWS manages it: its text is not in the code, and `exactness` has the live one."""
        return self.unread.startswith(MANAGED)

    @property
    def readable(self) -> Json:
        """The JSON for a record."""
        if self.unread:
            return {"not_evaluated": self.words.get(self.unread, self.unread)}
        return _replaced(self.tree, self.words)

    @property
    def statements(self) -> list[dict[str, Json]]:
        found = self.tree.get("Statement") if isinstance(self.tree, dict) else None
        items = found if isinstance(found, list) else [found]
        return [s for s in items if isinstance(s, dict)]

    @property
    def size(self) -> int:
        """Characters as AWS counts them, without white space."""
        return len(json.dumps(self.tree, separators=(",", ":"), ensure_ascii=False))

    def within(self, wider: Document) -> bool:
        """By the exact comparison, and statement by statement: where a part is not known, only
        the latter holds whatever it is."""
        if wider.is_of_aws and not self.unread:
            return True
        if self.unread or wider.unread:
            return self.unread == wider.unread
        if self.tree == wider.tree:
            return True
        if not _by_statement(self.statements, wider.statements):
            return False
        return allows_nothing_new(comparable(self.tree), comparable(wider.tree), self.kind)


def _by_statement(after: list[dict[str, Json]], before: list[dict[str, Json]]) -> bool:
    """Each Allow is one of before with fewer actions or principals, and every Deny is there."""
    denies = [[s for s in some if s.get("Effect") != "Allow"] for some in (after, before)]
    if denies[0] != denies[1]:
        return False
    allows = [[s for s in some if s.get("Effect") == "Allow"] for some in (after, before)]
    budget = Budget()
    try:
        return all(any(_is_less(s, other, budget) for other in allows[1]) for s in allows[0])
    except TooLargeError:
        return False


_MAY_SHRINK = ("Action", "Principal")


def _is_less(after: Mapping[str, Json], before: Mapping[str, Json], budget: Budget) -> bool:
    names = {*after, *before}
    if any(after.get(n) != before.get(n) for n in names if n not in _MAY_SHRINK):
        return False
    return _actions_within(after.get("Action"), before.get("Action"), budget) and (
        _principals_within(after.get("Principal"), before.get("Principal"))
    )


def _actions_within(after: Json, before: Json, budget: Budget) -> bool:
    if after == before:
        return True
    small, large = (
        [pattern(t, variables=False, fold=True) for t in listed(v)] for v in (after, before)
    )
    return bool(small) and all(any(pattern_within(s, w, budget) for w in large) for s in small)


def _principals_within(after: Json, before: Json) -> bool:
    if after == before:
        return True
    if not isinstance(after, dict) or not isinstance(before, dict) or not after:
        return False
    return all(
        listed(some) and {*listed(some)} <= {*listed(before.get(kind))}
        for kind, some in after.items()
    )


def listed(value: Json) -> list[str]:
    """A text, or the texts of a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


@dataclass(frozen=True, slots=True)
class PolicyAccess:
    """The policies of an instance, by label. `place` is its root and address. One that AWS manages
    may give way to another resource's: `exactness` finds which, and that it allows less."""

    documents: tuple[Document, ...] = ()
    place: tuple[str, str] = field(default=("", ""), compare=False)
    more: tuple[str, ...] = ()

    def by_label(self) -> dict[str, Document]:
        return {d.label: d for d in self.documents}

    def within(self, wider: Access) -> bool:
        if not isinstance(wider, PolicyAccess) or {*self.more} - {*wider.more}:
            return False
        there, own = wider.by_label(), self.by_label()
        fresh = [d for d in self.documents if d.label not in there]
        replaced = [d for d in wider.documents if d.label not in own and d.is_of_aws]
        if len(fresh) > len(replaced) or not all(d.through for d in fresh):
            return False
        return all(d.within(there[d.label]) for d in self.documents if d.label in there)

    def canonical(self) -> Json:
        found: dict[str, Json] = {d.label: d.readable for d in self.documents}
        more: list[Json] = [*self.more]
        return found | ({"not_evaluated": more} if more else {})

    def lost(self, after: Access) -> tuple[str, ...]:
        others = after.documents if isinstance(after, PolicyAccess) else ()
        left = {line for document in others for line in _lines(document)}
        lines = (line for document in self.documents for line in _lines(document))
        return tuple(line for line in dict.fromkeys(lines) if line not in left)

    def planned(self) -> Mapping[str, Texts]:
        """Of the argument that is a policy, where all of it is known. The blocks of a role's
        inline policies, and a permission, are seen by what becomes of the resource alone."""
        if len(self.documents) != 1 or self.more:
            return NOTHING
        document = self.documents[0]
        if document.unread or document.label not in ("policy", "assume_role_policy"):
            return NOTHING
        if UNKNOWN in json.dumps(document.tree):
            return NOTHING
        return {document.label: statements(document.tree)}


def _replaced(value: Json, words: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {words.get(k, k): _replaced(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [_replaced(item, words) for item in value]
    return words.get(value, value) if isinstance(value, str) else value


def _lines(document: Document) -> Iterator[str]:
    """An action and a principal each: of a statement that keeps some, those stay. What stays is
    the same words wherever its statement stands, so a number is no part of them."""
    document = replace(document, tree=_replaced(document.tree, document.words))
    if document.unread:
        yield f"{document.label}: not evaluated"
    for statement in document.statements:
        name = f" ({statement['Sid']})" if statement.get("Sid") else ""
        where = f"on {_on(statement)}"
        condition = f"{_condition(statement)}{name}"
        for verb, action in _actions(statement):
            for who in _who(statement):
                yield plain(f"{verb} {action}{who} {where}{condition}", _LONGEST)


def _actions(statement: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    effect = str(statement.get("Effect", "?")).lower()
    for element in ("Action", "NotAction"):
        verb = effect if element == "Action" else f"{effect} all but"
        yield from ((verb, action) for action in listed(statement.get(element)))


def _on(statement: Mapping[str, Json]) -> str:
    if "NotResource" in statement:
        return f"all but {', '.join(listed(statement['NotResource']))}"
    return ", ".join(listed(statement.get("Resource"))) or "itself"


def _who(statement: Mapping[str, Json]) -> list[str]:
    """Each principal; all in one text where that would be a very long list."""
    principal, nobody = statement.get("Principal"), statement.get("NotPrincipal")
    if nobody is not None:
        return [f" for all but {', '.join(_names(nobody))}"]
    names = _names(principal)
    if len(names) > _MOST_LINES // max(1, len([*_actions(statement)])):
        return [f" for {', '.join(names)}"]
    return [f" for {name}" for name in names] or [""]


def _names(principal: Json) -> list[str]:
    kinds = [*principal.values()] if isinstance(principal, dict) else [principal]
    return [name for kind in kinds for name in listed(kind)]


def _condition(statement: Mapping[str, Json]) -> str:
    found = statement.get("Condition")
    return f" if {json.dumps(found, sort_keys=True, ensure_ascii=False)}" if found else ""
