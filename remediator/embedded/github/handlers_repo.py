"""REST: the repository itself — settings, branches and their rules, contents, history."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from remediator.embedded.github import codeowners, shapes
from remediator.embedded.github.commit_shapes import commit, git_commit, github_itself, person_of
from remediator.embedded.github.gitstore import Entry
from remediator.embedded.github.paging import page
from remediator.embedded.github.requests import Answer, ApiError, Call, not_found
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.routes import Routes
from remediator.embedded.github.rule_shapes import branch_protection, rule_details

ROUTES = Routes()
_REPO = "/repos/{owner}/{repo}"


@ROUTES.on("GET", f"{_REPO}/branches/{{branch}}/protection", "repos/get-branch-protection",
           "administration:read", role="admin")  # fmt: skip
def get_protection(call: Call) -> Answer:
    name = call.path["branch"]
    _branch_tip(call, name)
    rules = call.repository.protections.get(name)
    if rules is None:
        raise ApiError(404, "Branch not protected")
    return Answer.of(200, branch_protection(call.links, call.repository, name, rules))


@ROUTES.on("GET", f"{_REPO}/branches/{{branch}}", "repos/get-branch", "contents:read")
def get_branch(call: Call) -> Answer:
    name = call.path["branch"]
    sha = _branch_tip(call, name)
    url = f"{call.links.repo(call.repository.full_name)}/branches/{name}"
    protected = rules_of(call.repository, name) is not None
    rules = call.repository.protections.get(name)
    contexts = list(rules.contexts) if rules else []
    level = ("everyone" if rules.enforce_admins else "non_admins") if rules else "off"
    checks = {"enforcement_level": level, "contexts": contexts, "checks": []}
    answer = {
        "name": name,
        "commit": commit(call.links, call.world, call.repository, sha),
        "_links": {
            "self": url,
            "html": f"{call.links.html(call.repository.full_name)}/tree/{name}",
        },
        "protected": protected,
        "protection": {"enabled": rules is not None, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }
    return Answer.of(200, answer)


@ROUTES.on("GET", f"{_REPO}/branches", "repos/list-branches", "contents:read")
def list_branches(call: Call) -> Answer:
    repo, url = call.repository, call.links.repo(call.repository.full_name)
    heads = [(r.removeprefix("refs/heads/"), s) for r, s in repo.git.refs().items()
             if r.startswith("refs/heads/")]  # fmt: skip

    def shape(one: tuple[str, str]) -> dict[str, Any]:
        name, sha = one
        protected = rules_of(repo, name) is not None
        return {
            "name": name,
            "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
            "protected": protected,
        }

    wanted = call.query.get("protected")
    if wanted:
        heads = [h for h in heads if (rules_of(repo, h[0]) is not None) == (wanted == "true")]
    return page(call, heads, shape)


@ROUTES.on("GET", f"{_REPO}/rules/branches/{{branch}}", "repos/get-branch-rules", "metadata:read")
def get_rules(call: Call) -> Answer:
    repo, name = call.repository, call.path["branch"]
    if repo.settings.rulesets_status == 404:
        raise not_found()
    if repo.settings.rulesets_status == 403:
        text = "Upgrade to GitHub Pro or make this repository public to enable this feature."
        raise ApiError(403, text)
    found = [r for r in repo.rulesets if r.holds_for(name, repo.settings.default_branch)]
    return page(call, [d for r in found for d in rule_details(repo, r)], lambda one: one)


@ROUTES.on("GET", f"{_REPO}/contents/{{path}}", "repos/get-content", "contents:read")
def get_content(call: Call) -> Answer:
    repo, path = call.repository, call.path["path"].strip("/")
    revision = call.query.get("ref", repo.settings.default_branch)
    sha = repo.git.resolve(revision)
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {revision}")
    entry = _entry(call, sha, path)
    if entry is not None and entry.type == "blob":
        data = repo.git.read(entry.sha)
        return Answer.of(200, shapes.content(call.links, repo, entry, path, revision, data))
    if entry is None and path:
        raise not_found()
    entries = repo.git.tree(entry.sha if entry else repo.git.commit(sha).tree)
    prefix = f"{path}/" if path else ""
    lines = [shapes.content(call.links, repo, e, prefix + e.path, revision, None) for e in entries]
    return Answer.of(200, lines)


@ROUTES.on("PUT", f"{_REPO}/contents/{{path}}", "repos/create-or-update-file-contents",
           "contents:write")  # fmt: skip
def put_content(call: Call) -> Answer:
    repo, path, body = call.repository, call.path["path"], call.body
    branch = body.get("branch", repo.settings.default_branch)
    tip = _branch_tip(call, branch)
    rules = rules_of(repo, branch, call.token)
    if rules and rules.forbids_pushes:
        raise ApiError(409, "Changes must be made through a pull request.")
    entry = _entry(call, tip, path)
    if entry is not None and "sha" not in body:
        raise ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if entry is not None and body["sha"] != entry.sha:
        raise ApiError(409, f"{path} does not match {body['sha']}")
    blob = repo.git.write(b64decode(body["content"]))
    tree = repo.git.write_tree(tip, [("100644", path, blob)])
    now = call.world.clock()
    by = person_of(call.token.user, now)
    made = repo.git.write_commit(tree, (tip,), body["message"], by, github_itself(now))
    if call.token.app and "author" not in body and "committer" not in body:
        repo.verified.add(made)
    if not repo.git.update(f"refs/heads/{branch}", made, tip):
        raise ApiError(409, f"is at {tip} but expected otherwise")
    written = shapes.content(call.links, repo, Entry("100644", "blob", blob, 0, path), path,
                             branch, None)  # fmt: skip
    return Answer.of(200 if entry else 201, {
        "content": written, "commit": git_commit(call.links, repo, made),
    })  # fmt: skip


@ROUTES.on("GET", f"{_REPO}/codeowners/errors", "repos/codeowners-errors", "contents:read")
def codeowners_errors(call: Call) -> Answer:
    repo = call.repository
    sha = repo.git.resolve(call.query.get("ref", repo.settings.default_branch))
    found = codeowners.errors(repo, sha) if sha else None
    if found is None:
        raise not_found()
    return Answer.of(200, {"errors": found})


@ROUTES.on("GET", f"{_REPO}/commits/{{ref}}/pulls",
           "repos/list-pull-requests-associated-with-commit", "pull_requests:read")  # fmt: skip
def pulls_of_commit(call: Call) -> Answer:
    from remediator.embedded.github.issue_shapes import simple_pull

    repo, sha = call.repository, call.repository.git.resolve(call.path["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.path['ref']}")
    found = [
        (issue, pull)
        for issue, pull in repo.pulls()
        if sha == pull.merge_commit_sha or sha in repo.git.between(pull.base_sha, pull.head_sha)
    ]
    return page(call, found, lambda one: simple_pull(call.links, repo, *one))


@ROUTES.on("GET", f"{_REPO}/commits", "repos/list-commits", "contents:read")
def list_commits(call: Call) -> Answer:
    repo, query = call.repository, call.query
    name = query.get("sha", repo.settings.default_branch)
    start = repo.git.resolve(name)
    if start is None:
        raise not_found()
    options = [f"--{o}={query[o]}" for o in ("since", "until", "author") if o in query]
    found = repo.git.log(start, options, query.get("path", ""))
    return page(call, found, lambda sha: commit(call.links, call.world, repo, sha))


@ROUTES.on("GET", f"{_REPO}/compare/{{basehead}}", "repos/compare-commits", "contents:read")
def compare(call: Call) -> Answer:
    repo, git = call.repository, call.repository.git
    base, dots, head = call.path["basehead"].partition("...")
    one, other = git.resolve(base), git.resolve(head)
    if not dots or one is None or other is None:
        raise not_found()
    start = git.merge_base(one, other)
    if start is None:
        raise ApiError(404, f"No common ancestor between {base} and {head}.")
    ahead, behind = git.between(one, other), git.between(other, one)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    url = f"{call.links.repo(repo.full_name)}/compare/{base}...{head}"
    html = f"{call.links.html(repo.full_name)}/compare/{base}...{head}"
    answer = {
        "url": url,
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": commit(call.links, call.world, repo, one),
        "merge_base_commit": commit(call.links, call.world, repo, start),
        "status": status.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit(call.links, call.world, repo, sha) for sha in ahead[:250]],
        "files": [shapes.changed_file(call.links, repo, f, other) for f in git.diff(start, other)],
    }
    return Answer.of(200, answer)


@ROUTES.on("GET", f"{_REPO}/collaborators/{{username}}/permission",
           "repos/get-collaborator-permission-level", "metadata:read")  # fmt: skip
def permission(call: Call) -> Answer:
    repo, login = call.repository, call.path["username"]
    if login not in call.world.users:
        raise ApiError(404, f"{login} is not a user")
    person = call.world.users[login]
    role = repo.role(person)
    # The older field knows four words; the newer one says the role itself.
    old = {"triage": "read", "maintain": "write"}.get(role, role)
    allowed = {n: repo.is_allowed(person, r) for n, r in (("pull", "read"), ("triage", "triage"),
               ("push", "write"), ("maintain", "maintain"), ("admin", "admin"))}  # fmt: skip
    who = {**shapes.user(call.links, person), "permissions": allowed, "role_name": role}
    return Answer.of(200, {"permission": old, "role_name": role, "user": who})


@ROUTES.on("POST", f"{_REPO}/dispatches", "repos/create-dispatch-event", "contents:write")
def dispatch(call: Call) -> Answer:
    payload = call.body.get("client_payload", {})
    if len(payload) > 10:
        text = "No more than 10 properties are allowed; {} were supplied."
        raise ApiError(422, f"Invalid request.\n\n{text.format(len(payload))}")
    if len(call.request.body) > 65_535:
        raise ApiError(422, "client_payload is too large.")
    call.repository.dispatches.append(call.body)
    return Answer(204)


@ROUTES.on("GET", _REPO, "repos/get", "metadata:read")
def get_repository(call: Call) -> Answer:
    return Answer.of(200, shapes.full_repository(call.links, call.repository, call.token))


@ROUTES.on("GET", f"{_REPO}/commits/{{ref}}", "repos/get-commit", "contents:read")
def get_commit(call: Call) -> Answer:
    sha = call.repository.git.resolve(call.path["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.path['ref']}")
    return Answer.of(200, commit(call.links, call.world, call.repository, sha, full=True))


def _branch_tip(call: Call, name: str) -> str:
    sha = call.repository.git.refs().get(f"refs/heads/{name}")
    if sha is None:
        raise ApiError(404, "Branch not found")
    return sha


def _entry(call: Call, commit_sha: str, path: str) -> Entry | None:
    found = call.repository.git.tree(commit_sha, path=path) if path else []
    return found[0] if found else None
