"""CODEOWNERS: who is asked to review a path.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
The last line that matches wins. GitHub skips a line that it cannot read; so do we.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, the first one found counts."""

_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9._-]+)?")


def owners(text: str, path: str) -> tuple[str, ...]:
    """`@user` and `@org/team` of a path. E-mail addresses cannot be asked by the API."""
    found: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.split("#", 1)[0].replace("\\ ", "\0").split()
        if words and _matches(words[0].replace("\0", " "), path):
            found = tuple(w for w in words[1:] if _OWNER.fullmatch(w))
    return found


def reviewers(text: str, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(o for path in paths for o in owners(text, path)))


def _matches(pattern: str, path: str) -> bool:
    if pattern.startswith("!") or "[" in pattern:
        return False  # GitHub supports neither
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """As .gitignore: a slash at the start or inside anchors it, one at the end means a folder."""
    folder = pattern.endswith("/")
    body = pattern.rstrip("/")
    anchored = "/" in body
    parts = body.lstrip("/").split("/")
    text = "/".join(_part(p) for p in parts).replace("\0/", "(?:.*/)?").replace("/\0", "/.*")
    text = text.replace("\0", ".*")
    start = "" if anchored else "(?:.*/)?"
    # `docs/*` means the files right in it; any other pattern everything below what it names.
    below = "/.*" if folder else "" if parts[-1] == "*" and len(parts) > 1 else "(?:/.*)?"
    return re.compile(start + text + below, re.DOTALL)


def _part(part: str) -> str:
    if part == "**":
        return "\0"
    return "".join("[^/]*" if c == "*" else "[^/]" if c == "?" else re.escape(c) for c in part)
