"""Who reviewed and merged, as GitHub has it: what git cannot prove.

https://docs.github.com/en/graphql/reference/objects#pullrequest. The merged pull requests of the
base are listed a page at a time, the latest first, and never one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from remediator.forge.github.calls import Calls
from remediator.forge.github.payloads import time

PAGES = 40
"""Of a hundred; at most so many are read."""
_QUERY = """
query($owner: String!, $name: String!, $base: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: [MERGED], baseRefName: $base, first: 100, after: $after,
                 orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        url
        updatedAt
        mergedAt
        headRefOid
        author { login }
        mergedBy { __typename login }
        mergeCommit { oid }
        autoMergeRequest { enabledBy { login } }
        latestOpinionatedReviews(first: 30, writersOnly: true) {
          totalCount
          nodes { state submittedAt author { login } commit { oid } }
        }
        reviews(first: 1, states: [APPROVED, DISMISSED]) { totalCount }
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Approval:
    """By somebody who may write. `of_merged`: of the very head that was merged."""

    login: str
    at: datetime | None
    of_merged: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged pull request. `head`: the commit of its branch then. `auto_merge`: who had switched
    that on, None where nobody had. `unseen`: the bot that opened it merged it, and nobody at all
    had ever approved."""

    number: int
    url: str
    merged_by: str | None
    merged_at: datetime
    auto_merge: str | None
    approvals: tuple[Approval, ...]
    unseen: bool = False
    head: str = ""


@dataclass(frozen=True, slots=True)
class Merges:
    """By the commit that each is on the base. `whole`: nothing older was left unread."""

    of: Mapping[str, Merge]
    whole: bool


def merges(calls: Calls, repository: str, base: str, commits: Set[str], since: datetime) -> Merges:
    """Those of `commits`, none of which was merged before `since`. Raises UpstreamError."""
    found: dict[str, Merge] = {}
    owner, _, name = repository.partition("/")
    after: str | None = None
    for _ in range(PAGES):
        asked = {"owner": owner, "name": name, "base": base, "after": after}
        page = calls.query(_QUERY, asked)["repository"]["pullRequests"]
        nodes = [node for node in page["nodes"] if node]
        found |= {c: m for node in nodes for c, m in _read(node) if c in commits}
        # What was merged since then was changed since then, too.
        older = bool(nodes) and time(nodes[-1]["updatedAt"]) < since
        if len(found) == len(commits) or older or not page["pageInfo"]["hasNextPage"]:
            return Merges(found, True)
        after = page["pageInfo"]["endCursor"]
    return Merges(found, False)


def _read(node: Mapping[str, Any]) -> Iterator[tuple[str, Merge]]:
    commit, merged_at = (node.get("mergeCommit") or {}).get("oid"), node.get("mergedAt")
    if not commit or not merged_at:
        return
    reviews = (node.get("latestOpinionatedReviews") or {}).get("nodes") or ()
    yield (
        commit,
        Merge(
            node["number"],
            node["url"],
            _login(node.get("mergedBy")),
            time(merged_at),
            _login(node["autoMergeRequest"].get("enabledBy")) or "ghost"
            if node.get("autoMergeRequest")
            else None,
            tuple(_approvals(reviews, node["headRefOid"])),
            _is_unseen(node),
            node["headRefOid"],
        ),
    )


def _is_unseen(node: Mapping[str, Any]) -> bool:
    """Only where it is certain: another bot, such as the merge queue's, may have a person's word,
    and of a person who left, GitHub does not say any more that they might write."""
    by, ever = node.get("mergedBy"), node.get("reviews")
    if not by or by["__typename"] != "Bot" or _login(node.get("author")) != by["login"]:
        return False
    enabled = (node.get("autoMergeRequest") or {}).get("enabledBy")
    ours = not node.get("autoMergeRequest") or _login(enabled) == by["login"]
    return ours and ever is not None and ever["totalCount"] == 0


def _approvals(reviews: Sequence[Mapping[str, Any]], head: str) -> Iterator[Approval]:
    for review in reviews:
        if review and review["state"] == "APPROVED":
            at = time(review["submittedAt"]) if review.get("submittedAt") else None
            of_merged = (review.get("commit") or {}).get("oid") == head
            # Of an account that was deleted GitHub shows ghost.
            yield Approval(_login(review.get("author")) or "ghost", at, of_merged)


def _login(actor: Mapping[str, Any] | None) -> str | None:
    return str(actor["login"]) if actor else None
