"""What GraphQL answers with: mappings whose values graphql-core resolves by name.

A value that takes work, or arguments, is a function; it is called when it is asked for.
"""

from __future__ import annotations

from typing import Any

from remediator.embedded.github.issue_shapes import html_url
from remediator.embedded.github.links import Links
from remediator.embedded.github.merging import Mergeability, mergeability
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.shapes import optional_time, time
from remediator.embedded.github.world import Issue, Pull, Repository, Review, User

Fields = dict[str, Any]


def actor(links: Links, one: User) -> Fields:
    return {
        "__typename": "Bot" if one.type == "Bot" else "User",
        "id": f"U_{one.id}",
        "login": one.login,
        "avatarUrl": lambda _info, **_: f"{links.host}/avatars/u/{one.id}",
        "resourcePath": f"/{one.login}",
        "url": f"{links.host}/{one.login}",
    }


def commit(links: Links, repo: Repository, sha: str) -> Fields:
    message = repo.git.commit(sha).message
    verified = sha in repo.verified
    signature = {
        "__typename": "GpgSignature",
        "isValid": True,
        "state": "VALID",
        "wasSignedByGitHub": True,
    }
    return {
        "__typename": "Commit",
        "id": f"C_{sha}",
        "oid": sha,
        "message": message,
        "messageHeadline": message.partition("\n")[0],
        "url": f"{links.html(repo.full_name)}/commit/{sha}",
        "signature": signature if verified else None,
    }


def ref(links: Links, repo: Repository, name: str) -> Fields | None:
    """`refs/heads/main`, or a branch's name."""
    full = name if name.startswith("refs/") else f"refs/heads/{name}"
    sha = repo.git.refs().get(full)
    if sha is None:
        return None
    prefix = "refs/heads/" if full.startswith("refs/heads/") else "refs/tags/"
    return {
        "__typename": "Ref",
        "id": f"REF_{repo.id}_{full}",
        "name": full.removeprefix(prefix),
        "prefix": prefix,
        "target": commit(links, repo, sha),
    }


def pull_request(links: Links, repo: Repository, issue: Issue, pull: Pull) -> Fields:
    def state(_info: Any) -> Mergeability:
        return mergeability(repo, issue, pull)

    def mergeable(info: Any) -> str:
        words = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
        return words[state(info).mergeable]

    merged = pull.merged_at is not None
    return {
        "__typename": "PullRequest",
        "id": f"PR_{repo.id}_{issue.number}",
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or "",
        "url": html_url(links, repo, issue),
        "author": actor(links, issue.user),
        "state": "MERGED" if merged else issue.state.upper(),
        "closed": issue.state == "closed",
        "merged": merged,
        "isDraft": pull.draft,
        "createdAt": time(issue.created_at),
        "updatedAt": time(issue.updated_at),
        "closedAt": optional_time(issue.closed_at),
        "mergedAt": optional_time(pull.merged_at),
        "mergedBy": actor(links, pull.merged_by) if pull.merged_by else None,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "baseRefName": pull.base_ref,
        "baseRefOid": pull.base_sha,
        "mergeable": mergeable,
        "mergeStateStatus": lambda info: state(info).state.upper(),
        "mergeCommit": lambda _info: (
            commit(links, repo, pull.merge_commit_sha) if merged and pull.merge_commit_sha else None
        ),
        "autoMergeRequest": _auto_merge(links, pull),
        "isInMergeQueue": pull.queued is not None,
        "mergeQueueEntry": {
            "__typename": "MergeQueueEntry",
            "id": f"MQE_{repo.id}_{issue.number}",
            "enqueuer": actor(links, pull.queued.user),
        }
        if pull.queued
        else None,
        "timelineItems": lambda _info, **asked: _timeline(links, pull, **asked),
        "latestOpinionatedReviews": lambda _info, **asked: _opinions(links, repo, pull, **asked),
        "reviews": lambda _info, **asked: _reviews(links, repo, pull, **asked),
        "labels": lambda _info, **_: {
            "totalCount": len(issue.labels),
            "nodes": [{"__typename": "Label", "id": f"LA_{n}", "name": n} for n in issue.labels],
        },
    }


def _opinions(
    links: Links, repo: Repository, pull: Pull, *, first: int | None = None,
    writersOnly: bool = False, **_: str,  # noqa: N803
) -> Fields:  # fmt: skip
    """Of each person the last review that says yes or no."""
    last = {r.user.id: r for r in pull.reviews if r.state != "COMMENTED"}
    found = [r for r in last.values() if not writersOnly or repo.is_allowed(r.user, "write")]
    return _listed(links, repo, found, first)


def _reviews(
    links: Links, repo: Repository, pull: Pull, *, first: int | None = None,
    states: list[str] | None = None, **_: str,
) -> Fields:  # fmt: skip
    found = [r for r in pull.reviews if states is None or r.state in states]
    return _listed(links, repo, found, first)


def _listed(links: Links, repo: Repository, found: list[Review], first: int | None) -> Fields:
    nodes = [
        {
            "__typename": "PullRequestReview",
            "id": f"PRR_{r.id}",
            "author": actor(links, r.user),
            "body": r.body,
            "commit": commit(links, repo, r.commit_id),
            "state": r.state,
            "submittedAt": time(r.submitted_at),
        }
        for r in found[:first]
    ]
    page = {"hasNextPage": len(found) > len(nodes), "hasPreviousPage": False,
            "startCursor": "0", "endCursor": str(len(nodes))}  # fmt: skip
    return {"totalCount": len(found), "nodes": nodes, "pageInfo": page}


