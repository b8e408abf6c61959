"""Reads IAM Access Analyzer: its analyzers, their active findings, and each one's details.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission
from remediator.detect.access_analyzer.findings import Analyzer, Answer, answer_of
from remediator.model import UpstreamError

if TYPE_CHECKING:
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient

PERMISSIONS = (
    Permission("access-analyzer:ListAnalyzers", "to find the analyzers of a region"),
    Permission("access-analyzer:ListFindings", "to list what they find (ListFindingsV2)"),
    Permission("access-analyzer:GetFinding", "to read a finding's details (GetFindingV2)"),
)

_PAGE = 100
_DETAILS = 100
"""Pages of details of one finding: a role with all of AWS's services has some 450 of them."""


def read_analyzers(client: AccessAnalyzerClient) -> tuple[Analyzer, ...]:
    """The active ones of the client's region. Raises UpstreamError where a page is missing."""
    region = client.meta.region_name
    with upstream("accessanalyzer", "ListAnalyzers", region):
        pages = client.get_paginator("list_analyzers").paginate()
        found = [a for page in pages for a in page["analyzers"] if a["status"] == "ACTIVE"]
        return tuple(Analyzer(a["arn"], region, _days(a)) for a in found)


def _days(raw: Any) -> int | None:
    days = raw.get("configuration", {}).get("unusedAccess", {}).get("unusedAccessAge")
    return int(days) if isinstance(days, int) else None


def list_active(client: AccessAnalyzerClient, analyzer: Analyzer) -> tuple[Answer, ...]:
    """Every ACTIVE finding, without details. Raises UpstreamError where a page is missing."""
    region = client.meta.region_name
    found: list[Answer] = []
    with upstream("accessanalyzer", "ListFindingsV2", region):
        pages = client.get_paginator("list_findings_v2").paginate(
            analyzerArn=analyzer.arn,
            filter={"status": {"eq": ["ACTIVE"]}},
            PaginationConfig={"PageSize": _PAGE},
        )
        for page in pages:
            found += (_understood(raw, region) for raw in page["findings"])
    return tuple(a for a in found if a.status == "ACTIVE")


def read_finding(
    client: AccessAnalyzerClient, analyzer: Analyzer, finding_id: str
) -> Answer | None:
    """One finding with all of its details; None where the analyzer does not have it.

    Raises UpstreamError where a page is missing, or there are more than any finding should have.
    """
    from botocore.exceptions import ClientError

    region = client.meta.region_name
    with upstream("accessanalyzer", "GetFindingV2", region):
        try:
            pages = list(_pages(client, analyzer.arn, finding_id))
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
    whole = {**pages[0], "findingDetails": [d for page in pages for d in page["findingDetails"]]}
    whole.pop("nextToken", None)
    return _understood(whole, region)


def _pages(
    client: AccessAnalyzerClient, analyzer: str, finding_id: str
) -> Iterator[Mapping[str, Any]]:
    more: dict[str, Any] = {}
    for _ in range(_DETAILS):
        page = client.get_finding_v2(analyzerArn=analyzer, id=finding_id, **more)
        yield page
        if not page.get("nextToken"):
            return
        more = {"nextToken": page["nextToken"]}
    what = f"accessanalyzer:GetFindingV2 in {client.meta.region_name}"
    raise UpstreamError(what, f"{finding_id} has more than {_DETAILS} pages of details")


def _understood(raw: Any, region: str) -> Answer:
    try:
        return answer_of({k: v for k, v in raw.items() if k != "ResponseMetadata"})
    except ValueError as why:
        text = f"the answer is not what AWS answers, so it counts as none: {why}"
        raise UpstreamError(f"accessanalyzer:GetFindingV2 in {region}", text) from why
