"""REST: pull requests."""

from __future__ import annotations

from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.commit_shapes import commit
from remediator.embedded.github.issue_shapes import pull as pull_shape
from remediator.embedded.github.issue_shapes import simple_pull, team
from remediator.embedded.github.paging import page
from remediator.embedded.github.pull_changes import (
    check_texts,
    merge_now,
    open_pull,
    set_state,
    update_branch,
)
from remediator.embedded.github.requests import Answer, ApiError, Call, invalid, not_found
from remediator.embedded.github.routes import Routes
from remediator.embedded.github.world import Issue, Pull, Review

ROUTES = Routes()
_PULLS = "/repos/{owner}/{repo}/pulls"
_ONE = f"{_PULLS}/{{pull_number}}"
_READ, _WRITE = "pull_requests:read", "pull_requests:write"
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def wanted(call: Call) -> tuple[Issue, Pull]:
    issue = call.repository.issues.get(call.number("pull_number"))
    if issue is None or issue.pull is None:
        raise not_found()
    return issue, issue.pull


def _full(call: Call, issue: Issue, it: Pull) -> dict[str, Any]:
    return pull_shape(call.links, call.repository, issue, it)


@ROUTES.on("GET", _PULLS, "pulls/list", _READ)
def list_pulls(call: Call) -> Answer:
    repo, query = call.repository, call.query
    found = list(repo.pulls())
    state = query.get("state", "open")
    if state != "all":
        found = [one for one in found if one[0].state == state]
    if "head" in query:
        owner, colon, name = query["head"].partition(":")
        # Without `owner:` GitHub does not filter at all.
        if colon:
            mine = owner.lower() == repo.owner.login.lower()
            found = [one for one in found if mine and one[1].head_ref == name]
    if "base" in query:
        found = [one for one in found if one[1].base_ref == query["base"]]
    newest_first = query.get("direction", "desc" if query.get("sort", "created") == "created"
                             else "asc") == "desc"  # fmt: skip
    key = "updated_at" if query.get("sort") == "updated" else "created_at"
    found.sort(key=lambda one: (getattr(one[0], key), one[0].number), reverse=newest_first)
    return page(call, found, lambda one: simple_pull(call.links, repo, *one))


@ROUTES.on("POST", _PULLS, "pulls/create", _WRITE)
def create(call: Call) -> Answer:
    body = call.body
    if "title" not in body:
        raise invalid("PullRequest", "title", "missing_field")
    issue = open_pull(
        call.world, call.repository, call.token, body["title"], body.get("body"),
        body["head"], body["base"], bool(body.get("draft", False)),
    )  # fmt: skip
    assert issue.pull
    answer = _full(call, issue, issue.pull)
    return Answer.of(201, answer, ("Location", answer["url"]))


@ROUTES.on("GET", f"{_ONE}/files", "pulls/list-files", _READ)
def files(call: Call) -> Answer:
    _, it = wanted(call)
    git = call.repository.git
    start = git.merge_base(it.base_sha, it.head_sha) or it.base_sha
    found = git.diff(start, it.head_sha)
    return page(
        call, found, lambda f: shapes.changed_file(call.links, call.repository, f, it.head_sha)
    )


@ROUTES.on("GET", f"{_ONE}/commits", "pulls/list-commits", _READ)
def commits(call: Call) -> Answer:
    _, it = wanted(call)
    found = call.repository.git.between(it.base_sha, it.head_sha)
    return page(call, found, lambda s: commit(call.links, call.world, call.repository, s))


@ROUTES.on("GET", f"{_ONE}/reviews", "pulls/list-reviews", _READ)
def reviews(call: Call) -> Answer:
    issue, it = wanted(call)
    return page(
        call, it.reviews, lambda r: shapes.review(call.links, call.repository, issue.number, r)
    )


@ROUTES.on("POST", f"{_ONE}/reviews", "pulls/create-review", _WRITE, role="read")
def review(call: Call) -> Answer:
    issue, it = wanted(call)
    event = call.body.get("event", "COMMENT")
    mine = call.token.user.id == issue.user.id
    if mine and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(422, "Unprocessable Entity", [f"Can not {verb} your own pull request"])
    if call.token.is_actions and not call.repository.settings.actions_may_create_pull_requests:
        text = "GitHub Actions is not permitted to approve pull requests."
        raise ApiError(422, "Unprocessable Entity", [text])
    made = Review(
        call.world.new_id(), call.token.user, _STATES[event], call.body.get("body", ""),
        call.body.get("commit_id", it.head_sha), call.world.clock(),
    )  # fmt: skip
    it.reviews.append(made)
    it.reviewers = [r for r in it.reviewers if r.id != call.token.user.id]
    return Answer.of(200, shapes.review(call.links, call.repository, issue.number, made))


