"""The root account: whatever is found of it is for a person, and never an edit.

https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
"""

from __future__ import annotations

import re

from remediator.model import Finding, Refusal

ROOT_ACCOUNT = "root-account"
_ARN = re.compile(r"arn:[a-z0-9-]+:(?:iam|sts)::(\d{12}):root")
_NAME = "<root_account>"


def is_root(finding: Finding) -> bool:
    """Whether the finding is about a root user, by its ARN or the credential report's name."""
    resource = finding.resource
    return _ARN.fullmatch(resource.arn or "") is not None or _NAME in (resource.name, resource.id)


def left_to_a_person(finding: Finding, title: str) -> Refusal:
    found = _ARN.fullmatch(finding.resource.arn or "")
    account = found[1] if found else finding.resource.account
    return Refusal(
        "locate",
        "root-account",
        f"the root account of {account or 'an account that is not named'} has {title}: no "
        "Terraform owns it, and each step there carries a risk. A person signs in as root, sees "
        "who uses it, deletes its access keys, turns on MFA, and does by an administrator's role "
        "what root did; then archives the finding with the reason",
    )
