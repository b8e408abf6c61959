"""GitHub's answers, as far as we read them. What a person may edit is never trusted to be whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from remediator.forge.github import marks
from remediator.forge.github.there import Ignored, Pull, State, Ways
from remediator.forge.remote import BRANCHES

PULL, IGNORED, DASHBOARD, SAID = "pull", "ignored", "dashboard", "said"
"""The names of our marks."""

# https://docs.github.com/en/rest/repos/rules: those that a pull request can wait for.
_WAITED_FOR = {
    "required_status_checks",
    "required_deployments",
    "merge_queue",
    "workflows",
    "code_scanning",
}


UP_TO_DATE = (
    "auto-merge merges onto whatever the base is then, on which nobody has proven the change: "
    "switch on “Require branches to be up to date before merging” (Settings → Rules (or Branches), "
    "under “Require status checks to pass”)"
)


def time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def open_pull(data: Mapping[str, Any], repository: str) -> Pull | None:
    """An entry of a listing of pull requests; None where it is not of a branch of ours, here."""
    head = data["head"]
    branch, place = head["ref"], head.get("repo") or {}
    if not branch.startswith(BRANCHES) or place.get("full_name", "").lower() != repository.lower():
        return None
    state = State.MERGED if data.get("merged_at") else State(data["state"])
    return _pull(data, branch, state, head["sha"], bool(data.get("auto_merge")))


def past_pull(data: Mapping[str, Any]) -> Pull | None:
    """A pull request in a listing of issues, which does not say its branch: its mark does."""
    about = data.get("pull_request")
    branch = marks.word(marks.read(PULL, data.get("body") or ""), "branch")
    if not about or data["state"] == "open" or not branch.startswith(BRANCHES):
        return None
    return _pull(data, branch, State.MERGED if about.get("merged_at") else State.CLOSED, "", False)


def _pull(data: Mapping[str, Any], branch: str, state: State, head: str, auto_merge: bool) -> Pull:
    body = data.get("body") or ""
    mark = marks.read(PULL, body)
    return Pull(
        data["number"],
        branch,
        state,
        time(data["created_at"]),
        data["html_url"],
        head,
        frozenset(label["name"] for label in data["labels"]),
        auto_merge,
        marks.word(mark, "head"),
        marks.word(mark, "text"),
        data["title"],
        (data.get("user") or {}).get("login", ""),
        ignored_in(body),
        data.get("node_id", ""),
        body,
    )


def ignored_in(body: str) -> Ignored | None:
    mark = marks.read(IGNORED, body)
    if mark is None:
        return None
    try:
        until = date.fromisoformat(marks.word(mark, "until"))
    except ValueError:
        until = None
    return Ignored(marks.word(mark, "reason"), until, marks.word(mark, "by"))


def ways_of(
    repository: Mapping[str, Any], branch: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]
) -> Ways:
    """What the settings allow. A protection whose rules are hidden from us counts as one that
    waits for something: GitHub itself says where it does not."""
    kinds = {rule["type"] for rule in rules}
    given = {rule["type"]: rule.get("parameters") or {} for rule in rules}
    reviews, checks = given.get("pull_request", {}), given.get("required_status_checks", {})
    asks = reviews.get("required_approving_review_count", 0) > 0 or reviews.get(
        "require_code_owner_review", False
    )
    known = bool(kinds & _WAITED_FOR) or asks
    # Rulesets may be seen, and a classic protection beside them not.
    hidden = bool(branch.get("protected")) and not known
    required = known or hidden
    waits = repository.get("allow_auto_merge") is not False
    strict = bool(checks.get("strict_required_status_checks_policy"))
    method = _method(repository, reviews.get("allowed_merge_methods"), kinds)
    return Ways(
        required,
        strict,
        hidden,
        waits,
        method,
        tuple(_advice(repository, required, asks)),
        (UP_TO_DATE,) if known and waits and not strict and "merge_queue" not in kinds else (),
    )


def _method(repository: Mapping[str, Any], allowed: Sequence[str] | None, kinds: set[str]) -> str:
    """A merge keeps the commit as it is, with its record and its signature; then a squash."""
    for method, key in (
        ("merge", "allow_merge_commit"),
        ("squash", "allow_squash_merge"),
        ("rebase", "allow_rebase_merge"),
    ):
        linear = method == "merge" and "required_linear_history" in kinds
        if repository.get(key, True) and not linear and (not allowed or method in allowed):
            return method
    return "merge"


def _advice(repository: Mapping[str, Any], required: bool, asks: bool) -> Sequence[str]:
    found = []
    if required and repository.get("allow_auto_merge") is False:
        found.append(
            "auto-merge is off, so that automatic changes wait for a person: switch on "
            "“Allow auto-merge” (Settings → General → Pull Requests)"
        )
    if asks:
        found.append(
            "the base asks for an approval, so that automatic changes wait for a person: that is "
            "how it stays, or the App is made a bypass actor of that rule (Settings → Rules)"
        )
    return found
