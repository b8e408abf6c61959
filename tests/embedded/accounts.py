"""Small accounts for the tests of the embedded AWS: policies, and who asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from remediator.aws.session import AwsSession
from remediator.embedded.aws import ACCOUNT

REGION = "us-east-1"
NOW = datetime.now(UTC)
STRANGER = "444455556666"


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


def allow(*actions: str, resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": resource, **more}


def document(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


def trust(*principals: str, **more: object) -> str:
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": [*principals]} if principals else {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
            **more,
        }
    )


def role_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def client(session: AwsSession, service: str, region: str = REGION) -> Any:
    made: Any = session.client
    return made(service, region)


def make_role(session: AwsSession, name: str, *policies: str, trusted: str = "") -> str:
    iam = client(session, "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted or trust())
    for number, text in enumerate(policies):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=text)
    return role_arn(name)


def make_analyzer(session: AwsSession, kind: str, region: str = REGION) -> str:
    made = client(session, "accessanalyzer", region).create_analyzer(
        analyzerName=kind.lower(), type=kind
    )
    return str(made["arn"])


def findings(session: AwsSession, analyzer: str, **criteria: str) -> list[dict[str, Any]]:
    """Summaries, over all pages; criteria as status="ACTIVE"."""
    pages = client(session, "accessanalyzer").get_paginator("list_findings_v2")
    chosen = {key: {"eq": [value]} for key, value in criteria.items()}
    return [
        finding
        for page in pages.paginate(analyzerArn=analyzer, filter=chosen)
        for finding in page["findings"]
    ]


def details(session: AwsSession, analyzer: str, finding: str) -> list[dict[str, Any]]:
    pages = client(session, "accessanalyzer").get_paginator("get_finding_v2")
    return [
        d for p in pages.paginate(analyzerArn=analyzer, id=finding) for d in p["findingDetails"]
    ]
