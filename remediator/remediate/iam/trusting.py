"""The policies of a resource, or of a role's trust, as the evaluated code has them: whom they let
in, and where that stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from remediator.access.iam import Kind
from remediator.model import Finding, Json, Refusal
from remediator.remediate.candidates import Candidate, Rank
from remediator.remediate.iam.catalogue import globbed
from remediator.remediate.iam.documents import UNKNOWN, Statement, json_of
from remediator.remediate.iam.editing import Editing
from remediator.remediate.iam.limits import TRUST
from remediator.remediate.iam.outsiders import Outsider, outsider_of
from remediator.remediate.iam.policies import ROLE, PolicyText, argument
from remediator.remediate.iam.policy_access import Document, PolicyAccess, listed
from remediator.remediate.instances import Case
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.value import Known, Source, Unknown, Value, as_text, is_null, unknowns
from remediator.terraform.value import Mapping as Tree
from remediator.terraform.value import Sequence as ListOf

PERMISSION = "aws_lambda_permission"
ARGUMENTS: Mapping[str, tuple[str, Kind]] = {
    ROLE: ("assume_role_policy", Kind.TRUST),
    "aws_s3_bucket_policy": ("policy", Kind.RESOURCE),
    "aws_kms_key": ("policy", Kind.RESOURCE),
    "aws_kms_key_policy": ("policy", Kind.RESOURCE),
    "aws_sqs_queue": ("policy", Kind.RESOURCE),
    "aws_sqs_queue_policy": ("policy", Kind.RESOURCE),
    "aws_sns_topic": ("policy", Kind.RESOURCE),
    "aws_sns_topic_policy": ("policy", Kind.RESOURCE),
    "aws_secretsmanager_secret": ("policy", Kind.RESOURCE),
    "aws_secretsmanager_secret_policy": ("policy", Kind.RESOURCE),
    "aws_ecr_repository_policy": ("policy", Kind.TRUST),
}
"""By resource type, the argument that has its policy. ECR's has no Resource, as a trust policy."""
KEYS = ("aws_kms_key", "aws_kms_key_policy")
GONE_WITH = frozenset(
    (
        *("aws_s3_bucket_policy", "aws_sqs_queue_policy", "aws_sns_topic_policy", PERMISSION),
        *("aws_secretsmanager_secret_policy", "aws_ecr_repository_policy"),
    )
)
"""What may go when its policy has no statement left. Not aws_kms_key_policy: without it the key
gets AWS's default policy, which lets the whole account in."""


@dataclass(frozen=True)
class Trusting:
    """Implements `instances.Evaluation` for who is let in."""

    kind: str
    place: tuple[str, str]
    texts: tuple[PolicyText, ...]

    @staticmethod
    def of(kind: str, content: Content, scope: Scope, place: tuple[str, str]) -> Trusting:
        if kind == PERMISSION:
            return Trusting(kind, place, (_permission(content, scope),))
        name, form = ARGUMENTS[kind]
        return Trusting(kind, place, tuple(argument(content, name, form, scope)))

    @cached_property
    def access(self) -> PolicyAccess:
        return PolicyAccess(tuple(map(Document.of, self.texts)), self.place)

    @property
    def empty(self) -> str | None:
        for document in self.access.documents:
            if not document.unread and not document.statements:
                return f"{document.label} would be left without a statement"
            if self.kind in KEYS and not document.unread and not _is_kept(document):
                return f"nobody could change {document.label} any more: the key would be lost"
            if self.kind == ROLE and document.size > TRUST * 2:
                return f"{document.label} is larger than AWS takes"
        return None

    def guilty(self, finding: Finding) -> bool:
        who = outsider_of(finding)
        return any(lets_in(s, who) for t in self.texts for s in t.statements)

    def causes(self, finding: Finding) -> bool:
        return self.guilty(finding)

    def sources(self, finding: Finding) -> list[Source | None]:
        who = outsider_of(finding)
        found = [p.value for t in self.texts for s in t.statements for p in _gone(s, [who])]
        return [value.source for value in found]

    def parts(self, finding: Finding) -> list[str]:
        return [outsider_of(finding).shown] if self.guilty(finding) else []

    def unsure(self, finding: Finding) -> tuple[str, ...]:
        found = [u for t in self.texts for u in _unsure(t)]
        return tuple(dict.fromkeys(map(_reason, found)))

    def doubts(self, finding: Finding) -> tuple[str, ...]:
        return tuple(f"may let somebody in too: {text}" for text in self.unsure(finding)[:3])


