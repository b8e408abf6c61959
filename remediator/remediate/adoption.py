"""Import blocks that make live rules and groups Terraform's, with the resources they need.

Import ids and arguments as AWS provider 5 and 6 have them:
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/security_group
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/security_group_rule
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/vpc_security_group_ingress_rule
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediator.access.doors import Door, Ports
from remediator.access.network import parse_cidr
from remediator.model import Finding, Resource
from remediator.remediate.advice import Advice
from remediator.remediate.grants import GROUP, RULE, VPC_RULE
from remediator.terraform.write import attributes, block, comment, identifier, key, literal
from remediator.texts import listed

_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,17}")
_RULE_ID = re.compile(r"sgr-[0-9a-f]{8,17}")
_DEFAULT_GROUP = "aws_default_security_group"
_AWS_TAG = "aws:"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A resource of Terraform, and the id that an import block takes for it."""

    kind: str
    name: str
    id: str
    groups: tuple[tuple[str, ...], ...]

    def lines(self) -> list[str]:
        target = {"to": f"{self.kind}.{self.name}", "id": literal(self.id)}
        header = f'resource "{self.kind}" "{self.name}"'
        return [*block("import", attributes(target)), "", *block(header, *self.groups)]


def is_group_id(text: str) -> bool:
    return _GROUP_ID.fullmatch(text) is not None


def where(finding: Finding, door: Door) -> str:
    """`tcp 22 from 0.0.0.0/0 in sg-1 (web), account 1, region us-east-1`."""
    r = finding.resource
    named = f"{r.id} ({r.name})" if r.name else r.id
    parts = [f"{door.ports} from {listed([*door.cidrs])} in {named}"]
    parts += [f"account {r.account}"] if r.account else []
    parts += [f"region {r.region}"] if r.region else []
    return ", ".join(parts)


# Rules -------------------------------------------------------------------------------------


def rules(
    finding: Finding, door: Door, group: str, stem: str, kind: str = VPC_RULE
) -> list[Adopted]:
    """The finding's rules as resources, whose `security_group_id` is the expression `group`.

    An aws_vpc_security_group_ingress_rule is imported by the rule's own id; where nobody says
    which of several ids has which CIDR, an aws_security_group_rule is, which goes without.
    """
    ids = _rule_ids(finding)
    name = f"{stem}_{identifier(str(door.ports))}"
    if kind == VPC_RULE and len(ids) == len(door.cidrs) == 1:
        return [_vpc_rule(name, ids[0], group, door.ports, door.cidrs[0])]
    numbered = enumerate(door.cidrs, 1)
    names = {cidr: f"{name}_{n}" if len(door.cidrs) > 1 else name for n, cidr in numbered}
    return [_rule(n, finding.resource.id, group, door.ports, cidr) for cidr, n in names.items()]


def _rule_ids(finding: Finding) -> list[str]:
    found = finding.evidence.get("rules")
    entries = found if isinstance(found, list) else []
    return [e for e in entries if isinstance(e, str) and _RULE_ID.fullmatch(e)]


def _vpc_rule(name: str, rule_id: str, group: str, ports: Ports, cidr: str) -> Adopted:
    """Ports of -1 are left out: the provider reads them as none."""
    network = parse_cidr(cidr)
    values = {"security_group_id": group, "ip_protocol": literal(ports.protocol)}
    values |= {"from_port": str(ports.from_port)} if ports.from_port != -1 else {}
    values |= {"to_port": str(ports.to_port)} if ports.to_port != -1 else {}
    values |= {f"cidr_ipv{network.version}": literal(str(network))}
    return Adopted(VPC_RULE, name, rule_id, (tuple(attributes(values)),))


def _rule(name: str, group_id: str, group: str, ports: Ports, cidr: str) -> Adopted:
    network = parse_cidr(cidr)
    low, high = ports.from_port, ports.to_port
    if ports.protocol == "-1":
        low, high = 0, 0
    values = {
        "security_group_id": group,
        "type": literal("ingress"),
        "protocol": literal(ports.protocol),
        "from_port": str(low),
        "to_port": str(high),
        "cidr_blocks" if network.version == 4 else "ipv6_cidr_blocks": f'["{network}"]',
    }
    imported = f"{group_id}_ingress_{ports.protocol}_{low}_{high}_{network}"
    return Adopted(RULE, name, imported, (tuple(attributes(values)),))


# A group that no state knows ---------------------------------------------------------------


def unmanaged(finding: Finding, door: Door) -> Advice:
    """The group and the rule: what is Terraform's is closed like any other finding."""
    resource = finding.resource
    if not is_group_id(resource.id):
        return Advice("import it into the root that should own it")
    group = _group(resource)
    found = [group, *rules(finding, door, f"{group.kind}.{group.name}.id", group.name)]
    return Advice(
        "import it into the root that should own it, with the blocks that follow",
        (*_how(finding, door), *joined(found)),
    )


def joined(found: Sequence[Adopted]) -> list[str]:
    return [line for one in found for line in ("", *one.lines())][1:]


def _how(finding: Finding, door: Door) -> list[str]:
    how = (
        "Put this into the root that should own the group, and apply: it imports, and opens or "
        "closes nothing. Then take the import blocks out: the next run treats the rule like any "
        "other of the code. Import blocks need Terraform 1.5 or later."
    )
    told = (f"{where(finding, door)}.", how, *_unknown(finding.resource))
    return [line for text in told for line in comment(text)]


def _unknown(resource: Resource) -> Iterator[str]:
    if resource.vpc is None:
        yield "Its VPC is not known here: without vpc_id the provider keeps it as it is."
    ignored = _not_known(resource)
    if ignored:
        yield (
            f"Not known here: {', '.join(ignored)}. It is ignored so that the import changes "
            "nothing; write it down, and take the lifecycle block out."
        )


def _not_known(resource: Resource) -> list[str]:
    """The provider would replace a group for its description, and take tags away."""
    described = resource.description is not None or _is_default(resource)
    unknown = [] if described else ["description"]
    return [*unknown, *(["tags", "tags_all"] if resource.tags is None else [])]


def _is_default(resource: Resource) -> bool:
    """AWS keeps the name for the default group of a VPC, a resource type of its own."""
    return resource.name == "default"


def _group(resource: Resource) -> Adopted:
    default = _is_default(resource)
    values: dict[str, str] = {}
    if not default:
        values |= {"name": literal(resource.name)} if resource.name else {}
        if resource.description is not None:
            values |= {"description": literal(resource.description)}
    values |= {"vpc_id": literal(resource.vpc)} if resource.vpc is not None else {}
    ignored = _not_known(resource)
    lifecycle = {"ignore_changes": f"[{', '.join(ignored)}]"}
    return Adopted(
        _DEFAULT_GROUP if default else GROUP,
        identifier(resource.name or resource.id),
        resource.id,
        (
            tuple(attributes(values)),
            tuple(_tags(resource)),
            tuple(block("lifecycle", attributes(lifecycle)) if ignored else ()),
        ),
    )


def _tags(resource: Resource) -> list[str]:
    own = [(k, v) for k, v in resource.tags or () if not k.startswith(_AWS_TAG)]
    return block("tags =", attributes({key(k): literal(v) for k, v in own})) if own else []
