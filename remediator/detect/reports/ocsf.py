"""Prowler's findings in OCSF: a list of detection findings, or one of them.

https://schema.ocsf.io/classes/detection_finding and
https://github.com/prowler-cloud/prowler (prowler/lib/outputs/ocsf)
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from remediator.detect.reports.checks import about
from remediator.detect.reports.reported import (
    Live,
    Name,
    Report,
    Reported,
    Text,
    instant,
    moment,
    other_resource,
    security_group,
)

_DETECTION = 2004
_CLOSED = {3: "Suppressed", 4: "Resolved", 5: "Archived"}
"""https://schema.ocsf.io/classes/detection_finding: status_id. Prowler mutes with 3."""
_UID = re.compile(r"prowler-[a-z0-9]+-(?P<check>[a-z0-9_]+)-")


class _Product(msgspec.Struct):
    name: Name | None = None


class _Metadata(msgspec.Struct):
    event_code: Name | None = None
    product: _Product | None = None


class _Analytic(msgspec.Struct):
    uid: Name | None = None


class _Info(msgspec.Struct):
    uid: Text
    analytic: _Analytic | None = None
    created_time: int | None = None
    created_time_dt: str | None = None


class _Account(msgspec.Struct):
    uid: Text | None = None


class _Cloud(msgspec.Struct):
    account: _Account | None = None
    region: Text | None = None


class _Resource(msgspec.Struct):
    uid: Text = ""
    type: Text = ""
    region: Text | None = None


class _Finding(msgspec.Struct):
    finding_info: _Info
    metadata: _Metadata
    resources: list[_Resource] | None = None
    cloud: _Cloud | None = None
    status_code: str | None = None
    status_id: int | None = None
    time: int | None = None
    time_dt: str | None = None


def entries(document: Any) -> Report | None:
    """The findings; None where the document is of another format."""
    found = document if isinstance(document, list) else [document]
    return Report(found) if any(_is_finding(f) for f in found) else None


def _is_finding(found: Any) -> bool:
    return isinstance(found, dict) and found.get("class_uid") == _DETECTION


def read(entry: Any) -> tuple[Reported, ...]:
    found = msgspec.convert(entry, _Finding)
    check, product, info = _check(found), found.metadata.product, found.finding_info
    name = (product.name if product else None) or "ocsf"
    return tuple(
        Reported(
            name.casefold(),
            check,
            at,
            info.uid,
            instant(info.created_time) or moment(info.created_time_dt),
            instant(found.time) or moment(found.time_dt),
            _inactive(found),
        )
        for at in _resources(found, check)
    )


def _check(found: _Finding) -> str:
    info = found.finding_info
    uid = _UID.match(info.uid)
    told = (
        found.metadata.event_code,
        info.analytic.uid if info.analytic else None,
        uid["check"] if uid else None,
    )
    check = next((name for name in told if name), None)
    if check is None:
        raise ValueError("it names no check: metadata.event_code is missing")
    return check


def _inactive(found: _Finding) -> str:
    if found.status_id in _CLOSED:
        return f"status {_CLOSED[found.status_id]}"
    if found.status_code not in ("FAIL", None):
        return f"status_code {found.status_code[:40]}"
    return ""


def _resources(found: _Finding, check: str) -> list[Live]:
    cloud = found.cloud or _Cloud()
    account = cloud.account.uid if cloud.account else None
    told = [(r, r.region or cloud.region) for r in found.resources or ()]
    groups = [g for r, region in told if (g := security_group(r.uid, account, region))]
    if groups:
        return groups
    if about(check) is not None:
        raise ValueError("none of its resources is a security group (an ARN or an sg- id)")
    first, region = told[0] if told else (_Resource(), cloud.region)
    return [other_resource(first.type, first.uid, account, region)]
