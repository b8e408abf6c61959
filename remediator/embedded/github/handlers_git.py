"""REST: the git database — refs, commits, trees and blobs."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.commit_shapes import git_commit, github_itself, person_of
from remediator.embedded.github.gitstore import Entry, Person
from remediator.embedded.github.paging import page
from remediator.embedded.github.requests import Answer, ApiError, Call, not_found
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.routes import Routes

ROUTES = Routes()
_REPO = "/repos/{owner}/{repo}"
_HEADS = "refs/heads/"


@ROUTES.on("GET", f"{_REPO}/git/ref/{{ref}}", "git/get-ref", "contents:read")
def get_ref(call: Call) -> Answer:
    name = f"refs/{call.path['ref']}"
    sha = call.repository.git.refs().get(name)
    if sha is None:
        raise not_found()
    return Answer.of(200, _ref(call, name, sha))


@ROUTES.on("GET", f"{_REPO}/git/matching-refs/{{ref}}", "git/list-matching-refs", "contents:read")
def matching_refs(call: Call) -> Answer:
    start = f"refs/{call.path['ref']}"
    found = [(n, s) for n, s in call.repository.git.refs().items() if n.startswith(start)]
    return page(call, found, lambda one: _ref(call, *one))


@ROUTES.on("POST", f"{_REPO}/git/refs", "git/create-ref", "contents:write")
def create_ref(call: Call) -> Answer:
    name, sha, git = call.body["ref"], call.body["sha"], call.repository.git
    if not name.startswith("refs/") or name.count("/") < 2:
        raise ApiError(422, "Reference name must start with 'refs/' and have at least two slashes")
    if git.type(sha) is None:
        raise ApiError(422, "Object does not exist")
    if name in git.refs():
        raise ApiError(422, "Reference already exists")
    if not git.update(name, sha, None):
        raise ApiError(422, "Reference update failed")
    location = f"{call.links.repo(call.repository.full_name)}/git/{name}"
    return Answer.of(201, _ref(call, name, sha), ("Location", location))


@ROUTES.on("PATCH", f"{_REPO}/git/refs/{{ref}}", "git/update-ref", "contents:write")
def update_ref(call: Call) -> Answer:
    name, sha, git = f"refs/{call.path['ref']}", call.body["sha"], call.repository.git
    old = git.refs().get(name)
    if old is None:
        raise ApiError(422, "Reference does not exist")
    if git.type(sha) is None:
        raise ApiError(422, "Object does not exist")
    forward = git.is_ancestor(old, sha)
    if not forward and not call.body.get("force"):
        raise ApiError(422, "Update is not a fast forward")
    _guard(call, name, forward=forward)
    if not git.update(name, sha, old):
        raise ApiError(422, "Reference update failed")
    return Answer.of(200, _ref(call, name, sha))


@ROUTES.on("DELETE", f"{_REPO}/git/refs/{{ref}}", "git/delete-ref", "contents:write")
def delete_ref(call: Call) -> Answer:
    name, git = f"refs/{call.path['ref']}", call.repository.git
    if name not in git.refs():
        raise ApiError(422, "Reference does not exist")
    rules = rules_of(call.repository, name.removeprefix(_HEADS), call.token)
    if rules and rules.no_deletion:
        raise ApiError(422, "Cannot delete this protected branch")
    git.delete(name)
    return Answer(204)


def _guard(call: Call, name: str, *, forward: bool) -> None:
    rules = rules_of(call.repository, name.removeprefix(_HEADS), call.token)
    if rules is None:
        return
    if not forward and rules.no_force_push:
        raise ApiError(422, "Cannot force-push to this branch")
    admin = call.token.permissions is None and call.repository.is_allowed(call.token.user, "admin")
    if rules.forbids_pushes and (rules.enforce_admins or not admin):
        raise ApiError(422, "Changes must be made through a pull request.")


@ROUTES.on("GET", f"{_REPO}/git/commits/{{sha}}", "git/get-commit", "contents:read")
def get_commit(call: Call) -> Answer:
    if call.repository.git.type(call.path["sha"]) != "commit":
        raise not_found()
    return Answer.of(200, git_commit(call.links, call.repository, call.path["sha"]))


@ROUTES.on("POST", f"{_REPO}/git/commits", "git/create-commit", "contents:write")
def create_commit(call: Call) -> Answer:
    git, body, now = call.repository.git, call.body, call.world.clock()
    if git.type(body["tree"]) != "tree":
        raise ApiError(422, "Tree SHA does not exist")
    parents = body.get("parents", [])
    if any(git.type(parent) != "commit" for parent in parents):
        raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    ours = person_of(call.token.user, now)
    author = _person(body.get("author"), ours)
    committer = _person(body.get("committer"), author if "author" in body else ours)
    # GitHub signs what an App makes, and only where it says nothing of who it is by.
    signs = call.token.app is not None and "author" not in body and "committer" not in body
    if signs:
        committer = github_itself(now)
    sha = git.write_commit(body["tree"], parents, body["message"], author, committer)
    if signs:
        call.repository.verified.add(sha)
    return Answer.of(201, git_commit(call.links, call.repository, sha))


def _person(given: dict[str, str] | None, default: Person) -> Person:
    return (
        Person(given["name"], given["email"], given.get("date", default.date)) if given else default
    )


@ROUTES.on("GET", f"{_REPO}/git/trees/{{sha}}", "git/get-tree", "contents:read")
def get_tree(call: Call) -> Answer:
    git, name = call.repository.git, call.path["sha"]
    commit = git.resolve(name)
    tree = git.commit(commit).tree if commit else name
    if git.type(tree) != "tree":
        raise not_found()
    entries = git.tree(tree, recursive="recursive" in call.query)
    return Answer.of(200, _tree(call, tree, entries))


@ROUTES.on("POST", f"{_REPO}/git/trees", "git/create-tree", "contents:write")
def create_tree(call: Call) -> Answer:
    git = call.repository.git
    base = call.body.get("base_tree")
    if base is not None:
        commit = git.commit(base).tree if git.type(base) == "commit" else base
        if git.type(commit) != "tree":
            raise ApiError(422, "base_tree is not a valid tree oid")
    changes = []
    for entry in call.body["tree"]:
        sha = entry.get("sha")
        if sha is None and "content" in entry:
            sha = git.write(entry["content"].encode())
        elif sha is not None and git.type(sha) is None:
            raise ApiError(422, f"tree.sha {sha} is not a valid {entry.get('type', 'blob')}")
        changes.append((entry["mode"], entry["path"], sha))
    tree = git.write_tree(base, changes)
    return Answer.of(201, _tree(call, tree, git.tree(tree)))


@ROUTES.on("GET", f"{_REPO}/git/blobs/{{file_sha}}", "git/get-blob", "contents:read")
def get_blob(call: Call) -> Answer:
    sha, git = call.path["file_sha"], call.repository.git
    if git.type(sha) != "blob":
        raise not_found()
    data = git.read(sha)
    answer = {**_blob(call, sha), "node_id": f"B_{sha}", "size": len(data), "encoding": "base64"}
    return Answer.of(200, {**answer, "content": b64encode(data).decode()})


@ROUTES.on("POST", f"{_REPO}/git/blobs", "git/create-blob", "contents:write")
def create_blob(call: Call) -> Answer:
    text = call.body["content"]
    try:
        data = b64decode(text) if call.body.get("encoding") == "base64" else text.encode()
    except NotBase64:
        raise ApiError(422, "content is not valid Base64") from None
    return Answer.of(201, _blob(call, call.repository.git.write(data)))


def _blob(call: Call, sha: str) -> dict[str, Any]:
    return {"sha": sha, "url": f"{call.links.repo(call.repository.full_name)}/git/blobs/{sha}"}


def _ref(call: Call, name: str, sha: str) -> dict[str, Any]:
    kind = call.repository.git.type(sha) or "commit"
    return shapes.ref(call.links, call.repository, name, sha, kind)


def _tree(call: Call, sha: str, entries: list[Entry]) -> dict[str, Any]:
    url = f"{call.links.repo(call.repository.full_name)}/git"
    lines = []
    for one in entries:
        line: dict[str, Any] = {
            "path": one.path,
            "mode": one.mode,
            "type": one.type,
            "sha": one.sha,
            "url": f"{url}/{one.type}s/{one.sha}",
        }
        lines.append(line if one.size is None else {**line, "size": one.size})
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": lines, "truncated": False}
