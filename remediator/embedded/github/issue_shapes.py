"""Issues and pull requests as GitHub's REST API gives them."""

from __future__ import annotations

from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.links import Links
from remediator.embedded.github.merging import mergeability, potential_merge
from remediator.embedded.github.world import Issue, Pull, Repository, User

Json = dict[str, Any]


def issue(links: Links, repo: Repository, one: Issue) -> Json:
    url = f"{links.repo(repo.full_name)}/issues/{one.number}"
    kind = "pull" if one.pull else "issues"
    answer: Json = {
        "id": one.id,
        "node_id": f"{'PR' if one.pull else 'I'}_{repo.id}_{one.number}",
        "url": url,
        "repository_url": links.repo(repo.full_name),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{links.html(repo.full_name)}/{kind}/{one.number}",
        "number": one.number,
        "state": one.state,
        "state_reason": one.state_reason,
        "title": one.title,
        "body": one.body,
        "user": shapes.user(links, one.user),
        "labels": _labels(links, repo, one),
        "assignee": shapes.user(links, one.assignees[0]) if one.assignees else None,
        "assignees": [shapes.user(links, a) for a in one.assignees],
        "milestone": None,
        "locked": one.locked,
        "active_lock_reason": None,
        "comments": len(one.comments),
        "closed_at": shapes.optional_time(one.closed_at),
        "created_at": shapes.time(one.created_at),
        "updated_at": shapes.time(one.updated_at),
        "closed_by": shapes.optional_user(links, one.closed_by),
        "author_association": shapes.association(repo, one.user),
    }
    if one.pull:
        html = answer["html_url"]
        answer["draft"] = one.pull.draft
        answer["pull_request"] = {
            "url": f"{links.repo(repo.full_name)}/pulls/{one.number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": shapes.optional_time(one.pull.merged_at),
        }
    return answer


def simple_pull(links: Links, repo: Repository, one: Issue, pull: Pull) -> Json:
    """As it stands in lists."""
    url = f"{links.repo(repo.full_name)}/pulls/{one.number}"
    issue_url = f"{links.repo(repo.full_name)}/issues/{one.number}"
    html = f"{links.html(repo.full_name)}/pull/{one.number}"
    statuses = f"{links.repo(repo.full_name)}/statuses/{pull.head_sha}"
    return {
        "url": url,
        "id": one.id,
        "node_id": f"PR_{repo.id}_{one.number}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue_url,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{links.repo(repo.full_name)}/pulls/comments{{/number}}",
        "comments_url": f"{issue_url}/comments",
        "statuses_url": statuses,
        "number": one.number,
        "state": one.state,
        "locked": one.locked,
        "title": one.title,
        "user": shapes.user(links, one.user),
        "body": one.body,
        "labels": _labels(links, repo, one),
        "milestone": None,
        "active_lock_reason": None,
        "created_at": shapes.time(one.created_at),
        "updated_at": shapes.time(one.updated_at),
        "closed_at": shapes.optional_time(one.closed_at),
        "merged_at": shapes.optional_time(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": shapes.user(links, one.assignees[0]) if one.assignees else None,
        "assignees": [shapes.user(links, a) for a in one.assignees],
        "requested_reviewers": [shapes.user(links, r) for r in pull.reviewers],
        "requested_teams": [team(links, repo.owner, t) for t in pull.teams],
        "head": _end(links, repo, pull.head_ref, pull.head_sha),
        "base": _end(links, repo, pull.base_ref, pull.base_sha),
        "_links": {
            "self": {"href": url},
            "html": {"href": html},
            "issue": {"href": issue_url},
            "comments": {"href": f"{issue_url}/comments"},
            "review_comments": {"href": f"{url}/comments"},
            "review_comment": {"href": f"{links.repo(repo.full_name)}/pulls/comments{{/number}}"},
            "commits": {"href": f"{url}/commits"},
            "statuses": {"href": statuses},
        },
        "author_association": shapes.association(repo, one.user),
        "auto_merge": _auto_merge(links, pull),
        "draft": pull.draft,
    }


def pull(links: Links, repo: Repository, one: Issue, it: Pull) -> Json:
    """As a single pull request is given."""
    state = mergeability(repo, one, it)
    if state.is_known and one.state == "open" and it.merged_at is None:
        it.merge_commit_sha = potential_merge(repo, it)
    files = repo.git.diff(_start(repo, it), it.head_sha)
    base = _start(repo, it)
    return {
        **simple_pull(links, repo, one, it),
        "merged": it.merged_at is not None,
        "mergeable": state.mergeable,
        "rebaseable": state.mergeable,
        "mergeable_state": state.state,
        "merged_by": shapes.optional_user(links, it.merged_by),
        "comments": len(one.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(repo.git.between(base, it.head_sha)),
        "additions": sum(f.additions for f in files),
        "deletions": sum(f.deletions for f in files),
        "changed_files": len(files),
    }


def _start(repo: Repository, it: Pull) -> str:
    """Where the branch left the base: the diff that a reviewer sees begins there."""
    return repo.git.merge_base(it.base_sha, it.head_sha) or it.base_sha


def team(links: Links, owner: User, slug: str) -> Json:
    url = f"{links.api}/organizations/{owner.id}/team/{slug}"
    html = f"{links.host}/orgs/{owner.login}/teams/{slug}"
    return {
        "id": sum(slug.encode()),
        "node_id": f"T_{slug}",
        "url": url,
        "html_url": html,
        "name": slug,
        "slug": slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "push",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
        "type": "organization",
    }


def _labels(links: Links, repo: Repository, one: Issue) -> list[Json]:
    """Without `archived_at`, which only a label by itself has."""
    found = [shapes.label(links, repo, repo.labels[name.lower()]) for name in one.labels]
    return [{k: v for k, v in label.items() if k != "archived_at"} for label in found]


def _end(links: Links, repo: Repository, ref: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": shapes.user(links, repo.owner),
        "repo": shapes.repository(links, repo),
    }


def _auto_merge(links: Links, it: Pull) -> Json | None:
    if it.auto_merge is None:
        return None
    return {
        "enabled_by": shapes.user(links, it.auto_merge.enabled_by.user),
        "merge_method": it.auto_merge.method,
        "commit_title": it.auto_merge.title,
        "commit_message": it.auto_merge.message,
    }


def html_url(links: Links, repo: Repository, one: Issue) -> str:
    return f"{links.html(repo.full_name)}/{'pull' if one.pull else 'issues'}/{one.number}"
