"""What IAM knows of activity, which moto lacks, emulated from the table of use. Imports moto.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
Only `embedded.aws` may import this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException, ValidationError
from moto.iam.responses import IamResponse

from remediator.embedded.accessed import Granularity, last_accessed
from remediator.embedded.activity import mark_all, mark_role, mark_user
from remediator.embedded.faults import Faults
from remediator.embedded.holders import holder_of
from remediator.embedded.ledger import is_read
from remediator.embedded.managed import make_known
from remediator.embedded.served import checked, cut
from remediator.embedded.trail import Trail
from remediator.embedded.use import TableOfUse

_PAGE = 100
_NAMING = {
    name: name[0].lower() + name[1:]
    for name in ("RoleName", "UserName", "GroupName", "PolicyName", "PolicyArn")
}
_DETAILS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@dataclass(slots=True)
class Job:
    account: str
    arn: str
    granularity: Granularity
    created: datetime
    polls: int = 0


@dataclass(slots=True)
class Jobs:
    """Of one server. `polls` is how often a job answers that it is not ready."""

    clock: Callable[[], datetime]
    table: TableOfUse
    polls: int = 1
    _jobs: dict[str, Job] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(self, account: str, arn: str, granularity: Granularity) -> str:
        made = str(uuid4())
        with self._lock:
            self._jobs[made] = Job(account, arn, granularity, self.clock())
        return made

    def ask(self, job_id: str, account: str) -> Job | None:
        """The job, with this question counted."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.account != account:
                return None
            job.polls += 1
            return job

    def clear(self) -> None:
        with self._lock:
            self._jobs.clear()
            self.polls = 1


class EmbeddedIam(IamResponse):
    """Made for every request by moto; `iam_response` gives it its attributes."""

    faults: Faults
    jobs: Jobs
    trail: Trail

    def call_action(self) -> Any:
        arn = self._get_param("PolicyArn")
        if isinstance(arn, str):
            make_known(self.backend, arn)
        answer = super().call_action()
        operation = self._get_action()
        if answer[0] == 200 and not is_read(operation):
            asked = {key: self._get_param(name) for name, key in _NAMING.items()}
            known = {key: value for key, value in asked.items() if isinstance(value, str)}
            self.trail.changed(self.current_account, operation, known)
        return answer

    def get_role(self) -> ActionResult:
        role = self.backend.roles.values()
        for one in [r for r in role if r.name == self._get_param("RoleName")]:
            mark_role(one, self.jobs.table)
        return super().get_role()

    def get_user(self) -> ActionResult:
        self._mark_users()
        return super().get_user()

    def list_users(self) -> ActionResult:
        self._mark_users()
        return super().list_users()

    def get_access_key_last_used(self) -> ActionResult:
        self._mark_users()
        return super().get_access_key_last_used()

    def get_credential_report(self) -> ActionResult:
        self._mark_users()
        made: Any = super().get_credential_report().result
        return ActionResult({**made, "GeneratedTime": datetime.now(UTC)})

    def get_account_authorization_details(self) -> ActionResult:
        mark_all(self.backend, self.jobs.table)
        whole = super().get_account_authorization_details().result
        return self._in_pages("GetAccountAuthorizationDetails", whole, _DETAILS)

    def list_entities_for_policy(self) -> ActionResult:
        """Moto looks through the first hundred roles only."""
        arn, kind = self._get_param("PolicyArn"), self._get_param("EntityFilter")
        self.backend.get_policy(arn)
        held: dict[str, dict[str, Any]] = {
            "PolicyGroups": self.backend.groups if kind in (None, "Group") else {},
            "PolicyUsers": self.backend.users if kind in (None, "User") else {},
            "PolicyRoles": self.backend.roles if kind in (None, "Role") else {},
        }
        whole = {
            name: [one for one in every.values() if arn in one.managed_policies]
            for name, every in held.items()
        }
        return self._in_pages("ListEntitiesForPolicy", whole, tuple(held))

    def generate_service_last_accessed_details(self) -> ActionResult:
        arn = self._get_param("Arn")
        if holder_of(self.backend, arn) is None:
            raise NotFoundException(f"ARN {arn} cannot be found.")
        granularity: Granularity = self._get_param("Granularity") or "SERVICE_LEVEL"
        job = self.jobs.start(self.current_account, arn, granularity)
        return checked("iam", "GenerateServiceLastAccessedDetails", {"JobId": job})

    def get_service_last_accessed_details(self) -> ActionResult:
        asked = self._get_param("JobId")
        job = self.jobs.ask(asked, self.current_account)
        if job is None:
            raise NotFoundException(f"Job {asked} cannot be found.")
        body: dict[str, Any] = {
            "JobStatus": "IN_PROGRESS",
            "JobType": job.granularity,
            "JobCreationDate": job.created,
            "JobCompletionDate": job.created,
            "ServicesLastAccessed": [],
            "IsTruncated": False,
        }
        if job.polls > self.jobs.polls:
            body |= {"JobStatus": "COMPLETED", "JobCompletionDate": self.jobs.clock()}
            body |= self._page(job)
        return checked("iam", "GetServiceLastAccessedDetails", body)

    def _page(self, job: Job) -> dict[str, Any]:
        holder = holder_of(self.backend, job.arn)
        found = last_accessed(holder, self.jobs.table, job.granularity) if holder else []
        asked = int(self._get_param("MaxItems") or _PAGE)
        size = self.faults.page_size("iam:GetServiceLastAccessedDetails", asked)
        page, token = cut(found, self._get_param("Marker"), size)
        body: dict[str, Any] = {"ServicesLastAccessed": page}
        return body | ({"IsTruncated": True, "Marker": token} if token else {})

    def _in_pages(self, operation: str, whole: Any, lists: tuple[str, ...]) -> ActionResult:
        """Several lists are one for the purpose of paging, as they are at AWS."""
        items = [(name, item) for name in lists for item in whole[name]]
        asked = int(self._get_param("MaxItems") or _PAGE)
        size = self.faults.page_size(f"iam:{operation}", asked)
        try:
            page, token = cut(items, self._get_param("Marker"), size)
        except ValueError as error:
            raise ValidationError("The marker is not valid.") from error
        body: dict[str, Any] = {name: [] for name in lists}
        for name, item in page:
            body[name].append(item)
        return ActionResult(body | {"IsTruncated": token is not None, "Marker": token})

    def _mark_users(self) -> None:
        for user in list(self.backend.users.values()):
            mark_user(user, self.jobs.table)


def iam_response(faults: Faults, jobs: Jobs, trail: Trail) -> type[EmbeddedIam]:
    """The response class of one server: moto makes an instance a request, without arguments."""
    given = {"faults": faults, "jobs": jobs, "trail": trail}
    return type("EmbeddedIam", (EmbeddedIam,), given)
