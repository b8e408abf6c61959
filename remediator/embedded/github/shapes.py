"""People, repositories, labels, refs and files as GitHub's REST API gives them.

Built from what GitHub's own description requires of each; its examples do not all fit it.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from remediator.embedded.github.gitstore import Changed, Entry
from remediator.embedded.github.links import Links
from remediator.embedded.github.world import (
    App,
    Comment,
    Label,
    Repository,
    Review,
    Status,
    Token,
    User,
)

Json = dict[str, Any]

_USER_URLS = (
    "followers",
    "following{/other_user}",
    "gists{/gist_id}",
    "starred{/owner}{/repo}",
    "subscriptions",
    "repos",
    "events{/privacy}",
    "received_events",
)
_REPOSITORY_URLS = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}


def time(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def optional_time(value: datetime | None) -> str | None:
    return time(value) if value else None


def user(links: Links, one: User) -> Json:
    url = f"{links.api}/users/{one.login}"
    named = {f"{u.split('{')[0]}_url": f"{url}/{u}" for u in _USER_URLS}
    return {
        "login": one.login,
        "id": one.id,
        "node_id": f"U_{one.id}",
        "avatar_url": f"{links.host}/avatars/u/{one.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{links.host}/{one.login}",
        **named,
        "organizations_url": f"{url}/orgs",
        "type": one.type,
        "site_admin": False,
    }


def optional_user(links: Links, one: User | None) -> Json | None:
    return user(links, one) if one else None


def minimal_repository(links: Links, one: Repository) -> Json:
    url = links.repo(one.full_name)
    return {
        "id": one.id,
        "node_id": f"R_{one.id}",
        "name": one.name,
        "full_name": one.full_name,
        "owner": user(links, one.owner),
        "private": one.settings.private,
        "html_url": links.html(one.full_name),
        "description": None,
        "fork": False,
        "url": url,
        **{f"{key}_url": f"{url}{path}" for key, path in _REPOSITORY_URLS.items()},
    }


def repository(links: Links, one: Repository) -> Json:
    """As it stands in lists and in pull requests."""
    count = sum(i.state == "open" for i in one.issues.values())
    host = links.host.partition("://")[2]
    settings = one.settings
    return {
        **minimal_repository(links, one),
        "git_url": f"git://{host}/{one.full_name}.git",
        "ssh_url": f"git@{host.partition(':')[0]}:{one.full_name}.git",
        "clone_url": f"{links.html(one.full_name)}.git",
        "svn_url": links.html(one.full_name),
        "mirror_url": None,
        "homepage": None,
        "language": "HCL",
        "license": None,
        "size": 1,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "open_issues": count,
        "open_issues_count": count,
        "default_branch": settings.default_branch,
        "has_issues": settings.has_issues,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "archived": settings.archived,
        "disabled": False,
        "visibility": "private" if settings.private else "public",
        "allow_forking": False,
        "is_template": False,
        "topics": [],
        "web_commit_signoff_required": False,
        "pushed_at": time(one.pushes[-1].at if one.pushes else one.created_at),
        "created_at": time(one.created_at),
        "updated_at": time(one.created_at),
    }


def full_repository(links: Links, one: Repository, token: Token) -> Json:
    allowed = {
        "admin": one.is_allowed(token.user, "admin"),
        "maintain": one.is_allowed(token.user, "maintain"),
        "push": one.is_allowed(token.user, "write"),
        "triage": one.is_allowed(token.user, "triage"),
        "pull": True,
    }
    answer = {
        **repository(links, one),
        "network_count": 0,
        "subscribers_count": 0,
        "permissions": allowed if token.permissions is None else dict.fromkeys(allowed, False),
    }
    # GitHub shows how merges are set only to those who may push, or may see the administration.
    if token.permissions is None:
        seen = allowed["push"]
    else:
        granted = token.permissions
        seen = granted.get("contents") == "write" or "administration" in granted
    if seen:
        settings = one.settings
        answer |= {
            "allow_auto_merge": settings.allow_auto_merge,
            "allow_merge_commit": settings.allow_merge_commit,
            "allow_squash_merge": settings.allow_squash_merge,
            "allow_rebase_merge": settings.allow_rebase_merge,
            "allow_update_branch": settings.allow_update_branch,
            "delete_branch_on_merge": settings.delete_branch_on_merge,
            "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
            "squash_merge_commit_message": settings.squash_message,
            "merge_commit_title": "MERGE_MESSAGE",
            "merge_commit_message": "PR_TITLE",
        }
    return answer


def app(links: Links, one: App) -> Json:
    return {
        "id": one.id,
        "slug": one.slug,
        "node_id": f"A_{one.id}",
        "client_id": f"Iv1.{one.id:016x}",
        "owner": user(links, one.owner),
        "name": one.slug,
        "description": None,
        "external_url": "https://example.com",
        "html_url": f"{links.host}/apps/{one.slug}",
        "created_at": time(one.created_at),
        "updated_at": time(one.created_at),
        "permissions": one.permissions,
        "events": [],
    }


def installation(links: Links, one: App) -> Json:
    url = f"{links.api}/app/installations/{one.installation_id}"
    return {
        "id": one.installation_id,
        "account": user(links, one.owner),
        "repository_selection": "all",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{links.api}/installation/repositories",
        "html_url": f"{links.host}/organizations/{one.owner.login}/settings/installations",
        "app_id": one.id,
        "app_slug": one.slug,
        "target_id": one.owner.id,
        "target_type": one.owner.type,
        "permissions": one.permissions,
        "events": [],
        "created_at": time(one.created_at),
        "updated_at": time(one.created_at),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


def label(links: Links, repo: Repository, one: Label) -> Json:
    return {
        "id": one.id,
        "node_id": f"LA_{one.id}",
        "url": f"{links.repo(repo.full_name)}/labels/{one.name}",
        "name": one.name,
        "color": one.color,
        "description": one.description,
        "default": False,
        "archived_at": None,
        "archived_by": None,
    }


def comment(links: Links, repo: Repository, number: int, one: Comment) -> Json:
    url = f"{links.repo(repo.full_name)}/issues"
    kind = "pull" if repo.issues[number].pull else "issues"
    return {
        "id": one.id,
        "node_id": f"IC_{one.id}",
        "url": f"{url}/comments/{one.id}",
        "html_url": f"{links.html(repo.full_name)}/{kind}/{number}#issuecomment-{one.id}",
        "issue_url": f"{url}/{number}",
        "body": one.body,
        "user": user(links, one.user),
        "author_association": association(repo, one.user),
        "created_at": time(one.created_at),
        "updated_at": time(one.updated_at),
    }


def review(links: Links, repo: Repository, number: int, one: Review) -> Json:
    html = f"{links.html(repo.full_name)}/pull/{number}#pullrequestreview-{one.id}"
    pull = f"{links.repo(repo.full_name)}/pulls/{number}"
    return {
        "id": one.id,
        "node_id": f"PRR_{one.id}",
        "user": user(links, one.user),
        "body": one.body,
        "state": one.state,
        "html_url": html,
        "pull_request_url": pull,
        "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
        "submitted_at": time(one.submitted_at),
        "commit_id": one.commit_id,
        "author_association": association(repo, one.user),
    }


def association(repo: Repository, one: User) -> str:
    if one.id == repo.owner.id:
        return "OWNER"
    return "COLLABORATOR" if one.login in repo.collaborators else "NONE"


def status(links: Links, repo: Repository, one: Status, *, with_creator: bool) -> Json:
    answer: Json = {
        "url": f"{links.repo(repo.full_name)}/statuses/{one.sha}",
        "avatar_url": f"{links.host}/avatars/u/{one.user.id}",
        "id": one.id,
        "node_id": f"SC_{one.id}",
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": time(one.created_at),
        "updated_at": time(one.created_at),
    }
    return {**answer, "creator": user(links, one.user)} if with_creator else answer


def ref(links: Links, repo: Repository, name: str, sha: str, kind: str) -> Json:
    url = f"{links.repo(repo.full_name)}/git"
    return {
        "ref": name,
        "node_id": f"REF_{name}",
        "url": f"{url}/{name}",
        "object": {"type": kind, "sha": sha, "url": f"{url}/{kind}s/{sha}"},
    }


_STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}


def changed_file(links: Links, repo: Repository, one: Changed, commit: str) -> Json:
    answer: Json = {
        "sha": one.sha,
        "filename": one.path,
        "status": _STATUSES[one.status],
        "additions": one.additions,
        "deletions": one.deletions,
        "changes": one.additions + one.deletions,
        "blob_url": f"{links.html(repo.full_name)}/blob/{commit}/{one.path}",
        "raw_url": f"{links.html(repo.full_name)}/raw/{commit}/{one.path}",
        "contents_url": f"{links.repo(repo.full_name)}/contents/{one.path}?ref={commit}",
    }
    if one.patch is not None:
        answer["patch"] = one.patch
    if one.previous is not None:
        answer["previous_filename"] = one.previous
    return answer


def content(
    links: Links, repo: Repository, one: Entry, path: str, revision: str, data: bytes | None
) -> Json:
    """A file with `data`, or a line of a folder without it."""
    url = f"{links.repo(repo.full_name)}/contents/{path}?ref={revision}"
    git = f"{links.repo(repo.full_name)}/git/{one.type}s/{one.sha}"
    html = f"{links.html(repo.full_name)}/{one.type}/{revision}/{path}"
    kinds = {"tree": "dir", "blob": "symlink" if one.mode == "120000" else "file"}
    answer: Json = {
        "type": kinds.get(one.type, "submodule"),
        "size": one.size or 0,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": one.sha,
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": f"{links.host}/raw/{repo.full_name}/{revision}/{path}",
        "_links": {"git": git, "self": url, "html": html},
    }
    if data is not None:
        answer |= {"encoding": "base64", "content": b64encode(data).decode()}
    return answer
