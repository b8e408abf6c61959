"""When a principal last used each service and action, as far as AWS tracks it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
A job for each principal, so it is asked only for those whose finding may still be closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from remediator.aws.faults import upstream
from remediator.aws.identities import utc
from remediator.aws.permissions import Permission
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


def ask_for_uses(client: IAMClient, arn: str) -> str:
    """The id of the job that makes the report; AWS works on many. Raises UpstreamError."""
    with upstream("iam", "GenerateServiceLastAccessedDetails", client.meta.region_name):
        job = client.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")
        return job["JobId"]


def read_uses(client: IAMClient, arn: str, job_id: str) -> Uses | None:
    """None while AWS is at it. Raises UpstreamError for a job that failed, or has more pages than
    any principal should."""
    found, region = Uses({}, {}), client.meta.region_name
    more: dict[str, Any] = {}
    for _ in range(_PAGES):
        with upstream("iam", "GetServiceLastAccessedDetails", region):
            page = client.get_service_last_accessed_details(JobId=job_id, **more)
            status = page["JobStatus"]
            services = page["ServicesLastAccessed"] if status == "COMPLETED" else []
        if status == "FAILED":
            raise UpstreamError(_what(region), "AWS could not make the report of last use")
        if status != "COMPLETED":
            return None
        for service in services:
            _add(found, service)
        if not page.get("IsTruncated"):
            return found
        more = {"Marker": page.get("Marker", "")}
    raise UpstreamError(_what(region), f"more than {_PAGES} pages for {arn}")


def late(region: str) -> UpstreamError:
    """Of a job that does not end."""
    return UpstreamError(_what(region), "the report of last use was not ready in time")


def _what(region: str) -> str:
    return f"iam:GetServiceLastAccessedDetails in {region}"


def _add(found: Uses, service: Any) -> None:
    prefix = str(service.get("ServiceNamespace", "")).casefold()
    found.services[prefix] = utc(service.get("LastAuthenticated"))
    for action in service.get("TrackedActionsLastAccessed", []):
        name = str(action.get("ActionName", ""))
        whole = name if ":" in name else f"{prefix}:{name}"
        found.actions[whole] = utc(action.get("LastAccessedTime"))
