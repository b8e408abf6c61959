"""AWS's own recommendation for unused permissions: asked for, and polled within a bound.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GenerateFindingRecommendation.html
No event tells that one is ready. It is a bound that is checked, and never a policy to paste.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission
from remediator.detect.access_analyzer.findings import Analyzer, iso
from remediator.model import Json, UpstreamError

if TYPE_CHECKING:
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient

PERMISSIONS = (
    Permission(
        "access-analyzer:GenerateFindingRecommendation",
        "to have a recommendation made for a finding; no resource changes by it",
    ),
    Permission("access-analyzer:GetFindingRecommendation", "to read the recommendation"),
)

_PAGES = 20


@dataclass(frozen=True, slots=True)
class Recommended:
    """`{"steps": […]}` of the contract; None where AWS could not make it."""

    steps: dict[str, Json] | None


def ask_for(client: AccessAnalyzerClient, analyzer: Analyzer, finding_id: str) -> bool:
    """Whether AWS makes one, in a while. Raises UpstreamError where it does not answer."""
    from botocore.exceptions import ClientError

    with upstream("accessanalyzer", "GenerateFindingRecommendation", client.meta.region_name):
        try:
            client.generate_finding_recommendation(analyzerArn=analyzer.arn, id=finding_id)
        except ClientError as error:
            if error_code(error) in ("ResourceNotFoundException", "ValidationException"):
                return False
            raise
    return True


def recommended(
    client: AccessAnalyzerClient, analyzer: Analyzer, finding_id: str
) -> Recommended | None:
    """Of one that was asked for; None while AWS is at it. Raises UpstreamError where AWS does not
    answer."""
    answer = _read(client, analyzer.arn, finding_id)
    if answer is None:
        return None
    return Recommended(None if answer.get("status") == "FAILED" else steps_of(answer))


def _read(client: AccessAnalyzerClient, analyzer: str, finding_id: str) -> dict[str, Any] | None:
    """All pages; None while it is in progress."""
    region, more = client.meta.region_name, dict[str, Any]()
    whole: dict[str, Any] = {"recommendedSteps": []}
    for _ in range(_PAGES):
        with upstream("accessanalyzer", "GetFindingRecommendation", region):
            page: Any = client.get_finding_recommendation(
                analyzerArn=analyzer, id=finding_id, **more
            )
        if page.get("status") == "IN_PROGRESS":
            return None
        whole["status"] = page.get("status")
        whole["recommendedSteps"] += page.get("recommendedSteps", [])
        if not page.get("nextToken"):
            return whole
        more = {"nextToken": page["nextToken"]}
    what = f"accessanalyzer:GetFindingRecommendation in {region}"
    raise UpstreamError(what, f"{finding_id} has more than {_PAGES} pages of steps")


def steps_of(answer: Any) -> dict[str, Json]:
    """From AWS's shape. A step that is not understood makes the whole not understood: empty."""
    steps: list[Json] = []
    for raw in answer.get("recommendedSteps", []):
        step = raw.get("unusedPermissionsRecommendedStep")
        if not isinstance(step, dict):
            return {"steps": []}
        steps.append(
            {
                "action": step.get("recommendedAction"),
                "policy": step.get("recommendedPolicy"),
                "existing": step.get("existingPolicyId"),
                "updated_at": iso(step.get("policyUpdatedAt")),
            }
        )
    return {"steps": steps}
