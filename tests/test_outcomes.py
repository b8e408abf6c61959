"""The text of the `--json` document: made piece by piece, and the one that `json` makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from remediator.model import Finding, Kind, Outcome, Resource
from remediator.outcomes import document

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TEXTS = ("plain", 'a "quote"\n, a line and é', "half \ud800 a character")


def outcome(text: str) -> Outcome:
    resource = Resource("AWS::IAM::Role", "app", "111122223333", None)
    finding = Finding(text, "unused-permissions", "test", resource, {}, None, AT)
    return Outcome(finding, Kind.REFUSED, "code", text, advice=(text, text))


@pytest.mark.parametrize("count", range(len(TEXTS) + 1))
def test_the_pieces_are_the_text_of_one_document(count: int) -> None:
    made = document("observe", AT, AT, [outcome(t) for t in TEXTS[:count]], [], {"sts:x": 2})
    compact = "".join(made.pieces(indented=False))
    read = json.loads(compact)
    assert compact == json.dumps(read, separators=(",", ":"))
    assert "".join(made.pieces(indented=True)) == json.dumps(read, indent=2)
    assert [o["reason"]["text"] for o in read["outcomes"]] == [*TEXTS[:count]]
    assert [*read] == [
        "version",
        "mode",
        "started_at",
        "finished_at",
        "outcomes",
        "awaiting_apply",
        "aws_calls",
    ]
