"""Every row of the table of dispositions, and every guardrail, by name and through the whole loop.

On the demo's identities and the embedded AWS. The rows of security groups are in
test_dispositions_ports.py; these are the article's tables for IAM, and what it says must never be
remediated by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import as_file, files
from typing import Any

import pytest
from commandline import Ran, bot_branches, remediator, run

from remediator.embedded.aws import ACCOUNT
from remediator.embedded.scenario import EXPECTED, OLD_ROOTS, set_up, short
from remediator.embedded.stage import Stage

NOW = datetime.now(UTC)
ROOT = {
    "class": "unused-credentials",
    "resource": {
        "id": "root",
        "type": "AWS::IAM::User",
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "account": ACCOUNT,
        "name": "<root_account>",
    },
    "evidence": {"kind": "password", "last_accessed": None},
    "source": "credential report",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("world")
    with (
        as_file(files("remediator.embedded") / "identities") as source,
        Stage(folder, False, NOW.date(), source, OLD_ROOTS) as stage,
    ):
        set_up(stage, NOW)
        stage.aws.analyzer.polls = 0
        yield stage


@pytest.fixture(scope="module")
def ran(stage: Stage) -> Ran:
    report = stage.folder / "root.json"
    report.write_text(json.dumps({"version": 1, "findings": [ROOT]}), encoding="utf-8")
    return run(stage, "--findings", report)


def of(ran: Ran, name: str, finding_class: str) -> dict[str, Any]:
    (found,) = [
        outcome
        for outcome in ran.outcomes
        if outcome["finding"]["class"] == finding_class
        and outcome["finding"]["resource"].rpartition(":")[2].rpartition("/")[2] == name
    ]
    return found


UNUSED, ACCESS, CREDENTIALS = "unused-permissions", "external-access", "unused-credentials"
AUTO, REVIEW, EXEMPT, ALERT = "merged", "proposed", "exempted", "alerted"


@pytest.mark.parametrize(
    ("name", "finding_class", "outcome", "row"),
    [
        pytest.param(name, finding_class, outcome, row, id=label)
        for label, name, finding_class, outcome, row in (
            (
                "unused permissions on a service role, no active session",
                *("orders-api", UNUSED, AUTO, "unused-permissions: auto"),
            ),
            (
                "external access granted to an unknown account",
                *("partner-export", ACCESS, AUTO, "external-access-unknown: auto"),
            ),
            (
                "iam:PassRole unused for 90 days",
                *("deployer", UNUSED, AUTO, "unused-pass-role: auto"),
            ),
            (
                "iam:CreateRole on a human user",
                *("ben", UNUSED, REVIEW, "unused-permissions-human-escalation: review"),
            ),
            (
                "policy attached to a break-glass role",
                *("break-glass-admin", UNUSED, EXEMPT, "unused-permissions-break-glass: exempt"),
            ),
            (
                "cross-account trust with an active session",
                *("vendor-sync", ACCESS, REVIEW, "external-access-active: review"),
            ),
            (
                "cross-account trust of an account that is known",
                *("audit-reader", ACCESS, ALERT, "external-access-known: alert"),
            ),
            (
                "principal with a session in the last 48 hours",
                *("reports-job", UNUSED, REVIEW, "unused-permissions-active-session: review"),
            ),
            (
                "access to production databases",
                *("db-maintenance", UNUSED, REVIEW, "unused-permissions-production-database: rev"),
            ),
            (
                "a person's unused key",
                *("carla", CREDENTIALS, REVIEW, "unused-credentials-human: review"),
            ),
            (
                "a program's key that was never used",
                *("uploader", CREDENTIALS, AUTO, "unused-credentials: auto"),
            ),
            (
                "open to the whole world",
                *("news", ACCESS, REVIEW, "external-access-public: review"),
            ),
        )
    ],
)
def test_a_row_of_the_table(
    ran: Ran, name: str, finding_class: str, outcome: str, row: str
) -> None:
    found = of(ran, name, finding_class)
    assert found["outcome"] == outcome
    said = [check["detail"] for check in found["checks"] if check["name"] == "policy"]
    assert any(text.startswith(row) for text in said)
    changed = {AUTO: "auto", REVIEW: "review"}
    if outcome in changed:
        assert found["disposition"] == changed[outcome]
    assert bool(found["edits"]) is (outcome in changed)


@pytest.mark.parametrize("name", ["search-crawler", "search-indexer"])
def test_what_may_be_a_production_database_is_for_review(ran: Ran, name: str) -> None:
    """On every table that there is: nobody here knows which of them are production's."""
    found = of(ran, name, UNUSED)
    assert (found["outcome"], found["disposition"]) == (REVIEW, "review")
    lowered = {c["name"] for c in found["checks"] if c["verdict"] in ("lowers", "unknown")}
    assert lowered == {"production-databases"}


