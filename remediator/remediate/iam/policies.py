"""Which policies an instance of a resource has, whatever way they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.access.iam import Kind
from remediator.remediate.iam.documents import Statement, statements_of
from remediator.terraform.content import Content
from remediator.terraform.documents import document
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.nested import nested_blocks
from remediator.terraform.value import Mapping, Unknown, Value, as_text, is_null

ROLE = "aws_iam_role"
POLICY = "aws_iam_policy"
INLINE = ("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy")
IDENTITY = (POLICY, *INLINE, ROLE)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """`label` is the argument that has it (`policy`, `inline_policy reader`). `tree` is the
    document as far as it is known, else Unknown. `block` is the nested block around it."""

    label: str
    kind: Kind
    tree: Value
    name: str | None = None
    block: Content | None = None

    @property
    def statements(self) -> tuple[Statement, ...]:
        return statements_of(self.tree)[0]

    @property
    def unsure(self) -> tuple[Unknown, ...]:
        """What of it may grant more than is known."""
        found, more = statements_of(self.tree)
        return (*more, *(u for s in found for u in s.unsure))


def tree_of(text: Value) -> Value:
    """The document that a text is; of one that is known in part, what is known."""
    if isinstance(text, Unknown) and len(text.parts) == 1 and isinstance(text.parts[0], Mapping):
        return text.parts[0]
    return document(text)


def argument(content: Content, name: str, kind: Kind, scope: Scope) -> Iterator[PolicyText]:
    """The policy that an argument is, where it is set."""
    expression = content.arguments.get(name)
    if expression is None:
        return
    value = evaluate(expression, scope)
    if not is_null(value):
        yield PolicyText(name, kind, tree_of(value))


def inline_policies(content: Content, scope: Scope) -> tuple[list[PolicyText], list[Unknown]]:
    """The `inline_policy` blocks of a role, and what may be further ones."""
    blocks = nested_blocks(content, "inline_policy", scope)
    found: list[PolicyText] = []
    for position, block in enumerate(blocks.blocks):
        value = block.argument("policy")
        if value is None or is_null(value):
            continue
        name = as_text(block.argument("name"))
        label = f"inline_policy {name or f'#{position}'}"
        found.append(PolicyText(label, Kind.IDENTITY, tree_of(value), name, block.content))
    return found, [*blocks.open]


def identity_policies(
    kind: str, content: Content, scope: Scope
) -> tuple[list[PolicyText], list[Unknown]]:
    """What an instance grants to an identity."""
    if kind == ROLE:
        return inline_policies(content, scope)
    return [*argument(content, "policy", Kind.IDENTITY, scope)], []
