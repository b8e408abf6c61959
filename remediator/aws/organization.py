"""The accounts of the organisation: whom a trust policy may name without surprise.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = (
    Permission("organizations:ListAccounts", "to know which accounts are of the organisation"),
)

REGION = "us-east-1"
"""Organizations' own region; botocore finds the partition's endpoint from it."""


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    active: bool


def read_accounts(client: OrganizationsClient) -> tuple[Account, ...] | None:
    """None where the account is in no organisation. Raises UpstreamError where AWS does not say,
    as it does only to the management account and to delegated administrators."""
    from botocore.exceptions import ClientError

    with upstream("organizations", "ListAccounts", client.meta.region_name):
        try:
            pages = client.get_paginator("list_accounts").paginate()
            return tuple(
                Account(a["Id"], a.get("Name", ""), a.get("Status") == "ACTIVE")
                for page in pages
                for a in page["Accounts"]
            )
        except ClientError as error:
            if error_code(error) == "AWSOrganizationsNotInUseException":
                return None
            raise
