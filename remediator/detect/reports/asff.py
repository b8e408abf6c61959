"""AWS Security Hub findings in ASFF: the answer of get-findings, a list, one of them, or an event.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from remediator.detect.access_analyzer.report import is_wrapped, unwrapped
from remediator.detect.reports.checks import about
from remediator.detect.reports.reported import (
    Inactive,
    Live,
    Name,
    Report,
    Reported,
    Text,
    moment,
    other_resource,
    security_group,
)
from remediator.model import Finding

TOOL, PROWLER = "securityhub", "prowler"
_KIND = "AwsEc2SecurityGroup"
_FAILS = ("FAILED", "WARNING", None)
_CLOSED = ("RESOLVED", "SUPPRESSED")


class _Form(msgspec.Struct, rename="pascal"):
    pass


class _Compliance(_Form):
    status: str | None = None
    security_control_id: Name | None = None


class _Workflow(_Form):
    status: str | None = None


class _Group(_Form):
    group_name: Text = ""


class _Details(_Form):
    aws_ec2_security_group: _Group | None = None
    other: dict[str, Any] | None = None


class _Resource(_Form):
    id: Text
    type: Text
    region: Text | None = None
    tags: dict[str, str] | None = None
    details: _Details | None = None


class _Finding(_Form):
    id: Text
    generator_id: Text
    aws_account_id: Text
    resources: list[_Resource]
    region: Text | None = None
    product_fields: dict[str, Any] | None = None
    compliance: _Compliance | None = None
    workflow: _Workflow | None = None
    record_state: str = "ACTIVE"
    first_observed_at: str | None = None
    last_observed_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    types: list[Text] = []
    source_url: Text | None = None


def entries(document: Any) -> Report | None:
    """The findings; None where the document is of another format."""
    notes: tuple[str, ...] = ()
    found = document
    if isinstance(document, dict) and "Findings" in document:
        found = document["Findings"]
        if not isinstance(found, list):
            raise ValueError('is an answer of Security Hub whose "Findings" is no list')
        if document.get("NextToken"):
            notes = ("holds a NextToken: only the first of the findings are in it",)
        return Report(found, notes)
    if isinstance(document, dict):
        detail = document.get("detail")
        found = detail.get("findings") if isinstance(detail, dict) else [document]
    if not isinstance(found, list) or not any(_is_finding(f) for f in found):
        return None
    return Report(found)


def _is_finding(found: Any) -> bool:
    return isinstance(found, dict) and {"ProductArn", "AwsAccountId", "Resources"} <= found.keys()


def read(entry: Any) -> tuple[Reported | Finding | Inactive, ...]:
    found = msgspec.convert(entry, _Finding)
    if is_wrapped(entry):
        reason = _inactive(found)
        return (Inactive(reason) if reason else _of_analyzer(found),)
    tool, check = _check(found)
    seen = found.last_observed_at or found.updated_at or found.created_at
    return tuple(
        Reported(
            tool,
            check,
            at,
            found.id,
            moment(found.first_observed_at or found.created_at),
            moment(seen),
            _inactive(found),
        )
        for at in _resources(found, check)
    )


def _of_analyzer(found: _Finding) -> Finding:
    seen = found.last_observed_at or found.updated_at or found.created_at
    others = [(r, (r.details.other if r.details else None) or {}) for r in found.resources]
    return unwrapped(
        found.types,
        [(r.type, r.id, other) for r, other in others],
        found.aws_account_id,
        found.region,
        (found.source_url, found.id),
        (moment(found.first_observed_at or found.created_at), moment(seen)),
    )


def _check(found: _Finding) -> tuple[str, str]:
    """The control, which every finding of a control names since 2023; before, a standard's own
    name for it was the end of the generator's id. Prowler's are named by it too."""
    control = found.compliance.security_control_id if found.compliance else None
    if control:
        return TOOL, control
    tail = found.generator_id.rpartition("/")[2]
    if tail.startswith(f"{PROWLER}-"):
        return PROWLER, tail.removeprefix(f"{PROWLER}-")
    told = (found.product_fields or {}).get("ControlId")
    return TOOL, (told if isinstance(told, str) and told else tail or found.generator_id)[:512]


def _inactive(found: _Finding) -> str:
    status = found.compliance.status if found.compliance else None
    workflow = found.workflow.status if found.workflow else None
    if found.record_state != "ACTIVE":
        return f"RecordState {found.record_state[:40]}"
    if workflow in _CLOSED:
        return f"Workflow.Status {workflow}"
    if status not in _FAILS:
        return f"Compliance.Status {str(status)[:40]}"
    return ""


def _resources(found: _Finding, check: str) -> list[Live]:
    groups = [g for r in found.resources if (g := _group(found, r))]
    if groups:
        return groups
    if about(check) is not None:
        raise ValueError("none of its Resources is a security group (an ARN or an sg- id)")
    kinds = [(r.type, r.id, r.region or found.region) for r in found.resources[:1]]
    account = found.aws_account_id
    return [other_resource(k, i, account, region) for k, i, region in kinds or [("", "", None)]]


def _group(found: _Finding, resource: _Resource) -> Live | None:
    group = resource.details.aws_ec2_security_group if resource.details else None
    return security_group(
        resource.id,
        found.aws_account_id,
        resource.region or found.region,
        group.group_name if group else "",
        None if resource.tags is None else tuple(sorted(resource.tags.items())),
    )
