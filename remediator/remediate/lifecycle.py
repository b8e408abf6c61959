"""What a resource's `lifecycle` block forbids: edits that no apply would carry out.

https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle
"""

from __future__ import annotations

from remediator.model import Refusal
from remediator.remediate.grants import GROUP
from remediator.terraform.content import Content, of_block
from remediator.terraform.resolve import as_text, resolve
from remediator.terraform.syntax import Block, Expression

_OF_A_GROUP = ("ingress", "all", "*")
_OF_A_RULE = ("cidr", "port", "protocol", "all", "*")


def forbidden(resource: Block) -> Refusal | None:
    """Why closing a rule of this resource would be ignored, or would fail."""
    return forbidden_in(resource.labels[0], resource.address, of_block(resource))


def forbidden_in(kind: str, address: str, content: Content) -> Refusal | None:
    """The same of a resource in either syntax, and as override files put it together."""
    is_group = kind == GROUP
    words = _OF_A_GROUP if is_group else _OF_A_RULE
    return forbidding(address, content, "rules", words, stays=is_group)


def forbidding(
    address: str, content: Content, what: str, words: tuple[str, ...], *, stays: bool
) -> Refusal | None:
    """Of arguments whose names hold one of the words; `stays`: the resource itself never goes."""
    where = content.where
    for lifecycle in content.nested("lifecycle"):
        ignored = lifecycle.arguments.get("ignore_changes")
        if ignored and _covers(ignored, words):
            return Refusal(
                "remediate",
                "ignored-changes",
                f"{address} ({where}) ignores changes of its {what} (lifecycle."
                "ignore_changes), so that no apply would close this; remove that argument, "
                f"or change the {what} where they are managed",
            )
        destroyed = lifecycle.arguments.get("destroy")
        if destroyed and not stays and as_text(resolve(destroyed)) != "true":
            return Refusal(
                "remediate",
                "kept-alive",
                f"{address} ({where}) has lifecycle.destroy, so that an apply which removes it "
                "from the code may leave it in AWS; remove that argument first",
            )
        prevented = lifecycle.arguments.get("prevent_destroy")
        if prevented and not stays and as_text(resolve(prevented)) != "false":
            return Refusal(
                "remediate",
                "prevent-destroy",
                f"{address} ({where}) has lifecycle.prevent_destroy, so that an apply "
                "which removes it would fail; decide whether it may go, and remove that argument",
            )
    return None


def _covers(ignored: Expression, words: tuple[str, ...]) -> bool:
    """Whether one of the names in the list holds one of the words; anything else counts too."""
    if ignored.kind != "tuple":
        return True
    return any(word in item.text.decode() for item in ignored.items for word in words)
