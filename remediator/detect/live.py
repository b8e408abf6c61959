"""Security groups as they are now, from EC2 itself. Only the fields named here are kept.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from remediator.aws.faults import upstream
from remediator.aws.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import (
        FilterTypeDef,
        SecurityGroupRuleTypeDef,
        SecurityGroupTypeDef,
    )

PERMISSIONS = (
    Permission("ec2:DescribeSecurityGroups", "to read a group's name, VPC and tags"),
    Permission("ec2:DescribeSecurityGroupRules", "to read the rules as they are now"),
)

_BATCH = 200  # EC2 takes no more values in one filter
_PAGE = 1000  # EC2's own maximum
_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,17}")


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """A security group. `account` is its owner's, which in a shared VPC may be another one."""

    id: str
    name: str
    description: str
    vpc_id: str | None
    account: str
    region: str
    tags: tuple[tuple[str, str], ...]
    arn: str


@dataclass(frozen=True, slots=True)
class LiveRule:
    """One rule of one group, with one source (or, for egress, destination).

    `protocol` is EC2's: tcp, udp, icmp, icmpv6, a number, or -1 for all. Ports are -1 where
    the protocol has none; for ICMP they are type and code. Exactly one of the four sources is
    set; where none is, AWS has a kind of source that is unknown here: treat it as unknown.
    """

    rule_id: str
    group_id: str
    is_egress: bool
    protocol: str
    from_port: int
    to_port: int
    cidr_ipv4: str | None = None
    cidr_ipv6: str | None = None
    prefix_list_id: str | None = None
    referenced_group_id: str | None = None
    description: str = ""


def read_groups(client: EC2Client, ids: Iterable[str] | None = None) -> tuple[LiveGroup, ...]:
    """The groups of these ids that exist, or all of the region's; sorted by id.

    A group that is gone is missing from the answer. Raises UpstreamError where any page is.
    """
    region = client.meta.region_name
    paginator = client.get_paginator("describe_security_groups")
    found: dict[str, LiveGroup] = {}
    with upstream("ec2", "DescribeSecurityGroups", region):
        for filters in _filters(ids):
            pages = paginator.paginate(Filters=filters, PaginationConfig={"PageSize": _PAGE})
            for page in pages:
                for raw in page["SecurityGroups"]:
                    found[raw["GroupId"]] = _group(raw, client.meta.partition, region)
    return tuple(found[i] for i in sorted(found))


def read_rules(client: EC2Client, group_ids: Iterable[str] | None = None) -> tuple[LiveRule, ...]:
    """Every rule, ingress and egress, of these groups or of all; sorted by group and rule id.

    A group that does not exist has no rules here: ask `read_groups` whether it does. Raises
    UpstreamError where any page is missing, so that no rules means no rules.
    """
    region = client.meta.region_name
    paginator = client.get_paginator("describe_security_group_rules")
    found: dict[str, LiveRule] = {}
    with upstream("ec2", "DescribeSecurityGroupRules", region):
        for filters in _filters(group_ids):
            pages = paginator.paginate(Filters=filters, PaginationConfig={"PageSize": _PAGE})
            for page in pages:
                for raw in page["SecurityGroupRules"]:
                    found[raw["SecurityGroupRuleId"]] = _rule(raw)
    return tuple(sorted(found.values(), key=lambda r: (r.group_id, r.rule_id)))


def _filters(ids: Iterable[str] | None) -> Iterator[list[FilterTypeDef]]:
    """One list of filters a call. Filter values know wildcards, so only real ids go in."""
    if ids is None:
        yield []
        return
    wanted = sorted({i for i in ids if _GROUP_ID.fullmatch(i)})
    for start in range(0, len(wanted), _BATCH):
        yield [{"Name": "group-id", "Values": wanted[start : start + _BATCH]}]


def _group(raw: SecurityGroupTypeDef, partition: str, region: str) -> LiveGroup:
    group_id, owner = raw["GroupId"], raw["OwnerId"]
    made = f"arn:{partition}:ec2:{region}:{owner}:security-group/{group_id}"
    return LiveGroup(
        id=group_id,
        name=raw.get("GroupName", ""),
        description=raw.get("Description", ""),
        vpc_id=raw.get("VpcId"),
        account=owner,
        region=region,
        tags=tuple(sorted((t["Key"], t["Value"]) for t in raw.get("Tags", []))),
        arn=raw.get("SecurityGroupArn", made),
    )


def _rule(raw: SecurityGroupRuleTypeDef) -> LiveRule:
    return LiveRule(
        rule_id=raw["SecurityGroupRuleId"],
        group_id=raw["GroupId"],
        is_egress=raw["IsEgress"],
        protocol=raw["IpProtocol"],
        from_port=raw.get("FromPort", -1),
        to_port=raw.get("ToPort", -1),
        cidr_ipv4=raw.get("CidrIpv4"),
        cidr_ipv6=raw.get("CidrIpv6"),
        prefix_list_id=raw.get("PrefixListId"),
        referenced_group_id=raw.get("ReferencedGroupInfo", {}).get("GroupId"),
        description=raw.get("Description", ""),
    )
