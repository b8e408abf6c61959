"""Plans as `terraform show -json` writes them, with no more than a test needs."""

from __future__ import annotations

import json
from typing import Any

from remediator.terraform.plan import Plan, read_plan

GROUP = "aws_security_group"
RULE = "aws_security_group_rule"
VPC_RULE = "aws_vpc_security_group_ingress_rule"
WORLD, OFFICE = "0.0.0.0/0", "198.51.100.0/24"
Json = dict[str, Any]


def element(*cidrs: str, port: int = 22, **more: Any) -> Json:
    """One element of a security group's `ingress`."""
    empty: Json = {"ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": []}
    ports = {"protocol": "tcp", "from_port": port, "to_port": port}
    return {"cidr_blocks": [*cidrs], "description": "", "self": False, **empty, **ports, **more}


def group(*ingress: Json, **more: Any) -> Json:
    return {"id": "sg-1", "name": "web", "tags": None, "ingress": [*ingress], **more}


def rule(*cidrs: str, **more: Any) -> Json:
    ports = {"protocol": "tcp", "from_port": 22, "to_port": 22}
    blocks = [*cidrs] or None
    return {"type": "ingress", "security_group_id": "sg-1", "cidr_blocks": blocks, **ports, **more}


def single(cidr: str | None, **more: Any) -> Json:
    ports = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    return {"security_group_id": "sg-1", "cidr_ipv4": cidr, "tags_all": {}, **ports, **more}


def change(
    address: str,
    actions: str,
    after: Json | None = None,
    before: Json | None = None,
    unknown: Json | None = None,
    **more: Any,
) -> Json:
    """`actions` with spaces between them."""
    own = address.rpartition(".")[0].rpartition(".")[2] or address.partition(".")[0]
    parts = {n: more.pop(n) for n in ("replace_paths", "importing") if n in more}
    return {
        "address": address,
        "mode": "data" if address.startswith("data.") else "managed",
        "type": own,
        "change": {
            "actions": actions.split(),
            "before": before,
            "after": after,
            "after_unknown": unknown or {},
            **parts,
        },
        **more,
    }


def document(*changes: Json, **more: Any) -> bytes:
    whole = {"format_version": "1.2", "terraform_version": "1.11.4", **more}
    return json.dumps({**whole, "resource_changes": [*changes]}).encode()


def plan(*changes: Json, outputs: Json | None = None, **more: Any) -> Plan:
    if outputs:
        found = {n: {"actions": ["update"], "after": v} for n, v in outputs.items()}
        more["output_changes"] = found
    return read_plan(document(*changes, **more), "live/prod")