@ROUTES.on("GET", f"{_ONE}/requested_reviewers", "pulls/list-requested-reviewers", _READ)
def reviewers(call: Call) -> Answer:
    _, it = wanted(call)
    users = [shapes.user(call.links, r) for r in it.reviewers]
    teams = [team(call.links, call.repository.owner, t) for t in it.teams]
    return Answer.of(200, {"users": users, "teams": teams})


@ROUTES.on("POST", f"{_ONE}/requested_reviewers", "pulls/request-reviewers", _WRITE)
def request_reviewers(call: Call) -> Answer:
    issue, it = wanted(call)
    repo = call.repository
    logins, teams = call.body.get("reviewers", []), call.body.get("team_reviewers", [])
    text = "Reviews may only be requested from collaborators. One or more of the {} you specified is not a collaborator of the {} repository."  # noqa: E501
    if any(login not in repo.collaborators for login in logins):
        raise ApiError(422, text.format("users", repo.full_name))
    if issue.user.login in logins:
        raise ApiError(422, "Review cannot be requested from pull request author.")
    if any(slug not in repo.teams for slug in teams):
        raise ApiError(422, text.format("teams", repo.full_name))
    people = [call.world.user(login) for login in logins]
    it.reviewers += [p for p in people if p not in it.reviewers]
    it.teams += [t for t in teams if t not in it.teams]
    return Answer.of(201, simple_pull(call.links, repo, issue, it))


@ROUTES.on("DELETE", f"{_ONE}/requested_reviewers", "pulls/remove-requested-reviewers", _WRITE)
def remove_reviewers(call: Call) -> Answer:
    issue, it = wanted(call)
    gone = set(call.body.get("reviewers", []))
    it.reviewers = [r for r in it.reviewers if r.login not in gone]
    it.teams = [t for t in it.teams if t not in call.body.get("team_reviewers", [])]
    return Answer.of(200, simple_pull(call.links, call.repository, issue, it))


@ROUTES.on("GET", f"{_ONE}/merge", "pulls/check-if-merged", "contents:read")
def is_merged(call: Call) -> Answer:
    _, it = wanted(call)
    if it.merged_at is None:
        raise not_found()
    return Answer(204)


@ROUTES.on("PUT", f"{_ONE}/merge", "pulls/merge", "contents:write")
def merge(call: Call) -> Answer:
    issue, it = wanted(call)
    body = call.body or {}
    sha = merge_now(
        call.world, call.repository, issue, it, call.token, body.get("merge_method", "merge"),
        body.get("commit_title"), body.get("commit_message"), body.get("sha"),
    )  # fmt: skip
    return Answer.of(
        200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    )


@ROUTES.on("PUT", f"{_ONE}/update-branch", "pulls/update-branch", _WRITE)
def update(call: Call) -> Answer:
    issue, it = wanted(call)
    expected = (call.body or {}).get("expected_head_sha")
    update_branch(call.world, call.repository, it, call.token, expected)
    url = f"{call.links.repo(call.repository.full_name)}/pulls/{issue.number}"
    return Answer.of(202, {"message": "Updating pull request branch.", "url": url})


@ROUTES.on("GET", _ONE, "pulls/get", _READ)
def get(call: Call) -> Answer:
    issue, it = wanted(call)
    answer = _full(call, issue, it)
    if it.unknown_reads and issue.state == "open":
        it.unknown_reads -= 1
        answer |= {"mergeable": None, "rebaseable": None, "mergeable_state": "unknown",
                   "merge_commit_sha": None}  # fmt: skip
    return Answer.of(200, answer)


@ROUTES.on("PATCH", _ONE, "pulls/update", _WRITE)
def edit(call: Call) -> Answer:
    issue, it = wanted(call)
    body = call.body
    check_texts("PullRequest", body.get("title"), body.get("body"))
    if "base" in body and f"refs/heads/{body['base']}" not in call.repository.git.refs():
        raise invalid("PullRequest", "base")
    if "state" in body:
        set_state(call.world, call.repository, issue, body["state"], call.token)
    issue.title = body.get("title", issue.title)
    issue.body = body.get("body", issue.body)
    it.base_ref = body.get("base", it.base_ref)
    issue.updated_at = call.world.clock()
    return Answer.of(200, _full(call, issue, it))
