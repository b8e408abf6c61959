"""AWS's limits on the size of policies, in characters without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from collections.abc import Mapping

MANAGED = 6144
INLINE: Mapping[str, int] = {
    "aws_iam_role": 10240,
    "aws_iam_role_policy": 10240,
    "aws_iam_user_policy": 2048,
    "aws_iam_group_policy": 5120,
}
"""Of all inline policies of one identity together, by the resource type that has one."""
TRUST = 2048
"""What every account has; it can be raised to 4,096."""


def limit_of(kind: str) -> int | None:
    """Of one policy of a resource of this type; None where this page knows none."""
    return MANAGED if kind == "aws_iam_policy" else INLINE.get(kind)
