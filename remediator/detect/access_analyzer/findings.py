"""A finding of IAM Access Analyzer, as GetFindingV2 or ListFindingsV2 answers it, as ours. Pure.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
The shapes are read from botocore's answers and from what the AWS CLI prints alike: times are
datetimes, texts or numbers. docs/access-analyzer.md has the evidence of each class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from remediator.detect.reports.reported import instant, moment
from remediator.model import UNOBSERVED, Finding, Json, Resource

PERMISSIONS_CLASS, ACCESS, CREDENTIALS = (
    "unused-permissions",
    "external-access",
    "unused-credentials",
)
SOURCE = "access-analyzer"
CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "UnusedPermission": PERMISSIONS_CLASS,
        "ExternalAccess": ACCESS,
        "UnusedIAMRole": CREDENTIALS,
        "UnusedIAMUserAccessKey": CREDENTIALS,
        "UnusedIAMUserPassword": CREDENTIALS,
    }
)
"""By the analyzer's finding type. InternalAccess is not among them: it is no fault by itself."""

NAMES = frozenset(CLASSES.values())
_KINDS = {
    "UnusedIAMRole": "role",
    "UnusedIAMUserAccessKey": "access-key",
    "UnusedIAMUserPassword": "password",
}
_ARN = re.compile(
    r"arn:[a-z-]+:[a-z0-9-]+:(?P<region>[a-z0-9-]*):(?P<account>\d{12}|):(?P<rest>.+)"
)
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?(\d{12})(?::.*)?", re.DOTALL)
_MOST = 5000

Text = Annotated[str, msgspec.Meta(max_length=4096)]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class _Form(msgspec.Struct, rename="camel"):
    pass


class UnusedAction(_Form):
    action: Short
    last_accessed: Any = None


class UnusedService(_Form):
    service_namespace: Short
    last_accessed: Any = None
    actions: Annotated[list[UnusedAction], msgspec.Meta(max_length=_MOST)] | None = None


class _Source(_Form):
    type: Text = ""


class _External(_Form):
    condition: dict[str, Any] = {}
    action: Annotated[list[Text], msgspec.Meta(max_length=_MOST)] = []
    is_public: bool | None = None
    principal: dict[str, Text] = {}
    sources: list[_Source] = []


class _Credential(_Form):
    last_accessed: Any = None
    access_key_id: Text | None = None


class _Detail(_Form):
    """A union in AWS's model: one of them is there."""

    external_access_details: _External | None = None
    unused_permission_details: UnusedService | None = None
    unused_iam_role_details: _Credential | None = None
    unused_iam_user_access_key_details: _Credential | None = None
    unused_iam_user_password_details: _Credential | None = None


class Answer(_Form):
    """ListFindingsV2's summaries have no `findingDetails`."""

    id: Short
    resource_type: Text
    status: Text
    finding_type: Text = "ExternalAccess"
    resource: Text | None = None
    resource_owner_account: Text | None = None
    created_at: Any = None
    analyzed_at: Any = None
    updated_at: Any = None
    error: Text | None = None
    finding_details: Annotated[list[_Detail], msgspec.Meta(max_length=_MOST)] | None = None
    next_token: Text | None = None


@dataclass(frozen=True, slots=True)
class Analyzer:
    """`unused_days`: after how many days without use an analyzer of unused access speaks."""

    arn: str
    region: str
    unused_days: int | None = None


def answer_of(raw: Any) -> Answer:
    """Raises ValueError (msgspec's ValidationError) with a sentence."""
    return msgspec.convert(raw, Answer, strict=True)


def why_not(answer: Answer) -> str:
    """Why nothing is to be done about it; "" where something is."""
    if answer.status != "ACTIVE":
        return f"status {answer.status[:40]}"
    if answer.finding_type not in CLASSES:
        return f"findingType {answer.finding_type[:40]}"
    if answer.error:
        return f"error {answer.error[:40]}: the analyzer could not analyze it"
    if not answer.resource:
        return "no resource is named"
    return ""


