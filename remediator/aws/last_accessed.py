"""When a principal last used each service and action, as far as AWS tracks it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
A job for each principal, so it is asked only for those whose finding may still be closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from remediator.aws.faults import upstream
from remediator.aws.identities import utc
from remediator.aws.permissions import Permission
from remediator.aws.polling import attempts
from remediator.model import UpstreamError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = (
    Permission("iam:GenerateServiceLastAccessedDetails", "to have last use by action reported"),
    Permission("iam:GetServiceLastAccessedDetails", "to read when each action was last used"),
)

_PAGES = 20


@dataclass(frozen=True, slots=True)
class Uses:
    """Of one principal: services by prefix and actions as `s3:CreateBucket`, each with its last
    use; None where AWS knows of none in 400 days. What is not here is not tracked."""

    services: dict[str, datetime | None]
    actions: dict[str, datetime | None]

    @property
    def times(self) -> tuple[datetime, ...]:
        return tuple(t for t in (*self.services.values(), *self.actions.values()) if t)


def read_uses(client: IAMClient, arn: str, sleep: Callable[[float], None]) -> Uses:
    """Polls within a bound. Raises UpstreamError for a job that fails or does not end, or has more
    pages than any principal should."""
    region = client.meta.region_name
    with upstream("iam", "GenerateServiceLastAccessedDetails", region):
        job = client.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")
        job_id = job["JobId"]
    found = Uses({}, {})
    marker: dict[str, Any] = {}
    for _ in range(_PAGES):
        page = _page(client, job_id, marker, sleep)
        with upstream("iam", "GetServiceLastAccessedDetails", region):
            services = page["ServicesLastAccessed"]
        for service in services:
            _add(found, service)
        if not page.get("IsTruncated"):
            return found
        marker = {"Marker": page.get("Marker", "")}
    raise UpstreamError(
        f"iam:GetServiceLastAccessedDetails in {region}", f"more than {_PAGES} pages for {arn}"
    )


def _page(
    client: IAMClient, job: str, marker: dict[str, Any], sleep: Callable[[float], None]
) -> Any:
    what = f"iam:GetServiceLastAccessedDetails in {client.meta.region_name}"
    for _ in attempts(sleep):
        with upstream("iam", "GetServiceLastAccessedDetails", client.meta.region_name):
            answer = client.get_service_last_accessed_details(JobId=job, **marker)
            status = answer["JobStatus"]
        if status == "COMPLETED":
            return answer
        if status == "FAILED":
            raise UpstreamError(what, "AWS could not make the report of last use")
    raise UpstreamError(what, "the report of last use was not ready in time")


def _add(found: Uses, service: Any) -> None:
    prefix = str(service.get("ServiceNamespace", "")).casefold()
    found.services[prefix] = utc(service.get("LastAuthenticated"))
    for action in service.get("TrackedActionsLastAccessed", []):
        name = str(action.get("ActionName", ""))
        whole = name if ":" in name else f"{prefix}:{name}"
        found.actions[whole] = utc(action.get("LastAccessedTime"))
