"""Data sources whose answer follows from their arguments alone."""

from __future__ import annotations

from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.policy_document import policy_text
from remediator.terraform.value import Value


def attribute(kind: str, name: str, content: Content, scope: Scope) -> Value | None:
    """What `data.kind.x.name` is; None where only the provider can tell."""
    if kind == "aws_iam_policy_document" and name in ("json", "minified_json"):
        return policy_text(content, scope, indented=name == "json")
    return None
