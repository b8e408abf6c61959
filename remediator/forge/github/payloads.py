"""GitHub's answers, as far as we read them. What a person may edit is never trusted to be whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from remediator.forge.github import marks
from remediator.forge.github.there import Ignored, Pull, State, Ways
from remediator.forge.remote import BRANCHES

PULL, IGNORED, CLOSED, DASHBOARD, SAID = "pull", "ignored", "closed", "dashboard", "said"
"""The names of our marks."""

# https://docs.github.com/en/rest/repos/rules: those that a pull request can wait for.
_WAITED_FOR = {
    "required_status_checks",
    "required_deployments",
    "merge_queue",
    "workflows",
    "code_scanning",
}

# And those that are kept at once, or not at all.
_AT_ONCE = {
    *("creation", "update", "deletion", "non_fast_forward", "pull_request"),
    *("required_linear_history", "required_signatures"),
    *("commit_message_pattern", "commit_author_email_pattern", "committer_email_pattern"),
    *("branch_name_pattern", "tag_name_pattern", "file_path_restriction"),
    *("max_file_path_length", "file_extension_restriction", "max_file_size"),
}

NO_RECORD = ("PR_BODY", "BLANK")
"""Default messages of a squash that do not have the commit's."""
SQUASHED = (
    "whoever squashes a pull request by hand loses its record: set the default message of “Allow "
    "squash merging” to “Default message” (Settings → General → Pull Requests)"
)
QUEUE_SQUASHES = (
    "the base's merge queue squashes, in GitHub's own words, in which a record may get lost, so "
    "that automatic changes wait for a person: choose another merge method for the queue (Settings "
    "→ Rules (or Branches) → Require merge queue)"
)
SQUASHER = (
    "GitHub makes whoever opened the pull request the author of a squash: put the App's address "
    "(`*+NAME[bot]@users.noreply.github.com`) into `audit.authors`, or switch on “Allow merge "
    "commits” (Settings → General → Pull Requests)"
)
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
    author = (data.get("user") or {}).get("login", "")
    merging = data.get("auto_merge") or {}
    by = merging.get("enabled_by") or {}
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
        author,
        ignored_in(body),
        data.get("node_id", ""),
        body,
        ours=not by or by.get("type") == "Bot" or by.get("login") == author,
        gone=marks.read(CLOSED, body) is not None,
        method=str(merging.get("merge_method") or ""),
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
    repository: Mapping[str, Any],
    branch: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]],
    queue: str | None = None,
) -> Ways:
    """What the settings allow. A protection whose rules are hidden from us, and a rule of a kind
    that we do not know, count as one that waits for something: GitHub itself says where it does
    not, and whoever may go around a rule is not told. `queue`: the method of a merge queue
    that is not among the rules."""
    kinds = {rule["type"] for rule in rules}
    given = {rule["type"]: rule.get("parameters") or {} for rule in rules}
    reviews, checks = given.get("pull_request", {}), given.get("required_status_checks", {})
    asks = reviews.get("required_approving_review_count", 0) > 0 or bool(
        reviews.get("require_code_owner_review") or reviews.get("required_reviewers")
    )
    known = bool(kinds & _WAITED_FOR) or asks
    # Rulesets may be seen, and a classic protection beside them not.
    hidden = not known and bool(branch.get("protected") or kinds - _AT_ONCE)
    required = known or hidden
    if "merge_queue" in kinds:
        queue = given["merge_queue"].get("merge_method", "MERGE")
    waits = repository.get("allow_auto_merge") is not False and queue != "SQUASH"
    strict = bool(checks.get("strict_required_status_checks_policy"))
    method = _method(repository, reviews.get("allowed_merge_methods"), kinds)
    if queue is not None:
        method = queue.lower()
    return Ways(
        required,
        strict,
        hidden,
        waits,
        method,
        queue is not None,
        tuple(_advice(repository, required, asks, queue)),
        tuple(_hints(repository, method, known and waits and not strict and queue is None)),
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


def _hints(repository: Mapping[str, Any], method: str, may_move: bool) -> Iterator[str]:
    if may_move:
        yield UP_TO_DATE
    squashes = repository.get("allow_squash_merge") is not False
    if squashes and repository.get("squash_merge_commit_message") in NO_RECORD:
        yield SQUASHED
    if method == "squash":
        yield SQUASHER


def _advice(
    repository: Mapping[str, Any], required: bool, asks: bool, queue: str | None
) -> Sequence[str]:
    found = []
    if queue == "SQUASH":
        found.append(QUEUE_SQUASHES)
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
