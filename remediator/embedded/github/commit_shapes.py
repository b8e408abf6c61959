"""Commits as GitHub's REST API gives them: as git objects, and as a repository's commits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from remediator.embedded.github import shapes
from remediator.embedded.github.gitstore import CommitObject, Person
from remediator.embedded.github.links import Links
from remediator.embedded.github.world import Repository, User, World

Json = dict[str, Any]
NOREPLY = "users.noreply.github.com"


def person_of(one: User, at: datetime) -> Person:
    """How a user stands in a commit that GitHub itself makes."""
    email = f"{one.id}+{one.login}@{NOREPLY}"
    return Person(one.login, email, at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"))


def github_itself(at: datetime) -> Person:
    return Person("GitHub", "noreply@github.com", at.strftime("%Y-%m-%dT%H:%M:%S+00:00"))


def when(date: str) -> datetime:
    seconds, _, zone = date.partition(" ")
    minutes = (int(zone[1:3]) * 60 + int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    return datetime.fromtimestamp(int(seconds), timezone(timedelta(minutes=minutes)))


def verification(repo: Repository, one: CommitObject) -> Json:
    """GitHub has no keys of anybody's here: what carries a signature is `unknown_key`."""
    verified = one.sha in repo.verified
    reason = "valid" if verified else "unknown_key" if one.signature else "unsigned"
    return {
        "verified": verified,
        "reason": reason,
        "signature": "-----BEGIN PGP SIGNATURE-----" if verified else one.signature,
        "payload": f"tree {one.tree}\n" if verified or one.signature else None,
        "verified_at": shapes.time(when(one.committer.date)) if verified else None,
    }


def git_commit(links: Links, repo: Repository, sha: str) -> Json:
    one = repo.git.commit(sha)
    url = f"{links.repo(repo.full_name)}/git"
    html = f"{links.html(repo.full_name)}/commit"
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/commits/{sha}",
        "html_url": f"{html}/{sha}",
        "author": _git_user(one.author),
        "committer": _git_user(one.committer),
        "message": one.message,
        "tree": {"sha": one.tree, "url": f"{url}/trees/{one.tree}"},
        "parents": [
            {"sha": p, "url": f"{url}/commits/{p}", "html_url": f"{html}/{p}"} for p in one.parents
        ],
        "verification": verification(repo, one),
    }


def commit(links: Links, world: World, repo: Repository, sha: str, *, full: bool = False) -> Json:
    """`full` adds the counts and the files, as a single commit is given."""
    one = repo.git.commit(sha)
    url, html = links.repo(repo.full_name), f"{links.html(repo.full_name)}/commit"
    answer: Json = {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/commits/{sha}",
        "html_url": f"{html}/{sha}",
        "comments_url": f"{url}/commits/{sha}/comments",
        "commit": {
            "url": f"{url}/git/commits/{sha}",
            "author": _git_user(one.author),
            "committer": _git_user(one.committer),
            "message": one.message,
            "comment_count": 0,
            "tree": {"sha": one.tree, "url": f"{url}/git/trees/{one.tree}"},
            "verification": verification(repo, one),
        },
        "author": shapes.optional_user(links, _known(world, one.author)),
        "committer": shapes.optional_user(links, _known(world, one.committer)),
        "parents": [
            {"sha": p, "url": f"{url}/commits/{p}", "html_url": f"{html}/{p}"} for p in one.parents
        ],
    }
    if full:
        before = one.parents[0] if one.parents else _EMPTY_TREE
        files = repo.git.diff(before, sha)
        added, removed = sum(f.additions for f in files), sum(f.deletions for f in files)
        answer["stats"] = {"additions": added, "deletions": removed, "total": added + removed}
        answer["files"] = [shapes.changed_file(links, repo, f, sha) for f in files]
    return answer


_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def _git_user(one: Person) -> Json:
    return {"name": one.name, "email": one.email, "date": shapes.time(when(one.date))}


def _known(world: World, one: Person) -> User | None:
    """The account behind an address, where it is one of GitHub's own."""
    name, _, host = one.email.partition("@")
    if host == NOREPLY:
        return world.users.get(name.partition("+")[2])
    return world.users.get("web-flow") if one.email == "noreply@github.com" else None
