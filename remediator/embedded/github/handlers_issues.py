"""REST: issues, labels and comments. Each pull request is an issue, too."""

from __future__ import annotations

from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.issue_shapes import issue as issue_shape
from remediator.embedded.github.paging import page
from remediator.embedded.github.pull_changes import check_texts, set_state
from remediator.embedded.github.requests import Answer, ApiError, Call, invalid, not_found
from remediator.embedded.github.routes import Routes
from remediator.embedded.github.world import Comment, Issue, Label

ROUTES = Routes()
_REPO = "/repos/{owner}/{repo}"
_ISSUES = f"{_REPO}/issues"
_ONE = f"{_ISSUES}/{{issue_number}}"
_READ, _WRITE = ("issues:read", "pull_requests:read"), ("issues:write", "pull_requests:write")


def _wanted(call: Call) -> Issue:
    found = call.repository.issues.get(call.number("issue_number"))
    if found is None:
        raise not_found()
    return found


def _shape(call: Call, one: Issue) -> dict[str, Any]:
    return issue_shape(call.links, call.repository, one)


def _label(call: Call, one: Label) -> dict[str, Any]:
    return shapes.label(call.links, call.repository, one)


# Comments --------------------------------------------------------------------------------------


@ROUTES.on("GET", f"{_ISSUES}/comments", "issues/list-comments-for-repo", *_READ)
def all_comments(call: Call) -> Answer:
    repo, since = call.repository, call.query.get("since", "")
    found = [(i.number, c) for i in repo.issues.values() for c in i.comments
             if shapes.time(c.updated_at) >= since]  # fmt: skip
    newest = call.query.get("direction") == "desc"
    found.sort(key=lambda one: (one[1].created_at, one[1].id), reverse=newest)
    return page(call, found, lambda one: shapes.comment(call.links, repo, *one))


@ROUTES.on("GET", f"{_ISSUES}/comments/{{comment_id}}", "issues/get-comment", *_READ)
def get_comment(call: Call) -> Answer:
    return Answer.of(200, shapes.comment(call.links, call.repository, *_found(call)))


@ROUTES.on("PATCH", f"{_ISSUES}/comments/{{comment_id}}", "issues/update-comment", *_WRITE)
def edit_comment(call: Call) -> Answer:
    number, comment = _found(call)
    check_texts("IssueComment", None, call.body["body"])
    comment.body, comment.updated_at = call.body["body"], call.world.clock()
    return Answer.of(200, shapes.comment(call.links, call.repository, number, comment))


@ROUTES.on("DELETE", f"{_ISSUES}/comments/{{comment_id}}", "issues/delete-comment", *_WRITE)
def delete_comment(call: Call) -> Answer:
    number, comment = _found(call)
    call.repository.issues[number].comments.remove(comment)
    return Answer(204)


def _found(call: Call) -> tuple[int, Comment]:
    wanted = call.number("comment_id")
    for issue in call.repository.issues.values():
        for comment in issue.comments:
            if comment.id == wanted:
                return issue.number, comment
    raise not_found()


@ROUTES.on("GET", f"{_ONE}/comments", "issues/list-comments", *_READ)
def comments(call: Call) -> Answer:
    issue, since = _wanted(call), call.query.get("since", "")
    found = [c for c in issue.comments if shapes.time(c.updated_at) >= since]
    return page(call, found, lambda c: shapes.comment(call.links, call.repository, issue.number, c))


@ROUTES.on("POST", f"{_ONE}/comments", "issues/create-comment", *_WRITE, role="read")
def comment(call: Call) -> Answer:
    issue, now = _wanted(call), call.world.clock()
    check_texts("IssueComment", None, call.body["body"])
    made = Comment(call.world.new_id(), call.token.user, call.body["body"], now, now)
    issue.comments.append(made)
    issue.updated_at = now
    return Answer.of(201, shapes.comment(call.links, call.repository, issue.number, made))


# Labels ----------------------------------------------------------------------------------------


@ROUTES.on("GET", f"{_REPO}/labels", "issues/list-labels-for-repo", *_READ)
def labels(call: Call) -> Answer:
    return page(call, list(call.repository.labels.values()), lambda one: _label(call, one))


@ROUTES.on("POST", f"{_REPO}/labels", "issues/create-label", *_WRITE)
def create_label(call: Call) -> Answer:
    name, body = call.body["name"], call.body
    if name.lower() in call.repository.labels:
        raise invalid("Label", "name", "already_exists")
    if len(name) > 50:
        raise invalid("Label", "name")
    if len(body.get("description") or "") > 100:
        raise invalid("Label", "description")
    made = Label(
        call.world.new_id(), name, body.get("color", "ededed").lstrip("#"), body.get("description")
    )
    call.repository.labels[name.lower()] = made
    return Answer.of(201, _label(call, made))


