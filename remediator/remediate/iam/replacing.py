"""A policy of AWS's that is too wide: detached, or one with what is used in its place."""

from __future__ import annotations

from remediator.access.iam import Kind
from remediator.model import Json, Refusal
from remediator.remediate.iam.attaching import (
    ATTACHMENTS,
    EXCLUSIVE,
    Attached,
    case_of,
    is_all_gone,
    is_by_key,
    label_of,
    own_key,
    places,
    resource_text,
    without,
)
from remediator.remediate.iam.editing import Editing
from remediator.remediate.iam.limits import MANAGED
from remediator.remediate.iam.policies import POLICY, ROLE
from remediator.remediate.iam.policy_access import Document
from remediator.remediate.iam.principals import subject
from remediator.remediate.iam.removable import Removable
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.terraform.evaluate import evaluate
from remediator.terraform.expression import Expression
from remediator.terraform.value import Known, Value, as_text
from remediator.terraform.value import Sequence as ListOf
from remediator.texts import listed

_ALL_OF_ONE = {
    f"aws_iam_{kind}_policy_attachments_exclusive": f"{kind}_name"
    for kind in ("role", "user", "group")
}
"""By resource type of AWS provider 5.72 and later, the argument that names whom it is for."""


def of_aws(
    case: Case, one: Attached, document: Json, goes: Removable, editing: Editing
) -> Refusal | None:
    """Detached where nothing of it is left; else a customer policy with the rest in its place."""
    instance, block = case.instance, case.instance.content.native
    whole = is_all_gone(document, goes)
    own = subject(case.finding)
    label, name = label_of(one.arn, own.name if own else instance.address)
    keeper = _keeper(instance, one, own.name if own else None)
    if keeper is not None:
        text = (
            f"{keeper} attaches {one.arn} again whatever else lets it go: take it out there first"
        )
        return Refusal("remediate", "aws-managed", text)
    if instance.kind != EXCLUSIVE and whole:
        _detached(instance, one, editing)
        return None
    at, key = _written(instance, one), _key(instance)
    if block is None or not (at or key):
        return Refusal("remediate", "aws-managed", _by_hand(instance, one, label, goes, whole))
    rest = without(document, goes)
    why = _impossible(instance, label, rest)
    if why is not None:
        steps = _by_hand(instance, one, label, goes, whole)
        return Refusal("remediate", "aws-managed", f"{steps}; {why}")
    editing.resource(block, label, resource_text(label, name, rest))
    for expression in at:
        editing.replace(expression, f"aws_iam_policy.{label}.arn")
    if key is not None and not at:
        own_case = case_of(key, f"aws_iam_policy.{label}.arn")
        editing.prefix(instance.content.arguments["policy_arn"], own_case)
    return None


def _keeper(instance: EvaluatedInstance, one: Attached, name: str | None) -> str | None:
    """Of all that is attached to an identity a list of its own, with this ARN by itself in it."""
    for module in instance.module.configuration.modules():
        declared = module.declared
        blocks = [] if isinstance(declared, Refusal) else declared.of_kind("resource")
        for (kind, label), content in blocks:
            if kind not in _ALL_OF_ONE:
                continue
            for expansion in module.expansions(content):
                scope = module.scope_of(expansion)
                known = {n: evaluate(e, scope) for n, e in content.arguments.items()}
                who, arns = as_text(known.get(_ALL_OF_ONE[kind])), known.get("policy_arns")
                items = arns.items if isinstance(arns, ListOf) else ()
                if who in (None, name) and any(_is_another(i, one) for i in items):
                    return f"{kind}.{label} ({content.where})"
    return None


def _is_another(item: Value, one: Attached) -> bool:
    """The same ARN, written a second time."""
    spans = [
        v.source.span if isinstance(v, Known) and v.source else None for v in (item, one.value)
    ]
    return as_text(item) == one.arn and (None in spans or spans[0] != spans[1])


def _detached(instance: EvaluatedInstance, one: Attached, editing: Editing) -> None:
    source, block = one.value.source, instance.content.native
    if instance.kind == ROLE and source is not None:
        editing.take(source)
    elif "for_each" in instance.content.arguments and source is not None:
        editing.entry(source)
    elif block is not None:
        editing.block(block)


def _written(instance: EvaluatedInstance, one: Attached) -> list[Expression]:
    """Where a reference can take the ARN's place, for this identity alone: in a block of a root
    module that is not repeated, or by a map whose keys are known."""
    repeated = {"count", "for_each"} & {*instance.content.arguments}
    if instance.kind == EXCLUSIVE or instance.module.path or "count" in repeated:
        return []
    if instance.kind == ROLE and repeated:
        return []
    scope = instance.module.scope_of(instance.expansion)
    found = places(instance.kind, instance.content, scope)
    if repeated and found == (instance.content.arguments.get("policy_arn"),):
        return []
    return [at for at in found if as_text(evaluate(at, scope)) == one.arn]


def _key(instance: EvaluatedInstance) -> str | None:
    """Of an attachment with `for_each`, where what it attaches may be told by its key: the set
    that it goes over must not change, for its values are the keys."""
    arn = instance.content.arguments.get("policy_arn")
    if instance.kind not in ATTACHMENTS or instance.module.path or arn is None:
        return None
    scope = instance.module.scope_of(instance.expansion)
    return own_key(scope) if instance.expansion.unsure is None and is_by_key(arn) else None


def _impossible(instance: EvaluatedInstance, label: str, rest: Json) -> str | None:
    """Why the policy with the rest cannot be written here."""
    size = Document("", Kind.IDENTITY, rest).size
    if size > MANAGED:
        return f"what is left has {size} characters, and AWS takes {MANAGED}: make it several"
    if instance.module.content("resource", POLICY, label) is not None:
        return f"aws_iam_policy.{label} is there already"
    return None


def _by_hand(
    instance: EvaluatedInstance, one: Attached, label: str, goes: Removable, whole: bool
) -> str:
    """What a person does, step by step."""
    source = one.value.source
    at = f"{source.expression.file.path}:{source.expression.line}" if source else ""
    where = at or instance.content.where
    if whole:
        return (
            f"{instance.address} ({where}) attaches {one.arn}, of which all is unused, and is "
            "exclusive: it is for all others that it names, too; take this identity out of it"
        )
    text = (
        f"{instance.address} ({where}) attaches {one.arn}, which AWS manages and of which "
        f"{listed([*goes.parts()], 3)} is unused; copy its text into a resource "
        f'"aws_iam_policy" "{label}" without that'
    )
    arguments = instance.content.arguments
    if instance.kind in ATTACHMENTS and "for_each" in arguments:
        return (
            f"{text}, and attach aws_iam_policy.{label}.arn to this identity in its place; not as "
            "a key of for_each, for terraform must know those before it applies, and does not know "
            "that ARN yet"
        )
    if instance.kind == EXCLUSIVE:
        return (
            f"{text}, attach aws_iam_policy.{label}.arn to this identity with an attachment of its "
            "own, and take the identity out of this one, which is exclusive: it is for all others "
            "that it names, too"
        )
    return f"{text}, and write aws_iam_policy.{label}.arn there in the place of the ARN"
