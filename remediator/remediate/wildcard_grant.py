"""A policy in the code that allows every action of a service, or of all, without any use data.

https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege

Never rewritten: which of the actions are in use is not in the code. It is reported, so that a
person looks; Access Analyzer's findings of unused permissions are what narrows it.
"""

from __future__ import annotations

from remediator.model import Finding
from remediator.remediate.open_to_world_policy import OpenToWorldPolicy


class WildcardGrant(OpenToWorldPolicy):
    """It owns no resource type, so that nothing of it is ever rewritten."""

    name = "wildcard-grant"
    title = "every action of a service"
    reference = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
    )

    @property
    def resource_types(self) -> tuple[str, ...]:
        return ()

    def subject(self, finding: Finding) -> str:
        return "narrow a wildcard"


CLASS = WildcardGrant()
