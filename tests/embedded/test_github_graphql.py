"""The stand-in's GraphQL: the mutations that REST lacks, and the queries around them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from github import GithubException
from githubhub import BRANCH, Hub, client

from remediator.embedded.github.rules import Requirements


def commit(hub: Hub, head: str, **more: Any) -> dict[str, Any]:
    given = {
        "branch": {"repositoryNameWithOwner": "acme/infrastructure", "branchName": BRANCH},
        "message": {"headline": "fix(sg): close SSH", "body": "Why\n\nFinding-Id: x"},
        "expectedHeadOid": head,
        "fileChanges": {
            "additions": [
                {"path": "main.tf", "contents": b64encode(b"# closed\n").decode()},
                {"path": "live/new.tf", "contents": b64encode(b"# new\n").decode()},
            ],
            "deletions": [{"path": "CODEOWNERS"}],
        },
        **more,
    }
    fields = "commit { oid signature { isValid wasSignedByGitHub } } ref { name target { oid } }"
    requester = hub.bot.requester
    _, data = requester.graphql_named_mutation("createCommitOnBranch", given, fields)
    return data


def test_a_commit_on_a_branch_is_signed_and_has_exactly_these_files(hub: Hub) -> None:
    tip = hub.work.branch(BRANCH)
    made = commit(hub, tip)
    assert made["commit"]["signature"] == {"isValid": True, "wasSignedByGitHub": True}
    sha = made["commit"]["oid"]
    assert made["ref"] == {"name": BRANCH, "target": {"oid": sha}}
    hub.work.git("fetch", "--quiet", "origin")
    assert hub.work.git("rev-parse", f"origin/{BRANCH}") == sha
    assert hub.work.git("show", "-s", "--format=%P", sha) == tip
    assert hub.work.git("show", "-s", "--format=%an %cn", sha) == "remediator[bot] GitHub"
    assert hub.work.git("show", "-s", "--format=%(trailers:key=Finding-Id,valueonly)", sha) == "x"
    listed = hub.work.git("ls-tree", "-r", "--format=%(objectmode) %(path)", sha)
    assert listed.splitlines() == ["100644 live/new.tf", "100644 main.tf"]
    assert hub.client.get_commit(sha).author.login == "remediator[bot]"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"expectedHeadOid": "0" * 40}, "Expected branch to point to"),
        ({"branch": {"repositoryNameWithOwner": "acme/infrastructure", "branchName": "x"}},
         "does not exist"),
        ({"branch": {"repositoryNameWithOwner": "acme/other", "branchName": "x"}},
         "Could not resolve to a Repository"),
        ({"fileChanges": {"additions": [{"path": "a", "contents": "%"}]}}, "not valid Base64"),
        ({"message": {"body": "no headline"}}, "headline"),
        ({"force": True}, "Expected value of type"),
    ],
)  # fmt: skip
def test_a_commit_on_a_branch_is_refused(hub: Hub, more: dict[str, Any], text: str) -> None:
    tip = hub.work.branch(BRANCH)
    with pytest.raises(GithubException) as error:
        commit(hub, tip, **more)
    assert text in str(error.value)
    assert hub.repo.git.refs()[f"refs/heads/{BRANCH}"] == tip


def test_a_commit_on_a_protected_branch_is_refused(hub: Hub) -> None:
    tip = hub.work.branch(BRANCH)
    hub.server.add_ruleset(hub.repo, Requirements(pull_request=True), "remediator/*")
    with pytest.raises(GithubException) as error:
        commit(hub, tip)
    assert "Changes must be made through a pull request." in str(error.value)


def test_a_pull_request_is_merged(hub: Hub) -> None:
    made = hub.propose()
    given = {"pullRequestId": made.node_id, "expectedHeadOid": "0" * 40}
    fields = "pullRequest { merged state mergeCommit { oid } }"
    merge = hub.bot.requester.graphql_named_mutation
    with pytest.raises(GithubException) as error:
        merge("mergePullRequest", given, fields)
    assert "Head branch was modified" in str(error.value)
    given["expectedHeadOid"] = made.head.sha
    _, data = merge("mergePullRequest", given, fields)
    assert (data["pullRequest"]["merged"], data["pullRequest"]["state"]) == (True, "MERGED")
    tip = hub.client.get_branch("main").commit.sha
    assert data["pullRequest"]["mergeCommit"]["oid"] == tip


LISTED = """
query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    autoMergeAllowed
    defaultBranchRef { name target { oid } }
    pullRequests(first: 2, after: $after, states: [OPEN]) {
      totalCount
      nodes {
        number title headRefName headRefOid isDraft mergeStateStatus
        autoMergeRequest { mergeMethod enabledBy { login } }
        labels(first: 10) { nodes { name } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


def test_open_pull_requests_are_listed_in_pages(hub: Hub) -> None:
    for number in range(3):
        hub.propose(f"remediator/{number}").add_to_labels("remediator")
    numbers, after = [], None
    while True:
        wanted = {"owner": "acme", "name": "infrastructure", "after": after}
        _, answer = hub.bot.requester.graphql_query(LISTED, wanted)
        page = answer["data"]["repository"]["pullRequests"]
        numbers += [(n["number"], n["labels"]["nodes"][0]["name"]) for n in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert numbers == [(1, "remediator"), (2, "remediator"), (3, "remediator")]
    assert page["totalCount"] == 3
    assert page["nodes"][0]["mergeStateStatus"] == "CLEAN"


def test_a_field_that_github_does_not_have_is_refused(hub: Hub) -> None:
    with pytest.raises(GithubException) as error:
        hub.bot.requester.graphql_query("{ viewer { loginn } }", {})
    assert "Cannot query field 'loginn'" in str(error.value)


def test_a_mutation_needs_the_rights(hub: Hub) -> None:
    made = hub.propose()
    hub.app.permissions["pull_requests"] = "read"
    weak = client(hub.server, hub.app)
    given = {"pullRequestId": made.node_id}
    with pytest.raises(GithubException) as error:
        weak.requester.graphql_named_mutation(
            "convertPullRequestToDraft", given, "clientMutationId"
        )
    assert "Resource not accessible by integration" in str(error.value)
    assert not hub.client.get_pull(1).draft