def test_anything_on_the_exemption_list(ran: Ran) -> None:
    found = of(ran, "legacy-batch", UNUSED)
    assert (found["outcome"], found["reason"]["code"]) == ("exempted", "exemption")
    assert "batch-team@example.com" in found["reason"]["text"]
    assert not found["edits"]


def test_the_root_account_is_never_edited(ran: Ran) -> None:
    found = of(ran, "root", CREDENTIALS)
    assert found["outcome"] == "refused"
    assert found["disposition"] in (None, "review")
    assert not found["edits"]
    assert not found["commit"]


def test_a_job_that_runs_rarely_is_active_whatever_the_window_says(ran: Ran) -> None:
    """Once a quarter: what it used 93 and 96 days ago lies outside the analyzer's 90."""
    found = of(ran, "quarterly-close", UNUSED)
    assert (found["outcome"], found["reason"]["code"]) == ("refused", "nothing-removable")
    (use,) = [check["detail"] for check in found["checks"] if check["name"] == "use"]
    assert "2 are kept" in use


def test_a_permission_that_was_granted_lately_is_left_alone(ran: Ran) -> None:
    found = of(ran, "billing", UNUSED)
    assert (found["outcome"], found["reason"]["code"]) == ("refused", "nothing-removable")
    (use,) = [check["detail"] for check in found["checks"] if check["name"] == "use"]
    assert "0 services and 0 actions may go, 2 are kept" in use
    assert not found["edits"]


def test_an_action_is_judged_by_its_own_use_and_not_by_its_roles(ran: Ran) -> None:
    """The orders API is at work every day: what it uses stays, action by action."""
    found = of(ran, "orders-api", UNUSED)
    before, after = found["proof"]["before"], found["proof"]["after"]
    for action in ("s3:GetObject", "s3:PutObject", "s3:GetBucketLocation", "sqs:SendMessage"):
        assert action in str(before)
        assert action in str(after)
    for action in ("s3:DeleteBucket", "s3:PutBucketPolicy", "sns:Publish"):
        assert action in str(before)
        assert action not in str(after)


def test_a_shared_policy_loses_what_all_of_its_holders_leave_unused(ran: Ran) -> None:
    """The collector makes log groups, and the shipper does not; neither deletes any."""
    shipper, collector = of(ran, "log-shipper", UNUSED), of(ran, "log-collector", UNUSED)
    assert shipper["outcome"] == collector["outcome"] == "proposed"
    assert shipper["branch"] == collector["branch"]
    (gone,) = [c for c in shipper["proof"]["checks"] if c["name"] == "gone"]
    assert gone["verdict"] == "lowers"
    assert (
        "logs:createloggroup of aws_iam_policy.logs stays for role log-collector" in gone["detail"]
    )
    before, after = str(collector["proof"]["before"]), str(collector["proof"]["after"])
    assert "logs:DeleteLogGroup" in before
    assert "logs:DeleteLogGroup" not in after
    assert "logs:CreateLogGroup" in after


