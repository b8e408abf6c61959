"""How pull requests stand: who objects, and whether they are in the merge queue.

A reviewer who may write objects by asking for changes, a person by switching auto-merge off or by
taking it out of the merge queue.

https://docs.github.com/en/graphql/reference/objects#pullrequest. Asked for a hundred pull requests
at once, by their node ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remediator.forge.github.calls import Calls
from remediator.forge.github.there import Pull
from remediator.texts import plain

_AT_ONCE = 100
_QUERY = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on PullRequest {
      id
      merged
      baseRefName
      isInMergeQueue
      mergeQueueEntry { enqueuer { __typename login } }
      latestOpinionatedReviews(first: 100, writersOnly: true) {
        nodes { state author { login } }
      }
      timelineItems(last: 1, itemTypes: [
        AUTO_MERGE_DISABLED_EVENT, AUTO_MERGE_ENABLED_EVENT
        ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT
      ]) {
        nodes {
          __typename
          ... on AutoMergeDisabledEvent { actor { __typename login } }
          ... on RemovedFromMergeQueueEvent { actor { __typename login } }
        }
      }
    }
  }
}
"""
_AGAINST = {
    "AutoMergeDisabledEvent": "switched auto-merge off",
    "RemovedFromMergeQueueEvent": "took it out of the merge queue",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`objections`: a sentence each. `ours`: no person put it into the queue. `base`: the branch
    that it would be merged into."""

    objections: tuple[str, ...] = ()
    queued: bool = False
    ours: bool = True
    merged: bool = False
    base: str = ""


UNKNOWN = Standing(("GitHub does not say how it stands",))
"""Of what `standings` could not read: nothing is merged over what may have been said."""


def standings(calls: Calls, pulls: Sequence[Pull]) -> dict[int, Standing]:
    """By the pull request's number; one that GitHub hides is left out. Raises UpstreamError."""
    found: dict[int, Standing] = {}
    for start in range(0, len(pulls), _AT_ONCE):
        asked = {p.node: p for p in pulls[start : start + _AT_ONCE]}
        for node in calls.query(_QUERY, {"ids": [*asked]})["nodes"]:
            pull = asked.get((node or {}).get("id", ""))
            if pull is not None:
                said, queued = tuple(_said(node, pull)), node["isInMergeQueue"]
                entry = node.get("mergeQueueEntry") or {}
                ours = _is_ours(entry.get("enqueuer"), pull)
                base = node["baseRefName"]
                found[pull.number] = Standing(said, queued, ours, node["merged"], base)
    return found


def _said(node: Mapping[str, Any], pull: Pull) -> Iterator[str]:
    reviews = (node.get("latestOpinionatedReviews") or {}).get("nodes")
    if reviews is None or None in reviews:
        yield "GitHub does not say who reviewed it"
    for review in reviews or ():
        if review and review["state"] == "CHANGES_REQUESTED":
            yield f"{_login(review.get('author'))} asked for changes"
    events = node["timelineItems"].get("nodes")
    if events is None or None in events:
        yield "GitHub does not say who stopped it"
    for event in events or ():
        what = _AGAINST.get(event["__typename"]) if event else None
        if what and not _is_ours(event.get("actor"), pull):
            yield f"{_login(event.get('actor'))} {what}"


def _is_ours(actor: Mapping[str, Any] | None, pull: Pull) -> bool:
    """An App's, or of whoever opened it; where nobody is named, nobody decided."""
    return not actor or actor["__typename"] == "Bot" or actor["login"] == pull.author


def _login(actor: Mapping[str, Any] | None) -> str:
    """Of an account that was deleted GitHub shows ghost."""
    return plain(str(actor["login"]), 60) if actor else "ghost"
