"""What can be done to a pull request, whichever API asks for it."""

from __future__ import annotations

from remediator.embedded.github.events import HEADS, close, request_owners
from remediator.embedded.github.merging import METHODS, merge, mergeability
from remediator.embedded.github.requests import ApiError, custom, invalid
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.world import Issue, Pull, Repository, Token, World

MAX_BODY, MAX_TITLE = 65_536, 256


def check_texts(resource: str, title: object, body: object) -> None:
    """Raises ApiError 422 for what GitHub finds too long, or empty."""
    if isinstance(title, str) and not title.strip():
        raise invalid(resource, "title", "missing_field")
    if isinstance(title, str) and len(title) > MAX_TITLE:
        raise custom(resource, f"title is too long (maximum is {MAX_TITLE} characters)", "title")
    if isinstance(body, str) and len(body) > MAX_BODY:
        raise custom(resource, f"body is too long (maximum is {MAX_BODY} characters)", "body")


def open_pull(
    world: World, repo: Repository, token: Token, title: str, body: str | None,
    head: str, base: str, draft: bool,
) -> Issue:  # fmt: skip
    if token.is_actions and not repo.settings.actions_may_create_pull_requests:
        text = "GitHub Actions is not permitted to create or approve pull requests."
        raise ApiError(403, text)
    check_texts("PullRequest", title, body)
    owner, colon, name = head.rpartition(":")
    refs = repo.git.refs()
    if (colon and owner.lower() != repo.owner.login.lower()) or HEADS + name not in refs:
        raise invalid("PullRequest", "head")
    if HEADS + base not in refs:
        raise invalid("PullRequest", "base")
    _refuse_second(repo, name, base)
    tip, sha = refs[HEADS + base], refs[HEADS + name]
    if repo.git.is_ancestor(sha, tip):
        raise custom("PullRequest", f"No commits between {base} and {name}")
    now = world.clock()
    number = len(repo.issues) + 1
    it = Pull(name, sha, base, tip, draft, unknown_reads=repo.settings.slow_mergeability)
    issue = Issue(world.new_id(), number, token.user, title, body, now, now, pull=it)
    repo.issues[number] = issue
    if not draft:
        request_owners(world, repo, issue, it)
    return issue


def _refuse_second(repo: Repository, head: str, base: str, but: Issue | None = None) -> None:
    for issue, it in repo.pulls():
        same = (it.head_ref, it.base_ref) == (head, base)
        if issue is not but and issue.state == "open" and same:
            text = f"A pull request already exists for {repo.owner.login}:{head}."
            raise custom("PullRequest", text)


def set_state(world: World, repo: Repository, issue: Issue, state: str, token: Token) -> None:
    """Closes, or opens again: which GitHub does only while the branch is as it was."""
    if state == issue.state:
        return
    if state == "closed":
        close(world, issue, token.user)
        return
    if issue.pull:
        _refuse_reopening(repo, issue, issue.pull)
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.state_reason = None if issue.pull else "reopened"
    issue.updated_at = world.clock()


def _refuse_reopening(repo: Repository, issue: Issue, it: Pull) -> None:
    refs = repo.git.refs()
    if it.merged_at:
        raise invalid("PullRequest", "state", message="state cannot be changed. The pull request "
                      "cannot be reopened.")  # fmt: skip
    start = "state cannot be changed. "
    if HEADS + it.head_ref not in refs:
        text = f"{start}The {it.head_ref} branch has been deleted."
        raise invalid("PullRequest", "state", message=text)
    new = refs[HEADS + it.head_ref]
    if not repo.git.is_ancestor(it.head_sha, new):
        text = f"{start}The {it.head_ref} branch was force-pushed or recreated."
        raise invalid("PullRequest", "state", message=text)
    tip = refs.get(HEADS + it.base_ref)
    if tip is None or repo.git.is_ancestor(new, tip):
        text = f"{start}There are no new commits on the {it.head_ref} branch."
        raise invalid("PullRequest", "state", message=text)
    try:
        _refuse_second(repo, it.head_ref, it.base_ref, issue)
    except ApiError as error:
        text = f"{start}{(error.errors or [{}])[0].get('message', '')}"
        raise invalid("PullRequest", "state", message=text) from None
    it.head_sha = new


def merge_now(
    world: World, repo: Repository, issue: Issue, it: Pull, token: Token,
    method: str, title: str | None, message: str | None, sha: str | None,
) -> str:  # fmt: skip
    if it.merged_at or issue.state != "open":
        raise ApiError(405, "Pull Request is not mergeable")
    if sha is not None and sha != it.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    state = mergeability(repo, issue, it, token)
    if not state.mergeable or state.state in ("draft", "blocked", "behind"):
        raise ApiError(405, "\n".join(state.reasons))
    if method not in allowed_methods(repo, it, token):
        words = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}
        raise ApiError(405, f"{words[method]} are not allowed on this repository.")
    return merge(world, repo, issue, it, method, title, message, token)


def allowed_methods(repo: Repository, it: Pull, token: Token | None = None) -> list[str]:
    settings = repo.settings
    flags = (settings.allow_merge_commit, settings.allow_squash_merge, settings.allow_rebase_merge)
    rules = rules_of(repo, it.base_ref, token)
    narrowed = rules.merge_methods if rules else METHODS
    linear = rules is not None and rules.linear_history
    return [
        m
        for m, on in zip(METHODS, flags, strict=True)
        if on and m in narrowed and not (linear and m == "merge")
    ]


def update_branch(
    world: World, repo: Repository, it: Pull, token: Token, expected: str | None
) -> None:
    """Merges the base into the head, as the button does."""
    from remediator.embedded.github.commit_shapes import github_itself, person_of

    if expected is not None and expected != it.head_sha:
        text = "expected head sha didn\u2019t match current head ref."
        raise ApiError(422, text)
    tip = repo.git.refs().get(HEADS + it.base_ref)
    if tip is None or repo.git.is_ancestor(tip, it.head_sha):
        raise ApiError(422, "There are no new commits on the base branch.")
    tree = repo.git.merge_tree(it.head_sha, tip)
    if tree is None:
        raise ApiError(422, "merge conflict between base and head")
    now = world.clock()
    message = f"Merge branch '{it.base_ref}' into {it.head_ref}\n"
    by = person_of(token.user, now)
    made = repo.git.write_commit(tree, (it.head_sha, tip), message, by, github_itself(now))
    repo.verified.add(made)
    if not repo.git.update(HEADS + it.head_ref, made, it.head_sha):
        raise ApiError(422, "expected head sha didn\u2019t match current head ref.")
