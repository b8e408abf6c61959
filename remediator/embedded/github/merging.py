"""Whether a pull request can be merged, and the merge itself: real commits, real ref updates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from remediator.embedded.github.commit_shapes import github_itself, person_of
from remediator.embedded.github.gitstore import GitStore, Person
from remediator.embedded.github.requests import ApiError
from remediator.embedded.github.requirements import QUEUE, check_states, is_behind, rules_of, unmet
from remediator.embedded.github.world import Issue, Pull, Repository, Token, World

METHODS = ("merge", "squash", "rebase")


@dataclass(frozen=True)
class Mergeability:
    mergeable: bool | None
    state: str
    """clean, unstable, blocked, behind, draft, dirty or unknown."""
    reasons: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.mergeable is not None


def mergeability(
    repo: Repository,
    issue: Issue,
    pull: Pull,
    token: Token | None = None,
    *,
    by_queue: bool = False,
) -> Mergeability:
    """`by_queue`: the merge queue asks, which makes it up to date by itself."""
    if issue.state != "open":
        return Mergeability(None, "unknown")
    if potential_merge(repo, pull) is None:
        return Mergeability(False, "dirty", ("Pull Request is not mergeable",))
    if pull.draft:
        return Mergeability(True, "draft", ("Pull Request is still a draft",))
    reasons = tuple(r for r in unmet(repo, issue, pull, token) if not (by_queue and r == QUEUE))
    if reasons:
        return Mergeability(True, "blocked", reasons)
    rules = rules_of(repo, pull.base_ref, token)
    if rules and rules.strict and not by_queue and is_behind(repo, pull):
        text = "This branch must be up to date with the base branch before merging."
        return Mergeability(True, "behind", (text,))
    if set(check_states(repo, pull.head_sha).values()) - {"good"}:
        return Mergeability(True, "unstable")
    return Mergeability(True, "clean")


def potential_merge(repo: Repository, pull: Pull) -> str | None:
    """The tree that merging now would give, as the id of the test merge; None: a conflict."""
    tip = repo.refs.get(f"refs/heads/{pull.base_ref}")
    if tip is None:
        return None
    tree = repo.git.merge_tree(tip, pull.head_sha)
    if tree is None:
        return None
    fixed = Person("GitHub", "noreply@github.com", "2000-01-01T00:00:00+00:00")
    message = f"Merge {pull.head_sha} into {tip}"
    return repo.git.write_commit(tree, (tip, pull.head_sha), message, fixed, fixed)


def merge(
    world: World,
    repo: Repository,
    issue: Issue,
    pull: Pull,
    method: str,
    title: str | None,
    message: str | None,
    token: Token,
) -> str:
    """Moves the base branch and marks the pull request as merged. Raises ApiError 405 or 409."""
    base = f"refs/heads/{pull.base_ref}"
    tip = repo.git.refs().get(base)
    if tip is None:
        raise ApiError(405, "Pull Request is not mergeable")
    commit = _commit(world, repo, issue, pull, method, title, message, token, tip)
    if not repo.git.update(base, commit, tip):
        raise ApiError(405, "Base branch was modified. Review and try the merge again.")
    now = world.clock()
    pull.merge_commit_sha, pull.merged_at, pull.merged_by = commit, now, token.user
    issue.state, issue.closed_at, issue.closed_by = "closed", now, token.user
    issue.updated_at = now
    if method != "rebase":
        repo.verified.add(commit)
    if repo.settings.delete_branch_on_merge and f"refs/heads/{pull.head_ref}" in repo.git.refs():
        repo.git.delete(f"refs/heads/{pull.head_ref}")
    return commit


def _commit(
    world: World,
    repo: Repository,
    issue: Issue,
    pull: Pull,
    method: str,
    title: str | None,
    message: str | None,
    token: Token,
    tip: str,
) -> str:
    git, now = repo.git, world.clock()
    committer, author = github_itself(now), person_of(token.user, now)
    commits = git.between(tip, pull.head_sha)
    if method == "rebase":
        return _rebased(git, tip, commits, committer)
    tree = git.merge_tree(tip, pull.head_sha)
    if tree is None:
        raise ApiError(405, "Pull Request is not mergeable")
    if method == "squash":
        only = git.commit(commits[0]) if len(commits) == 1 else None
        started = only.message.partition("\n")[0] if only else issue.title
        subject = title or f"{started} (#{issue.number})"
        body = message if message is not None else _squashed(repo, issue, commits, now)
        # Whoever opened the pull request, whoever made its commits.
        by = person_of(issue.user, now)
        return git.write_commit(tree, (tip,), _joined(subject, body), by, committer)
    subject = title or (
        f"Merge pull request #{issue.number} from {repo.owner.login}/{pull.head_ref}"
    )
    text = _joined(subject, issue.title if message is None else message)
    return git.write_commit(tree, (tip, pull.head_sha), text, author, committer)


def _squashed(repo: Repository, issue: Issue, commits: tuple[str, ...], now: datetime) -> str:
    """What GitHub writes by itself; a commit by somebody else is credited."""
    said = repo.settings.squash_message
    if said != "COMMIT_MESSAGES":
        return (issue.body or "") if said == "PR_BODY" else ""
    found = [repo.git.commit(c) for c in commits]
    if len(found) > 1:
        return "\n\n".join(f"* {one.message}" for one in found)
    opener, author = person_of(issue.user, now), found[0].author
    credit = f"\n\nCo-authored-by: {author.name} <{author.email}>"
    return _rest(found[0].message).rstrip() + (credit if author.email != opener.email else "")


def _joined(subject: str, body: str) -> str:
    return f"{subject}\n\n{body}\n" if body else f"{subject}\n"


def _rest(message: str) -> str:
    return message.partition("\n\n")[2]


def _rebased(git: GitStore, tip: str, commits: tuple[str, ...], committer: Person) -> str:
    """Each commit on top of the base, with its own author and message."""
    for sha in commits:
        one = git.commit(sha)
        if len(one.parents) != 1:
            raise ApiError(405, "This branch can't be rebased")
        tree = _picked(git, git.commit(one.parents[0]).tree, git.commit(tip).tree, one.tree)
        if tree is None:
            raise ApiError(405, "This branch can't be rebased due to conflicts")
        tip = git.write_commit(tree, (tip,), one.message, one.author, committer)
    return tip


def _picked(git: GitStore, base: str, ours: str, theirs: str) -> str | None:
    """A merge of three trees, as three commits: git 2.39 knows no --merge-base."""
    nobody = Person("x", "x@example.com", "2000-01-01T00:00:00+00:00")
    root = git.write_commit(base, (), "base", nobody, nobody)
    ends = [git.write_commit(t, (root,), n, nobody, nobody) for n, t in
            (("ours", ours), ("theirs", theirs))]  # fmt: skip
    return git.merge_tree(*ends)
