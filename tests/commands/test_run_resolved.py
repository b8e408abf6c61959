"""What an analyzer itself calls resolved is noted on the merge; what is only absent is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commandline import REGION, SmallStage, main_head, one_root, refs, run
from identityworld import ago
from test_run_identities import USED, arn, role

from remediator.audit.follow_analyzer import MOST, resolved_notes, unresolved
from remediator.model import Record

NOTES = "refs/notes/remediator"
APPLIED = {"Remediator-Note", "Applied", "Applied-How"}
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SmallStage]:
    """A role whose unused permission is closed by the first run."""
    with SmallStage(tmp_path, one_root(role("orders", USED, "s3:DeleteBucket"))) as made:
        made.configure(sources="{aws_config: null, live_rules: true, access_analyzer: {}}")
        made.aws.make_older(timedelta(days=200))
        made.aws.use.used(arn("orders"), USED, ago(days=5))
        make: Any = made.session.client
        make("accessanalyzer", REGION).create_analyzer(
            analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS"
        )
        assert [o["outcome"] for o in run(made).outcomes] == ["merged"]
        yield made


def note(stage: SmallStage) -> dict[str, str]:
    asked = ("notes", "--ref=remediator", "show", main_head(stage))
    lines = stage.git(*asked, folder=stage.remote).splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_it_is_noted_once_it_is_resolved_and_only_then(stage: SmallStage) -> None:
    run(stage)
    assert NOTES not in refs(stage.remote)  # merged, and still active
    stage.apply()
    stage.aws.faults.fail("access-analyzer:GetFindingV2", "InternalServerException", status=500)
    ran = run(stage)
    assert ran.status == 3
    assert "GetFindingV2" in ran.err
    assert note(stage).keys() == APPLIED
    stage.aws.faults.clear()
    assert run(stage).status == 0
    assert note(stage).keys() == APPLIED | {"Resolved", "Resolved-How"}
    assert note(stage)["Resolved-How"] == "access-analyzer says of it that it is resolved"
    before = refs(stage.remote)
    assert "accessanalyzer:GetFindingV2" not in (run(stage).document or {})["aws_calls"]
    assert refs(stage.remote) == before


def test_without_its_analyzer_nobody_knows(stage: SmallStage) -> None:
    stage.apply()
    make: Any = stage.session.client
    make("accessanalyzer", REGION).delete_analyzer(analyzerName="unused")
    assert run(stage).status == 0
    assert note(stage).keys() == APPLIED


def test_one_that_was_archived_is_not_resolved(stage: SmallStage) -> None:
    make: Any = stage.session.client
    client = make("accessanalyzer", REGION)
    (analyzer,) = client.list_analyzers()["analyzers"]
    (found,) = client.list_findings_v2(analyzerArn=analyzer["arn"])["findings"]
    client.update_findings(analyzerArn=analyzer["arn"], ids=[found["id"]], status="ARCHIVED")
    assert run(stage).status == 0
    assert NOTES not in refs(stage.remote)


def test_observing_notes_nothing(stage: SmallStage) -> None:
    stage.apply()
    before = refs(stage.remote)
    run(stage, "--observe")
    assert refs(stage.remote) == before


# Which merges are asked about ---------------------------------------------------------------


def record(number: int, *ids: str) -> Record:
    trailers = tuple(("Finding-Id", i) for i in ids)
    at = NOW - timedelta(days=number)
    return Record("c" * 39 + str(number), None, "Bot", "Bot", at, at, "fix", trailers)


def test_only_findings_of_an_analyzer_that_are_not_active() -> None:
    its = (
        record(1, "access-analyzer:a"),
        record(2, "open-admin-port/1/2/sg-3/tcp:22-22"),
        record(3, "access-analyzer:b", "open-admin-port/1/2/sg-3/tcp:22-22"),
        record(4, "access-analyzer:c", "access-analyzer:d"),
        record(5, "access-analyzer:e"),
    )
    noted = {(its[4].commit, "Resolved")}
    asked = unresolved(its, lambda c, k: (c, k) in noted, {"access-analyzer:a"})
    assert asked == {its[3].commit: ("c", "d")}
    assert resolved_notes(asked, {"c"}, NOW) == {}
    assert resolved_notes(asked, {"c", "d"}, NOW)[its[3].commit][0] == (
        "Resolved",
        "2026-11-29T12:00:00Z",
    )


def test_so_many_are_asked_for_and_the_oldest_first() -> None:
    its = [
        record(1, *(f"access-analyzer:{n}" for n in range(MOST))),
        record(2, "access-analyzer:x"),
    ]
    assert list(unresolved(its, lambda c, k: False, set())) == [its[1].commit]
