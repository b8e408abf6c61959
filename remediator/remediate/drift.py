"""Ingress that is live and not in the code: which apply closes it, and what to do if none does.

Inline rules are exclusive: an apply takes every other rule of the group away. Of rules that are
resources of their own Terraform knows those in its state, and no other. So the rule is adopted
by an import and then removed, which takes that rule alone and shows in the plan. The provider's
aws_vpc_security_group_rules_exclusive would do too, but only from 6.29.0 on, and it takes every
rule that it does not list, egress too:
https://registry.terraform.io/providers/hashicorp/aws/6.29.0/docs/resources/vpc_security_group_rules_exclusive
"""

from __future__ import annotations

from collections.abc import Sequence

from remediator.access.doors import Door
from remediator.model import Finding
from remediator.remediate.adoption import is_group_id, joined, rules, where
from remediator.remediate.advice import Advice
from remediator.remediate.evaluated import Grants
from remediator.remediate.grants import GROUP, RULE, VPC_RULE
from remediator.remediate.instances import EvaluatedInstance
from remediator.remediate.lifecycle import forbidden_in
from remediator.remediate.open_instances import OpenInstance
from remediator.terraform.write import comment, identifier, literal
from remediator.texts import listed


def drifted(finding: Finding, door: Door, instances: Sequence[EvaluatedInstance]) -> Advice:
    """`instances` are the group, where a state knows it, and the rules beside it."""
    if not finding.resource.id or not instances:
        return Advice("look at it, and apply or import")
    unique = {(i.root, i.address): i for i in instances}.values()
    groups = [i for i in unique if i.kind == GROUP]
    beside = [i for i in unique if i.kind != GROUP and _lets_in(i)]
    told = [i for i in groups if _is_told(i)]
    ignoring = [i for i in groups if forbidden_in(GROUP, i.address, i.content) is not None]
    closing = [i for i in told if i not in ignoring]
    if closing:
        return _next_apply(finding, door, closing[0], beside)
    if ignoring and (told or not beside):
        return _ignored(finding, door, ignoring[0], beside)
    if groups and not beside:
        return _not_told(finding, door, groups[0])
    return _separate(finding, door, (groups or [*unique])[0], beside)


def _is_told(group: EvaluatedInstance) -> bool:
    evaluation = group.evaluation
    return isinstance(evaluation, OpenInstance) and evaluation.exclusive


def _lets_in(rule: EvaluatedInstance) -> bool:
    """Not an egress rule, which no `ingress` touches."""
    evaluation = rule.evaluation
    return isinstance(evaluation, OpenInstance) and evaluation.grants != Grants(())


def _folder(instance: EvaluatedInstance) -> str:
    return instance.root or "the top folder"


def _told(finding: Finding, door: Door, text: str) -> tuple[str, ...]:
    return (*comment(f"{where(finding, door)}."), *comment(text))


def _next_apply(
    finding: Finding, door: Door, group: EvaluatedInstance, beside: Sequence[EvaluatedInstance]
) -> Advice:
    told = (
        f"`terraform plan` in {_folder(group)} shows it: an update in place of {group.address}, "
        "which takes this rule and every other ingress rule that its code does not have."
    )
    if beside:
        told += (
            f" Those of {listed([i.address for i in beside])} go too, until the apply after it "
            "makes them again: a group has inline rules or rules of their own, not both."
        )
    return Advice(f"the next apply of {_folder(group)} closes it", _told(finding, door, told))


def _not_told(finding: Finding, door: Door, group: EvaluatedInstance) -> Advice:
    """Exclusive is the smaller step here: no rule of the group is Terraform's."""
    keeps = f"no apply of {_folder(group)} closes it as the code is: {group.address} has no "
    if group.content.dynamic("ingress"):
        return Advice(
            f"{keeps}`ingress` block, as its dynamic one makes none, and the provider then keeps "
            "what is live; adopt the rule by an import, then remove it",
            _adopt_and_remove(finding, door, group, ()),
        )
    native = group.content.native is not None
    line = "ingress = []" if native else '"ingress": []'
    told = (
        f"Write `{line}` into {group.address} ({group.content.where}): it makes the group "
        "exclusive, and the next apply closes it. No ingress rule of it is Terraform's, so none "
        "of those is lost; but every other that was made by hand goes too, and the plan lists "
        "them."
    )
    return Advice(
        f"{keeps}`ingress`, and the provider then keeps what is live; write `{line}` there",
        (*_told(finding, door, told), *([line] if native else [])),
    )


def _ignored(
    finding: Finding, door: Door, group: EvaluatedInstance, beside: Sequence[EvaluatedInstance]
) -> Advice:
    return Advice(
        f"no apply of {_folder(group)} closes it as the code is: {group.address} "
        f"({group.content.where}) ignores changes of its rules (lifecycle.ignore_changes); take "
        "that out, or adopt the rule and remove it",
        _adopt_and_remove(finding, door, group, beside),
    )


def _separate(
    finding: Finding, door: Door, first: EvaluatedInstance, beside: Sequence[EvaluatedInstance]
) -> Advice:
    return Advice(
        f"no apply of {_folder(first)} closes it: its rules are resources of their own, and "
        "Terraform does not see a rule that is not in its state; adopt the rule by an import, "
        "then remove it",
        _adopt_and_remove(finding, door, first, beside),
    )


def _adopt_and_remove(
    finding: Finding, door: Door, first: EvaluatedInstance, beside: Sequence[EvaluatedInstance]
) -> tuple[str, ...]:
    """In the root module, and with the group's id: it stays for the time of one apply."""
    if not is_group_id(finding.resource.id):
        return ()
    told = (
        f"Put this into {_folder(first)}, and apply: it imports, and closes nothing yet. "
        "Then take all of it out again, and apply: that takes this rule and no other, and the "
        "plan shows it. Import blocks need Terraform 1.5 or later. (From AWS provider 6.29.0 on, "
        "aws_vpc_security_group_rules_exclusive would close it in one apply, and whatever is "
        "opened by hand later; but it takes every rule of the group that it does not list, egress "
        "too, so its lists must be whole.)"
    )
    kind = RULE if beside and all(i.kind != VPC_RULE for i in beside) else VPC_RULE
    stem = f"by_hand_{identifier(finding.resource.name or finding.resource.id)}"
    found = rules(finding, door, literal(finding.resource.id), stem, kind)
    return (*_told(finding, door, told), *joined(found))
