"""What GitHub does by itself when something has changed: heads move, pull requests close, and
auto-merge merges."""

from __future__ import annotations

from remediator.embedded.github.codeowners import owners_of
from remediator.embedded.github.merging import merge, mergeability
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.world import (
    AutoMergeEvent,
    Issue,
    Pull,
    Push,
    Repository,
    User,
    World,
)

HEADS = "refs/heads/"


def settle(world: World, repo: Repository, user: User) -> None:
    """To be called after every write, with who made it."""
    while True:
        synchronise(world, repo, user)
        if not _merge_one(world, repo):
            return


def synchronise(world: World, repo: Repository, user: User) -> None:
    """Looks at every ref, and moves pull requests as it finds them."""
    before, repo.refs = repo.refs, repo.git.refs()
    moved = {
        ref: (before.get(ref), repo.refs.get(ref))
        for ref in before.keys() | repo.refs.keys()
        if before.get(ref) != repo.refs.get(ref)
    }
    now = world.clock()
    repo.pushes += [Push(ref, old, new, user, now) for ref, (old, new) in sorted(moved.items())]
    for issue, pull in repo.pulls():
        if issue.state == "open":
            _moved(world, repo, issue, pull, user, moved)


def _moved(
    world: World,
    repo: Repository,
    issue: Issue,
    pull: Pull,
    user: User,
    moved: dict[str, tuple[str | None, str | None]],
) -> None:
    head, base = HEADS + pull.head_ref, HEADS + pull.base_ref
    if head in moved and (new := moved[head][1]) is not None:
        pull.head_sha = new
        leave_queue(world, pull, user)
        pull.base_sha = repo.refs.get(base, pull.base_sha)
        pull.unknown_reads = repo.settings.slow_mergeability
        issue.updated_at = world.clock()
        rules = repo.protections.get(pull.base_ref)
        if rules and rules.dismiss_stale:
            for review in pull.reviews:
                review.state = "DISMISSED" if review.state == "APPROVED" else review.state
    tip = repo.refs.get(base)
    if (base in moved or head in moved) and tip and repo.git.is_ancestor(pull.head_sha, tip):
        close(world, issue, user)
        if base in moved:
            pull.merged_at, pull.merged_by = issue.closed_at, user
            pull.merge_commit_sha = _merged_by(repo, pull, moved[base][0], tip)
    elif head not in repo.refs or tip is None:
        close(world, issue, user)


def _merged_by(repo: Repository, pull: Pull, before: str | None, tip: str) -> str:
    """The commit of the base that brought the head in."""
    span = [tip] if before is None else [f"{before}..{tip}"]
    first = repo.git.log(span[0], ["--first-parent", "--reverse"])
    return next((c for c in first if repo.git.is_ancestor(pull.head_sha, c)), tip)


def close(world: World, issue: Issue, user: User) -> None:
    issue.state, issue.closed_at, issue.closed_by = "closed", world.clock(), user
    issue.updated_at = world.clock()
    if issue.pull:
        leave_queue(world, issue.pull, user)
        no_auto_merge(world, issue.pull, user)


def no_auto_merge(world: World, pull: Pull, user: User) -> None:
    if pull.auto_merge is not None:
        pull.auto_merge = None
        event = AutoMergeEvent(world.new_id(), False, user, world.clock())
        pull.auto_merge_events.append(event)


def leave_queue(world: World, pull: Pull, user: User) -> None:
    if pull.queued is not None:
        pull.queued = None
        _queue_event(world, pull, False, user)


def _queue_event(world: World, pull: Pull, on: bool, user: User) -> None:
    event = AutoMergeEvent(world.new_id(), on, user, world.clock(), queue=True)
    pull.auto_merge_events.append(event)


def _merge_one(world: World, repo: Repository) -> bool:
    for issue, pull in repo.pulls():
        auto = pull.auto_merge
        rules = rules_of(repo, pull.base_ref)
        if rules and rules.merge_queue:
            if issue.state == "open" and _queue(world, repo, issue, pull, rules.queue_method):
                return True
            continue
        if issue.state != "open" or auto is None:
            continue
        if mergeability(repo, issue, pull).state in ("clean", "unstable"):
            by = auto.enabled_by
            merge(world, repo, issue, pull, auto.method, auto.title, auto.message, by)
            synchronise(world, repo, by.user)
            return True
    return False


def _queue(world: World, repo: Repository, issue: Issue, pull: Pull, method: str) -> bool:
    """What waits with auto-merge goes into the queue once all else is there, and merges in its
    turn, by the queue's own method and in GitHub's own words."""
    state = mergeability(repo, issue, pull, by_queue=True).state
    ready = state in ("clean", "unstable")
    if pull.auto_merge is not None and ready:
        pull.queued, pull.auto_merge = pull.auto_merge.enabled_by, None
        _queue_event(world, pull, True, pull.queued.user)
        return True
    if pull.queued is None:
        return False
    by = pull.queued
    if not ready:
        leave_queue(world, pull, by.user)
        return True
    if repo.settings.queue_waits:
        return False
    merge(world, repo, issue, pull, method, None, None, by)
    pull.queued = None
    synchronise(world, repo, by.user)
    return True


def request_owners(world: World, repo: Repository, issue: Issue, pull: Pull) -> None:
    """Code owners are asked when a pull request is no draft (any more)."""
    for owners in owners_of(repo, pull).values():
        for owner in sorted(owners):
            _, slash, slug = owner.partition("/")
            if slash and slug in repo.teams and slug not in pull.teams:
                pull.teams.append(slug)
            elif owner in repo.collaborators and owner != issue.user.login:
                person = world.user(owner)
                if person not in pull.reviewers:
                    pull.reviewers.append(person)
