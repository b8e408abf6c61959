"""The policies of one identity or customer policy, as the evaluated code has them: what of them
may go, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from remediator.access.iam import Kind
from remediator.model import Finding, Json, Refusal
from remediator.remediate.candidates import Candidate, Rank
from remediator.remediate.iam.attaching import (
    ATTACHMENTS,
    EXCLUSIVE,
    Attached,
    actions_in,
    attached,
    grants_any,
    live_documents,
)
from remediator.remediate.iam.catalogue import among
from remediator.remediate.iam.documents import UNKNOWN, Statement, standing_for
from remediator.remediate.iam.editing import Editing
from remediator.remediate.iam.limits import INLINE, limit_of
from remediator.remediate.iam.narrowing import narrowed
from remediator.remediate.iam.policies import PolicyText, identity_policies
from remediator.remediate.iam.policy_access import Document, PolicyAccess
from remediator.remediate.iam.principals import live_policies
from remediator.remediate.iam.removable import Removable
from remediator.remediate.iam.replacing import of_aws
from remediator.remediate.iam.sharing import held_at, removable
from remediator.remediate.iam.whole import take_whole
from remediator.remediate.instances import Case
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.value import Known, Source, Unknown, as_text


@dataclass(frozen=True)
class Granting:
    """Implements `instances.Evaluation` for what an identity may do."""

    kind: str
    place: tuple[str, str]
    texts: tuple[PolicyText, ...]
    more: tuple[Unknown, ...] = ()
    attached: tuple[Attached, ...] = ()
    through: tuple[PolicyText, ...] = ()
    unread: tuple[Unknown, ...] = ()

    @staticmethod
    def of(kind: str, content: Content, scope: Scope, place: tuple[str, str]) -> Granting:
        bare = kind in (EXCLUSIVE, *ATTACHMENTS)
        texts, more = ([], []) if bare else identity_policies(kind, content, scope)
        found, through = attached(kind, content, scope)
        unread = _unread(content, scope) if bare and not found and not through else ()
        known = (tuple(texts), tuple(more), tuple(found), tuple(through))
        return Granting(kind, place, *known, unread)

    @cached_property
    def access(self) -> PolicyAccess:
        documents = [*map(Document.of, self.texts)]
        documents += (replace(Document.of(t), through=True) for t in self.through)
        documents += (a.document for a in self.attached)
        documents.sort(key=lambda d: d.label)
        return PolicyAccess(tuple(documents), self.place, tuple(map(standing_for, self.more)))

    @property
    def empty(self) -> str | None:
        for document in self.access.documents:
            if document.unread or document.through:
                continue
            if not document.statements:
                return f"{document.label} would be left without a statement"
            for statement in document.statements:
                if statement.get("Action") == []:
                    return f"a statement of {document.label} would be left without actions"
            limit = limit_of(self.kind)
            if limit is not None and document.size > limit:
                return (
                    f"{document.label} would have {document.size} characters, and AWS takes "
                    f"{limit} at the most"
                )
        return None

    def removable(self, finding: Finding) -> Removable:
        return held_at(finding, self.place).removable

    def guilty(self, finding: Finding) -> bool:
        return self._has(finding, self.removable(finding))

    def causes(self, finding: Finding) -> bool:
        """Also where others who have the policy use all of it."""
        return self._has(finding, removable(finding)[0])

    def _has(self, finding: Finding, goes: Removable) -> bool:
        own = any(_takes(s, goes) for t in self.texts for s in t.statements)
        return bool(goes) and (own or bool(self.too_wide(finding, goes)))

    def too_wide(self, finding: Finding, goes: Removable) -> list[tuple[Attached, Json]]:
        """The AWS-managed policies that grant some of it, with their live text."""
        live = live_documents(finding)
        found = [(a, live[a.arn]) for a in self.attached if a.arn in live]
        return [(a, document) for a, document in found if grants_any(document, goes)]

    def sources(self, finding: Finding) -> list[Source | None]:
        goes = self.removable(finding)
        found = [i for t in self.texts for s in t.statements for i in _items(s, goes)]
        found += [a.value for a, _ in self.too_wide(finding, goes)]
        return [i.source if isinstance(i, Known) else None for i in found]

    def spans(self) -> list[tuple[str, int, int]]:
        """Of every action of an Allow, where it stands."""
        actions = [a for t in self.texts for s in t.statements if s.grants for a in s.actions]
        return [a.source.span for a in actions if isinstance(a, Known) and a.source is not None]

    def patterns(self, finding: Finding) -> list[str]:
        """The action patterns of every Allow, as far as they are known."""
        granting = [s for t in self.texts for s in t.statements if s.grants]
        found = [text for s in granting for a in s.actions if (text := as_text(a)) is not None]
        live = live_documents(finding)
        return found + [p for a in self.attached for p in actions_in(live.get(a.arn))]

    def parts(self, finding: Finding) -> list[str]:
        patterns = self.patterns(finding)
        own = removable(finding)[0]
        found = [f"{s}:*" for s in own.services if _any_of(Removable(frozenset([s])), patterns)]
        single = (Removable(frozenset(), frozenset([a])) for a in own.actions)
        return found + [a for one in single for a in one.actions if _any_of(one, patterns)]

    def unsure(self, finding: Finding) -> tuple[str, ...]:
        found = [*self.more, *self.unread, *(u for t in self.texts for u in t.unsure)]
        return tuple(dict.fromkeys(map(_reason, found)))

    def doubts(self, finding: Finding) -> tuple[str, ...]:
        found = [f"may grant it too: {text}" for text in self.unsure(finding)[:3]]
        return (*found, *self._size_doubts(finding))

    def _size_doubts(self, finding: Finding) -> Iterator[str]:
        limit = limit_of(self.kind)
        own_texts = [d for d in self.access.documents if not (d.unread or d.through)]
        for document in own_texts:
            if limit and UNKNOWN in str(document.tree) and document.size > limit * 0.8:
                yield f"may be too large, as not all of {document.label} is known"
        if self.kind not in INLINE:
            return
        own = {held_at(finding, self.place).policy, *(t.name for t in self.texts)}
        rest = [p for p in live_policies(finding) if p.kind == "inline" and p.id not in own]
        others = sum(Document("", Kind.IDENTITY, p.document).size for p in rest)
        total = others + sum(d.size for d in own_texts)
        if self.texts and total > INLINE[self.kind]:
            yield f"all inline policies together would have {total} characters"


def _unread(content: Content, scope: Scope) -> tuple[Unknown, ...]:
    """Of an attachment, why it is not known what it attaches."""
    expression = content.arguments.get("policy_arn")
    value = evaluate(expression, scope) if expression is not None else None
    return (value,) if isinstance(value, Unknown) else ()


def _reason(unknown: Unknown) -> str:
    at = unknown.expression
    return f"{unknown.reason} at {at.file.path}:{at.line}" if at else unknown.reason


def _any_of(goes: Removable, patterns: Sequence[str]) -> bool:
    return any(goes.granted_by(p) and narrowed(p, goes) is not None for p in patterns)


def _takes(statement: Statement, goes: Removable) -> bool:
    """Whether a statement grants any of it. What a NotAction leaves is all the rest."""
    if statement.grants:
        return bool(_items(statement, goes))
    if statement.effect != "Allow":
        return False
    listed = [as_text(a) or "" for a in statement.actions]
    excepted = [Removable.of((), [a]) for a in goes.actions]
    return bool(goes.services) or any(
        not any(one.granted_by(p) for p in listed) for one in excepted
    )


def _items(statement: Statement, goes: Removable) -> list[Known]:
    """The action patterns of an Allow that change."""
    if not statement.grants:
        return []
    known = [a for a in statement.actions if isinstance(a, Known) and isinstance(a.value, str)]
    return [a for a in known if narrowed(str(a.value), goes) is not None]


# Where it can be taken out -------------------------------------------------------------------


def candidates(cases: Sequence[Case]) -> list[Candidate] | Refusal:
    """One: every action of every policy where it stands, and the statements that are left empty."""
    for once in (True, False):  # a literal of several statements may have to say it in each
        editing = Editing()
        problem = _collect(cases, editing, once)
        if problem is not None:
            return problem
        if not editing.stuck:
            break
    if editing.stuck:
        return Refusal(
            "remediate",
            "no-place",
            f"{editing.stuck[0]}, so that nothing in this repository can be edited to take the "
            "permissions away and nothing else; change it by hand",
        )
    edits = editing.made()
    where = ", ".join(editing.where)
    what = f"take the unused actions out at {where}"
    return [Candidate(Rank.LITERAL, 0, edits, what)] if edits else []


def _collect(cases: Sequence[Case], editing: Editing, once: bool) -> Refusal | None:
    for case in cases:
        evaluation = case.instance.evaluation
        assert isinstance(evaluation, Granting)
        goes = evaluation.removable(case.finding)
        for text in evaluation.texts:
            problem = _policy(case, text, goes, editing, once)
            if problem is not None:
                return problem
        for one, document in evaluation.too_wide(case.finding, goes):
            problem = of_aws(case, one, document, goes, editing)
            if problem is not None:
                return problem
    return None


def _policy(
    case: Case, text: PolicyText, goes: Removable, editing: Editing, once: bool
) -> Refusal | None:
    """`once`: what two wildcards of a statement become alike is said by the first alone."""
    at = f"{text.label} of {case.instance.address}"
    statements = [s for s in text.statements if _takes(s, goes)]
    negated = next((s for s in statements if s.negated), None)
    if negated is not None:
        return Refusal(
            "remediate",
            "not-action",
            f"{at} allows everything but a list (NotAction, statement {negated.shown}), and what "
            "that leaves is not rewritten; write the actions that are needed",
        )
    if _is_gone(text, goes):
        return take_whole(case, text, _is_last(case, text, goes), editing)
    emptied = [s for s in statements if _is_emptied(s, goes)]
    for statement in statements:
        items = _items(statement, goes)
        if statement in emptied:
            first = next((i.source for i in items if i.source is not None), None)
            editing.statement(statement.tree.source, first)
            continue
        said: list[str] = []
        for item in items:
            if item.source is None:
                editing.stuck.append(f"{item.value} in {at} is computed, and no literal")
                continue
            rest = narrowed(str(item.value), goes) or ()
            there = {str(as_text(a)).lower() for a in statement.actions if a is not item}
            rest = tuple(
                r for r in rest if r.lower() not in there and not any(among(s, [r]) for s in said)
            )
            said += rest if once else ()
            if rest:
                editing.put(item.source, rest)
            else:
                editing.take(item.source)
    return None


def _is_emptied(statement: Statement, goes: Removable) -> bool:
    texts = [as_text(a) for a in statement.actions]
    if statement.open or not texts or not statement.grants:
        return False
    return all(t is not None and narrowed(t, goes) == () for t in texts)


def _is_gone(text: PolicyText, goes: Removable) -> bool:
    """Whether nothing at all would be left of it."""
    statements = text.statements
    return bool(statements) and not text.unsure and all(_is_emptied(s, goes) for s in statements)


def _is_last(case: Case, text: PolicyText, goes: Removable) -> bool:
    """Whether every policy of the instance goes. One of them alone stands for all."""
    evaluation = case.instance.evaluation
    assert isinstance(evaluation, Granting)
    first = text is evaluation.texts[0] and not evaluation.more
    return first and all(_is_gone(t, goes) for t in evaluation.texts)