@ROUTES.on("GET", f"{_REPO}/labels/{{name}}", "issues/get-label", *_READ)
def get_label(call: Call) -> Answer:
    found = call.repository.labels.get(call.path["name"].lower())
    if found is None:
        raise not_found()
    return Answer.of(200, _label(call, found))


@ROUTES.on("GET", f"{_ONE}/labels", "issues/list-labels-on-issue", *_READ)
def issue_labels(call: Call) -> Answer:
    return page(
        call, _wanted(call).labels, lambda n: _label(call, call.repository.labels[n.lower()])
    )


@ROUTES.on("POST", f"{_ONE}/labels", "issues/add-labels", *_WRITE)
def add_labels(call: Call) -> Answer:
    issue = _wanted(call)
    _put(call, issue, [*issue.labels, *_names(call.body)])
    return _labels_of(call, issue)


@ROUTES.on("PUT", f"{_ONE}/labels", "issues/set-labels", *_WRITE)
def set_labels(call: Call) -> Answer:
    issue = _wanted(call)
    _put(call, issue, _names(call.body))
    return _labels_of(call, issue)


@ROUTES.on("DELETE", f"{_ONE}/labels/{{name}}", "issues/remove-label", *_WRITE)
def remove_label(call: Call) -> Answer:
    issue, name = _wanted(call), call.path["name"].lower()
    if name not in [n.lower() for n in issue.labels]:
        raise ApiError(404, "Label does not exist")
    issue.labels = [n for n in issue.labels if n.lower() != name]
    issue.updated_at = call.world.clock()
    return _labels_of(call, issue)


def _names(body: Any) -> list[str]:
    """A bare list, too, which the description does not declare and PyGithub sends."""
    given = body.get("labels", []) if isinstance(body, dict) else body
    return [one["name"] if isinstance(one, dict) else one for one in given]


def _put(call: Call, issue: Issue, names: list[str]) -> None:
    """Labels that are not there yet are made, as GitHub makes them."""
    known, chosen = call.repository.labels, {}
    for name in names:
        label = known.setdefault(name.lower(), Label(call.world.new_id(), name))
        chosen[name.lower()] = label.name
    issue.labels = list(chosen.values())
    issue.updated_at = call.world.clock()


def _labels_of(call: Call, issue: Issue) -> Answer:
    known = call.repository.labels
    return Answer.of(200, [_label(call, known[n.lower()]) for n in issue.labels])


# Issues ----------------------------------------------------------------------------------------


@ROUTES.on("GET", _ISSUES, "issues/list-for-repo", *_READ)
def list_issues(call: Call) -> Answer:
    repo, query = call.repository, call.query
    found = list(repo.issues.values())
    state = query.get("state", "open")
    if state != "all":
        found = [i for i in found if i.state == state]
    if "labels" in query:
        asked = {n.lower() for n in query["labels"].split(",")}
        found = [i for i in found if asked <= {n.lower() for n in i.labels}]
    if "creator" in query:
        found = [i for i in found if i.user.login == query["creator"]]
    if "since" in query:
        found = [i for i in found if shapes.time(i.updated_at) >= query["since"]]
    key = "updated_at" if query.get("sort") == "updated" else "created_at"
    newest_first = query.get("direction", "desc") == "desc"
    found.sort(key=lambda i: (getattr(i, key), i.number), reverse=newest_first)
    return page(call, found, lambda i: _shape(call, i))


@ROUTES.on("POST", _ISSUES, "issues/create", "issues:write", role="read")
def create(call: Call) -> Answer:
    repo, body, now = call.repository, call.body, call.world.clock()
    if not repo.settings.has_issues:
        raise ApiError(410, "Issues are disabled for this repo")
    check_texts("Issue", body["title"], body.get("body"))
    number = len(repo.issues) + 1
    made = Issue(
        call.world.new_id(), number, call.token.user, str(body["title"]), body.get("body"), now, now
    )
    repo.issues[number] = made
    _put(call, made, _names(body))
    answer = _shape(call, made)
    return Answer.of(201, answer, ("Location", answer["url"]))


@ROUTES.on("GET", _ONE, "issues/get", *_READ)
def get(call: Call) -> Answer:
    return Answer.of(200, _shape(call, _wanted(call)))


@ROUTES.on("PATCH", _ONE, "issues/update", *_WRITE)
def edit(call: Call) -> Answer:
    issue, body = _wanted(call), call.body
    check_texts("Issue", body.get("title"), body.get("body"))
    if "state" in body:
        set_state(call.world, call.repository, issue, body["state"], call.token)
    if issue.state == "closed" and issue.pull is None:
        issue.state_reason = body.get("state_reason") or issue.state_reason or "completed"
    issue.title = body.get("title", issue.title)
    issue.body = body.get("body", issue.body)
    if "labels" in body:
        _put(call, issue, _names(body))
    if "assignees" in body:
        issue.assignees = [call.world.user(login) for login in body["assignees"]]
    issue.updated_at = call.world.clock()
    return Answer.of(200, _shape(call, issue))
