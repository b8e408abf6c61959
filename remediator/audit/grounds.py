"""Which live security groups a change reaches whose findings name none: the states say it. Pure.

A scanner sees the code alone. Where the change took a rule's whole resource, nothing says of which
group that was once it is applied: then it counts that no state has the resource any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from remediator.audit.live_places import Placed, in_state, split_place
from remediator.model import Record, Resource
from remediator.remediate.grants import GROUP, OWNER_TYPES
from remediator.terraform.address import countless
from remediator.terraform.state import StateIndex, StateResource


@dataclass(frozen=True, slots=True)
class Grounds:
    """`groups`: each with whether the record's addresses are all that makes its rules. `gone`: the
    addresses of rules that no state has."""

    groups: tuple[tuple[Resource, bool], ...]
    gone: tuple[str, ...] = ()


GroundsOf = Callable[[Record], Grounds | None]


def grounds(record: Record, placed: Placed, is_in_code: Callable[[Record], bool]) -> Grounds | None:
    """None where one of the record's addresses is not known. `is_in_code`: the files are as the
    record left them, so that what no state has was not moved to another address since."""
    there: dict[str, StateResource] = {}
    gone: list[str] = []
    for text in dict.fromkeys(record.all("Terraform-Address")):
        root, address = split_place(text)
        if address is None or root not in placed.single or address.type not in OWNER_TYPES:
            return None
        if countless(text) != text:
            return None  # which instances it means, nobody knows
        found = in_state(root, address, placed.index)
        if found is not None:
            there[text] = found
        elif address.type != GROUP and is_in_code(record):
            gone.append(text)
        else:
            return None
    own = {(split_place(text)[0], resource.address) for text, resource in there.items()}
    groups: dict[Resource, bool] = {}
    for resource in there.values():
        group = _group(resource, placed.index)
        if group is None:
            return None
        makers = placed.index.of_group(group.id)
        groups[group] = all((root, made.address) in own for root, made in makers)
    return Grounds(tuple(groups.items()), tuple(gone)) if groups or gone else None


def _group(resource: StateResource, index: StateIndex) -> Resource | None:
    """By the ARN that a state has of it: arn:aws:ec2:REGION:ACCOUNT:security-group/sg-…"""
    known = resource.attributes
    name = known.id if resource.address.type == GROUP else known.security_group_id
    found = {r.attributes.arn for _, r in index.by_id(name or "") if r.address.type == GROUP}
    parts = (next(iter(found)) or "").split(":", 5) if len(found) == 1 else []
    if len(parts) != 6 or not name:
        return None
    return Resource("", name, ":".join(parts), parts[4], parts[3])
