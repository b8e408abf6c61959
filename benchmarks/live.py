"""The live side of the benchmarks: an embedded AWS with the offending groups in it."""

from __future__ import annotations

import os
from collections.abc import Mapping

import boto3

from benchmarks.generate import group_name
from benchmarks.states import REGION

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_RULES = (
    "INCOMING_SSH_DISABLED",
    "RESTRICTED_INCOMING_TRAFFIC",
    "VPC_SG_PORT_RESTRICTION_CHECK",
)


def environment(home: str) -> Mapping[str, str]:
    """For the processes measured: test credentials, and nobody's own settings."""
    ours = {"AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "HOME": home}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GIT_"))}
    return {**kept, **CREDENTIALS, **ours, "GIT_CONFIG_NOSYSTEM": "1"}


def make_groups(endpoint: str, count: int) -> list[str]:
    """Security groups open to the world on 22, and Config rules that flag them. Their ids."""
    session = boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
    )
    config = session.client("config", endpoint_url=endpoint)
    for rule in _RULES:
        config.put_config_rule(
            ConfigRule={
                "ConfigRuleName": rule.lower(),
                "Source": {"Owner": "AWS", "SourceIdentifier": rule},
            }
        )
    ec2 = session.client("ec2", endpoint_url=endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ids = []
    for number in range(count):
        made = ec2.create_security_group(
            GroupName=group_name(number), Description="Administration", VpcId=vpc
        )
        ids.append(made["GroupId"])
        for port, cidr in ((22, "0.0.0.0/0"), (9100, "10.0.0.0/16")):
            ec2.authorize_security_group_ingress(
                GroupId=made["GroupId"],
                IpPermissions=[
                    {
                        "IpProtocol": "tcp",
                        "FromPort": port,
                        "ToPort": port,
                        "IpRanges": [{"CidrIp": cidr}],
                    }
                ],
            )
    return ids
