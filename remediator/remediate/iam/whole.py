"""A policy of which nothing would be left: AWS takes none without a statement."""

from __future__ import annotations

from remediator.model import Refusal
from remediator.remediate.iam.editing import Editing
from remediator.remediate.iam.policies import INLINE, ROLE, PolicyText
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.terraform.content import Content
from remediator.terraform.edit import replace_block


def take_whole(case: Case, text: PolicyText, last: bool, editing: Editing) -> Refusal | None:
    """An inline policy goes as a whole, any other is a person's. `last`: so do all others of a
    role, and this one stands for them: without any `inline_policy` block the provider would keep
    the live policies.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role#inline_policy
    """
    instance = case.instance
    block = text.block.native if text.block is not None else instance.content.native
    if instance.kind == ROLE and block is not None and block.type == "inline_policy":
        if not last:
            editing.block(block)
            return None
        editing.edits += replace_block(block, "inline_policy {}")
        editing.where.setdefault(f"{block.file.path}:{block.line}", None)
        return None
    if instance.kind in INLINE and block is not None and block.type == "resource":
        names = _names_of_inline(instance)
        if names is not None:
            return Refusal("remediate", "exclusive-list", _by_hand(instance, names))
        editing.block(block)
        return None
    return Refusal(
        "remediate",
        "empty-policy",
        f"nothing would be left of {text.label} of {instance.address}, and AWS takes no policy "
        "without a statement; detach it and remove it by hand, with all that refers to it",
    )


def _names_of_inline(instance: EvaluatedInstance) -> Content | None:
    """A resource of the module that says by their names which inline policies there are."""
    kind = f"{instance.kind.removesuffix('_policy')}_policies_exclusive"
    declared = instance.module.declared
    found = [] if isinstance(declared, Refusal) else declared.of_kind("resource")
    return next((content for labels, content in found if labels[0] == kind), None)


def _by_hand(instance: EvaluatedInstance, names: Content) -> str:
    return (
        f"nothing would be left of {instance.address}, and {names.where} says which inline "
        "policies there are: what an apply does there without this one is not known; take it out "
        "of both by hand"
    )
