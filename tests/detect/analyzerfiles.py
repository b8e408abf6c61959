"""Answers of IAM Access Analyzer and events, as AWS writes them."""

from __future__ import annotations

from typing import Any

ROLE = "arn:aws:iam::111122223333:role/service/orders"
ANALYZER = "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/unused"
ID = "0f5c5f8a-7e0d-4e5e-9a58-1d2f3a4b5c6d"


def summary(**changes: Any) -> dict[str, Any]:
    """A row of ListFindingsV2, as the AWS CLI prints it."""
    known: dict[str, Any] = {
        "analyzedAt": "2026-11-29T09:00:00+00:00",
        "createdAt": "2026-11-01T08:00:00+00:00",
        "id": ID,
        "resource": ROLE,
        "resourceType": "AWS::IAM::Role",
        "resourceOwnerAccount": "111122223333",
        "status": "ACTIVE",
        "updatedAt": "2026-11-02T08:00:00+00:00",
        "findingType": "UnusedPermission",
    }
    return {k: v for k, v in (known | changes).items() if v is not None}


def service(name: str, *actions: str | tuple[str, str], used: str | None = None) -> dict[str, Any]:
    """One union of findingDetails; without actions, the whole service."""
    details: dict[str, Any] = {"serviceNamespace": name}
    if used:
        details["lastAccessed"] = used
    if actions:
        pairs = [(a, None) if isinstance(a, str) else a for a in actions]
        details["actions"] = [{"action": a} | ({"lastAccessed": t} if t else {}) for a, t in pairs]
    return {"unusedPermissionDetails": details}


def unused(*services: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An answer of GetFindingV2."""
    return summary(**changes) | {"findingDetails": [*services]}


def external(**changes: Any) -> dict[str, Any]:
    details: dict[str, Any] = {
        "principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "action": ["sts:AssumeRole"],
        "condition": {},
        "isPublic": False,
        "sources": [{"type": "POLICY"}],
    }
    found = [{"externalAccessDetails": details | changes.pop("details", {})}]
    return summary(findingType="ExternalAccess", **changes) | {"findingDetails": found}


def access_event(**detail: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "version": "1.0",
        "id": ID,
        "status": "ACTIVE",
        "resourceType": "AWS::S3::Bucket",
        "resource": "arn:aws:s3:::reports.example.com",
        "createdAt": "2026-11-29T08:00:00Z",
        "analyzedAt": "2026-11-29T09:00:00Z",
        "updatedAt": "2026-11-29T09:00:00Z",
        "accountId": "111122223333",
        "region": "eu-west-1",
        "principal": {"AWS": "444455556666"},
        "action": ["s3:GetObject"],
        "condition": {},
        "isDeleted": False,
        "isPublic": False,
    }
    return event("Access Analyzer Finding", "aws.access-analyzer", known | detail, ANALYZER)


def unused_event(**detail: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "findingId": ID,
        "status": "ACTIVE",
        "resourceType": "AWS::IAM::Role",
        "resource": ROLE,
        "findingType": "UnusedPermission",
        "numberOfUnusedServices": 1,
        "numberOfUnusedActions": 3,
        "accountId": "111122223333",
        "createdAt": "2026-11-29T08:00:00Z",
        "analyzedAt": "2026-11-29T09:00:00Z",
        "updatedAt": "2026-11-29T09:00:00Z",
    }
    name = "Unused Access Finding for IAM entities"
    return event(name, "aws.access-analyzer", known | detail, ANALYZER)


def config_event(rule: str, group: str, compliance: str = "NON_COMPLIANT") -> dict[str, Any]:
    detail = {
        "resourceId": group,
        "awsRegion": "eu-west-1",
        "awsAccountId": "111122223333",
        "configRuleName": rule,
        "resourceType": "AWS::EC2::SecurityGroup",
        "newEvaluationResult": {
            "complianceType": compliance,
            "resultRecordedTime": "2026-11-29T09:00:00Z",
        },
        "messageType": "ComplianceChangeNotification",
    }
    return event("Config Rules Compliance Change", "aws.config", detail)


def event(name: str, source: str, detail: dict[str, Any], *resources: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "c2e7c2a4-0000-1111-2222-333344445555",
        "detail-type": name,
        "source": source,
        "account": "111122223333",
        "time": "2026-11-29T09:00:05Z",
        "region": "eu-west-1",
        "resources": [*resources],
        "detail": detail,
    }


def hub(**changes: Any) -> dict[str, Any]:
    """A finding of Access Analyzer as Security Hub has it."""
    bucket = "arn:aws:s3:::reports.example.com"
    known: dict[str, Any] = {
        "SchemaVersion": "2018-10-08",
        "Id": f"{ANALYZER}/{bucket}",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/access-analyzer",
        "GeneratorId": "aws/access-analyzer",
        "AwsAccountId": "111122223333",
        "Region": "eu-west-1",
        "Types": [
            "Software and Configuration Checks/AWS Security Best Practices/External Access Granted"
        ],
        "CreatedAt": "2026-11-10T16:17:47Z",
        "UpdatedAt": "2026-11-29T09:00:00Z",
        "SourceUrl": "https://console.aws.amazon.com/access-analyzer/home?region=eu-west-1"
        f"#/findings/details/{ID}",
        "Resources": [
            {
                "Type": "AwsS3Bucket",
                "Id": bucket,
                "Details": {
                    "Other": {
                        "External Principal Type": "AWS",
                        "Condition": "none",
                        "Action Granted": "s3:GetObject,s3:GetObjectVersion",
                        "External Principal": "444455556666",
                    }
                },
            }
        ],
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
    return known | changes
