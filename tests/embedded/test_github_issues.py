"""The stand-in's issues, labels, comments, checks, statuses and search, through PyGithub."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from github import GithubException
from githubhub import Hub, client, refused


def test_an_issue_is_made_edited_and_closed(hub: Hub) -> None:
    made = hub.client.create_issue("Dashboard", body="- [ ] one", labels=["remediator"])
    assert (made.number, [label.name for label in made.labels]) == (1, ["remediator"])
    made.edit(body="- [x] one")
    assert hub.client.get_issue(1).body == "- [x] one"
    made.edit(state="closed", state_reason="not_planned")
    closed = hub.client.get_issue(1)
    assert (closed.state, closed.state_reason) == ("closed", "not_planned")
    made.edit(state="open")
    assert hub.client.get_issue(1).state == "open"


def test_issues_and_pull_requests_count_in_one_row(hub: Hub) -> None:
    hub.client.create_issue("Dashboard")
    pull = hub.propose()
    assert pull.number == 2
    listed = hub.client.get_issues(state="all")
    assert [(i.number, i.pull_request is not None) for i in listed] == [(2, True), (1, False)]


def test_issues_are_listed_by_label_state_and_author(hub: Hub) -> None:
    hub.client.create_issue("one", labels=["a", "b"])
    hub.client.create_issue("two", labels=["a"])
    hub.client.get_issue(2).edit(state="closed")
    assert [i.title for i in hub.client.get_issues(labels=["a"])] == ["one"]
    assert [i.title for i in hub.client.get_issues(labels=["A"], state="all")] == ["two", "one"]
    assert [i.title for i in hub.client.get_issues(creator="remediator[bot]")] == ["one"]
    assert [i.title for i in hub.client.get_issues(creator="alice", state="all")] == []
    later = datetime.now(UTC) + timedelta(hours=1)
    assert list(hub.client.get_issues(since=later, state="all")) == []


def test_a_repository_without_issues_says_so(hub: Hub) -> None:
    hub.repo.settings.has_issues = False
    with pytest.raises(GithubException) as error:
        hub.client.create_issue("Dashboard")
    assert refused(error) == "410 | Issues are disabled for this repo"


def test_comments_are_listed_since_a_time_edited_and_deleted(hub: Hub) -> None:
    issue = hub.client.create_issue("Dashboard")
    made = issue.create_comment("first")
    hub.as_person(hub.alice).get_issue(1).create_comment("/remediator rebase")
    assert [(c.user.login, c.body) for c in issue.get_comments()] == [
        ("remediator[bot]", "first"),
        ("alice", "/remediator rebase"),
    ]
    made.edit("second")
    assert issue.get_comment(made.id).body == "second"
    assert [c.body for c in hub.client.get_issues_comments()] == ["second", "/remediator rebase"]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert list(issue.get_comments(since=later)) == []
    made.delete()
    assert hub.client.get_issue(1).comments == 1


def test_labels_are_made_once_put_on_and_taken_off(hub: Hub) -> None:
    made = hub.client.create_label("remediator", "d73a4a", "Made by Remediator")
    with pytest.raises(GithubException) as error:
        hub.client.create_label("Remediator", "d73a4a")
    assert "already_exists" in refused(error)
    pull = hub.propose()
    pull.add_to_labels("remediator", "new")
    assert {label.name for label in hub.client.get_labels()} == {"remediator", "new"}
    pull.remove_from_labels("new")
    assert [label.name for label in hub.client.get_pull(1).labels] == ["remediator"]
    with pytest.raises(GithubException) as error:
        pull.remove_from_labels("new")
    assert error.value.status == 404
    pull.set_labels("other")
    assert [label.name for label in pull.get_labels()] == ["other"]
    assert hub.client.get_label("REMEDIATOR").id == made.id


def test_a_check_run_is_an_apps_own(hub: Hub) -> None:
    sha = hub.propose().head.sha
    with pytest.raises(GithubException) as error:
        hub.as_person(hub.alice).create_check_run("verify", sha)
    assert error.value.status == 403
    made = hub.client.create_check_run("verify", sha, status="in_progress")
    assert hub.client.get_pull(1).mergeable_state == "unstable"
    output = {"title": "Narrower", "summary": "All of it"}
    made.edit(conclusion="success", output=output)
    found = hub.client.get_commit(sha).get_check_runs()
    assert [(r.name, r.status, r.conclusion, r.output.title) for r in found] == [
        ("verify", "completed", "success", "Narrower")
    ]
    assert hub.client.get_pull(1).mergeable_state == "clean"
    other = client(hub.server, hub.server.app("ci", "acme")).get_repo("acme/infrastructure")
    with pytest.raises(GithubException) as error:
        other.get_check_run(made.id).edit(conclusion="failure")
    assert error.value.status == 403


def test_statuses_are_combined(hub: Hub) -> None:
    sha = hub.propose().head.sha
    commit = hub.as_person(hub.alice).get_commit(sha)
    assert commit.get_combined_status().state == "pending"
    commit.create_status("failure", context="ci/plan")
    commit.create_status("success", context="ci/other")
    assert commit.get_combined_status().state == "failure"
    commit.create_status("success", context="ci/plan", description="Done")
    combined = commit.get_combined_status()
    assert (combined.state, combined.total_count) == ("success", 2)
    assert [s.state for s in commit.get_statuses()] == ["success", "success", "failure"]


def test_search_finds_pull_requests(hub: Hub) -> None:
    hub.propose().add_to_labels("remediator")
    hub.client.create_issue("Dashboard", labels=["remediator"])
    start = "repo:acme/infrastructure label:remediator"
    assert [i.number for i in hub.bot.search_issues(f"{start} is:pr is:open")] == [1]
    assert [i.number for i in hub.bot.search_issues(f"{start} is:issue")] == [2]
    assert [i.number for i in hub.bot.search_issues(f"{start} is:merged")] == []
    with pytest.raises(GithubException) as error:
        list(hub.bot.search_issues("sha:abc"))
    assert error.value.status == 422


def test_the_rate_limit_is_told(hub: Hub) -> None:
    assert hub.bot.get_rate_limit().resources.core.limit == 5000
