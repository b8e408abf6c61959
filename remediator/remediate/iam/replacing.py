"""A policy of AWS's that is too wide: detached, or one with what is used in its place."""

from __future__ import annotations

from remediator.model import Json, Refusal
from remediator.remediate.iam.attaching import (
    EXCLUSIVE,
    Attached,
    is_all_gone,
    label_of,
    resource_text,
    without,
)
from remediator.remediate.iam.editing import Editing
from remediator.remediate.iam.policies import ROLE
from remediator.remediate.iam.principals import subject
from remediator.remediate.iam.removable import Removable
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.terraform.edit import insert_resource_after, set_value
from remediator.texts import listed


def of_aws(
    case: Case, one: Attached, document: Json, goes: Removable, editing: Editing
) -> Refusal | None:
    """Detached where nothing of it is left; else a customer policy with the rest in its place."""
    instance, block = case.instance, case.instance.content.native
    plain = block is not None and not {"count", "for_each"} & {*instance.content.arguments}
    whole = is_all_gone(document, goes)
    if instance.kind != EXCLUSIVE and whole:
        if instance.kind == ROLE and one.value.source is not None:
            editing.take(one.value.source)
        elif block is not None:
            editing.block(block)
        return None
    arn = instance.content.arguments.get("policy_arn")
    own = subject(case.finding)
    label, name = label_of(one.arn, own.name if own else instance.address)
    own_kind = instance.kind in (ROLE, EXCLUSIVE)
    if own_kind or not plain or arn is None or instance.module.path:
        return Refusal("remediate", "aws-managed", _by_hand(instance, one, label, goes, whole))
    assert block is not None
    text = resource_text(label, name, without(document, goes))
    editing.edits += insert_resource_after(block, text)
    editing.edits += set_value(arn, f"aws_iam_policy.{label}.arn")
    editing.where.setdefault(instance.content.where, None)
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
    if instance.kind == EXCLUSIVE:
        return (
            f"{text}, attach aws_iam_policy.{label}.arn to this identity with an attachment of its "
            "own, and take the identity out of this one, which is exclusive: it is for all others "
            "that it names, too"
        )
    return f"{text}, and write aws_iam_policy.{label}.arn there in the place of the ARN"
