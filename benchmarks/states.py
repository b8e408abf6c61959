"""A Terraform state, format 4, of about 2 KB a resource: pure, and the same for one seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

ACCOUNT = "123456789012"
REGION = "eu-west-1"
_MARK = "@@@@@@@@"
_PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Statement{n}",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket", "kms:Decrypt"],
                "Resource": f"arn:aws:s3:::example-{_MARK}-{n}/*",
            }
            for n in range(7)
        ],
    }
)


def state(group: str, group_id: str, resources: int, seed: int, name: str) -> str:
    """A state of `resources` resources. In the middle, at aws_security_group.admin, is a group
    called `group` that opens SSH to the world; nothing else in it does.
    """
    parts = list(_others(resources - 1, seed, name))
    parts.insert(len(parts) // 2, json.dumps(_offending(group, group_id), indent=2))
    lineage = f"{Random(name).getrandbits(128):032x}"  # noqa: S311 - the same state again
    head = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": lineage}
    opening = json.dumps({**head, "outputs": {}}, indent=2)[:-2]
    body = ",\n".join(parts)
    return f'{opening},\n  "resources": [\n{body}\n  ],\n  "check_results": null\n}}\n'


def _offending(group: str, group_id: str) -> dict[str, object]:
    attributes: dict[str, object] = {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group_id}",
        "description": "Administration",
        "egress": [_rule(0, "-1", "0.0.0.0/0", "")],
        "id": group_id,
        "ingress": [
            _rule(22, "tcp", "0.0.0.0/0", "SSH"),
            _rule(9100, "tcp", "10.0.0.0/16", "Node metrics"),
        ],
        "name": group,
        "name_prefix": "",
        "owner_id": ACCOUNT,
        "revoke_rules_on_delete": False,
        "tags": {"Name": group},
        "tags_all": {"Name": group, "ManagedBy": "terraform"},
        "timeouts": None,
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
    }
    return _resource("aws_security_group", "admin", attributes)


def _others(count: int, seed: int, name: str) -> Iterator[str]:
    """Resources from ready-made texts, each with its own name and ids in the place of a mark."""
    rng = Random(f"{name}:{seed}")  # noqa: S311
    patterns = [json.dumps(pattern, indent=2) for pattern in _patterns()]
    for number in range(count):
        mark = f"{number:05x}{rng.getrandbits(12):03x}"
        yield rng.choice(patterns).replace(_MARK, mark)


def _rule(port: int, protocol: str, cidr: str, description: str) -> dict[str, object]:
    return {
        "cidr_blocks": [cidr],
        "description": description,
        "from_port": port,
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "protocol": protocol,
        "security_groups": [],
        "self": False,
        "to_port": port,
    }


def _resource(
    kind: str, label: str, attributes: dict[str, object], module: str | None = None
) -> dict[str, object]:
    at = {"module": module} if module else {}
    instance = {
        "schema_version": 1,
        "attributes": attributes,
        "sensitive_attributes": [],
        "private": "eyJzY2hlbWFfdmVyc2lvbiI6IjEifQ==",
        "dependencies": ["aws_iam_role.common", "data.aws_vpc.main"],
    }
    return {
        **at,
        "mode": "managed",
        "type": kind,
        "name": label,
        "provider": _PROVIDER,
        "instances": [instance],
    }


def _patterns() -> Iterator[dict[str, object]]:
    arn = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}".format
    tags = {"Name": f"name-{_MARK}", "Team": "payments", "CostCenter": "cc-204", "Env": "prod"}
    common: dict[str, object] = {"tags": tags, "tags_all": {**tags, "ManagedBy": "terraform"}}
    yield _resource("aws_instance", f"worker_{_MARK}", {**_instance(), **common})
    yield _resource(
        "aws_iam_policy",
        f"policy_{_MARK}",
        {
            "arn": f"arn:aws:iam::{ACCOUNT}:policy/{_MARK}",
            "id": f"arn:aws:iam::{ACCOUNT}:policy/{_MARK}",
            "name": _MARK,
            "path": "/",
            "policy": _POLICY,
            **common,
        },
        "module.access",
    )
    yield _resource(
        "aws_security_group",
        f"group_{_MARK}",
        {
            "arn": arn("ec2", f"security-group/sg-0000000000{_MARK}"),
            "egress": [_rule(0, "-1", "0.0.0.0/0", "")],
            "id": f"sg-0000000000{_MARK}",
            "ingress": [
                _rule(443, "tcp", "10.1.0.0/16", "HTTPS"),
                _rule(22, "tcp", "10.2.0.0/16", "SSH from the company"),
            ],
            "name": f"group-{_MARK}",
            "vpc_id": "vpc-0a1b2c3d4e5f60718",
            **common,
        },
        "module.network",
    )
    yield _resource("aws_db_instance", f"database_{_MARK}", {**_database(), **common})


def _instance() -> dict[str, object]:
    return {
        "ami": f"ami-000000000{_MARK}",
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-000000000{_MARK}",
        "availability_zone": f"{REGION}a",
        "id": f"i-000000000{_MARK}",
        "instance_state": "running",
        "instance_type": "m6i.large",
        "metadata_options": [{"http_endpoint": "enabled", "http_tokens": "required"}],
        "private_dns": f"ip-10-0-0-1-{_MARK}.{REGION}.compute.internal",
        "root_block_device": [{"encrypted": True, "volume_size": 40, "volume_type": "gp3"}],
        "subnet_id": "subnet-0aa11bb22cc33dd44",
        "user_data": "0a4d55a8d778e5022fab701977c5d840bbc486d0",
        "vpc_security_group_ids": [f"sg-0000000000{_MARK}", "sg-00000000000000001"],
    }


def _database() -> dict[str, object]:
    return {
        "address": f"db-{_MARK}.example.{REGION}.rds.amazonaws.com",
        "arn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:db-{_MARK}",
        "backup_retention_period": 14,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "engine": "postgres",
        "engine_version": "16.4",
        "id": f"db-{_MARK}",
        "instance_class": "db.r6g.large",
        "maintenance_window": "sun:03:00-sun:04:00",
        "parameter_group_name": f"group-{_MARK}",
        "password": f"not-to-be-read-{_MARK}",
        "publicly_accessible": False,
        "storage_encrypted": True,
        "username": "app",
        "vpc_security_group_ids": [f"sg-0000000000{_MARK}"],
    }
