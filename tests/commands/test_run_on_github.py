"""`remediator run` on the demo's world, with `github:` and an embedded GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commandline import Ran, remediator

from remediator.embedded.github.rules import Requirements
from remediator.embedded.on_github import NAME, OnGitHub
from remediator.embedded.stage import EXPECTED, Stage


class Played:
    """The demo's repository on GitHub, before anything was changed."""

    def __init__(self, stage: Stage, hub: OnGitHub) -> None:
        self.stage, self.hub = stage, hub
        self.repo = hub.server.world.repositories[NAME]

    def run(self, *arguments: str, secret: bool = True) -> Ran:
        file = self.stage.folder / "outcomes.json"
        file.unlink(missing_ok=True)
        token = self.hub.environment["REMEDIATOR_GITHUB_TOKEN"] if secret else None
        env = {"REMEDIATOR_GITHUB_TOKEN": token, "GITHUB_TOKEN": None}
        self.hub.server.traffic.reset()
        ran = remediator("run", "--config", self.hub.config, "--json", file, *arguments, env=env)
        found = json.loads(file.read_text()) if file.exists() else None
        return Ran(ran.status, ran.out, ran.err, found)

    @property
    def writes(self) -> tuple[str, ...]:
        return self.hub.server.traffic.writes

    def ends(self, ran: Ran) -> dict[str, list[str]]:
        names, found = self.stage.groups(), dict[str, list[str]]()
        for outcome in ran.outcomes:
            group = outcome["finding"]["resource"].rpartition("/")[2]
            found.setdefault(names[group], []).append(outcome["outcome"])
        return found


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    with Stage(tmp_path, False, datetime.now(UTC).date()) as stage:
        stage.prepare_aws()
        stage.apply()
        stage.open_by_hand()
        with OnGitHub(stage) as hub:
            with hub.config.open("a", encoding="utf-8") as file:
                file.write("  hourly_limit: 10\n")
            yield Played(stage, hub)


def by_outcome(ran: Ran, outcome: str) -> list[dict[str, Any]]:
    return [o for o in ran.outcomes if o["outcome"] == outcome]


def test_the_loop_ends_as_without_github_and_the_second_run_is_silent(played: Played) -> None:
    first = played.run()
    assert first.status == 0, first.err
    ends = played.ends(first)
    assert {n: tuple(sorted(ends.get(n, []))) for n in EXPECTED} == dict(EXPECTED)
    for outcome in by_outcome(first, "merged") + by_outcome(first, "proposed"):
        assert outcome["pull_request"].startswith(f"{played.hub.server.url}/{NAME}/pull/")
    merged = {o["pull_request"] for o in by_outcome(first, "merged")}
    pulls = [*played.repo.pulls()]
    assert len([1 for _, pull in pulls if pull.merged_at]) == len(merged)
    asked = {u.login for _, pull in pulls if not pull.merged_at for u in pull.reviewers}
    assert asked == {"sam"}
    second = played.run()
    assert second.status == 0, second.err
    assert played.writes == ()
    assert {o["reason"]["code"] for o in by_outcome(second, "merged")} == {"awaiting-apply"}
    assert {o["reason"]["code"] for o in by_outcome(second, "proposed")} == {"waiting"}


def test_what_waits_for_room_is_not_told_as_refused(played: Played) -> None:
    with played.hub.config.open("a", encoding="utf-8") as file:
        file.write("  open_limit: 1\n")
    ran = played.run()
    limited = [o for o in by_outcome(ran, "refused") if o["reason"]["code"] == "limited"]
    refused = len(by_outcome(ran, "refused")) - len(limited)
    assert limited
    assert f"{refused} refused" in ran.out
    assert f"{len(limited)} waiting for room\n" in ran.out
    starts = [line.split()[0] for line in ran.out.splitlines() if line[:1].isalpha()]
    assert (starts.count("waiting"), starts.count("refused")) == (len(limited), refused)
    board = next(i.body for i in played.repo.issues.values() if i.pull is None)
    assert f"; {len(limited)} wait for room; " in (board or "")


def test_observing_asks_github_nothing(played: Played) -> None:
    ran = played.run("--observe", secret=False)
    assert ran.status == 0, ran.err
    assert [a.route for a, _ in played.hub.server.traffic.log if "GIT" not in a.route] == []
    assert {o["pull_request"] for o in ran.outcomes} == {None}


def test_without_a_secret_it_says_where_one_belongs(played: Played) -> None:
    ran = played.run(secret=False)
    assert ran.status == 2
    assert "REMEDIATOR_GITHUB_TOKEN" in ran.err
    assert played.writes == ()


def test_where_the_base_has_rules_nothing_is_merged_around_them(played: Played) -> None:
    played.hub.server.add_ruleset(played.repo, Requirements(contexts=("plan",)))
    ran = played.run()
    assert by_outcome(ran, "merged") == []
    blocked = [o for o in ran.outcomes if o["reason"]["code"] == "blocked"]
    assert blocked
    assert "Allow auto-merge" in ran.err
    played.repo.settings.allow_auto_merge = True
    again = played.run()
    codes = {o["reason"]["code"] for o in by_outcome(again, "proposed")}
    assert codes == {"auto-merge", "waiting"}
    assert not any(pull.merged_at for _, pull in played.repo.pulls())


def test_github_is_away(played: Played) -> None:
    played.hub.server.faults.fail("GET /repos/{owner}/{repo}", times=None)
    ran = played.run()
    assert ran.status == 3
    assert "GitHub: answered 502" in ran.err


def test_pages_for_a_browser(played: Played, tmp_path: Path) -> None:
    played.run()
    pages = played.hub.pages(tmp_path / "pages")
    text = pages[0].read_text()
    assert "<h2>Wait for a person (3)</h2>" in text
    assert 'href="pull-request-' in text
    assert len(pages) == 1 + len([*played.repo.pulls()])
    assert all("<h2>Files changed</h2>" in p.read_text() for p in pages[1:])
    assert all("<input type=checkbox> " in p.read_text() for p in pages[:1])
    assert "<li><input" not in text  # each box is in a label


def test_the_audit_names_owners_and_who_agreed(played: Played) -> None:
    """As the demo's last page has it."""
    played.run()
    played.hub.agree()
    secret = dict(played.hub.environment)
    ran = remediator("audit", "--config", played.hub.config, "--format", "json", env=secret)
    assert ran.status == 0, ran.err
    document = json.loads(ran.out)
    by_people = [r for r in document["records"] if r["reviewers"]]
    assert {(*r["reviewers"], r["forge_merged_by"]) for r in by_people} == {("sam", "alex")}
    assert len(by_people) == 3
    assert all(r["pull_request"] and r["code_owners"] == ["@sam"] for r in by_people)
    assert document["proven"]["wrong"] == document["proven"]["unknown"] == 0
