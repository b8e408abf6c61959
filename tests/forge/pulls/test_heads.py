"""A branch's head is merged only where it is the wanted commit, and nothing else comes with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from runs import IDENTITY, World, run_git, world

from remediator.model import Change, Check

MERGING = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"
US = ("-c", f"user.name={IDENTITY[0]}", "-c", f"user.email={IDENTITY[1]}")


def not_merged(w: World) -> str:
    """An automatic change that GitHub would not merge yet; its head."""
    w.server.faults.fail(MERGING, 405)
    w.run(auto=["a"])
    w.server.faults.clear()
    return str(w.only().head.sha)


def smuggled(w: World, head: str) -> None:
    """A commit below ours."""
    w.git("checkout", "-q", "-B", "here", "origin/main")
    w.write({"live/prod/more.tf": "open\n"})
    w.git("cherry-pick", head)


def made_a_link(w: World, head: str) -> None:
    """The very bytes of the file, as where a symbolic link leads to."""
    w.git("checkout", "-q", "-B", "here", head)
    blob = w.git("rev-parse", "HEAD:live/prod/a.tf")
    w.git("update-index", "--cacheinfo", f"120000,{blob},live/prod/a.tf")
    w.git(*US, "commit", "-q", "--amend", "--no-edit")
    w.git("reset", "-q", "--hard")


@pytest.mark.parametrize("forge", [smuggled, made_a_link])
def test_what_somebody_wrote_down_as_our_head_is_not_merged(
    tmp_path: Path, forge: Callable[[World, str], None]
) -> None:
    """Whoever may write to the repository can push to the branch and edit the body's mark."""
    with world(tmp_path) as w:
        head = not_merged(w)
        pull = w.only()
        w.git("fetch", "-q", "origin")
        forge(w, head)
        w.git("push", "-q", "-f", "origin", f"here:{pull.head.ref}")
        forged = w.git("rev-parse", "HEAD")
        pull.edit(body=pull.body.replace(head, forged))
        assert w.run(auto=["a"]).codes() == {"a": "merged"}
        there = run_git(w.repo.git.path, "ls-tree", "-r", "main")
        assert "more.tf" not in there
        assert "120000" not in there
        assert forged not in run_git(w.repo.git.path, "rev-list", "main").split()
        assert w.base_file("a") == "shut"


# The record on it ---------------------------------------------------------------------------


def test_what_was_proposed_for_review_and_merges_by_itself_says_so(tmp_path: Path) -> None:
    """The files are the same; the record of the merge is of the decision that merged it."""
    with world(tmp_path) as w:
        w.run()
        head = w.only().head.sha
        assert w.run(auto=["a"]).codes() == {"a": "merged"}
        line = run_git(w.repo.git.path, "rev-list", "main").split()
        assert head not in line
        said = run_git(w.repo.git.path, "log", "-1", "--format=%B", "main^2")
        assert "\nDisposition: auto\n" in said
        assert "\nPolicy-Row: open-admin-port sha256:" in said


def test_what_fell_to_review_does_not_say_that_it_merged_by_itself(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        not_merged(w)
        assert w.run().codes() == {"a": "review"}
        assert w.run().writes == ()
        w.only().merge()
        said = run_git(w.repo.git.path, "log", "-1", "--format=%B", "main^2")
        assert "\nDisposition: review\n" in said


def test_an_automatic_change_cites_the_policy_of_today(tmp_path: Path) -> None:
    def by_another(made: Change) -> Change:
        return replace(made, decision=replace(made.decision, policy_digest="a" * 64))

    with world(tmp_path) as w:
        not_merged(w)
        assert w.run(auto=["a"], a=by_another).codes() == {"a": "merged"}
        said = run_git(w.repo.git.path, "log", "-1", "--format=%B", "main^2")
        assert f"\nPolicy-Row: open-admin-port sha256:{'a' * 64}\n" in said


def test_what_waits_for_a_person_is_not_made_again_for_another_policy(tmp_path: Path) -> None:
    """It says by which it was decided, and a push would take approvals away."""

    def by_another(made: Change) -> Change:
        return replace(made, decision=replace(made.decision, policy_digest="a" * 64))

    with world(tmp_path) as w:
        w.run()
        assert "GIT push" not in w.run(a=by_another).writes


FORGED = {
    "check": (r"(?m)^(Check: exemption: pass): .*$", r"\1: the owner agreed"),
    "verdict": (r"(?m)^(Check: freshness): pass: ", r"\1: lowers: "),
    "no check": (r"(?m)^Check: freshness: .*\n", ""),
    "proof": (r"(?m)^(Proof: plan): skipped: .*$", r"\1: pass: the plan has this change alone"),
    "before": (r"(?m)^(Before): .*$", r'\1: {"ingress":[]}'),
    "address": (r"(?m)^(Terraform-Address): .*$", r"\1: live/prod:aws_security_group.other"),
    "created": (r"(?m)^(Finding-Created): .*$", r"\1: 2026-11-29T00:00:00Z"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_record_that_somebody_rewrote_is_not_merged(tmp_path: Path, what: str) -> None:
    """By anybody who may push, under our address: the files are right, and the record lies."""
    with world(tmp_path) as w:
        head = not_merged(w)
        w.git("fetch", "-q", "origin")
        w.git("checkout", "-q", "-B", "here", head)
        said = w.git("log", "-1", "--format=%B")
        forged = re.sub(*FORGED[what], said)
        assert forged != said
        w.git(*US, "commit", "-q", "--amend", "-m", forged)
        w.git("push", "-q", "-f", "origin", f"here:{w.only().head.ref}")
        assert w.run(auto=["a"]).codes() == {"a": "merged"}
        assert run_git(w.repo.git.path, "log", "-1", "--format=%B", "main^2") == said


def test_what_only_got_older_is_not_made_again(tmp_path: Path) -> None:
    """Checks say how long ago something was seen, and each run looks anew."""

    def aged(made: Change) -> Change:
        decision = made.decision
        older = tuple(replace(c, detail=c.detail.replace("0 h", "31 h")) for c in decision.checks)
        assert older != decision.checks
        seen = tuple(
            replace(f, observed_at=f.observed_at + timedelta(days=3)) for f in made.findings
        )
        return replace(made, decision=replace(decision, checks=older), findings=seen)

    with world(tmp_path) as w:
        head = not_merged(w)
        w.later(days=3)
        assert w.run(auto=["a"], a=aged).codes() == {"a": "merged"}
        assert head in run_git(w.repo.git.path, "rev-list", "main").split()


def test_what_was_seen_of_each_finding_at_a_time_of_its_own_is_not_made_again(
    tmp_path: Path,
) -> None:
    """Ages that differ by a minute are told for each finding, and else once."""

    def apart(made: Change) -> Change:
        checks = [c for c in made.decision.checks if c.name != "freshness"]
        seen = [
            Check.passed("freshness", f"observed 0 h 0{n} min ago (web-{n} (old))") for n in (1, 2)
        ]
        return replace(made, decision=replace(made.decision, checks=(*checks, *seen)))

    with world(tmp_path) as w:
        head = not_merged(w)
        assert w.run(auto=["a"], a=apart).codes() == {"a": "merged"}
        assert head in run_git(w.repo.git.path, "rev-list", "main").split()
