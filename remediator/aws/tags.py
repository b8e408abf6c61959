"""Tags of resources that are no IAM identities, in bulk: a hundred ARNs a call.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
It answers only for resources that have, or had, a tag: for one that exists, no answer is no tag.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from remediator.aws.faults import upstream
from remediator.aws.permissions import Permission

PERMISSIONS = (Permission("tag:GetResources", "to read the tags of resources with a policy"),)

BATCH = 100
Tags = tuple[tuple[str, str], ...]


def read_tags(client: Any, arns: Iterable[str]) -> dict[str, Tags]:
    """Of every ARN asked for; () where it has none. Raises UpstreamError."""
    wanted = sorted(set(arns))
    found: dict[str, Tags] = dict.fromkeys(wanted, ())
    for start in range(0, len(wanted), BATCH):
        asked = wanted[start : start + BATCH]
        with upstream("resourcegroupstaggingapi", "GetResources", client.meta.region_name):
            for one in client.get_resources(ResourceARNList=asked)["ResourceTagMappingList"]:
                pairs = sorted((t["Key"], t["Value"]) for t in one.get("Tags", []))
                found[one["ResourceARN"]] = tuple(pairs)
    return found
