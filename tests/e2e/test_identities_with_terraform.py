"""The whole loop over identities, with the real terraform and the real AWS provider as judges.

Apply to the embedded AWS, analyze, run, plan the merged base, apply, look again, and replay what
was used. The world is played once, from its start to its end; the tests read what was seen.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from typing import Any

import pytest
from commandline import Ran, branches_of, refs, run

from remediator.embedded.mirror import find_provider_mirror
from remediator.embedded.replay import denied
from remediator.embedded.scenario import EXPECTED, NEW_ROOTS, OLD_ROOTS, set_up, short
from remediator.embedded.stage import Stage
from remediator.embedded.use import Use

pytestmark = pytest.mark.e2e

Plan = dict[str, dict[str, tuple[str, ...]]]
ROOTS = (*OLD_ROOTS, *NEW_ROOTS)


@pytest.fixture(scope="module", autouse=True)
def _terraform() -> None:
    if find_provider_mirror(os.environ) is None or shutil.which("terraform") is None:
        missing = "terraform on PATH and a mirror of the AWS provider (REMEDIATOR_PROVIDER_MIRROR)"
        if os.environ.get("REMEDIATOR_REQUIRE_E2E") == "1":
            pytest.fail(f"REMEDIATOR_REQUIRE_E2E=1, but there is no {missing}")
        pytest.skip(f"needs {missing}")


@dataclass(frozen=True)
class World:
    settled: Plan
    first: Ran
    merged: Plan
    before: dict[str, str]
    after: dict[str, str]
    lost_before: tuple[Use, ...]
    lost_after: tuple[Use, ...]
    identities: tuple[dict[str, str], dict[str, str]]
    last: Ran
    pushed: dict[str, str]
    remote: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("identities")
    now = datetime.now(UTC)
    with (
        as_file(files("remediator.embedded") / "identities") as source,
        Stage(folder, True, now.date(), source, OLD_ROOTS) as stage,
    ):
        set_up(stage, now)
        stage.aws.analyzer.polls = 0
        settled = stage.plan()
        before, ids = statuses(stage), unique_ids(stage)
        lost = denied(told(stage))
        first = run(stage)
        merged = stage.plan()
        stage.apply()
        after, later = statuses(stage), unique_ids(stage)
        pushed = branches_of(stage.remote)
        last = run(stage)
        return World(
            settled,
            first,
            merged,
            before,
            after,
            lost,
            denied(told(stage)),
            (ids, later),
            last,
            pushed,
            refs(stage.remote),
        )


def told(stage: Stage) -> list[Use]:
    """Roles for others have no policies: that they were assumed is no action of theirs."""
    return [use for use in stage.aws.use.uses if not use.action.startswith("sts:")]


def statuses(stage: Stage) -> dict[str, str]:
    """Every finding's status, by its id."""
    api = stage.client("accessanalyzer")
    pages = api.get_paginator("list_findings_v2")
    return {
        finding["id"]: finding["status"]
        for analyzer in api.list_analyzers()["analyzers"]
        for page in pages.paginate(analyzerArn=analyzer["arn"])
        for finding in page["findings"]
    }


def unique_ids(stage: Stage) -> dict[str, str]:
    """By ARN, what changes when an identity is made anew."""
    iam = stage.client("iam")
    roles = [r for p in iam.get_paginator("list_roles").paginate() for r in p["Roles"]]
    users = iam.list_users()["Users"]
    groups = iam.list_groups()["Groups"]
    return {
        one["Arn"]: one.get("RoleId") or one.get("UserId") or one["GroupId"]
        for one in (*roles, *users, *groups)
    }


def named(outcome: dict[str, Any]) -> str:
    return short(outcome["finding"]["resource"])


def ended(ran: Ran) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for outcome in ran.outcomes:
        found.setdefault(named(outcome), []).append(outcome["outcome"])
    return {name: tuple(sorted(kinds)) for name, kinds in sorted(found.items())}


def test_what_was_applied_plans_nothing_but_what_was_done_by_hand(world: World) -> None:
    """So that the embedded AWS is AWS enough for the provider."""
    assert world.settled == {
        "live/people": {},
        "live/services": {"aws_iam_role_policy.console_edited": ("update",)},
        "live/sharing": {},
        "live/fresh": {},
    }


def test_there_are_at_least_twenty_identities_of_all_kinds(world: World) -> None:
    kinds = [arn.split(":")[5].partition("/")[0] for arn in world.identities[0]]
    assert len(kinds) >= 20
    assert set(kinds) == {"role", "user", "group"}


def test_every_finding_ends_as_it_must(world: World) -> None:
    assert world.first.status == 0
    assert ended(world.first) == dict(sorted(EXPECTED.items()))


def test_the_merged_base_plans_policies_in_place_and_nothing_else(world: World) -> None:
    update = ("update",)
    assert world.merged == {
        "live/people": {"aws_iam_access_key.uploader": update},
        "live/services": {
            "aws_iam_role_policy.orders_api": update,
            "aws_iam_policy.invoices": update,
            "aws_iam_role_policy.mailer": update,
            "module.thumbnailer.aws_iam_role_policy.this": update,
            "aws_iam_role.deployer": update,
            # What somebody added by hand: terraform knows it, and not because of us.
            "aws_iam_role_policy.console_edited": update,
        },
        "live/sharing": {
            "aws_iam_role.partner_export": update,
            "aws_s3_bucket_policy.exchange": update,
            "aws_kms_key.exchange": update,
            "aws_secretsmanager_secret_policy.exchange": update,
            "aws_ecr_repository_policy.images": update,
        },
        "live/fresh": {},
    }


def test_nobody_is_made_anew(world: World) -> None:
    before, after = world.identities
    assert before == after


def test_the_findings_that_were_merged_are_resolved_and_none_of_the_others(world: World) -> None:
    """What somebody did by hand is undone by the apply, and is as it was in the code."""
    merged = by_id(world.first, "merged")
    assert merged.keys() <= world.before.keys()
    gone = {i for i, status in world.after.items() if status == "RESOLVED"}
    assert gone == merged.keys()


def by_id(ran: Ran, outcome: str) -> dict[str, dict[str, Any]]:
    """By the analyzer's own id of the finding."""
    return {
        one["finding"]["id"].rpartition(":")[2]: one
        for one in ran.outcomes
        if one["outcome"] == outcome
    }


def test_nothing_that_was_used_is_denied(world: World) -> None:
    assert world.lost_before == ()
    assert world.lost_after == ()


def test_after_the_apply_a_run_changes_nothing(world: World) -> None:
    assert world.remote.keys() - world.pushed.keys() == {"refs/notes/remediator"}  # resolved, once
    assert {n: c for n, c in world.remote.items() if n in world.pushed} == world.pushed
    assert "merged" not in {outcome["outcome"] for outcome in world.last.outcomes}
