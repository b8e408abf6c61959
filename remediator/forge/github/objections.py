"""Who objects to a merge: a reviewer who may write, or whoever switched auto-merge off by hand.

https://docs.github.com/en/graphql/reference/objects#pullrequest. Asked for a hundred pull requests
at once, by their node ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
      latestOpinionatedReviews(first: 100, writersOnly: true) {
        nodes { state author { login } }
      }
      timelineItems(last: 1, itemTypes: [AUTO_MERGE_DISABLED_EVENT, AUTO_MERGE_ENABLED_EVENT]) {
        nodes {
          __typename
          ... on AutoMergeDisabledEvent { actor { __typename login } }
        }
      }
    }
  }
}
"""


def objections(calls: Calls, pulls: Sequence[Pull]) -> dict[int, tuple[str, ...]]:
    """By the pull request's number, a sentence for each; those without one are left out. Raises
    UpstreamError."""
    found: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(pulls), _AT_ONCE):
        asked = {p.node: p for p in pulls[start : start + _AT_ONCE]}
        for node in calls.query(_QUERY, {"ids": [*asked]})["nodes"]:
            pull = asked.get((node or {}).get("id", ""))
            if pull is not None and (said := tuple(_said(node, pull))):
                found[pull.number] = said
    return found


def _said(node: Mapping[str, Any], pull: Pull) -> Iterator[str]:
    reviews = (node.get("latestOpinionatedReviews") or {}).get("nodes") or ()
    for review in reviews:
        if review and review["state"] == "CHANGES_REQUESTED":
            yield f"{_login(review.get('author'))} asked for changes"
    for event in node["timelineItems"].get("nodes") or ():
        actor = (event or {}).get("actor")
        # An App, and whoever opened it, may switch it on again.
        ours = not actor or actor["__typename"] == "Bot" or actor["login"] == pull.author
        if event and event["__typename"] == "AutoMergeDisabledEvent" and not ours:
            yield f"{_login(actor)} switched auto-merge off"


def _login(actor: Mapping[str, Any] | None) -> str:
    """Of an account that was deleted GitHub shows ghost."""
    return plain(str(actor["login"]), 60) if actor else "ghost"
