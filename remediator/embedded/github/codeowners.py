"""CODEOWNERS: who owns which file.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from remediator.embedded.github.world import Pull, Repository

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    pattern: str
    owners: tuple[str, ...]
    """Without the @."""


def read(repo: Repository, commit: str) -> tuple[str, list[Line]] | None:
    """The file that counts at a commit, and its lines."""
    for place in PLACES:
        entries = repo.git.tree(commit, path=place)
        if entries and entries[0].type == "blob":
            text = repo.git.read(entries[0].sha).decode("utf-8", "replace")
            return place, list(_lines(text))
    return None


def _lines(text: str) -> list[Line]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if words:
            owners = tuple(w.removeprefix("@") for w in words[1:])
            found.append(Line(number, line, words[0], owners))
    return found


def owners_of(repo: Repository, pull: Pull) -> dict[str, set[str]]:
    """By changed file: the last pattern that fits it decides. As the base branch says it."""
    tip = repo.refs.get(f"refs/heads/{pull.base_ref}", pull.base_sha)
    found = read(repo, tip)
    if found is None:
        return {}
    start = repo.git.merge_base(tip, pull.head_sha) or tip
    owners: dict[str, set[str]] = {}
    for changed in repo.git.diff(start, pull.head_sha):
        for line in found[1]:
            if matches(line.pattern, changed.path):
                owners[changed.path] = set(line.owners)
    return owners


def matches(pattern: str, path: str) -> bool:
    """gitignore(5), as far as CODEOWNERS takes it."""
    anchored = pattern.lstrip("/")
    expression = re.escape(anchored.rstrip("/")).replace(r"\*\*/", "(?:.*/)?")
    expression = expression.replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    free = "/" not in pattern.rstrip("/")
    ending = "/.*" if pattern.endswith("/") else "$" if pattern.endswith("/*") else "(?:/.*)?$"
    return re.match(f"{'(?:.*/)?' if free else ''}{expression}{ending}", path) is not None


def errors(repo: Repository, commit: str) -> list[dict[str, Any]] | None:
    """As `codeowners/errors` lists them; None where there is no file."""
    found = read(repo, commit)
    if found is None:
        return None
    place, lines = found
    return [_unknown(place, line, owner) for line in lines for owner in line.owners
            if not _is_known(repo, owner)]  # fmt: skip


def _is_known(repo: Repository, owner: str) -> bool:
    if "@" in owner:
        return True
    organisation, slash, slug = owner.partition("/")
    if slash:
        return organisation == repo.owner.login and slug in repo.teams
    return owner == repo.owner.login or owner in repo.collaborators


def _unknown(place: str, line: Line, owner: str) -> dict[str, Any]:
    column = line.text.index(f"@{owner}") + 1
    message = f"Unknown owner on line {line.number}: make sure @{owner} exists and has write access"
    return {
        "line": line.number,
        "column": column,
        "kind": "Unknown owner",
        "source": line.text,
        "suggestion": f"make sure @{owner} exists and has write access to the repository",
        "message": f"{message} to the repository\n\n  {line.text}\n  {' ' * (column - 1)}^",
        "path": place,
    }
