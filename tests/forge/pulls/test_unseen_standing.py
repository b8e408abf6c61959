"""What GitHub does not say of a pull request is an objection: nothing is merged over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from remediator.forge.github.calls import Calls
from remediator.forge.github.snapshot import Reader
from remediator.forge.github.standing import standings
from remediator.forge.github.there import Pull, State

QUEUED = Pull(
    7,
    "remediator/a",
    State.OPEN,
    datetime(2026, 11, 29, tzinfo=UTC),
    auto_merge=True,
    author="remediator[bot]",
    node="PR_7",
)
QUIET: dict[str, Any] = {
    "id": "PR_7",
    "merged": False,
    "isInMergeQueue": False,
    "baseRefName": "main",
    "mergeQueueEntry": None,
    "latestOpinionatedReviews": {"nodes": []},
    "timelineItems": {"nodes": []},
}


class Answering:
    """GraphQL's answer to the one question."""

    def __init__(self, *nodes: Mapping[str, Any] | None) -> None:
        self._nodes = nodes

    def query(self, text: str, variables: Mapping[str, Any]) -> Any:
        return {"nodes": [*self._nodes]}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (QUIET, ()),
        (QUIET | {"latestOpinionatedReviews": None}, ("GitHub does not say who reviewed it",)),
        (
            QUIET | {"latestOpinionatedReviews": {"nodes": [None]}},
            ("GitHub does not say who reviewed it",),
        ),
        (QUIET | {"timelineItems": {"nodes": None}}, ("GitHub does not say who stopped it",)),
        (QUIET | {"timelineItems": {"nodes": [None]}}, ("GitHub does not say who stopped it",)),
        (None, ("GitHub does not say how it stands",)),
    ],
)
def test_what_is_not_said(node: Mapping[str, Any] | None, said: tuple[str, ...]) -> None:
    calls = cast(Calls, Answering(node))
    (heeded,) = Reader(calls, "example-org/infrastructure", "main").heeded([QUEUED], queue=False)
    assert heeded.objections == said
    assert (7 in standings(calls, [QUEUED])) is (node is not None)
