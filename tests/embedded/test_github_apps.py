"""Who may do what at the stand-in: Apps, their tokens, people and workflows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from github import Auth, Github, GithubException, GithubIntegration
from githubcontract import Contract
from githubhub import BRANCH, Hub, client, refused

from remediator.embedded.github.server import EmbeddedGitHub


def integration(hub: Hub) -> GithubIntegration:
    return GithubIntegration(
        auth=Auth.AppAuth(hub.app.id, hub.app.private_key),
        base_url=hub.server.api_url,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def test_an_app_finds_its_installation_and_gets_a_token(hub: Hub) -> None:
    apps = integration(hub)
    assert apps.get_app().slug == "remediator"
    found = apps.get_repo_installation("acme", "infrastructure")
    assert found.id == hub.app.installation_id
    assert [i.id for i in apps.get_installations()] == [found.id]
    token = apps.get_access_token(found.id)
    assert token.permissions["contents"] == "write"
    assert [r.name for r in found.get_repos()] == ["infrastructure"]


def test_a_token_may_be_narrower_than_its_app_and_not_wider(hub: Hub) -> None:
    apps = integration(hub)
    narrow = apps.get_access_token(hub.app.installation_id, {"contents": "read"})
    told = Auth.Token(narrow.token)
    reader = Github(base_url=hub.server.api_url, auth=told, retry=None)
    repo = reader.get_repo("acme/infrastructure")
    assert repo.get_branch("main").name == "main"
    with pytest.raises(GithubException) as error:
        repo.create_issue("x")
    assert refused(error) == "403 | Resource not accessible by integration"
    assert error.value.headers["x-accepted-github-permissions"] == "issues=write"
    with pytest.raises(GithubException) as error:
        apps.get_access_token(hub.app.installation_id, {"administration": "write"})
    assert error.value.status == 422


def test_another_key_is_not_the_apps(hub: Hub) -> None:
    other = hub.server.app("other", "acme")
    hub.server.world.apps.pop(hub.app.id)
    apps = integration(hub)
    with pytest.raises(GithubException) as error:
        apps.get_app()
    assert error.value.status == 401
    assert other.id in hub.server.world.apps


@pytest.mark.parametrize("needed", ["contents", "pull_requests", "checks"])
def test_each_right_is_asked_for(hub: Hub, needed: str) -> None:
    """Without it the write is refused, and nothing changes."""
    hub.work.branch(BRANCH)
    hub.app.permissions[needed] = "read"
    bot = client(hub.server, hub.server.app_token(hub.app)).get_repo("acme/infrastructure")
    tip = bot.get_branch("main").commit.sha
    writes = {
        "contents": lambda: bot.create_git_ref("refs/heads/x", tip),
        "pull_requests": lambda: bot.create_pull("main", BRANCH, title="x", body=""),
        "checks": lambda: bot.create_check_run("x", tip),
    }
    before = hub.repo.git.refs()
    with pytest.raises(GithubException) as error:
        writes[needed]()
    assert refused(error) == "403 | Resource not accessible by integration"
    assert (hub.repo.git.refs(), hub.repo.issues, hub.repo.check_runs) == (before, {}, [])


def test_a_workflows_own_token_may_not_open_pull_requests_by_itself(hub: Hub) -> None:
    hub.work.branch(BRANCH)
    granted = {"contents": "write", "pull_requests": "write"}
    token = hub.server.actions_token(hub.repo, granted)
    workflow = client(hub.server, token).get_repo("acme/infrastructure")
    with pytest.raises(GithubException) as error:
        workflow.create_pull("main", BRANCH, title="x", body="")
    text = "403 | GitHub Actions is not permitted to create or approve pull requests."
    assert refused(error) == text
    hub.repo.settings.actions_may_create_pull_requests = True
    made = workflow.create_pull("main", BRANCH, title="x", body="")
    assert made.user.login == "github-actions[bot]"


def test_who_may_not_see_a_repository_is_told_that_there_is_none(hub: Hub) -> None:
    stranger = hub.server.person("stranger")
    other = hub.server.app("other", "elsewhere")
    for who in (stranger, other):
        with pytest.raises(GithubException) as error:
            client(hub.server, who).get_repo("acme/infrastructure")
        assert error.value.status == 404
    with pytest.raises(GithubException) as error:
        Github(base_url=hub.server.api_url, retry=None).get_repo("acme/infrastructure")
    assert error.value.status == 401


def test_a_reader_may_comment_and_not_write(hub: Hub) -> None:
    hub.client.create_issue("Dashboard")
    reader = hub.as_person(hub.server.person("reader", hub.repo, role="read"))
    assert reader.get_issue(1).create_comment("hello").body == "hello"
    with pytest.raises(GithubException) as error:
        reader.get_issue(1).edit(state="closed")
    assert error.value.status == 403


def test_an_archived_repository_is_only_read(hub: Hub) -> None:
    hub.repo.settings.archived = True
    assert hub.client.archived
    with pytest.raises(GithubException) as error:
        hub.client.create_issue("x")
    assert refused(error) == "403 | Repository was archived so is read-only."


def test_a_token_ends_after_an_hour(tmp_path: Path) -> None:
    now = [datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)]
    with EmbeddedGitHub(tmp_path, clock=lambda: now[0], contract=Contract()) as server:
        server.repository("acme/infrastructure")
        app = server.app("remediator", "acme")
        apps = GithubIntegration(
            auth=Auth.AppAuth(app.id, app.private_key), base_url=server.api_url, retry=None
        )
        token = apps.get_access_token(app.installation_id).token
        bot = Github(base_url=server.api_url, auth=Auth.Token(token), retry=None)
        assert bot.get_repo("acme/infrastructure").name == "infrastructure"
        now[0] += timedelta(hours=1)
        with pytest.raises(GithubException) as error:
            bot.get_repo("acme/infrastructure")
        assert error.value.status == 401
        assert server.violations == []
