"""The report of last use, page by page: whole, not ready yet, or not to be had."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from remediator.aws.last_accessed import read_uses
from remediator.model import UpstreamError

ARN = "arn:aws:iam::111122223333:role/orders"
USED = datetime(2026, 11, 20, 12, tzinfo=UTC)
DONE: dict[str, Any] = {"JobStatus": "COMPLETED", "IsTruncated": False}


def service(name: str, used: datetime | None = None) -> dict[str, Any]:
    return {"ServiceNamespace": name} | ({"LastAuthenticated": used} if used else {})


class Answering:
    """An IAM client that answers these pages, one after the other, and the last for ever."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages, self.asked = [*pages], list[dict[str, Any]]()

    def get_service_last_accessed_details(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


def read(*pages: dict[str, Any]) -> Any:
    client: Any = Answering(*pages)
    return read_uses(client, ARN, "the job")


def test_all_pages_are_one_report() -> None:
    first = DONE | {"IsTruncated": True, "Marker": "m"}
    client: Any = Answering(
        first | {"ServicesLastAccessed": [service("S3", USED)]},
        DONE | {"ServicesLastAccessed": [service("sqs")]},
    )
    found = read_uses(client, ARN, "the job")
    assert found is not None
    assert found.services == {"s3": USED, "sqs": None}
    assert client.asked == [{"JobId": "the job"}, {"JobId": "the job", "Marker": "m"}]


@pytest.mark.parametrize("status", ["IN_PROGRESS", "", "SOMETHING_NEW"])
def test_what_is_not_complete_is_no_report(status: str) -> None:
    services = {"ServicesLastAccessed": [service("s3")]}
    assert read({"JobStatus": status} | services) is None
    first = DONE | {"IsTruncated": True, "Marker": "m"} | services
    assert read(first, {"JobStatus": status} | services) is None


@pytest.mark.parametrize(
    "pages",
    [
        ({"JobStatus": "FAILED"},),
        ({},),
        ({"JobStatus": "COMPLETED"},),
        (DONE | {"IsTruncated": True, "Marker": "m", "ServicesLastAccessed": []},),
        (
            DONE | {"IsTruncated": True, "Marker": "m", "ServicesLastAccessed": []},
            {"JobStatus": "FAILED"},
        ),
    ],
    ids=["failed", "empty", "no services", "without end", "failed at its second page"],
)
def test_a_report_that_cannot_be_had_is_a_fault(pages: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(UpstreamError):
        read(*pages)
