"""`remediator audit`: the register of a played world, in every form."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from commandline import (
    WORLD,
    Ran,
    SmallStage,
    group,
    ingress,
    one_root,
    refs,
    remediator,
    run,
    somebody_pushes,
    untouched_parts,
)

SOURCE = one_root(group("web", ingress("10.0.0.0/8", WORLD)))
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    """One change with a record, and one by somebody without."""
    with SmallStage(tmp_path_factory.mktemp("world"), SOURCE) as stage:
        run(stage)
        somebody_pushes(stage, "live/prod/by_hand.tf", "# by hand\n")
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


def audit(stage: SmallStage, *arguments: str) -> Ran:
    before = refs(stage.remote), untouched_parts(stage.checkout)
    ran = remediator("audit", "--config", stage.config, *arguments)
    assert (refs(stage.remote), untouched_parts(stage.checkout)) == before
    return ran


def test_the_table_is_for_people(stage: SmallStage) -> None:
    ran = audit(stage)
    assert (ran.status, ran.err) == (0, "")
    assert "Changes with a record: 1" in ran.out
    assert "live/prod:aws_security_group.web" in ran.out
    assert "Terraform or rules changed without a record: 3" in ran.out
    assert "Somebody changes live/prod/by_hand.tf" in ran.out


def test_the_json_has_the_record_and_what_has_none(stage: SmallStage) -> None:
    ran = audit(stage, "--format", "json")
    document = json.loads(ran.out)
    assert document["version"] == 1
    text = json.dumps(document)
    assert f"open-admin-port/123456789012/us-east-1/{stage.id_of('web')}/tcp:22-22" in text
    assert "Somebody changes live/prod/by_hand.tf" in text


def test_the_csv_is_a_row_a_change(stage: SmallStage) -> None:
    ran = audit(stage, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [row for row in rows if "live/prod:aws_security_group.web" in row.values()]
    assert len({len(row) for row in rows}) == 1


def test_days_are_inclusive(stage: SmallStage) -> None:
    today, before = str(TODAY), str(TODAY - timedelta(days=1))
    tomorrow = str(TODAY + timedelta(days=1))
    assert "with a record: 1" in audit(stage, "--since", before, "--until", tomorrow).out
    assert "with a record: 1" in audit(stage, "--since", before, "--until", today).out
    assert "aws_security_group.web" not in audit(stage, "--since", tomorrow).out
    assert "aws_security_group.web" not in audit(stage, "--until", before).out


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "01.02.2026"])
def test_a_day_that_is_none(stage: SmallStage, day: str) -> None:
    ran = audit(stage, "--since", day)
    assert ran.status == 2
    assert day in ran.err


def test_days_in_the_wrong_order_are_no_empty_report(stage: SmallStage) -> None:
    ran = audit(stage, "--since", "2026-02-01", "--until", "2026-01-31")
    assert (ran.status, ran.out) == (2, "")
    assert "--since 2026-02-01 is after --until 2026-01-31" in ran.err


def test_a_misspelt_report_is_no_rewritten_history(stage: SmallStage) -> None:
    ran = audit(stage, "--since-anchor", "last.jsn")
    assert (ran.status, ran.out) == (2, "")
    assert "last.jsn is neither a commit nor a file" in ran.err
    assert audit(stage, "--since-anchor", "origin/main").status == 0
    assert "rewritten-base: " in audit(stage, "--since-anchor", "0123456").err


def test_a_file_that_was_changed_behind_the_record_is_told(stage: SmallStage) -> None:
    """A commit with our trailers whose bytes are not those that it promises."""
    log = stage.git("log", "--format=%H", "--grep=Remediator-Version", "main", folder=stage.remote)
    carrier = log.split()[0]
    message = stage.git("log", "-1", "--format=%B", carrier, folder=stage.remote)
    stage.git("pull", "--quiet", "origin", "main")
    (stage.checkout / "live/prod/main.tf").write_text(SOURCE["live/prod/main.tf"] + "# forged\n")
    bot = "--author=Remediator <noreply@remediator.invalid>"
    stage.git("commit", "--quiet", "--all", bot, "-m", message)
    stage.git("push", "--quiet", "origin", "main")
    assert "unproven-claim: " in audit(stage).err
    ran = audit(stage, "--no-prove")
    assert ran.status == 1
    assert (
        ran.err == "1 of 2 records did not hold when they were computed again: see their problems\n"
    )
    assert "Changes with a record: 2" in ran.out
    rows = [line for line in ran.out.splitlines() if "aws_security_group.web" in line]
    assert [bool(re.search(r"  ok$", row)) for row in rows] == [False, True]
    for form in ("json", "csv"):
        other = audit(stage, "--no-prove", "--format", form)
        assert (other.status, other.err) == (1, ran.err)
        assert "has another digest than its After-SHA256 says" in other.out
    tomorrow = str(TODAY + timedelta(days=1))
    assert audit(stage, "--since", tomorrow).status == 0  # nothing of it was asked for


def test_a_remote_that_is_away_is_status_3(stage: SmallStage) -> None:
    shutil.rmtree(stage.remote)
    ran = remediator("audit", "--config", stage.config)
    assert (ran.status, ran.out) == (3, "")
    assert "git fetch origin: " in ran.err


def test_no_repository_is_status_2(stage: SmallStage) -> None:
    stage.configure(repository="{path: nowhere}")
    ran = remediator("audit", "--config", stage.config)
    assert (ran.status, ran.out) == (2, "")
    assert "nowhere" in ran.err
