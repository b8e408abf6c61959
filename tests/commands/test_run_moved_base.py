"""The base moves between our look and GitHub's merge: what was merged is proven again, and told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commandline import WORLD, Ran, SmallStage, group, ingress, one_root, remediator

from remediator.embedded.github.commit_shapes import person_of
from remediator.embedded.github.events import leave_queue, settle
from remediator.embedded.github.pull_changes import merge_now
from remediator.embedded.github.rules import Requirements
from remediator.embedded.github.world import Repository, Review, Status
from remediator.embedded.on_github import NAME, OnGitHub

FILE = "live/prod/main.tf"
INSIDE = ingress("10.0.0.0/8", port=443)
SOURCE = one_root(group("web", ingress("10.0.0.0/8", WORLD), INSIDE), group("other", INSIDE))
MERGE = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"


@dataclass
class Hub:
    stage: SmallStage
    on: OnGitHub
    repo: Repository

    def run(self, *arguments: str) -> Ran:
        file = self.stage.folder / "outcomes.json"
        file.unlink(missing_ok=True)
        self.on.server.traffic.reset()
        env = {**self.on.environment, "GITHUB_TOKEN": None}
        ran = remediator("run", "--config", self.on.config, "--json", file, *arguments, env=env)
        found = json.loads(file.read_text()) if file.exists() else None
        return Ran(ran.status, ran.out, ran.err, found)

    def audit(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        env = {**self.on.environment, "GITHUB_TOKEN": None}
        more = ("--format", "json", *arguments)
        ran = remediator("audit", "--config", self.on.config, *more, env=env)
        return ran.status, json.loads(ran.out)

    def git(self, *arguments: str) -> str:
        return self.stage.git(*arguments, folder=self.repo.git.path)

    def shell(self, line: str) -> str:
        asked = ["sh", "-c", line]
        done = subprocess.run(asked, cwd=self.repo.git.path, capture_output=True, check=False)
        return done.stdout.decode().strip()

    def commit(self, edit: Callable[[str], str], path: str = FILE) -> str:
        """A colleague's commit on the base, this very moment."""
        git, ref = self.repo.git, "refs/heads/main"
        tip, world = git.refs()[ref], self.on.server.world
        text = edit(self.git("show", f"{tip}:{path}"))
        tree = git.write_tree(tip, [("100644", path, git.write(text.encode()))])
        sam = person_of(world.user("sam"), world.clock())
        made = git.write_commit(tree, (tip,), "Work\n", sam, sam)
        assert git.update(ref, made, tip)
        settle(world, self.repo, world.user("sam"))
        return made

    def amend(self, edit: Callable[[str], str], message: str) -> None:
        """Somebody makes the last commit anew, with its record."""
        git, ref = self.repo.git, "refs/heads/main"
        tip = git.refs()[ref]
        old = git.commit(tip)
        text = edit(self.git("show", f"{tip}:{FILE}"))
        tree = git.write_tree(tip, [("100644", FILE, git.write(text.encode()))])
        made = git.write_commit(tree, old.parents, message, old.author, old.committer)
        assert git.update(ref, made, tip)

    def before_merge(self, edit: Callable[[str], str]) -> None:
        """After we looked at the base, and before GitHub merges."""
        left = [edit]

        def push(asked: Any) -> None:
            if asked.route == MERGE and left:
                self.commit(left.pop())

        self.on.server.traffic.before.append(push)

    def pass_checks(self) -> None:
        """The required check passes, and GitHub merges by itself."""
        ((_, pull),) = [(i, p) for i, p in self.repo.pulls() if i.state == "open"] or [
            *self.repo.pulls()
        ]
        if pull.merged_at is None and pull.queued is None:
            self._status()
        settle(self.on.server.world, self.repo, self.on.server.world.user("sam"))
        assert pull.merged_at is not None

    def queue_up(self) -> None:
        """The required check passes, and the pull request is in the merge queue."""
        self._status()
        ((_, pull),) = self.repo.pulls()
        assert pull.queued is not None

    def take_out(self) -> None:
        """Of the merge queue, by hand."""
        world = self.on.server.world
        ((_, pull),) = self.repo.pulls()
        leave_queue(world, pull, world.user("sam"))

    def fail_checks(self) -> None:
        self._status("failure")

    def _status(self, state: str = "success") -> None:
        world = self.on.server.world
        ((_, pull),) = [(i, p) for i, p in self.repo.pulls() if i.state == "open"]
        sam, now = world.user("sam"), world.clock()
        status = Status(world.new_id(), sam, pull.head_sha, state, "plan", None, None, now)
        self.repo.statuses.append(status)
        settle(world, self.repo, sam)

    def object_to(self) -> None:
        world = self.on.server.world
        ((_, pull),) = self.repo.pulls()
        sam = world.user("sam")
        pull.reviews.append(
            Review(world.new_id(), sam, "CHANGES_REQUESTED", "No", pull.head_sha, world.clock())
        )

    def squash_by_hand(self) -> None:
        """A person merges, and leaves the words to GitHub."""
        self._status()
        world = self.on.server.world
        ((issue, pull),) = self.repo.pulls()
        sam = self.on.server.person("sam", self.repo)
        merge_now(world, self.repo, issue, pull, sam, "squash", None, None, None)
        settle(world, self.repo, sam.user)

    @property
    def head(self) -> str:
        return self.repo.git.refs()["refs/heads/main"]

    def note(self) -> dict[str, str]:
        text = self.git("notes", "--ref=remediator", "show", self.head)
        return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with SmallStage(tmp_path, SOURCE) as stage, OnGitHub(stage) as on:
        yield Hub(stage, on, on.server.world.repositories[NAME])


