"""The AWS permissions this program needs: all of them read, none of them write.

Each reader declares its own beside the code that uses them, as `PERMISSIONS`; the
documentation's table and the read-only role are generated from those.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from remediator.model import Json

READING_VERBS = ("Describe", "Generate", "Get", "List", "Lookup")
"""`Generate…` makes a report for whoever asks, and changes nothing that anybody else sees."""


class Permission(NamedTuple):
    """An IAM action (`ec2:DescribeSecurityGroups`) and why it is needed, for a person."""

    action: str
    why: str


# Operations whose IAM action has another name: Service Authorization Reference, Amazon S3.
_RENAMED = {
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("accessanalyzer", "GetFindingV2"): "access-analyzer:GetFinding",
    ("accessanalyzer", "ListFindingsV2"): "access-analyzer:ListFindings",
}
# Services whose IAM prefix is not the name that botocore has for them.
_PREFIXES = {"accessanalyzer": "access-analyzer", "resourcegroupstaggingapi": "tag"}


def action_of(service: str, operation: str) -> str:
    """The IAM action that allows an API operation."""
    prefix = _PREFIXES.get(service, service)
    return _RENAMED.get((service, operation), f"{prefix}:{operation}")


def read_only_policy(permissions: Iterable[Permission]) -> dict[str, Json]:
    """The IAM policy document for a role with these permissions.

    None of the actions supports resource-level permissions that would help here: Config and
    EC2 list across the account. Raises ValueError for an action that is not a reading one.
    """
    actions = sorted({p.action for p in permissions})
    for action in actions:
        if not action.partition(":")[2].startswith(READING_VERBS):
            raise ValueError(f"{action} does more than read")
    statement: dict[str, Json] = {
        "Sid": "RemediatorReads",
        "Effect": "Allow",
        "Action": list[Json](actions),
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
