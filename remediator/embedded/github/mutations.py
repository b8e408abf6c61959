"""What the GraphQL mutations do."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from remediator.embedded.github.commit_shapes import github_itself, person_of
from remediator.embedded.github.events import leave_queue, no_auto_merge, request_owners
from remediator.embedded.github.merging import mergeability
from remediator.embedded.github.pull_changes import allowed_methods, merge_now
from remediator.embedded.github.requests import ApiError
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.world import (
    AutoMerge,
    AutoMergeEvent,
    Issue,
    Pull,
    Repository,
    Token,
    World,
)

Run = Callable[
    [World, Token, Repository, "Issue | None", "Pull | None", dict[str, Any]], dict[str, Any]
]


class FieldError(RuntimeError):
    """An error of one field, with GitHub's name for its kind."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True)
class Mutation:
    needs: tuple[str, ...]
    run: Run


def _enable(
    world: World, token: Token, repo: Repository, issue: Issue | None, pull: Pull | None,
    given: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """GitHub refuses where there is nothing to wait for: then one merges."""
    assert issue
    assert pull
    if not repo.settings.allow_auto_merge:
        raise FieldError(
            "UNPROCESSABLE", "Pull request Auto merge is not allowed for this repository"
        )
    if issue.state != "open":
        raise FieldError("UNPROCESSABLE", "Pull request is closed")
    _guard(pull, given)
    if pull.queued is not None:
        raise FieldError("UNPROCESSABLE", "Pull request Pull request is already in the queue")
    state = mergeability(repo, issue, pull).state
    if rules_of(repo, pull.base_ref) is None and state in ("clean", "unstable"):
        text = "Pull request Protected branch rules not configured for this branch"
        raise FieldError("UNPROCESSABLE", text if state == "clean" else _status(state))
    if state in ("clean", "unstable", "draft", "dirty"):
        raise FieldError("UNPROCESSABLE", _status(state))
    method = given.get("mergeMethod", "MERGE").lower()
    rules = rules_of(repo, pull.base_ref)
    if not (rules and rules.merge_queue) and method not in allowed_methods(repo, pull):
        text = f"Merge method {method} merging is not allowed on this repository"
        raise FieldError("UNPROCESSABLE", text)
    title, message = given.get("commitHeadline"), given.get("commitBody")
    pull.auto_merge = AutoMerge(token, method, title, message)
    pull.auto_merge_events.append(AutoMergeEvent(world.new_id(), True, token.user, world.clock()))
    return {}


def _status(state: str) -> str:
    return f"Pull request Pull request is in {state} status"


def _guard(pull: Pull, given: dict[str, Any]) -> None:
    expected = given.get("expectedHeadOid")
    if expected is not None and expected != pull.head_sha:
        text = "Head branch was modified. Review and try the merge again."
        raise FieldError("UNPROCESSABLE", text)


def _disable(
    world: World, token: Token, repo: Repository, issue: Issue | None, pull: Pull | None,
    given: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    assert pull
    if pull.auto_merge is None:
        text = "Can't disable auto-merge for this pull request."
        raise FieldError("UNPROCESSABLE", text)
    no_auto_merge(world, pull, token.user)
    return {}


def _dequeue(
    world: World, token: Token, repo: Repository, issue: Issue | None, pull: Pull | None,
    given: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    assert pull
    if pull.queued is None:
        raise FieldError("UNPROCESSABLE", "Pull request is not in the merge queue")
    leave_queue(world, pull, token.user)
    return {}


def _draft(draft: bool) -> Run:
    def run(
        world: World, token: Token, repo: Repository, issue: Issue | None, pull: Pull | None,
        given: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        assert issue
        assert pull
        if issue.state != "open":
            raise FieldError("UNPROCESSABLE", "Pull request is closed")
        was, pull.draft = pull.draft, draft
        if draft:
            no_auto_merge(world, pull, token.user)
        elif was:
            request_owners(world, repo, issue, pull)
        issue.updated_at = world.clock()
        return {}

    return run


def _merge(
    world: World, token: Token, repo: Repository, issue: Issue | None, pull: Pull | None,
    given: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    assert issue
    assert pull
    try:
        merge_now(
            world, repo, issue, pull, token, given.get("mergeMethod", "MERGE").lower(),
            given.get("commitHeadline"), given.get("commitBody"), given.get("expectedHeadOid"),
        )  # fmt: skip
    except ApiError as error:
        raise FieldError("UNPROCESSABLE", error.message) from None
    return {}


def _commit(
    world: World, token: Token, repo: Repository, issue: Issue | None, pull: Pull | None,
    given: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """One commit, which GitHub signs. The file mode is always 100644."""
    name, expected = given["branch"].get("branchName", ""), given["expectedHeadOid"]
    branch = name if name.startswith("refs/heads/") else f"refs/heads/{name}"
    tip = repo.git.refs().get(branch)
    if tip is None:
        raise FieldError("NOT_FOUND", f"A ref named '{name}' does not exist.")
    rules = rules_of(repo, branch.removeprefix("refs/heads/"), token)
    if rules and rules.forbids_pushes:
        raise FieldError("UNPROCESSABLE", "Changes must be made through a pull request.")
    if tip != expected:
        text = f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
        raise FieldError("STALE_DATA", text)
    changes = given.get("fileChanges") or {}
    try:
        added = [("100644", one["path"], repo.git.write(b64decode(one["contents"], validate=True)))
                 for one in changes.get("additions", ())]  # fmt: skip
    except NotBase64:
        raise FieldError("UNPROCESSABLE", "A file's contents are not valid Base64.") from None
    removed = [("100644", one["path"], None) for one in changes.get("deletions", ())]
    tree = repo.git.write_tree(tip, [*added, *removed])
    now = world.clock()
    message, body = given["message"]["headline"], given["message"].get("body") or ""
    text = f"{message}\n\n{body}" if body else message
    author = person_of(token.user, now)
    sha = repo.git.write_commit(tree, (tip,), text, author, github_itself(now))
    repo.verified.add(sha)
    if not repo.git.update(branch, sha, tip):
        text = f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
        raise FieldError("STALE_DATA", text)
    return {"sha": sha, "branch": branch}


MUTATIONS = {
    "enablePullRequestAutoMerge": Mutation(("pull_requests:write", "contents:write"), _enable),
    "disablePullRequestAutoMerge": Mutation(("pull_requests:write",), _disable),
    "dequeuePullRequest": Mutation(("pull_requests:write", "contents:write"), _dequeue),
    "convertPullRequestToDraft": Mutation(("pull_requests:write",), _draft(True)),
    "markPullRequestReadyForReview": Mutation(("pull_requests:write",), _draft(False)),
    "mergePullRequest": Mutation(("contents:write",), _merge),
    "createCommitOnBranch": Mutation(("contents:write",), _commit),
}
