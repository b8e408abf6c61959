"""REST: check runs and commit statuses."""

from __future__ import annotations

from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.paging import page
from remediator.embedded.github.requests import Answer, ApiError, Call, custom, not_found
from remediator.embedded.github.routes import Routes
from remediator.embedded.github.world import CheckRun, Status

ROUTES = Routes()
_REPO = "/repos/{owner}/{repo}"
_TEXTS = ("title", "summary", "text")


@ROUTES.on("POST", f"{_REPO}/check-runs", "checks/create", "checks:write")
def create(call: Call) -> Answer:
    if call.token.app is None:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    body, now = call.body, call.world.clock()
    if call.repository.git.type(body["head_sha"]) != "commit":
        raise custom("CheckRun", f"No commit found for SHA: {body['head_sha']}")
    made = CheckRun(
        call.world.new_id(), call.token.app, body["name"], body["head_sha"], "queued", None,
        dict.fromkeys(_TEXTS), None, None, now, None,
    )  # fmt: skip
    call.repository.check_runs.append(made)
    _change(call, made)
    return Answer.of(201, _shape(call, made))


@ROUTES.on("PATCH", f"{_REPO}/check-runs/{{check_run_id}}", "checks/update", "checks:write")
def update(call: Call) -> Answer:
    found = _wanted(call)
    if found.app is not call.token.app:
        text = "check run can only be modified by the GitHub App that created it."
        raise ApiError(403, f"Invalid app_id `{found.app.id}` - {text}")
    _change(call, found)
    return Answer.of(200, _shape(call, found))


@ROUTES.on("GET", f"{_REPO}/check-runs/{{check_run_id}}", "checks/get", "checks:read")
def get(call: Call) -> Answer:
    return Answer.of(200, _shape(call, _wanted(call)))


@ROUTES.on("GET", f"{_REPO}/commits/{{ref}}/check-runs", "checks/list-for-ref", "checks:read")
def of_commit(call: Call) -> Answer:
    repo, sha = call.repository, call.repository.git.resolve(call.path["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.path['ref']}")
    newest = {(r.app.id, r.name): r for r in repo.check_runs if r.head_sha == sha}
    found = list(newest.values()) if call.query.get("filter", "latest") == "latest" else [
        r for r in repo.check_runs if r.head_sha == sha]  # fmt: skip
    if "check_name" in call.query:
        found = [r for r in found if r.name == call.query["check_name"]]
    total = len(found)
    return page(call, found, lambda r: _shape(call, r),
                lambda runs: {"total_count": total, "check_runs": runs})  # fmt: skip


def _wanted(call: Call) -> CheckRun:
    wanted = call.number("check_run_id")
    for run in call.repository.check_runs:
        if run.id == wanted:
            return run
    raise not_found()


def _change(call: Call, run: CheckRun) -> None:
    body = call.body
    run.name = body.get("name", run.name)
    run.conclusion = body.get("conclusion", run.conclusion)
    run.status = "completed" if "conclusion" in body else body.get("status", run.status)
    if run.status == "completed" and run.conclusion is None:
        raise custom("CheckRun", "conclusion is required when status is completed")
    if run.status == "completed":
        run.completed_at = call.world.clock()
    run.output |= {k: v for k, v in body.get("output", {}).items() if k in _TEXTS}
    if any(len(v or "") > 65_535 for v in run.output.values()):
        raise custom("CheckRun", "output exceeds a maximum bytesize of 65535")
    run.details_url = body.get("details_url", run.details_url)
    run.external_id = body.get("external_id", run.external_id)


def _shape(call: Call, run: CheckRun) -> dict[str, Any]:
    url = f"{call.links.repo(call.repository.full_name)}/check-runs/{run.id}"
    html = f"{call.links.html(call.repository.full_name)}/runs/{run.id}"
    return {
        "id": run.id,
        "head_sha": run.head_sha,
        "node_id": f"CR_{run.id}",
        "external_id": run.external_id,
        "url": url,
        "html_url": html,
        "details_url": run.details_url or html,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": shapes.time(run.started_at),
        "completed_at": shapes.optional_time(run.completed_at),
        "output": {**run.output, "annotations_count": 0, "annotations_url": f"{url}/annotations"},
        "name": run.name,
        "check_suite": {"id": run.app.id},
        "app": shapes.app(call.links, run.app),
        "pull_requests": [],
    }


@ROUTES.on("POST", f"{_REPO}/statuses/{{sha}}", "repos/create-commit-status", "statuses:write")
def create_status(call: Call) -> Answer:
    repo, body, sha = call.repository, call.body, call.path["sha"]
    if repo.git.type(sha) != "commit":
        raise custom("Status", f"No commit found for SHA: {sha}")
    if len(body.get("description") or "") > 140:
        raise custom("Status", "description is too long (maximum is 140 characters)")
    made = Status(
        call.world.new_id(), call.token.user, sha, body["state"], body.get("context", "default"),
        body.get("description"), body.get("target_url"), call.world.clock(),
    )  # fmt: skip
    repo.statuses.append(made)
    return Answer.of(201, shapes.status(call.links, repo, made, with_creator=True))


@ROUTES.on("GET", f"{_REPO}/commits/{{ref}}/status", "repos/get-combined-status-for-ref",
           "statuses:read")  # fmt: skip
def combined(call: Call) -> Answer:
    repo = call.repository
    sha = repo.git.resolve(call.path["ref"])
    if sha is None:
        raise not_found()
    newest = {s.context: s for s in repo.statuses if s.sha == sha}
    states = {s.state for s in newest.values()}
    state = (
        "failure" if states & {"failure", "error"}
        else "success" if states == {"success"} else "pending"
    )  # fmt: skip
    url = f"{call.links.repo(repo.full_name)}/commits/{sha}"

    def frame(statuses: list[Any]) -> dict[str, Any]:
        return {
            "state": state, "statuses": statuses, "sha": sha, "total_count": len(newest),
            "repository": shapes.minimal_repository(call.links, repo),
            "commit_url": url, "url": f"{url}/status",
        }  # fmt: skip

    found = list(newest.values())
    return page(
        call, found, lambda s: shapes.status(call.links, repo, s, with_creator=False), frame
    )


@ROUTES.on("GET", f"{_REPO}/statuses/{{ref}}", "repos/list-commit-statuses-for-ref",
           "statuses:read")  # fmt: skip
@ROUTES.on("GET", f"{_REPO}/commits/{{ref}}/statuses", "repos/list-commit-statuses-for-ref",
           "statuses:read")  # fmt: skip
def statuses(call: Call) -> Answer:
    repo, sha = call.repository, call.repository.git.resolve(call.path["ref"])
    found = [s for s in reversed(repo.statuses) if s.sha == sha]
    return page(call, found, lambda s: shapes.status(call.links, repo, s, with_creator=True))
