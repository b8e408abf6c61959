"""The EventBridge events, as AWS documents their fields."""

from __future__ import annotations

import json

import pytest
from accounts import (
    NOW,
    REGION,
    STRANGER,
    ago,
    allow,
    client,
    document,
    findings,
    make_analyzer,
    make_role,
    trust,
)

from remediator.aws.session import AwsSession
from remediator.embedded.aws import ACCOUNT, EmbeddedAws
from remediator.embedded.events import compliance_event, finding_event, imported_event


@pytest.fixture
def session(embedded_aws: EmbeddedAws) -> AwsSession:
    return embedded_aws.session([REGION])


def event(session: AwsSession, analyzer: str) -> dict:
    (found,) = findings(session, analyzer, status="ACTIVE")
    api = client(session, "accessanalyzer")
    answer = api.get_finding_v2(analyzerArn=analyzer, id=found["id"])
    made = finding_event(answer, analyzer)
    assert made == json.loads(json.dumps(made))
    assert (made["source"], made["resources"]) == ("aws.access-analyzer", [analyzer])
    assert (made["account"], made["region"]) == (ACCOUNT, REGION)
    return made


def test_external_access(session: AwsSession) -> None:
    role = make_role(session, "shared", trusted=trust(STRANGER))
    made = event(session, make_analyzer(session, "ACCOUNT"))
    assert made["detail-type"] == "Access Analyzer Finding"
    detail = made["detail"]
    assert "findingType" not in detail
    assert detail["id"]
    assert (detail["resource"], detail["resourceType"]) == (role, "AWS::IAM::Role")
    assert (detail["principal"], detail["action"]) == ({"AWS": STRANGER}, ["sts:AssumeRole"])
    assert (detail["isPublic"], detail["isDeleted"], detail["status"]) == (False, False, "ACTIVE")


def test_unused_access_has_numbers_and_no_actions(
    embedded_aws: EmbeddedAws, session: AwsSession
) -> None:
    role = make_role(session, "app", document(allow("s3:DeleteBucket", "s3:ListTagsForResource")))
    client(session, "iam").put_role_policy(
        RoleName="app", PolicyName="q", PolicyDocument=document(allow("sqs:*", "sns:*"))
    )
    embedded_aws.use.used(role, "s3:ListTagsForResource", ago(days=1))
    made = event(session, make_analyzer(session, "ACCOUNT_UNUSED_ACCESS"))
    assert made["detail-type"] == "Unused Access Finding for IAM entities"
    detail = made["detail"]
    assert "id" not in detail
    assert detail["findingId"]
    assert detail["findingType"] == "UnusedPermission"
    assert (detail["numberOfUnusedServices"], detail["numberOfUnusedActions"]) == (2, 1)
    assert "actions" not in json.dumps(detail)


def test_an_unused_role_has_no_numbers(session: AwsSession) -> None:
    make_role(session, "gone")
    detail = event(session, make_analyzer(session, "ACCOUNT_UNUSED_ACCESS"))["detail"]
    assert detail["findingType"] == "UnusedIAMRole"
    assert "numberOfUnusedServices" not in detail


def test_config_and_security_hub() -> None:
    made = compliance_event("restricted-ssh", "sg-1", ACCOUNT, REGION, NOW, "NON_COMPLIANT")
    assert made["source"] == "aws.config"
    assert made["detail-type"] == "Config Rules Compliance Change"
    detail = made["detail"]
    assert (detail["resourceId"], detail["awsAccountId"]) == ("sg-1", ACCOUNT)
    assert detail["newEvaluationResult"]["complianceType"] == "NON_COMPLIANT"
    finding = {
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/access-analyzer",
        "Id": "x",
        "AwsAccountId": ACCOUNT,
        "Region": REGION,
    }
    made = imported_event(finding, NOW)
    assert made["source"] == "aws.securityhub"
    assert made["detail"] == {"findings": [finding]}
    assert (made["account"], made["region"]) == (ACCOUNT, REGION)
