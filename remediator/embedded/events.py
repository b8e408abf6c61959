"""The EventBridge events that AWS sends about findings, as dictionaries: for `run --event`. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5


def finding_event(finding: Mapping[str, Any], analyzer_arn: str) -> dict[str, Any]:
    """Of a GetFindingV2 answer, as boto3 gives it. Like AWS's, the event of an unused access has
    no list of what is unused: that is read with GetFindingV2."""
    head = {
        "status": finding["status"],
        "resourceType": finding["resourceType"],
        "resource": finding["resource"],
        "createdAt": _time(finding["createdAt"]),
        "analyzedAt": _time(finding["analyzedAt"]),
        "updatedAt": _time(finding["updatedAt"]),
        "accountId": finding["resourceOwnerAccount"],
    }
    at, details = finding["updatedAt"], finding["findingDetails"]
    if finding["findingType"] == "ExternalAccess":
        detail = head | _external(finding, details[0]["externalAccessDetails"], analyzer_arn)
        return _event("Access Analyzer Finding", at, analyzer_arn, detail)
    detail = {"findingId": finding["id"]} | head | {"findingType": finding["findingType"]}
    unused = [d["unusedPermissionDetails"] for d in details if "unusedPermissionDetails" in d]
    if unused:
        actions = [action for service in unused for action in service.get("actions", ())]
        detail["numberOfUnusedServices"] = sum("actions" not in service for service in unused)
        detail["numberOfUnusedActions"] = len(actions)
    return _event("Unused Access Finding for IAM entities", at, analyzer_arn, detail)


def compliance_event(
    rule: str, group_id: str, account: str, region: str, at: datetime, compliance: str
) -> dict[str, Any]:
    """AWS Config's, for a security group."""
    arn = f"arn:aws:config:{region}:{account}:config-rule/{rule}"
    detail = {
        "resourceId": group_id,
        "resourceType": "AWS::EC2::SecurityGroup",
        "awsRegion": region,
        "awsAccountId": account,
        "configRuleName": rule,
        "configRuleARN": arn,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {
            "complianceType": compliance,
            "resultRecordedTime": _time(at),
            "evaluationResultIdentifier": {
                "orderingTimestamp": _time(at),
                "evaluationResultQualifier": {
                    "configRuleName": rule,
                    "resourceType": "AWS::EC2::SecurityGroup",
                    "resourceId": group_id,
                },
            },
        },
    }
    event = _event("Config Rules Compliance Change", at, arn, detail)
    return event | {"source": "aws.config", "resources": []}


def imported_event(finding: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Security Hub's, of one finding in ASFF."""
    arn = f"{finding['ProductArn']}/{finding['Id']}"
    event = _event("Security Hub Findings - Imported", at, arn, {"findings": [dict(finding)]})
    where = {"account": finding["AwsAccountId"], "region": finding["Region"]}
    return event | where | {"source": "aws.securityhub"}


def _external(
    finding: Mapping[str, Any], details: Mapping[str, Any], analyzer_arn: str
) -> dict[str, Any]:
    return {
        "version": "1.0",
        "id": finding["id"],
        "region": analyzer_arn.split(":")[3],
        "principal": details["principal"],
        "action": details["action"],
        "condition": details["condition"],
        "isPublic": details["isPublic"],
        "isDeleted": False,
    }


def _event(kind: str, at: datetime, arn: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    parts = arn.split(":")
    return {
        "version": "0",
        "id": str(uuid5(NAMESPACE_URL, f"{kind}|{arn}|{detail}")),
        "detail-type": kind,
        "source": "aws.access-analyzer",
        "account": parts[4],
        "time": _time(at),
        "region": parts[3],
        "resources": [arn],
        "detail": dict(detail),
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
