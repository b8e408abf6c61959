"""EventBridge events that wake the loop up: of Access Analyzer, AWS Config and Security Hub.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
Delivery is best effort and an hour late at times: what is wrong now is read from AWS itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remediator.detect.access_analyzer import report as analyzer_report
from remediator.detect.access_analyzer.findings import SOURCE
from remediator.detect.reports import config_details
from remediator.detect.reports.reported import Inactive, Live, Report, Reported
from remediator.model import Finding

ACCESS_EVENT = "Access Analyzer Finding"
UNUSED_EVENT = "Unused Access Finding for IAM entities"
CONFIG_EVENT = "Config Rules Compliance Change"
HUB_EVENT = "Security Hub Findings - Imported"
OURS = (ACCESS_EVENT, UNUSED_EVENT, CONFIG_EVENT)
_ANALYZER = re.compile(
    r"arn:[a-z-]+:access-analyzer:(?P<region>[a-z0-9-]+):\d{12}:analyzer/[^/\s]+"
)
_MOST = 100


@dataclass(frozen=True, slots=True)
class WakeUp:
    """What events name, for a look at nothing else. `analyzer_ids`: of the analyzer, without our
    prefix. Empty `regions`: those of the session."""

    analyzer_ids: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()


def unwrapped(document: Any) -> Any:
    """The event that a `repository_dispatch` carries in its `client_payload`; else as it is."""
    if not isinstance(document, dict):
        return document
    payload = document.get("client_payload", document)
    if isinstance(payload, dict) and isinstance(payload.get("event"), dict):
        return payload["event"]
    return payload


def entries(document: Any) -> Report | None:
    """One event, or a list of them; None where the document is of another format."""
    found = document if isinstance(document, list) else [document]
    if not found or not all(_is_event(event) for event in found):
        return None
    return Report(found[:_MOST], (f"holds more than {_MOST} events",) * (len(found) > _MOST))


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and event.get("detail-type") in OURS
        and isinstance(event.get("detail"), dict)
    )


def read(event: Any) -> tuple[Finding | Reported | Inactive, ...]:
    """What the event says by itself, which is little. Raises ValueError with a sentence."""
    detail = event["detail"]
    if event["detail-type"] == CONFIG_EVENT:
        account, region = detail.get("awsAccountId"), detail.get("awsRegion")
        return config_details.read(_result(detail, event), _text(account), _text(region))
    if detail.get("isDeleted") is True:
        return (Inactive("isDeleted"),)
    summary = _summary(event, detail)
    return analyzer_report.read(summary)


def _result(detail: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """As GetComplianceDetailsByConfigRule has it."""
    result = detail.get("newEvaluationResult")
    result = result if isinstance(result, dict) else {}
    return {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": detail.get("configRuleName"),
                "ResourceType": detail.get("resourceType"),
                "ResourceId": detail.get("resourceId"),
            }
        },
        "ComplianceType": result.get("complianceType", ""),
        "ResultRecordedTime": result.get("resultRecordedTime") or event.get("time"),
    }


def _summary(event: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
    """As GetFindingV2 has it. An event of unused access says what kind, and not which actions."""
    kind = detail.get("findingType") if event["detail-type"] == UNUSED_EVENT else "ExternalAccess"
    outside = {
        "externalAccessDetails": {
            "principal": _mapping(detail.get("principal")),
            "action": detail.get("action") or [],
            "condition": _mapping(detail.get("condition")),
            "isPublic": detail.get("isPublic"),
        }
    }
    return {
        "id": detail.get("findingId") or detail.get("id"),
        "resource": detail.get("resource"),
        "resourceType": detail.get("resourceType"),
        "resourceOwnerAccount": detail.get("accountId") or detail.get("resourceOwnerAccount"),
        "status": detail.get("status", "ACTIVE"),
        "findingType": kind,
        "createdAt": detail.get("createdAt"),
        "analyzedAt": detail.get("analyzedAt"),
        "updatedAt": detail.get("updatedAt"),
        "error": detail.get("error"),
        "findingDetails": [outside] if kind == "ExternalAccess" else [],
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def wake_up(document: Any, found: tuple[Finding | Reported, ...]) -> WakeUp:
    """Of the events, and of what was read of them."""
    events = document if isinstance(document, list) else [document]
    places = [_place(e) for e in events if isinstance(e, dict)]
    ids = {f.id.removeprefix(f"{SOURCE}:") for f in found if isinstance(f, Finding)}
    groups = {
        f.at.resource.id
        for f in found
        if isinstance(f, Reported) and isinstance(f.at, Live) and f.at.resource.id
    }
    return WakeUp(
        frozenset(ids),
        frozenset(groups),
        frozenset(region for region, _ in places if region),
        frozenset(account for _, account in places if account),
    )


def _place(event: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The region to ask in: of an analyzer, where it is and not where its resource is."""
    resources = event.get("resources")
    named = [r for r in resources if isinstance(r, str)] if isinstance(resources, list) else []
    analyzer = next((m for r in named if (m := _ANALYZER.fullmatch(r))), None)
    region, account = event.get("region"), event.get("account")
    region = analyzer["region"] if analyzer else region
    return (
        region if isinstance(region, str) else None,
        account if isinstance(account, str) else None,
    )
