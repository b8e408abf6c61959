"""`remediator run` on the demo's world: every kind of outcome, and what it leaves on the remote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commandline import Ran, bot_branches, refs, remediator, run, untouched_parts

from remediator.embedded.stage import EXPECTED, Stage


@dataclass(frozen=True)
class Seen:
    """The remote's refs and the checkout after a command, and what it said."""

    ran: Ran
    remote: dict[str, str]
    checkout: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """Started, observed (twice), enforced, run again, and once more after an apply."""

    start: Seen
    defaulted: Seen
    observed: Seen
    first: Seen
    second: Seen
    applied: Seen
    resolved_id: str
    names: dict[str, str]
    commits: dict[str, str]
    log: tuple[tuple[str, ...], ...]
    changed: dict[str, tuple[str, ...]]

    def kinds(self, seen: Seen) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for outcome in seen.ran.outcomes:
            group = outcome["finding"]["resource"].rpartition("/")[2]
            found.setdefault(self.names[group], []).append(outcome["outcome"])
        return {name: sorted(kinds) for name, kinds in found.items()}

    def outcomes(self, seen: Seen, name: str) -> list[dict[str, Any]]:
        found = [o for o in seen.ran.outcomes if self._name(o) == name]
        assert found
        return found

    def _name(self, outcome: dict[str, Any]) -> str:
        return self.names[outcome["finding"]["resource"].rpartition("/")[2]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One world is played from its start to its end, and closed before the first test."""
    folder = tmp_path_factory.mktemp("world")
    with Stage(folder, False, datetime.now(UTC).date()) as stage:
        stage.prepare_aws()
        stage.apply()
        stage.open_by_hand()
        names = stage.groups()
        (clean,) = [i for i, n in names.items() if n == "default"]
        stage.aws.faults.keep_flagging(clean)

        def seen(ran: Ran) -> Seen:
            return Seen(ran, refs(stage.remote), untouched_parts(stage.checkout))

        start = seen(Ran(0, "", ""))
        enforcing = stage.config.read_text()
        stage.config.write_text(re.sub(r"mode: enforce.*\n", "", enforcing))
        defaulted = seen(run(stage))
        stage.config.write_text(enforcing)
        observed = seen(run(stage, "--observe"))
        first = seen(run(stage))
        log = stage.git("log", "--first-parent", "--format=%H %P", "main", folder=stage.remote)
        commits = bot_branches(stage)
        changed = {
            branch: tuple(
                stage.git("diff", "--name-only", f"{head}^", head, folder=stage.remote).split()
            )
            for branch, head in commits.items()
        }
        second = seen(run(stage))
        stage.apply()
        applied = seen(run(stage))
    lines = tuple(tuple(line.split()) for line in log.splitlines())
    return Story(
        start, defaulted, observed, first, second, applied, clean, names, commits, lines, changed
    )


def test_every_finding_ends_as_the_demo_says(story: Story) -> None:
    kinds = story.kinds(story.first)
    assert {n: tuple(k) for n, k in kinds.items() if n != "default"} == EXPECTED
    assert set(kinds["default"]) == {"resolved"}
    assert story.first.ran.status == 0


def test_stdout_has_the_outcomes_and_stderr_the_notes(story: Story) -> None:
    ran = story.first.ran
    counts = "6 merged, 3 proposed, 1 alerted, 1 exempted, 1 refused, 1 drifted, 1 unmanaged"
    assert f"findings: {counts}, 2 resolved\n" in ran.out
    assert "Config is late" in ran.out
    assert ran.err == "no AWS Config rule for VPC_SG_PORT_RESTRICTION_CHECK in us-east-1\n"


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("web-admin", "merged", r"merged into main as [0-9a-f]{12}"),
        ("metrics", "review", r"pushed to remediator/open-port-[0-9a-f]{12} for review"),
        ("bastion-eu", "review", r"pushed to remediator/open-admin-port-[0-9a-f]{12} for review"),
        ("public-web", "open-web-port", r"alert only: Ports 80 and 443"),
        ("partner-transfer", "exemption", r"partner-transfer until 20.*partner-team@example\.com"),
        ("support", "ignored-changes", r"ignores changes of its rules"),
        ("warehouse", "drifted", r"outside Terraform; the next apply of live/data closes it"),
        ("console-made", "unmanaged", r"no Terraform state knows sg-.*import it"),
        ("default", "not-live", r"Config is late"),
    ],
)
def test_each_kind_has_its_reason(story: Story, name: str, code: str, text: str) -> None:
    for outcome in story.outcomes(story.first, name):
        assert outcome["reason"]["code"] == code
        assert re.search(text, outcome["reason"]["text"])
        assert re.search(text, story.first.ran.out)


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("web-admin", "auto"),
        ("bastion-eu", "review"),
        ("public-web", "alert"),
        ("partner-transfer", "exempt"),
        ("support", "auto"),  # decided, and not to be done
        ("warehouse", None),
        ("console-made", "review"),  # lowered before it ended
        ("default", None),
    ],
)
def test_nothing_is_called_automatic_that_was_not_decided(
    story: Story, name: str, disposition: str | None
) -> None:
    for seen in (story.observed, story.first):
        for outcome in story.outcomes(seen, name):
            assert outcome["disposition"] == disposition, outcome
            resolved = outcome["outcome"] == "resolved"
            assert ("policy" in [c["name"] for c in outcome["checks"]]) is not resolved


def test_automatic_changes_are_merges_of_a_branch_with_one_commit(story: Story) -> None:
    start = story.start.remote["refs/heads/main"]
    merges = story.log[: -len([line for line in story.log if line[0] == start])]
    assert len(merges) == 5
    expected_base = start
    for merge, *parents in reversed(merges):
        base, change = parents
        assert base == expected_base
        assert change in story.commits.values()
        expected_base = merge
    assert story.first.remote["refs/heads/main"] == expected_base


def test_exactly_the_files_that_cause_it_change(story: Story) -> None:
    assert sorted(story.changed.values()) == [
        ("live/prod/admin.tf",),
        ("live/prod/admin.tf",),
        ("live/prod/admin.tf",),
        ("live/prod/metrics.tf",),
        ("live/prod/network.tf",),
        ("live/prod/network.tf",),
        ("live/staging/terraform.tfvars",),
        ("modules/ssh-box/main.tf",),
    ]


def test_only_main_and_branches_of_ours_appear_on_the_remote(story: Story) -> None:
    assert set(story.start.remote) == {"refs/heads/main"}
    new = set(story.first.remote) - {"refs/heads/main"}
    assert len(new) == 8
    assert all(
        re.fullmatch(r"refs/heads/remediator/open-(admin-)?port-[0-9a-f]{12}", n) for n in new
    )


@pytest.mark.parametrize("which", ["defaulted", "observed"])
def test_observation_writes_nothing_anywhere(story: Story, which: str) -> None:
    seen: Seen = getattr(story, which)
    assert seen.remote == story.start.remote
    assert seen.checkout == story.start.checkout
    assert seen.ran.status == 0
    assert "observation mode: nothing was written" in seen.ran.err
    assert "would be merged; nothing was written" in seen.ran.out
    assert re.search(r"findings: \d+ would be merged, \d+ would be proposed, 1 al", seen.ran.out)
    assert not re.search("^(merged|proposed) ", seen.ran.out, re.MULTILINE)
    assert seen.ran.document is not None
    assert seen.ran.document["mode"] == "observe"
    assert story.kinds(seen) == story.kinds(story.first)
    assert not any(o["commit"] or o["branch"] for o in seen.ran.outcomes)


def test_a_run_leaves_the_checkout_as_it_was(story: Story) -> None:
    assert story.first.checkout == story.start.checkout
    assert story.second.checkout == story.start.checkout


def test_running_again_before_the_apply_changes_nothing(story: Story) -> None:
    assert story.second.remote == story.first.remote
    again, before = story.kinds(story.second), story.kinds(story.first)
    del again["windows-jobs"], before["windows-jobs"]
    assert again == before
    for outcome in story.outcomes(story.second, "web-admin"):
        assert outcome["reason"]["code"] == "awaiting-apply"
    for outcome in story.outcomes(story.second, "legacy-appliance"):
        assert outcome["reason"]["code"] == "waiting"
        assert outcome["commit"] in story.commits.values()


def test_a_removed_resource_too_is_said_to_wait_for_its_apply(story: Story) -> None:
    for outcome in story.outcomes(story.second, "windows-jobs"):
        assert (outcome["outcome"], outcome["reason"]["code"]) == ("merged", "awaiting-apply")


def test_after_the_apply_only_what_wants_a_person_is_left(story: Story) -> None:
    branches = {n: c for n, c in story.applied.remote.items() if n != "refs/notes/remediator"}
    assert branches == story.first.remote
    kinds = {n: k for n, k in story.kinds(story.applied).items() if n != "default"}
    assert kinds == {
        "public-web": ["alerted"],
        "bastion-eu": ["proposed"],
        "legacy-appliance": ["proposed"],
        "metrics": ["proposed"],
        "partner-transfer": ["exempted"],
        "support": ["refused"],
        "console-made": ["unmanaged"],
    }


# The JSON document, key by key ---------------------------------------------------------------

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
KEYS = {
    "finding": {"id", "class", "source", "resource", "account", "region", "created_at"},
    "reason": {"code", "text", "advice"},
    "terraform": {"root", "address", "file", "line"},
    "proof": {"checks", "before", "after"},
}
KINDS = {"merged", "proposed", "alerted", "exempted", "refused", "drifted", "unmanaged", "resolved"}


def test_the_document_is_what_the_contract_says(story: Story) -> None:
    document = story.first.ran.document
    assert document is not None
    keys = {"version", "mode", "started_at", "finished_at", "outcomes", "awaiting_apply"}
    keys.add("aws_calls")
    assert set(document) == keys
    assert (document["version"], document["mode"]) == (1, "enforce")
    assert re.fullmatch(TIME, document["started_at"])
    assert document["started_at"] <= document["finished_at"]
    for outcome in document["outcomes"]:
        _check_outcome(outcome)


def _check_outcome(outcome: dict[str, Any]) -> None:
    assert set(outcome) == {
        *("finding", "outcome", "reason", "terraform", "disposition", "checks", "edits"),
        *("proof", "commit", "branch", "pull_request", "timings"),
    }
    for key, inner in KEYS.items():
        assert outcome[key] is None or set(outcome[key]) == inner
    assert outcome["outcome"] in KINDS
    finding = outcome["finding"]
    assert finding["account"] == "123456789012"
    assert finding["region"] == "us-east-1"
    assert finding["created_at"] is None or re.fullmatch(TIME, finding["created_at"])
    assert outcome["disposition"] in (None, "exempt", "alert", "review", "auto")
    for check in (*outcome["checks"], *(outcome["proof"] or {"checks": ()})["checks"]):
        assert set(check) == {"name", "verdict", "detail"}
        assert check["verdict"] in ("pass", "lowers", "unknown", "skipped")
    for edit in outcome["edits"]:
        assert set(edit) == {"file", "start", "end", "text"}
        assert 0 <= edit["start"] <= edit["end"]
    assert all(isinstance(seconds, float) for seconds in outcome["timings"].values())
    delivered = outcome["reason"]["code"] in ("merged", "review")
    assert bool(outcome["edits"]) == bool(outcome["proof"]) == delivered
    assert bool(outcome["branch"]) == bool(outcome["commit"]) == delivered


def test_the_proof_is_the_access_before_and_after(story: Story) -> None:
    (outcome,) = story.outcomes(story.first, "web-admin")
    assert "0.0.0.0/0" in outcome["proof"]["before"]
    assert "0.0.0.0/0" not in outcome["proof"]["after"]
    assert "198.51.100.0/24" in outcome["proof"]["after"]
    assert {c["name"] for c in outcome["proof"]["checks"]} >= {
        *("bytes-outside", "addresses", "second-reader", "narrower", "exact", "gone")
    }
    assert outcome["terraform"] == {
        "root": "live/prod",
        "address": "aws_security_group.web_admin",
        "file": "live/prod/admin.tf",
        "line": 2,
    }


def test_a_configuration_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ran = remediator("run", "--config", tmp_path / "none.yaml")
    assert ran.status == 2
    assert "none.yaml" in ran.err
    assert ran.out == ""
