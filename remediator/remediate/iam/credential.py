"""A credential as the evaluated code has it: active, or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remediator.model import Finding, Json
from remediator.remediate.access import Access
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.facets import NOTHING, Texts
from remediator.terraform.value import Known, Source, Unknown, Value, as_text, is_null

KEY = "aws_iam_access_key"
PASSWORD = "aws_iam_user_login_profile"  # noqa: S105 - a resource type
INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class CredentialAccess:
    """`status` is Active, Inactive, or a word for what is not known."""

    status: str

    def within(self, wider: Access) -> bool:
        if not isinstance(wider, CredentialAccess):
            return False
        return self.status in (INACTIVE, wider.status)

    def canonical(self) -> Json:
        return {"status": self.status}

    def lost(self, after: Access) -> tuple[str, ...]:
        stays = isinstance(after, CredentialAccess) and after.status == self.status
        return () if stays or self.status == INACTIVE else (f"may be used ({self.status})",)

    def planned(self) -> Mapping[str, Texts]:
        return NOTHING


@dataclass(frozen=True, slots=True)
class Credential:
    """Implements `instances.Evaluation`. `status` is None where the code does not say any."""

    kind: str
    status: Value | None

    @staticmethod
    def of(kind: str, content: Content, scope: Scope) -> Credential:
        expression = content.arguments.get("status") if kind == KEY else None
        value = evaluate(expression, scope) if expression is not None else None
        return Credential(kind, None if is_null(value) else value)

    @property
    def access(self) -> CredentialAccess:
        if isinstance(self.status, Unknown):
            return CredentialAccess(f"not known: {self.status.reason}")
        return CredentialAccess(as_text(self.status) or "Active")

    @property
    def empty(self) -> str | None:
        return None

    def guilty(self, finding: Finding) -> bool:
        return not isinstance(self.status, Unknown) and self.access.status != INACTIVE

    def causes(self, finding: Finding) -> bool:
        return self.guilty(finding)

    def sources(self, finding: Finding) -> list[Source | None]:
        return [self.status.source if isinstance(self.status, Known) else None]

    def parts(self, finding: Finding) -> list[str]:
        return [self.kind] if self.guilty(finding) else []

    def unsure(self, finding: Finding) -> tuple[str, ...]:
        return (self.status.reason,) if isinstance(self.status, Unknown) else ()

    def doubts(self, finding: Finding) -> tuple[str, ...]:
        return self.unsure(finding)