def _is_kept(document: Document) -> bool:
    """Whether a key's policy lets somebody change it. AWS refuses one that does not.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    for statement in document.statements:
        if statement.get("Effect") != "Allow" or "Principal" not in statement:
            continue
        actions = listed(statement.get("Action"))
        if "NotAction" in statement or any(a.startswith(UNKNOWN) for a in actions):
            return True
        if any(globbed(a).fullmatch("kms:PutKeyPolicy") for a in actions):
            return True
    return any(UNKNOWN in str(s.get("Effect")) for s in document.statements)


def _reason(unknown: Unknown) -> str:
    at = unknown.expression
    return f"{unknown.reason} at {at.file.path}:{at.line}" if at else unknown.reason


def _unsure(text: PolicyText) -> Iterator[Unknown]:
    """What may let in somebody else. A principal that is not known is somebody: whether it is
    the one that is sought, nobody can tell."""
    yield from text.unsure
    for statement in text.statements:
        if statement.effect == "Allow":
            yield from unknowns(statement.tree.get("Principal"))


def _permission(content: Content, scope: Scope) -> PolicyText:
    """The statement that Lambda makes of a permission."""
    found = {name: evaluate(e, scope) for name, e in content.arguments.items()}
    principal = found.get("principal")
    if not isinstance(principal, Known):
        missing = next(unknowns(principal), Unknown("the permission has no principal"))
        return PolicyText("permission", Kind.RESOURCE, missing)
    service = str(principal.value).endswith(".amazonaws.com")
    entries: dict[str, Value] = {
        "Effect": Known("Allow"),
        "Principal": Tree.of([("Service" if service else "AWS", principal)]),
        "Action": found.get("action", Unknown("the permission has no action")),
        "Resource": Known("arn:aws:lambda:*:*:function:*"),
    }
    narrowing = ("source_account", "source_arn", "principal_org_id", "event_source_token")
    more = [(f"lambda:{n}", v) for n in narrowing if (v := found.get(n)) and not is_null(v)]
    if more:
        entries["Condition"] = Tree.of([("StringEquals", Tree.of(more))])
    document = Tree.of([("Version", Known("2012-10-17")), ("Statement", Tree.of(entries.items()))])
    return PolicyText("permission", Kind.RESOURCE, document)


# Who is let in -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Person:
    """A principal of a statement. `among` is the value of its type, one text or a list."""

    kind: str
    value: Known
    among: Value


def _people(statement: Statement) -> Iterator[_Person]:
    found = statement.tree.get("Principal")
    if isinstance(found, Known):
        yield _Person("AWS", found, found)
    if not isinstance(found, Tree):
        return
    for kind, value in found.entries.items():
        items = value.items if isinstance(value, ListOf) else (value,)
        yield from (_Person(kind, i, value) for i in items if isinstance(i, Known))


def _gone(statement: Statement, who: Sequence[Outsider]) -> list[_Person]:
    """The principals of an Allow that are meant."""
    if statement.effect != "Allow":
        return []
    patterns = [as_text(a) or "" for a in statement.actions]
    condition = json_of(statement.tree.get("Condition"))
    meant = [w for w in who if w.may(["*"] if statement.negated else patterns, condition)]
    return [p for p in _people(statement) if any(w.is_(p.kind, str(p.value.value)) for w in meant)]


def lets_in(statement: Statement, who: Outsider) -> bool:
    """Also where it lets in everybody but some others."""
    if statement.effect != "Allow":
        return False
    if "NotPrincipal" in statement.tree.entries:
        condition = json_of(statement.tree.get("Condition"))
        return who.may([as_text(a) or "" for a in statement.actions], condition)
    return bool(_gone(statement, [who]))


# Where they can be taken out ---------------------------------------------------------------


def candidates(cases: Sequence[Case]) -> list[Candidate] | Refusal:
    """One: every principal that is meant, where it stands, and what is left without anybody."""
    by_place: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        by_place.setdefault((case.instance.root, case.instance.address), []).append(case)
    editing = Editing()
    for members in by_place.values():
        evaluation = members[0].instance.evaluation
        assert isinstance(evaluation, Trusting)
        who = [outsider_of(c.finding) for c in members]
        for text in evaluation.texts:
            problem = _policy(members[0], text, who, editing)
            if problem is not None:
                return problem
    if editing.stuck:
        return Refusal(
            "remediate",
            "no-place",
            f"{editing.stuck[0]}, so that nothing in this repository can be edited to take the "
            "access away and nothing else; change it by hand",
        )
    edits = editing.made()
    what = f"take the principal out at {', '.join(editing.where)}"
    return [Candidate(Rank.LITERAL, 0, edits, what)] if edits else []


def _policy(
    case: Case, text: PolicyText, who: Sequence[Outsider], editing: Editing
) -> Refusal | None:
    instance = case.instance
    statements = [s for s in text.statements if any(lets_in(s, w) for w in who)]
    negated = next((s for s in statements if "NotPrincipal" in s.tree.entries), None)
    if negated is not None:
        return Refusal(
            "remediate",
            "not-principal",
            f"statement {negated.shown} of {instance.address} lets in everybody but a list "
            "(NotPrincipal with Allow), and what that leaves is not rewritten; name who is meant",
        )
    emptied = [s for s in statements if _is_emptied(s, who)]
    if statements and len(emptied) == len(text.statements) and not text.unsure:
        return _whole_policy(case, text, editing)
    for statement in statements:
        gone = _gone(statement, who)
        if statement in emptied:
            first = next((p.value.source for p in gone if p.value.source is not None), None)
            editing.statement(statement.tree.source, first)
            continue
        for person in gone:
            _take(person, gone, f"{text.label} of {instance.address}", editing)
    return None


def _is_emptied(statement: Statement, who: Sequence[Outsider]) -> bool:
    principal = statement.tree.get("Principal")
    if next(unknowns(principal), None) is not None:
        return False
    return len(_gone(statement, who)) == len([*_people(statement)])


def _take(person: _Person, gone: Sequence[_Person], at: str, editing: Editing) -> None:
    source = person.value.source
    if source is None:
        editing.stuck.append(f"{person.value.value} in {at} is computed, and no literal")
        return
    items = person.among.items if isinstance(person.among, ListOf) else (person.among,)
    is_open = isinstance(person.among, ListOf) and bool(person.among.open)
    all_of_type = not is_open and sum(g.kind == person.kind for g in gone) == len(items)
    whole = person.among.source if isinstance(person.among, ListOf | Known) else None
    editing.principal(source, whole if all_of_type else None)


def _whole_policy(case: Case, text: PolicyText, editing: Editing) -> Refusal | None:
    instance = case.instance
    block = instance.content.native
    if instance.kind in GONE_WITH and block is not None and block.type == "resource":
        editing.block(block)
        return None
    return Refusal(
        "remediate",
        "empty-policy",
        f"nobody would be left in {text.label} of {instance.address}, and it cannot be without a "
        "statement; say who is to be let in, or remove the resource by hand",
    )


# Exactness ---------------------------------------------------------------------------------


def inexact(
    before: PolicyAccess, after: PolicyAccess, who: Sequence[Outsider], whole: bool
) -> str | None:
    """What else the change takes, or where it is to take all, what it leaves; None if neither."""
    left = after.by_label()
    for document in before.documents:
        if document.unread:
            if left.get(document.label) != document:
                return f"{document.label} is not known, and would change"
            continue
        there = left.get(document.label)
        wanted = [w for s in document.statements if (w := _without(s, who)) is not None]
        now = [_sorted(s) for s in (there.statements if there is not None else [])]
        if now != wanted and (whole or not _between(document.statements, now, wanted)):
            return f"the change of {document.label} is not that this principal goes, and no other"
    return None


def _between(
    before: list[dict[str, Json]], now: list[dict[str, Json]], wanted: list[dict[str, Json]]
) -> bool:
    """Nothing at all is also less than what may go."""
    return now == [_sorted(s) for s in before] or now == wanted


def _without(statement: dict[str, Json], who: Sequence[Outsider]) -> dict[str, Json] | None:
    """The statement as it should become; None where nobody is left."""
    principal = statement.get("Principal")
    if statement.get("Effect") != "Allow" or principal is None:
        return _sorted(statement)
    patterns = listed(statement["Action"]) if "Action" in statement else ["*"]
    meant = [w for w in who if w.may(patterns, statement.get("Condition"))]
    if isinstance(principal, str):
        return None if any(w.is_("AWS", principal) for w in meant) else _sorted(statement)
    if not isinstance(principal, dict):
        return _sorted(statement)
    left = {
        kind: [t for t in listed(value) if not any(w.is_(kind, t) for w in meant)]
        for kind, value in principal.items()
    }
    kept: dict[str, Json] = {kind: [*texts] for kind, texts in left.items() if texts}
    return _sorted({**statement, "Principal": kept}) if kept else None


def _sorted(statement: dict[str, Json]) -> dict[str, Json]:
    """A principal alone and a list of one are the same, and the order does not count."""
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        return statement
    return {
        **statement,
        "Principal": {kind: [*sorted(listed(value))] for kind, value in principal.items()},
    }
