"""Branch protection and rules as GitHub's REST API gives them."""

from __future__ import annotations

from typing import Any

from remediator.embedded.github.links import Links
from remediator.embedded.github.rules import Requirements, Ruleset
from remediator.embedded.github.world import Repository

Json = dict[str, Any]


def branch_protection(links: Links, repo: Repository, branch: str, rules: Requirements) -> Json:
    url = f"{links.repo(repo.full_name)}/branches/{branch}/protection"
    answer: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rules.enforce_admins},
        "required_linear_history": {"enabled": rules.linear_history},
        "allow_force_pushes": {"enabled": not rules.no_force_push},
        "allow_deletions": {"enabled": not rules.no_deletion},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": rules.signatures},
    }
    if rules.contexts:
        answer["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": rules.strict,
            "contexts": list(rules.contexts),
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": c, "app_id": None} for c in rules.contexts],
        }
    if rules.pull_request or rules.approvals or rules.code_owners:
        answer["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": rules.dismiss_stale,
            "require_code_owner_reviews": rules.code_owners,
            "required_approving_review_count": rules.approvals,
            "require_last_push_approval": False,
        }
    return answer


def rule_details(repo: Repository, ruleset: Ruleset) -> list[Json]:
    """One entry a rule, each with the ruleset that it comes from."""
    rules = ruleset.requirements
    found: list[Json] = []
    if rules.no_deletion:
        found.append({"type": "deletion"})
    if rules.no_force_push:
        found.append({"type": "non_fast_forward"})
    if rules.linear_history:
        found.append({"type": "required_linear_history"})
    if rules.signatures:
        found.append({"type": "required_signatures"})
    if rules.pull_request or rules.approvals or rules.code_owners:
        found.append({"type": "pull_request", "parameters": _pull_request(rules)})
    if rules.contexts:
        checks = [{"context": c} for c in rules.contexts]
        asked = {
            "required_status_checks": checks,
            "strict_required_status_checks_policy": rules.strict,
        }
        found.append({"type": "required_status_checks", "parameters": asked})
    if rules.merge_queue:
        found.append({"type": "merge_queue", "parameters": _queue(rules)})
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repo.full_name,
        "ruleset_id": ruleset.id,
    }
    return [{**rule, **source} for rule in found]


def _pull_request(rules: Requirements) -> Json:
    return {
        "allowed_merge_methods": list(rules.merge_methods),
        "dismiss_stale_reviews_on_push": rules.dismiss_stale,
        "require_code_owner_review": rules.code_owners,
        "require_last_push_approval": False,
        "required_approving_review_count": rules.approvals,
        "required_review_thread_resolution": False,
    }


def _queue(rules: Requirements) -> Json:
    return {
        "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "merge_method": rules.queue_method.upper(),
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }
