"""Files of Access Analyzer's findings, as the AWS CLI prints them: GetFindingV2 (one, an array,
or under `findings`) and ListFindingsV2; and Security Hub's findings that wrap them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-securityhub-integration.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from remediator.detect.access_analyzer.findings import (
    ACCESS,
    CREDENTIALS,
    PERMISSIONS_CLASS,
    SOURCE,
    Answer,
    accounts_in,
    answer_of,
    finding_of,
    last_name,
    why_not,
)
from remediator.detect.access_analyzer.pages import joined
from remediator.detect.reports.reported import Inactive, Report
from remediator.model import UNOBSERVED, Finding, Json, Resource

_PRODUCT = "product/aws/access-analyzer"
_CONSOLE_ID = re.compile(r"/findings/details/(?P<id>[A-Za-z0-9-]{1,128})")
_TYPES = (
    ("External Access", ACCESS, None),
    ("Unused Permission", PERMISSIONS_CLASS, None),
    ("Unused IAM Role", CREDENTIALS, "role"),
    ("Unused IAM User Access Key", CREDENTIALS, "access-key"),
    ("Unused IAM User Password", CREDENTIALS, "password"),
)
_CLOUDFORMATION: Mapping[str, str] = {
    "AwsIamRole": "AWS::IAM::Role",
    "AwsIamUser": "AWS::IAM::User",
    "AwsS3Bucket": "AWS::S3::Bucket",
    "AwsKmsKey": "AWS::KMS::Key",
    "AwsSqsQueue": "AWS::SQS::Queue",
    "AwsSnsTopic": "AWS::SNS::Topic",
    "AwsLambdaFunction": "AWS::Lambda::Function",
    "AwsSecretsManagerSecret": "AWS::SecretsManager::Secret",
    "AwsEcrRepository": "AWS::ECR::Repository",
}


def entries(document: Any) -> Report | None:
    """The findings; None where the document is of another format. Raises ValueError with a
    sentence for pages of one finding that do not belong together."""
    notes: tuple[str, ...] = ()
    found = document
    if isinstance(document, dict):
        found = document.get("findings", [document])
        if document.get("nextToken"):
            notes = ("holds a nextToken: only the first of what there is are in it",)
    if document == {"findings": []}:  # ListFindingsV2 where there is none
        return Report([])
    if not isinstance(found, list) or not found or not all(_is_finding(f) for f in found):
        return None
    return Report(joined(found), notes)


def _is_finding(found: Any) -> bool:
    return isinstance(found, dict) and {"id", "analyzedAt", "resourceType"} <= found.keys()


def read(entry: Any) -> tuple[Finding | Inactive, ...]:
    answer: Answer = answer_of(entry)
    reason = why_not(answer)
    return (Inactive(reason),) if reason else (finding_of(answer),)


# Security Hub -------------------------------------------------------------------------------


def is_wrapped(found: Any) -> bool:
    product = found.get("ProductArn") if isinstance(found, dict) else None
    return isinstance(product, str) and product.endswith(_PRODUCT)


def unwrapped(
    types: list[str],
    resources: list[tuple[str, str, Mapping[str, Any]]],
    account: str,
    region: str | None,
    where: tuple[str | None, str],
    times: tuple[datetime | None, datetime | None],
) -> Finding:
    """Of an ASFF finding: its Types, its Resources (type, id, what Details.Other says), SourceUrl
    and Id, when it was created and last seen. The analyzer's id is the end of the SourceUrl.

    What an unused permission is, the wrapping does not say. Raises ValueError with a sentence.
    """
    told = " ".join(types)
    match = next(((c, kind) for words, c, kind in _TYPES if words in told), None)
    if match is None:
        raise ValueError(f"its Types name no finding of Access Analyzer: {told[:200]}")
    if not resources:
        raise ValueError("it names no resource")
    name, kind = match
    asff, arn, other = resources[0]
    url, own = where
    found = _CONSOLE_ID.search(url or "")
    return Finding(
        id=f"{SOURCE}:{found['id']}" if found else own,
        finding_class=name,
        source=f"securityhub:{SOURCE}",
        resource=Resource(
            _CLOUDFORMATION.get(asff, asff),
            last_name(arn),
            arn if arn.startswith("arn:") else None,
            account,
            None if ":iam:" in arn else region,
            last_name(arn),
            tags=None,
        ),
        evidence=_evidence(name, kind, other),
        created_at=times[0],
        observed_at=times[1] or UNOBSERVED,
    )


def _evidence(name: str, kind: str | None, other: Mapping[str, Any]) -> dict[str, Json]:
    analyzer: dict[str, Json] = {"status": "ACTIVE", "analyzed_at": None, "updated_at": None}
    if name == CREDENTIALS:
        return {
            "analyzer": analyzer,
            "kind": kind,
            "access_key_id": _text(other, "accessKeyId"),  # and not when it was last used
        }
    if name == PERMISSIONS_CLASS:
        nothing: dict[str, Json] = {"recommendation": None, "live": None, "removable": None}
        return {"analyzer": analyzer, "unused": [], **nothing}
    who, by = _text(other, "External Principal"), _text(other, "External Principal Type")
    principal = {by or "AWS": who} if who else {}
    actions = (_text(other, "Action Granted") or "").split(",")
    return {
        "analyzer": analyzer,
        "principal": dict[str, Json](principal),
        "accounts": [*accounts_in(principal)],
        "actions": [a.strip() for a in actions if a.strip()],
        # Security Hub has the conditions as one text of no fixed form.
        "condition": {} if _text(other, "Condition") == "none" else None,
        "is_public": None,
        "live": None,
    }


def _text(other: Mapping[str, Any], key: str) -> str | None:
    value = other.get(key)
    return value if isinstance(value, str) and value else None