def finding_of(
    answer: Answer, analyzer: Analyzer | None = None, observed_at: datetime | None = None
) -> Finding:
    """Of one that `why_not` says nothing against. Without `observed_at` it was seen when the
    analyzer last analyzed it."""
    name = CLASSES[answer.finding_type]
    return Finding(
        id=f"{SOURCE}:{answer.id}",
        finding_class=name,
        source=SOURCE,
        resource=resource_of(answer, analyzer.region if analyzer else None),
        evidence={"analyzer": _analyzer(answer, analyzer), **_evidence(answer)},
        created_at=time_of(answer.created_at),
        observed_at=observed_at or time_of(answer.analyzed_at) or UNOBSERVED,
    )


def resource_of(answer: Answer, region: str | None) -> Resource:
    """An access key's finding is about its user, in the analyzer's words."""
    arn = answer.resource or ""
    found = _ARN.fullmatch(arn)
    account = answer.resource_owner_account or (found["account"] if found else None) or None
    name = last_name(arn)
    here = None if arn.split(":")[2:3] == ["iam"] else region
    return Resource(
        answer.resource_type,
        name,
        arn if found else None,
        account,
        (found["region"] if found else None) or here,
        name,
        tags=None,
    )


def last_name(arn: str) -> str:
    """Of a role with a path its name alone; of a queue, a topic or a bucket all of it."""
    rest = arn.split(":", 5)[-1] if arn.startswith("arn:") else arn
    if ":secret:" in arn or rest.startswith("function:"):
        return rest.split(":")[1] if ":" in rest else rest
    if ":ecr:" in arn:
        return rest.removeprefix("repository/")
    return rest.rpartition("/")[2] or rest


def _evidence(answer: Answer) -> dict[str, Json]:
    details = answer.finding_details or []
    match CLASSES[answer.finding_type]:
        case "unused-permissions":
            services = [d.unused_permission_details for d in details]
            unused: list[Json] = [_unused(s) for s in services if s]
            return {"unused": unused, "recommendation": None, "live": None, "removable": None}
        case "external-access":
            outside = [d.external_access_details for d in details]
            return next((_outside(e) for e in outside if e), {})
    credential = next((c for d in details if (c := _credential(d))), _Credential())
    return {
        "kind": _KINDS[answer.finding_type],
        "access_key_id": credential.access_key_id,
        "last_accessed": iso(credential.last_accessed),
    }


def _analyzer(answer: Answer, analyzer: Analyzer | None) -> dict[str, Json]:
    return {
        "status": answer.status,
        "analyzed_at": iso(answer.analyzed_at),
        "updated_at": iso(answer.updated_at),
        "id": answer.id,
        "arn": analyzer.arn if analyzer else None,
        "unused_days": analyzer.unused_days if analyzer else None,
    }


def _unused(service: UnusedService) -> dict[str, Json]:
    """An action comes with or without its prefix. No list at all is the whole service; an empty
    one says nothing."""
    prefix = service.service_namespace.casefold()
    actions: list[Json] | None = None
    if service.actions is not None:
        actions = [
            {
                "action": a.action if ":" in a.action else f"{prefix}:{a.action}",
                "last_accessed": iso(a.last_accessed),
            }
            for a in service.actions
        ]
    return {"service": prefix, "last_accessed": iso(service.last_accessed), "actions": actions}


def _outside(external: _External) -> dict[str, Json]:
    condition: dict[str, Json] = {str(k): str(v) for k, v in external.condition.items()}
    return {
        "principal": dict[str, Json](external.principal),
        "accounts": [*dict.fromkeys(accounts_in(external.principal))],
        "actions": [*external.action],
        "condition": condition,
        "is_public": external.is_public,
        "sources": [s.type for s in external.sources if s.type],
        "live": None,
    }


def accounts_in(principal: Mapping[str, str]) -> Iterator[str]:
    """Of `{"AWS": "arn:aws:iam::444455556666:root"}`, or of the twelve digits alone."""
    value = principal.get("AWS", "")
    found = _ACCOUNT.fullmatch(value)
    if found:
        yield found[1]


def _credential(detail: _Detail) -> _Credential | None:
    return (
        detail.unused_iam_role_details
        or detail.unused_iam_user_access_key_details
        or detail.unused_iam_user_password_details
    )


def time_of(value: Any) -> datetime | None:
    """botocore's datetime, ISO 8601, or seconds since 1970."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return instant(value)
    return None


def iso(value: Any) -> str | None:
    time = time_of(value)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def texts(value: Any) -> Sequence[str]:
    """The texts of a list, or one by itself."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
