"""The stand-in told to fail, and what it counts."""

from __future__ import annotations

import json
import urllib.request
from urllib.error import HTTPError

import pytest
import requests
from github import GithubException
from githubcontract import Contract
from githubhub import BRANCH, Hub, client, refused

from remediator.embedded.github.requests import Answer
from remediator.embedded.github.traffic import Asked, Failure, error

CREATE = "POST /repos/{owner}/{repo}/pulls"


def test_an_answer_is_lost_after_the_work_was_done(hub: Hub) -> None:
    hub.work.branch(BRANCH)
    hub.server.faults.fail(CREATE, 502, took_effect=True)
    with pytest.raises(GithubException) as raised:
        hub.client.create_pull("main", BRANCH, title="x", body="")
    assert raised.value.status == 502
    assert [p.number for p in hub.client.get_pulls(head=f"acme:{BRANCH}")] == [1]


def test_a_failure_before_the_work_leaves_nothing(hub: Hub) -> None:
    hub.work.branch(BRANCH)
    hub.server.faults.fail("writes", 502, after=1, times=2)
    hub.client.create_issue("passes")
    for _ in range(2):
        with pytest.raises(GithubException):
            hub.client.create_pull("main", BRANCH, title="x", body="")
    assert hub.client.create_pull("main", BRANCH, title="x", body="").number == 2


def test_the_secondary_limit_names_how_long_to_wait(hub: Hub) -> None:
    hub.server.faults.limit("reads", retry_after=7)
    with pytest.raises(GithubException) as raised:
        _ = hub.client
    assert raised.value.status == 403
    assert "secondary rate limit" in refused(raised)
    assert raised.value.headers["retry-after"] == "7"
    assert hub.client.name == "infrastructure"


@pytest.mark.parametrize("took_effect", [False, True])
def test_a_connection_ends_without_an_answer(hub: Hub, took_effect: bool) -> None:
    repo = hub.client
    hub.server.faults.drop("POST *", took_effect=took_effect)
    with pytest.raises(requests.ConnectionError):
        repo.create_issue("x")
    assert len(hub.repo.issues) == took_effect


def test_a_slow_answer_is_still_right(hub: Hub) -> None:
    hub.server.faults.slow("reads", seconds=0.01)
    assert hub.client.name == "infrastructure"


def test_a_push_and_a_mutation_fail_too(hub: Hub) -> None:
    hub.server.faults.fail("GIT push")
    assert hub.work.try_git("push", "origin", "main:other").returncode
    hub.work.git("push", "--quiet", "origin", "main:other")
    made = hub.propose()
    hub.server.faults.fail("POST /graphql convertPullRequestToDraft", took_effect=True)
    with pytest.raises(GithubException):
        made.convert_to_draft()
    assert hub.client.get_pull(1).draft


def test_a_test_decides_by_itself_what_fails(hub: Hub) -> None:
    """As a run that is killed after its second write: nothing gets through any more."""
    repo = hub.client
    hub.server.traffic.reset()

    def dead(asked: Asked) -> Failure | None:
        gone = len(hub.server.traffic.writes) >= 2
        return Failure(error(503, "gone")) if gone else None

    hub.server.faults.decide = dead
    repo.create_issue("one")
    repo.create_issue("two")
    with pytest.raises(GithubException):
        repo.create_issue("three")
    hub.server.faults.clear()
    assert [i.title for i in hub.client.get_issues()] == ["two", "one"]


def test_somebody_else_comes_between(hub: Hub) -> None:
    """A hook before the merge pushes to the branch: the guard of the merge holds."""
    made = hub.propose()

    def push(asked: Asked) -> None:
        if asked.route.endswith("/merge") and asked.user == "remediator[bot]":
            hub.work.branch(BRANCH, main_tf="# somebody else\n")

    hub.server.traffic.before.append(push)
    with pytest.raises(GithubException) as raised:
        made.merge(sha=made.head.sha)
    assert raised.value.status == 409


def test_hooks_are_told_after_each_answer(hub: Hub) -> None:
    seen: list[tuple[str, int]] = []

    def told(asked: Asked, answer: Answer) -> None:
        seen.append((asked.route, answer.status))

    hub.server.traffic.after.append(told)
    _ = hub.client
    # The App's bot asks for its token first.
    assert [status for _, status in seen] == [201, 200]


