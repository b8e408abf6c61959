"""Two commits of a repository as two trees: what a pull request would make of its base."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remediator.forge.commit_tree import CommitTree
from remediator.forge.repository import Repository
from remediator.model import ConfigurationError, UpstreamError
from remediator.texts import plain


@dataclass(frozen=True, slots=True)
class Pair:
    """`before` and `after` are trees or commits; `how` says which, in a sentence."""

    base: str
    head: str
    before: str
    after: str
    how: str


def pair(repository: Repository, base: str, head: str) -> Pair:
    """The base, and what merging the head into it would make. Where the two conflict, what the
    head has made since they parted. Raises ConfigurationError for what is no commit."""
    first, second = commit(repository, base), commit(repository, head)
    if repository.ask("merge-base", "--is-ancestor", first, second).status == 0:
        return Pair(first, second, first, second, f"{second[:12]} compared with {first[:12]}")
    parted = repository.ask("merge-base", first, second)
    if parted.status:
        hint = "fetch the whole history (actions/checkout: fetch-depth: 0)"
        raise ConfigurationError(f"{plain(base)} and {plain(head)} have no common commit; {hint}")
    merged = repository.ask("merge-tree", "--write-tree", "--no-messages", first, second)
    if merged.status == 0:
        tree = merged.out.decode("ascii").split("\n", 1)[0]
        text = f"{second[:12]} merged into {first[:12]}, compared with {first[:12]}"
        return Pair(first, second, first, tree, text)
    since = parted.out.decode("ascii").strip()
    text = f"{second[:12]} conflicts with {first[:12]}: compared with {since[:12]}, where it began"
    return Pair(first, second, since, second, text)


def commit(repository: Repository, name: str) -> str:
    """The id of a commit by any name. Raises ConfigurationError."""
    found = repository.ask("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    if found.status:
        hint = "fetch it (actions/checkout: fetch-depth: 0), or name another"
        raise ConfigurationError(f"{plain(name)} is no commit in {repository.path}; {hint}")
    return found.out.decode("ascii").strip()


def changed_paths(repository: Repository, before: str, after: str) -> list[str]:
    options = ["-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv"]
    out = repository.run("diff-tree", *options, "--end-of-options", before, after)
    return out.decode("utf-8", "surrogateescape").split("\0")[:-1]


_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def changed_lines(repository: Repository, before: str, after: str, path: str) -> list[int]:
    """The lines of a file after that are new, and for what is gone, the line above it."""
    options = ["-p", "-U0", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv"]
    out = repository.run(
        "diff-tree", *options, "--end-of-options", before, after, "--", f":(literal){path}"
    )
    found: list[int] = []
    for start, count in _HUNK.findall(out):
        first = max(1, int(start))
        found += range(first, first + max(1, int(count or 1)))
    return found


def commits_between(repository: Repository, base: str, head: str) -> list[str]:
    """Those of the head alone, without merges, oldest first."""
    asked = ["rev-list", "--no-merges", "--reverse", "--end-of-options", f"{base}..{head}"]
    return repository.run(*asked).decode("ascii").split()


def tree_of(repository: Repository, name: str) -> CommitTree:
    if repository.ask("cat-file", "-e", f"{name}^{{tree}}").status:
        raise UpstreamError("git cat-file", f"the tree {name} is missing from this clone")
    return CommitTree(repository, name)