_EVENTS = {
    (False, True): ("AutoMergeEnabledEvent", "AUTO_MERGE_ENABLED_EVENT"),
    (False, False): ("AutoMergeDisabledEvent", "AUTO_MERGE_DISABLED_EVENT"),
    (True, True): ("AddedToMergeQueueEvent", "ADDED_TO_MERGE_QUEUE_EVENT"),
    (True, False): ("RemovedFromMergeQueueEvent", "REMOVED_FROM_MERGE_QUEUE_EVENT"),
}


def _timeline(
    links: Links, pull: Pull, *, itemTypes: list[str] | None = None,  # noqa: N803
    first: int | None = None, last: int | None = None, **_: str,
) -> Fields:  # fmt: skip
    """Oldest first. Of GitHub's many items the stand-in has four."""
    found = [
        {
            "__typename": _EVENTS[it.queue, it.on][0],
            "id": f"AME_{it.id}",
            "actor": actor(links, it.user),
            "createdAt": time(it.at),
            "reason": None,
            "reasonCode": None,
        }
        for it in pull.auto_merge_events
        if itemTypes is None or _EVENTS[it.queue, it.on][1] in itemTypes
    ]
    nodes = found[:first] if first is not None else found
    nodes = nodes[max(0, len(nodes) - last) :] if last is not None else nodes
    page = {"hasNextPage": False, "hasPreviousPage": len(nodes) < len(found),
            "startCursor": None, "endCursor": None}  # fmt: skip
    count = len(found)
    return {"totalCount": count, "filteredCount": count, "pageCount": len(nodes),
            "nodes": nodes, "pageInfo": page}  # fmt: skip


def _auto_merge(links: Links, pull: Pull) -> Fields | None:
    auto = pull.auto_merge
    if auto is None:
        return None
    return {
        "enabledBy": actor(links, auto.enabled_by.user),
        "mergeMethod": auto.method.upper(),
        "commitHeadline": auto.title,
        "commitBody": auto.message,
    }


def repository(links: Links, repo: Repository) -> Fields:
    def one(_info: Any, number: int) -> Fields | None:
        issue = repo.issues.get(number)
        if issue is None or issue.pull is None:
            return None
        return pull_request(links, repo, issue, issue.pull)

    def several(_info: Any, **wanted: Any) -> Fields:
        return _connection(links, repo, **wanted)

    settings = repo.settings
    return {
        "__typename": "Repository",
        "id": f"R_{repo.id}",
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "url": links.html(repo.full_name),
        "isPrivate": settings.private,
        "isArchived": settings.archived,
        "autoMergeAllowed": settings.allow_auto_merge,
        "mergeCommitAllowed": settings.allow_merge_commit,
        "squashMergeAllowed": settings.allow_squash_merge,
        "rebaseMergeAllowed": settings.allow_rebase_merge,
        "deleteBranchOnMerge": settings.delete_branch_on_merge,
        "defaultBranchRef": lambda _info: ref(links, repo, settings.default_branch),
        "ref": lambda _info, qualifiedName: ref(links, repo, qualifiedName),  # noqa: N803
        "mergeQueue": lambda _info, branch=None: _queue(
            links, repo, branch or settings.default_branch
        ),
        "pullRequest": one,
        "pullRequests": several,
    }


def _queue(links: Links, repo: Repository, branch: str) -> Fields | None:
    rules = rules_of(repo, branch)
    if rules is None or not rules.merge_queue:
        return None
    url = f"{links.html(repo.full_name)}/queue/{branch}"
    configuration = {"mergeMethod": rules.queue_method.upper()}
    return {"__typename": "MergeQueue", "id": f"MQ_{repo.id}_{branch}", "url": url,
            "configuration": configuration}  # fmt: skip


def _connection(
    links: Links, repo: Repository, *, first: int | None = None, after: str | None = None,
    states: list[str] | None = None, orderBy: dict[str, str] | None = None,  # noqa: N803
    **refs: str,
) -> Fields:  # fmt: skip
    """Oldest first, as GitHub orders them where nothing is said. The cursor is a number."""
    found = []
    for issue, pull in repo.pulls():
        state = "MERGED" if pull.merged_at else issue.state.upper()
        fits = refs.get("headRefName", pull.head_ref) == pull.head_ref
        fits = fits and refs.get("baseRefName", pull.base_ref) == pull.base_ref
        if fits and (not states or state in states):
            found.append((issue, pull))
    if orderBy:
        key = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}[orderBy["field"]]
        found.sort(
            key=lambda it: (getattr(it[0], key), it[0].number),
            reverse=orderBy["direction"] == "DESC",
        )
    start = int(after) if after else 0
    end = start + (first or 100)
    return {
        "totalCount": len(found),
        "nodes": [pull_request(links, repo, *one) for one in found[start:end]],
        "pageInfo": {
            "hasNextPage": end < len(found),
            "hasPreviousPage": start > 0,
            "startCursor": str(start),
            "endCursor": str(min(end, len(found))),
        },
    }
