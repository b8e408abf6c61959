"""What the report of last use sees of a service, and what it cannot explain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from remediator.aws.last_accessed import Uses
from remediator.evaluate.seen import uncatalogued, unexplained

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def seen(service: str, last: float | None, **actions: float | None) -> Uses:
    named = {f"{service}:{a}": None if d is None else ago(d) for a, d in actions.items()}
    return Uses({service: None if last is None else ago(last)}, named)


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        (seen("s3", 5, CreateBucket=5), "perhaps by more than AWS tracks"),
        (seen("s3", 5, CreateBucket=90, ListAllMyBuckets=5), "perhaps by more than AWS tracks"),
        (seen("s3", None), None),
        (seen("s3", None, CreateBucket=None), None),
        (seen("s3", None, CreateBucket=5), "perhaps by more than AWS tracks"),
        (seen("s3", 5, CreateBucket=5.0001), "later than any action that AWS tracks"),
        (seen("s3", 5, CreateBucket=None), "and no action that AWS tracks"),
        (seen("s3", 5), "and no action that AWS tracks"),
        (seen("sqs", 5, CreateQueue=5), "the report of last use does not have it"),
    ],
)
def test_what_explains_the_last_use_of_a_service(uses: Uses, words: str | None) -> None:
    found = list(unexplained(["s3"], uses))
    if words is None:
        assert found == []
    else:
        assert [k.action for k in found] == ["s3"]
        assert words in found[0].why


def test_a_use_of_another_service_explains_nothing() -> None:
    uses = Uses({"s3": ago(5)}, {"sqs:CreateQueue": ago(1)})
    assert [k.action for k in unexplained(["s3", "s3"], uses)] == ["s3"]


def test_actions_in_use_that_the_catalogue_lacks() -> None:
    uses = seen("s3", 1, Brandnew=1, OtherNew=None, CreateBucket=3, createbucket=3)
    assert uncatalogued(uses) == ("s3:Brandnew",)
