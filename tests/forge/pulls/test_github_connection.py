"""Who we are on GitHub, and how long we wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from runs import NAME, World, client, world

from remediator.config import GitHub
from remediator.embedded.github.requests import Answer
from remediator.embedded.github.traffic import Failure
from remediator.forge.github.advice import advice_for
from remediator.forge.github.calls import Calls, LimitedError, RefusedError, UnsureError
from remediator.forge.github.connect import KEY, connect
from remediator.forge.github.payloads import ways_of
from remediator.forge.github.there import Limits
from remediator.model import ConfigurationError, UpstreamError

PULLS = "POST /repos/{owner}/{repo}/pulls"


@pytest.fixture
def w(tmp_path: Path) -> Any:
    with world(tmp_path, "a", "b") as made:
        yield made


def settings(w: World, **more: Any) -> GitHub:
    return GitHub.model_validate(
        {"repository": NAME, "api_url": w.server.api_url, "pace_seconds": 0, **more}
    )


def login(w: World, environment: Mapping[str, str], **more: Any) -> str:
    """Who a comment is by."""
    w.run()
    connection = connect(settings(w, **more), environment)
    issue = connection.get_repo(NAME).get_issue(1)
    return str(issue.create_comment("hello").user.login)


def test_a_token(w: World) -> None:
    assert login(w, {"GITHUB_TOKEN": "wrong", "REMEDIATOR_GITHUB_TOKEN": w.pat.value}) == "pat"


def test_the_token_of_a_workflow(w: World) -> None:
    assert login(w, {"GITHUB_TOKEN": w.pat.value}) == "pat"


@pytest.mark.parametrize("known", [True, False])
def test_an_app(w: World, known: bool) -> None:
    """By its key alone; its installation is asked for where it is not given."""
    more = {"installation_id": w.app.installation_id} if known else {}
    key = w.app.private_key.replace("\n", "\\n")
    assert login(w, {KEY: key}, app_id=w.app.id, **more) == "remediator[bot]"


@pytest.mark.parametrize(
    ("environment", "app", "said"),
    [
        ({}, False, "REMEDIATOR_GITHUB_TOKEN"),
        ({"GITHUB_TOKEN": " "}, False, "there is no token"),
        ({"GITHUB_TOKEN": "x"}, True, KEY),
    ],
)
def test_no_secret(w: World, environment: dict[str, str], app: bool, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        connect(settings(w, **({"app_id": w.app.id} if app else {})), environment)


@pytest.mark.parametrize("token", ["hidden\nX: y", "hidden x", "hiddeŧ"])
def test_what_cannot_be_a_token_is_not_told_to_the_log(w: World, token: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        connect(settings(w), {"GITHUB_TOKEN": token})
    assert "GITHUB_TOKEN holds more than a token" in str(error.value)
    assert "hidde" not in str(error.value)


@pytest.mark.parametrize("installation", [None, 7])
def test_a_key_that_is_none(w: World, installation: int | None) -> None:
    given = settings(w, app_id=w.app.id, installation_id=installation)
    with pytest.raises(ConfigurationError, match=KEY):
        connect(given, {KEY: "no key"})


def test_an_app_that_is_not_installed(w: World) -> None:
    given = settings(w, app_id=w.app.id, repository="example-org/other")
    with pytest.raises(UpstreamError, match="not installed on example-org/other"):
        connect(given, {KEY: w.app.private_key})


@pytest.mark.parametrize("asks", ["installation", "rest", "graphql"])
def test_what_answers_is_no_api(w: World, asks: str) -> None:
    """Such as the page where one signs in to an Enterprise Server."""
    page = Answer(200, b"<html>Sign in</html>", (("Content-Type", "text/html"),))
    w.server.faults.decide = lambda _: Failure(page, took_effect=False)
    tries = {
        "installation": lambda: connect(settings(w, app_id=w.app.id), {KEY: w.app.private_key}),
        "rest": lambda: calls(w).get(f"/repos/{NAME}"),
        "graphql": lambda: calls(w).query("query { viewer { login } }", {}),
    }
    with pytest.raises(UpstreamError, match=r"is `github.api_url` that of the API"):
        tries[asks]()


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "app_id is not that of the App"), (503, "whether .* is installed .* is not known")],
)
def test_an_app_that_is_not_let_in(w: World, status: int, said: str) -> None:
    w.server.faults.fail("reads", status, "No")
    with pytest.raises(UpstreamError, match=said):
        connect(settings(w, app_id=w.app.id), {KEY: w.app.private_key})


def test_an_app_where_nobody_answers(w: World) -> None:
    w.server.faults.drop("reads", times=None)
    given = settings(w, app_id=w.app.id)
    with pytest.raises(UpstreamError, match="no answer"):
        connect(given, {KEY: w.app.private_key})


# Limits and faults -----------------------------------------------------------------------------


def test_a_secondary_limit_is_waited_for(w: World) -> None:
    w.server.faults.limit("writes", retry_after=7, after=1)
    assert w.run().problems == ()
    assert w.sleeps == [7.0]
    assert len(w.pulls()) == 2


def test_but_not_for_ever(w: World) -> None:
    """All waiting together is bounded; the next run does the rest."""
    w.server.faults.limit(PULLS, retry_after=60, times=None)
    ran = w.run()
    assert sum(w.sleeps) <= 100
    assert any("longer than there is time for" in p for p in ran.problems)
    assert set(ran.codes().values()) == {"remote-failed"}
    w.server.faults.clear()
    assert set(w.run().codes().values()) == {"review"}
    assert len(w.pulls()) == 2


def test_a_read_is_tried_again(w: World) -> None:
    w.server.faults.fail("GET *", times=2)
    assert w.run().problems == ()
    assert len(w.sleeps) == 2


def calls(w: World) -> Calls:
    return Calls(client(w.server, w.bot), 10.0, w.now.timestamp, w.sleeps.append)


def test_faults_by_their_kind(w: World) -> None:
    asking, path = calls(w), f"/repos/{NAME}/issues"
    with pytest.raises(RefusedError) as refused:
        asking.get(f"{path}/999")
    assert refused.value.status == 404
    w.server.faults.drop("writes", took_effect=True)
    with pytest.raises(UnsureError):
        asking.write("POST", path, {"title": "x"})
    w.server.faults.limit("reads", retry_after=11)
    with pytest.raises(LimitedError):
        asking.get(path)
    assert w.sleeps == []


def test_after_three_faults_in_a_row_it_is_asked_no_more(tmp_path: Path) -> None:
    with world(tmp_path, *"abcdefg") as w:
        w.server.faults.fail("writes", times=None)
        ran = w.run()
        assert len(ran.problems) == 3
        assert set(ran.codes().values()) == {"remote-failed"}


def test_the_most_severe_pass_first_and_the_rest_says_why(w: World) -> None:
    ran = w.run(limits=Limits(1, 5))
    assert sorted(ran.codes().values()) == ["limited", "review"]
    assert len(w.pulls()) == 1


# Settings --------------------------------------------------------------------------------------


def test_the_token_of_actions_may_not_open_pull_requests(w: World) -> None:
    rights = {"contents": "write", "pull_requests": "write", "issues": "write"}
    w.bot = w.server.actions_token(w.repo, rights)
    ran = w.run()
    assert set(ran.codes().values()) == {"not-allowed"}
    assert "create and approve pull requests" in ran.outcomes[0].text
    assert ran.problems == ()


def test_issues_are_switched_off(w: World) -> None:
    w.repo.settings.has_issues = False
    ran = w.run()
    assert set(ran.codes().values()) == {"review"}
    assert any("Issues" in note for note in ran.notes)


def test_only_a_squash_is_allowed(w: World) -> None:
    """The squash has the record: the next run knows what it closed."""
    w.repo.settings.allow_merge_commit = False
    assert w.run(["a"], auto=["a"]).codes() == {"a": "merged"}
    assert w.run(["a"], auto=["a"]).codes() == {"a": "awaiting-apply"}


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ("Pull request Auto merge is not allowed for this repository", "Allow auto-merge"),
        ("GitHub Actions is not permitted to create or approve pull requests.", "Workflow"),
        ("Resource not accessible by integration", "pull-requests: write"),
        ("Pull request is in unstable status", "not required failed"),
        ("At least 1 approving review is required by reviewers", "bypass actor"),
        ("Something new", "GitHub says: Something new"),
    ],
)
def test_advice_names_the_setting(said: str, setting: str) -> None:
    assert setting in advice_for(said)


@pytest.mark.parametrize(
    ("rule", "waits"),
    [
        ({"type": "required_signatures"}, False),
        ({"type": "pull_request", "parameters": {"required_approving_review_count": 0}}, False),
        ({"type": "pull_request", "parameters": {"required_reviewers": [{}]}}, True),
        ({"type": "agreed_by_a_quorum"}, True),
    ],
)
def test_a_rule_that_nobody_knows_is_waited_for(rule: dict[str, Any], waits: bool) -> None:
    """An App that may go around it would be let through."""
    assert ways_of({}, {"protected": False}, [rule]).required is waits


def test_a_repository_that_has_another_name_now(w: World) -> None:
    """GitHub redirects, and no pull request would be known for ours again."""
    w.run()
    w.repo.name = "platform"
    with pytest.raises(UpstreamError, match="is called example-org/platform now"):
        w.run()
    assert w.server.traffic.writes == ()