def test_requests_are_counted_by_kind(hub: Hub) -> None:
    made = hub.propose()
    hub.server.traffic.reset()
    made.add_to_labels("remediator")
    made.convert_to_draft()
    hub.client.get_pull(1)
    hub.work.git("fetch", "--quiet", "origin")
    assert hub.server.traffic.writes == (
        "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
        "POST /graphql convertPullRequestToDraft",
    )
    assert set(hub.server.traffic.reads) == {
        "GET /repos/{owner}/{repo}",
        "GET /repos/{owner}/{repo}/pulls/{pull_number}",
        "GIT refs",
        "GIT fetch",
    }
    first, _ = hub.server.traffic.log[0]
    assert (first.number, first.user) == (1, "remediator[bot]")


# Held against GitHub's description ------------------------------------------------------------


def ask(hub: Hub, method: str, path: str, body: object = None) -> tuple[int, str]:
    """A request that PyGithub would not make."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {hub.alice.value}"}
    url = f"{hub.server.api_url}/repos/acme/infrastructure{path}"
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, ""
    except HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("GET", "/pulls?stat=open", None, "the query parameter 'stat' is not declared"),
        ("GET", "/pulls?state=opened", None, "state='opened' is none of open, closed, all"),
        ("GET", "/pulls?page=two", None, "page='two' is no number"),
        ("POST", "/pulls", {"head": "x", "base": 1}, "base: Input should be a valid string"),
        ("POST", "/pulls", {"head": "x"}, "base: Field required"),
        ("POST", "/pulls", {"head": "x", "base": "main", "titel": "x"}, ".titel is not declared"),
        ("POST", "/pulls", None, "no body, which is required"),
        ("DELETE", "/git/refs/heads/x", {"force": True}, "a body, which is not declared"),
        ("PUT", "/pulls/1/merge", {"merge_method": "octopus"}, "merge_method"),
        ("POST", "/issues", {"title": "x", "labels": [{"nme": "x"}]}, "nme is not declared"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_and_kept(
    hub: Hub, method: str, path: str, body: object, problem: str
) -> None:
    status, message = ask(hub, method, path, body)
    assert status == 501
    assert problem in message
    assert problem in " ".join(hub.server.violations)
    hub.server.violations.clear()


def test_a_handler_that_breaks_is_no_fault_of_github(hub: Hub) -> None:
    hub.repo.issues = None  # type: ignore[assignment]
    with pytest.raises(GithubException) as raised:
        list(hub.client.get_issues())
    assert raised.value.status == 500
    assert hub.server.violations == ["GET /repos/acme/infrastructure broke its handler"]
    hub.server.violations.clear()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"numbr": 1}, ".numbr is not declared"),
        ({"number": "1"}, "number: Input should be a valid integer"),
        ({"state": "done"}, "state: Input should be 'open' or 'closed'"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"user": {"login": "x"}}, "user.id: Field required"),
    ],
)
def test_an_answer_that_does_not_fit_is_found(
    hub: Hub, change: dict[str, object], problem: str
) -> None:
    raw = hub.propose().raw_data
    contract = Contract()
    assert contract.answer("pulls/get", 200, json.dumps(raw).encode()) == []
    found = contract.answer("pulls/get", 200, json.dumps(raw | change).encode())
    assert problem in " ".join(found)
    missing = {k: v for k, v in raw.items() if k != "number"}
    found = contract.answer("pulls/get", 200, json.dumps(missing).encode())
    assert found == ["number: Field required " + found[0].partition(" Field required ")[2]]


def test_every_answer_of_the_stand_in_has_a_description(hub: Hub) -> None:
    from githubcontract import described

    from remediator.embedded.github.application import ROUTES

    for route in ROUTES.all:
        assert described(route.operation), route.name


def test_without_a_description_it_answers_all_the_same(hub: Hub) -> None:
    """As in the demo, where the description is not installed."""
    assert client(hub.server, hub.app).get_repo("acme/infrastructure").name == "infrastructure"
