"""How the demo's applier makes, changes and removes what guards and what is guarded: the table.

The order is that of making: what others point to comes first, and goes last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from remediator.embedded import resources_guarded as guarded
from remediator.embedded import resources_iam as iam

Clients = Callable[[str], Any]
"""A boto3 client by its service's name."""
Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """`put` takes the arguments, and the attributes that were, None where it is to be made; it
    answers the attributes that are. `remove` takes those that were."""

    service: str
    put: Callable[[Any, Attributes, Attributes | None], Attributes]
    remove: Callable[[Any, Attributes], object]


KINDS: Mapping[str, Kind] = {
    "aws_iam_policy": Kind("iam", iam.put_policy, iam.remove_policy),
    "aws_iam_role": Kind("iam", iam.put_role, iam.remove_role),
    "aws_iam_user": Kind("iam", iam.put_user, iam.remove_user),
    "aws_iam_group": Kind("iam", iam.put_group, iam.remove_group),
    "aws_iam_group_membership": Kind("iam", iam.put_membership, iam.remove_membership),
    "aws_iam_access_key": Kind("iam", iam.put_access_key, iam.remove_access_key),
    "aws_iam_user_login_profile": Kind("iam", iam.put_password, iam.remove_password),
    **{
        f"aws_iam_{holder}_policy": Kind("iam", iam.put_inline(holder), iam.remove_inline(holder))
        for holder in iam.HOLDERS
    },
    **{
        f"aws_iam_{holder}_policy_attachment": Kind("iam", iam.attach(holder), iam.detach(holder))
        for holder in iam.HOLDERS
    },
    "aws_s3_bucket": Kind("s3", guarded.put_bucket, guarded.remove_bucket),
    "aws_s3_bucket_policy": Kind("s3", guarded.put_bucket_policy, guarded.remove_bucket_policy),
    "aws_kms_key": Kind("kms", guarded.put_key, guarded.remove_key),
    "aws_sns_topic": Kind("sns", guarded.put_topic, guarded.remove_topic),
    "aws_sns_topic_policy": Kind("sns", guarded.put_topic_policy, guarded.remove_topic_policy),
    "aws_secretsmanager_secret": Kind("secretsmanager", guarded.put_secret, guarded.remove_secret),
    "aws_secretsmanager_secret_policy": Kind(
        "secretsmanager", guarded.put_secret_policy, guarded.remove_secret_policy
    ),
    "aws_ecr_repository": Kind("ecr", guarded.put_repository, guarded.remove_repository),
    "aws_ecr_repository_policy": Kind(
        "ecr", guarded.put_repository_policy, guarded.remove_repository_policy
    ),
}
RANKS = {name: rank for rank, name in enumerate(KINDS)}
