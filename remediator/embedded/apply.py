"""Applies security groups and identities to the (embedded) AWS, and writes their state, as
Terraform would.

Faithful where it matters to us: inline rules are exclusive, a group whose code says nothing of
ingress keeps what is live, and separate rules are added and removed one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from botocore.exceptions import ClientError

from remediator.access.doors import Ports
from remediator.embedded.desired import Desired, Later
from remediator.embedded.resources import KINDS, RANKS, Clients
from remediator.remediate.grants import GROUP, RULE

State = dict[str, dict[str, Any]]
"""By address: {"type", "module", "name", "key", "attributes"}."""


def apply(clients: Clients, desired: Iterable[Desired], state: State) -> State:
    """Makes AWS what the code says, and answers the new state."""
    wanted = {d.address: d for d in desired}
    new: State = {}
    gone = [entry for address, entry in state.items() if address not in wanted]
    for old in gone:
        if old["type"] not in KINDS and old["type"] != GROUP:
            was = old["attributes"]
            _revoke(clients("ec2"), was["group"], was["permissions"])
    for address, item in wanted.items():
        new[address] = {
            "type": item.type,
            "module": item.module,
            "name": item.name,
            "key": item.key,
            "attributes": _put(clients, item, state.get(address), new),
        }
    for old in sorted(gone, key=lambda e: -RANKS.get(e["type"], -1)):
        if old["type"] in KINDS:  # the last: what pointed to it may point elsewhere by now
            kind = KINDS[old["type"]]
            kind.remove(clients(kind.service), old["attributes"])
    return new


def _put(clients: Clients, item: Desired, was: dict[str, Any] | None, new: State) -> dict[str, Any]:
    if item.type in KINDS:
        kind = KINDS[item.type]
        wanted = {name: _known(value, new) for name, value in item.arguments.items()}
        return kind.put(clients(kind.service), wanted, was["attributes"] if was else None)
    ec2 = clients("ec2")
    return _group(ec2, item, was) if item.type == GROUP else _rule(ec2, item, was, new)


def _known(value: object, new: State) -> object:
    if isinstance(value, list):
        return [_known(item, new) for item in value]
    if isinstance(value, Later):
        return new[value.address]["attributes"][value.attribute]
    return value


def _group(ec2: Any, item: Desired, was: dict[str, Any] | None) -> dict[str, Any]:
    name = str(item.arguments.get("name") or item.name)
    group_id = was["attributes"]["id"] if was else _create(ec2, item, name)
    if item.ingress is not None:
        live = _live(ec2, group_id)
        permissions = [p for rule in item.ingress for p in _permissions(rule)]
        _revoke(ec2, group_id, [p for p in live if p not in permissions])
        _authorize(ec2, group_id, [p for p in permissions if p not in live])
    owner = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]["OwnerId"]
    region = ec2.meta.region_name
    return {
        "id": group_id,
        "arn": f"arn:aws:ec2:{region}:{owner}:security-group/{group_id}",
        "name": name,
    }


def _create(ec2: Any, item: Desired, name: str) -> str:
    tags = item.arguments.get("tags")
    pairs = [{"Key": k, "Value": v} for k, v in (tags.items() if isinstance(tags, dict) else ())]
    text = str(item.arguments.get("description") or "Managed by Terraform")
    made = ec2.create_security_group(
        GroupName=name,
        Description=text,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": pairs}] if pairs else [],
    )
    return str(made["GroupId"])


def _rule(ec2: Any, item: Desired, was: dict[str, Any] | None, new: State) -> dict[str, Any]:
    arguments = {name: _known(value, new) for name, value in item.arguments.items()}
    group = str(arguments["security_group_id"])
    permissions = _permissions(arguments)
    if was and was["attributes"]["permissions"] == permissions:
        kept: dict[str, Any] = was["attributes"]
        return kept
    if was:
        _revoke(ec2, group, was["attributes"]["permissions"])
    made = _authorize(ec2, group, permissions)
    attributes = {
        "security_group_id": group,
        "group": group,
        "permissions": permissions,
        "id": made[0],
        "type": item.arguments.get("type"),
    }
    if item.type != RULE:
        attributes |= {"security_group_rule_id": made[0], "type": None}
    else:
        attributes["id"] = f"sgrule-{crc32(item.address.encode())}"
    return attributes


def _permissions(rule: Mapping[str, object]) -> list[dict[str, Any]]:
    """One EC2 permission a source, so that each can be revoked alone."""
    protocol = str(rule.get("protocol") or rule.get("ip_protocol") or "-1")
    ports = Ports.of(protocol, _int(rule.get("from_port")), _int(rule.get("to_port")))
    head: dict[str, Any] = {"IpProtocol": ports.protocol}
    if ports.protocol != "-1":
        head |= {"FromPort": ports.from_port, "ToPort": ports.to_port}
    found: list[dict[str, Any]] = []
    for name in ("cidr_blocks", "cidr_ipv4"):
        found += [head | {"IpRanges": [{"CidrIp": c}]} for c in _list(rule.get(name))]
    for name in ("ipv6_cidr_blocks", "cidr_ipv6"):
        found += [head | {"Ipv6Ranges": [{"CidrIpv6": c}]} for c in _list(rule.get(name))]
    for name in ("security_groups", "source_security_group_id", "referenced_security_group_id"):
        groups = _list(rule.get(name))
        found += [head | {"UserIdGroupPairs": [{"GroupId": str(g)}]} for g in groups]
    return found


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _int(value: object) -> int | None:
    return None if value is None else int(str(value))


def _live(ec2: Any, group: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    found = []
    for rule in rules:
        if rule["IsEgress"]:
            continue
        head = {"IpProtocol": rule["IpProtocol"]}
        if rule["IpProtocol"] != "-1":
            head |= {"FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
        if "CidrIpv4" in rule:
            found.append(head | {"IpRanges": [{"CidrIp": rule["CidrIpv4"]}]})
        elif "CidrIpv6" in rule:
            found.append(head | {"Ipv6Ranges": [{"CidrIpv6": rule["CidrIpv6"]}]})
    return found


def _revoke(ec2: Any, group: str, permissions: list[dict[str, Any]]) -> None:
    for permission in permissions:
        try:
            ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission])
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidPermission.NotFound":
                raise


def _authorize(ec2: Any, group: str, permissions: list[dict[str, Any]]) -> list[str]:
    made = []
    for permission in permissions:
        answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        made.append(str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]))
    return made


def state_file(state: State) -> bytes:
    """A Terraform state, version 4."""
    resources: dict[tuple[str, str, str], dict[str, Any]] = {}
    for entry in state.values():
        key = (entry["module"], entry["type"], entry["name"])
        attributes = {k: v for k, v in entry["attributes"].items() if k not in ("group",)}
        attributes.pop("permissions", None)
        instance = {"schema_version": 1, "attributes": attributes}
        if entry["key"] is not None:
            instance["index_key"] = entry["key"]
        head: dict[str, Any] = {"mode": "managed", "type": key[1], "name": key[2]}
        head |= {"module": key[0]} if key[0] else {}
        head |= {"provider": 'provider["hashicorp/aws"]', "instances": []}
        resources.setdefault(key, head)["instances"].append(instance)
    document = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": list(resources.values()),
    }
    return json.dumps(document, indent=2).encode()
