"""A user's access keys, and whether each may be used.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
The credential report tells it too, but of no key by its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = (
    Permission("iam:ListAccessKeys", "to see whether an access key is inactive, once that merged"),
)


def read_statuses(client: IAMClient, user: str) -> Mapping[str, str]:
    """By the key's id: Active, Inactive or Expired. Nothing of a user who is not there. Raises
    UpstreamError where AWS does not say."""
    from botocore.exceptions import ClientError

    found: dict[str, str] = {}
    with upstream("iam", "ListAccessKeys", client.meta.region_name):
        try:
            for page in client.get_paginator("list_access_keys").paginate(UserName=user):
                found |= {k["AccessKeyId"]: k["Status"] for k in page["AccessKeyMetadata"]}
        except ClientError as error:
            if error_code(error) != "NoSuchEntity":
                raise
            return {}
    return found