def other_lines(text: str) -> str:
    return text + "\n" + group("third", INSIDE)


def widened(text: str) -> str:
    """The same group lets the world in by another rule, too."""
    block = "\n" + INSIDE
    assert text.count(block) == 2
    return text.replace(block, block + "\n" + ingress(WORLD), 1)


def waits(hub: Hub, **settings: Any) -> None:
    """The change waits with auto-merge for a check."""
    hub.on.server.add_ruleset(hub.repo, Requirements(contexts=("plan",)))
    hub.repo.settings.allow_auto_merge = True
    for name, value in settings.items():
        setattr(hub.repo.settings, name, value)
    assert hub.run().only()["reason"]["code"] == "auto-merge"


def test_other_lines_of_the_same_file(hub: Hub) -> None:
    hub.before_merge(other_lines)
    ran = hub.run()
    parent = hub.git("rev-parse", f"{hub.head}^").strip()
    assert ran.status == 0, ran.err
    text = ran.only()["reason"]["text"]
    assert f"the base had moved to {parent[:12]}, and it was proven again: it holds" in text
    note = hub.note()
    assert note["Base-Moved"] == parent
    assert note["Proven-Again"].startswith("pass: ")
    assert "applied" not in note
    again = hub.run()
    assert (again.status, hub.on.server.traffic.writes) == (0, ())
    assert hub.audit("--prove")[0] == 0


def test_the_same_group_is_opened_again(hub: Hub) -> None:
    hub.before_merge(widened)
    ran = hub.run()
    assert ran.status == 3
    (merged,) = [o for o in ran.outcomes if o["outcome"] == "merged"]
    assert "on the merged tree it does NOT hold: its After is not" in merged["reason"]["text"]
    assert f"merged as {hub.head[:12]}: the base had moved" in ran.err
    assert hub.note()["Proven-Again"].startswith("wrong: its After is not what the code after")
    again = hub.run()
    assert (again.status, "the base had moved" in again.err) == (0, False)
    assert hub.audit("--no-prove")[0] == 0
    status, report = hub.audit()
    assert status == 1
    (alarm,) = report["alarms"]
    assert alarm["code"] == "unproven-claim"
    assert "its After is not what the code after allows" in alarm["text"]


def test_a_base_that_stands_still_is_not_told_of(hub: Hub) -> None:
    ran = hub.run()
    assert "moved" not in ran.only()["reason"]["text"]
    assert "refs/notes/remediator" not in hub.repo.git.refs()


@pytest.mark.parametrize(("edit", "holds"), [(other_lines, True), (widened, False)])
def test_auto_merge_onto_a_base_that_moved_is_seen_by_the_next_run(
    hub: Hub, edit: Callable[[str], str], holds: bool
) -> None:
    waits(hub)
    hub.commit(edit)
    hub.pass_checks()
    ran = hub.run()
    assert ran.status == (0 if holds else 3), ran.err
    assert hub.note()["Proven-Again"].startswith("pass: " if holds else "wrong: ")
    assert ("does NOT hold" in ran.err) is not holds
    assert hub.run().status == 0


def test_a_setting_that_would_keep_it_from_moving_is_named(hub: Hub) -> None:
    waits(hub)
    ran = hub.run()
    assert "“Require branches to be up to date before merging”" in ran.err
    board = next(i for i in hub.repo.issues.values() if i.pull is None)
    assert "Require branches to be up to date" in (board.body or "")
    ((_, pull),) = hub.repo.pulls()
    assert pull.auto_merge is not None


def test_where_branches_have_to_be_up_to_date_nothing_is_said(hub: Hub) -> None:
    hub.on.server.add_ruleset(hub.repo, Requirements(contexts=("plan",), strict=True))
    hub.repo.settings.allow_auto_merge = True
    ran = hub.run()
    assert ran.only()["reason"]["code"] == "auto-merge"
    assert "up to date" not in ran.err