def test_a_policy_that_others_may_use_is_for_review_with_their_names(ran: Ran) -> None:
    for name, other in (("anna", "carla"), ("carla", "anna")):
        found = of(ran, name, UNUSED)
        assert found["outcome"] == "proposed"
        lowered = [c for c in found["checks"] if c["verdict"] == "lowers"]
        assert any(other in check["detail"] for check in lowered)


def test_a_wide_policy_of_aws_s_gives_way_to_one_with_what_is_used(ran: Ran) -> None:
    found = of(ran, "archive", UNUSED)
    assert (found["outcome"], found["disposition"]) == ("proposed", "review")
    (check,) = [c for c in found["checks"] if c["name"] == "aws-managed"]
    assert check["verdict"] == "lowers"
    written = "".join(edit["text"] for edit in found["edits"])
    assert "aws_iam_policy.amazonsqsfullaccess_used_by_archive.arn" in written
    assert "sqs:SendMessage" in written
    assert "sqs:DeleteQueue" not in written


@pytest.mark.parametrize(
    ("name", "finding_class", "outcome", "code"),
    [
        ("everything-but", UNUSED, "refused", "not-action"),
        ("console-edited", UNUSED, "drifted", "drifted"),
        ("console-made-role", UNUSED, "unmanaged", "unmanaged"),
        ("old-migration", CREDENTIALS, "refused", "left-to-owner"),
        ("erik", CREDENTIALS, "refused", "left-to-owner"),
    ],
)
def test_what_is_not_to_be_done(
    ran: Ran, name: str, finding_class: str, outcome: str, code: str
) -> None:
    found = of(ran, name, finding_class)
    assert (found["outcome"], found["reason"]["code"]) == (outcome, code)
    assert not found["edits"]


@pytest.mark.parametrize(
    ("name", "finding_class", "disposition"),
    [
        ("console-edited", UNUSED, None),
        ("console-made-role", UNUSED, "review"),  # lowered before it ended
        ("billing", UNUSED, "review"),
        ("everything-but", UNUSED, "review"),
        ("old-migration", CREDENTIALS, "review"),
    ],
)
def test_nothing_is_called_automatic_that_was_not_decided(
    ran: Ran, name: str, finding_class: str, disposition: str | None
) -> None:
    assert of(ran, name, finding_class)["disposition"] == disposition


def test_every_finding_ends_as_the_demo_says(ran: Ran) -> None:
    ended: dict[str, list[str]] = {}
    for outcome in ran.outcomes:
        ended.setdefault(short(outcome["finding"]["resource"]), []).append(outcome["outcome"])
    told = {name: tuple(sorted(kinds)) for name, kinds in ended.items() if name in EXPECTED}
    assert told == EXPECTED


def test_every_record_is_proven_again(stage: Stage, ran: Ran) -> None:
    """As the required check does; of what is AWS's the text is not there to compare."""
    unsure: dict[str, list[str]] = {}
    commits = bot_branches(stage)
    assert len(commits) == len({o["branch"] for o in ran.outcomes if o["branch"]})
    for branch, commit in commits.items():
        verified = remediator(
            *("verify", f"{commit}^", commit, "--repository", stage.remote, "--format", "json")
        )
        assert verified.status == 0, verified.out
        (record,) = json.loads(verified.out)["records"]
        unsure[branch] = [c["name"] for c in record["checks"] if c["verdict"] != "pass"]
    archive = of(ran, "archive", UNUSED)["branch"]
    assert {b: names for b, names in unsure.items() if names} == {archive: ["narrower"]}


def test_nothing_else_was_found(ran: Ran) -> None:
    names = {o["finding"]["resource"].rpartition(":")[2].rpartition("/")[2] for o in ran.outcomes}
    assert len(names) == len(EXPECTED) + 1  # and the root account
