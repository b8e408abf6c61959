"""What the finding classes about policies share: they are judged by the evaluated code alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from remediator.model import Finding, Refusal
from remediator.remediate.iam.policy_access import PolicyAccess
from remediator.remediate.iam.root_account import ROOT_ACCOUNT, is_root, left_to_a_person
from remediator.remediate.lifecycle import forbidding
from remediator.remediate.rewrite import Rewrite
from remediator.remediate.usual import Usual
from remediator.terraform.address import Address
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.module import Module
from remediator.terraform.syntax import Block, references

FACTS = frozenset(
    (
        *(
            "service-role",
            "human-user",
            "program-user",
            "active-session",
            "root-account",
            "production-database",
        ),
        *("pass-role-unused", "escalation", "known-account", "unknown-account", "break-glass"),
    )
)
"""What is known of an identity besides its policies: detection says it, and rows ask for it."""
_NAMES = ("role", "user", "group", "bucket", "policy_arn", "function_name", "repository")


class PolicyClass(Usual):
    """The parts of `FindingClass` that are the same for all of them."""

    scope = "iam"
    traits = FACTS
    title = ""
    piecemeal = False
    arguments: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """By resource type, the arguments or nested blocks that findings are about."""
    removed: frozenset[str] = frozenset()
    """The resource types that may go altogether."""

    @property
    def resource_types(self) -> tuple[str, ...]:
        return tuple(self.arguments)

    def traits_of(self, finding: Finding) -> frozenset[str]:
        given = finding.evidence.get("traits")
        texts = [t for t in given if isinstance(t, str)] if isinstance(given, list) else []
        root = {ROOT_ACCOUNT} if is_root(finding) else set()
        return FACTS.intersection(texts) | root

    def kin(self, finding: Finding) -> str:
        return ",".join(sorted(self.traits_of(finding)))

    def names_in(self, block: Block) -> tuple[str, ...]:
        """The block's own label, and those of the resources that it is joined to."""
        found = [a for name in _NAMES if (a := block.body.attribute(name))]
        named = [r.parts[1] for a in found for r in references(a.value) if len(r.parts) > 1]
        return (block.labels[-1], *named) if block.labels else ()

    @property
    def reads_blocks(self) -> bool:
        return False

    def occurs_in(self, block: Block, finding: Finding) -> bool:
        return False

    def obscured_in(self, block: Block, finding: Finding) -> tuple[str, ...]:
        return ()

    def unsafe_beside(self, blocks: Iterable[Block], joined: Iterable[Address]) -> str | None:
        return None

    def uncovered(self, blocks: Iterable[Block], finding: Finding) -> tuple[str, ...]:
        return ()

    def rewrite(
        self, block: Block, finding: Finding, module: Module, settings: object
    ) -> Rewrite | Refusal:
        return Refusal("remediate", "no-edit", "a policy is only rewritten where its values stand")

    def access(self, blocks: Iterable[Block]) -> PolicyAccess:
        return PolicyAccess()

    def nothing(self) -> PolicyAccess:
        return PolicyAccess()

    def understands_call(self, content: Content, scope: Scope) -> bool:
        return False

    def unready(self, finding: Finding) -> Refusal | None:
        return left_to_a_person(finding, self.title) if is_root(finding) else None

    def forbidden(self, kind: str, address: str, content: Content) -> Refusal | None:
        words = (*self.arguments.get(kind, ()), "all", "*")
        return forbidding(address, content, "policies", words, stays=kind not in self.removed)

    def passes_on(self, kind: str) -> bool:
        return kind == "aws_iam_policy_document"

    def concerns(self, kind: str, argument: str) -> bool:
        return argument in self.arguments.get(kind, ())

    def gone_with(self, kind: str) -> bool:
        return kind in self.removed

    def replaces(self, kind: str) -> bool:
        return False

    def creates(self, kind: str) -> bool:
        return False
