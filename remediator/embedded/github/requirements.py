"""Whether a pull request meets what its base branch asks for."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.embedded.github.codeowners import owners_of
from remediator.embedded.github.rules import Requirements, combined
from remediator.embedded.github.world import Issue, Pull, Repository, Token

_BAD = frozenset({"failure", "error", "cancelled", "timed_out", "action_required"})
_GOOD = frozenset({"success", "neutral", "skipped"})


def rules_of(repo: Repository, branch: str, token: Token | None = None) -> Requirements | None:
    """What holds on the branch; with a token, less what its App may bypass."""
    default = repo.settings.default_branch
    app = token.app.id if token and token.app else None
    found = [r.requirements for r in repo.rulesets if r.holds_for(branch, default)
             and app not in r.bypass_apps]  # fmt: skip
    if branch in repo.protections:
        found.append(repo.protections[branch])
    return combined(found)


def check_states(repo: Repository, sha: str) -> dict[str, str]:
    """By name, the newest word of each check and status: good, bad or pending."""
    states: dict[str, str] = {}
    for status in repo.statuses:
        if status.sha == sha:
            states[status.context] = _word(status.state)
    for run in repo.check_runs:
        if run.head_sha == sha:
            states[run.name] = _word(run.conclusion or "pending")
    return states


def _word(state: str) -> str:
    return "good" if state in _GOOD else "bad" if state in _BAD else "pending"


QUEUE = "Changes must be made through the merge queue"


def unmet(repo: Repository, issue: Issue, pull: Pull, token: Token | None = None) -> list[str]:
    """Sentences, as GitHub says them to somebody who merges all the same."""
    rules = rules_of(repo, pull.base_ref, token)
    return [] if rules is None else list(_unmet(repo, issue, pull, rules))


def _unmet(repo: Repository, issue: Issue, pull: Pull, rules: Requirements) -> Iterator[str]:
    states = check_states(repo, pull.head_sha)
    for context in rules.contexts:
        if context not in states or states[context] == "pending":
            yield f'Required status check "{context}" is expected.'
        elif states[context] == "bad":
            yield f'Required status check "{context}" is failing.'
    voices = _voices(repo, issue, pull)
    if "CHANGES_REQUESTED" in voices.values() and (rules.approvals or rules.code_owners):
        yield "Changes have been requested."
    approved = {login for login, state in voices.items() if state == "APPROVED"}
    if len(approved) < rules.approvals:
        plural = "s are" if rules.approvals > 1 else " is"
        yield (
            f"At least {rules.approvals} approving review{plural} required by reviewers with "
            "write access."
        )
    if rules.code_owners and not _owners_agree(repo, pull, approved):
        yield "Waiting on code owner review."
    if rules.linear_history and len(repo.git.commit(pull.head_sha).parents) > 1:
        yield "This branch must not contain merge commits."
    if rules.merge_queue:
        yield QUEUE


def _voices(repo: Repository, issue: Issue, pull: Pull) -> dict[str, str]:
    """The last word of everybody who may decide, by login."""
    said = [r for r in pull.reviews if r.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")]
    return {
        r.user.login: r.state
        for r in said
        if r.user.id != issue.user.id and repo.is_allowed(r.user, "write")
    }


def _owners_agree(repo: Repository, pull: Pull, approved: set[str]) -> bool:
    for owners in owners_of(repo, pull).values():
        people = {o for o in owners if "/" not in o}
        for owner in owners - people:
            people |= repo.teams.get(owner.partition("/")[2], set())
        if owners and not people & approved:
            return False
    return True


def is_behind(repo: Repository, pull: Pull) -> bool:
    tip = repo.refs.get(f"refs/heads/{pull.base_ref}")
    return tip is not None and not repo.git.is_ancestor(tip, pull.head_sha)
