"""What GitHub refuses because of a setting: which one, and where it is."""

from __future__ import annotations

_GENERAL = "Settings → General → Pull Requests"
_RULES = "Settings → Rules (or Branches)"
_ACTIONS = "Settings → Actions → General → Workflow permissions"

# What GitHub says (in small letters), and what to do about it.
_ADVICE = {
    "auto merge is not allowed": (f"auto-merge is off: switch on “Allow auto-merge” ({_GENERAL})"),
    "not permitted to create or approve pull requests": (
        "the token of GitHub Actions may not open pull requests: switch on “Allow GitHub Actions "
        f"to create and approve pull requests” ({_ACTIONS}), or use a GitHub App's token"
    ),
    "resource not accessible": (
        "the token lacks a permission: give it `contents: write`, `pull-requests: write` and "
        "`issues: write` (a workflow's `permissions:`, or the App's settings)"
    ),
    "unstable status": (
        "a check that is not required failed, so auto-merge cannot be enabled: repair it, or "
        f"require it ({_RULES})"
    ),
    "merge commits are not allowed": (f"switch on “Allow merge commits” ({_GENERAL})"),
    "merge queue": (
        f"the base takes changes through its merge queue only: switch on “Allow auto-merge” "
        f"({_GENERAL})"
    ),
    "approving review": (
        f"a rule of the base asks for an approval ({_RULES}): a person approves, or the App is "
        "made a bypass actor of that rule, with the policy as the reason"
    ),
    "required status check": (
        f"a rule of the base asks for a status check that has not passed ({_RULES})"
    ),
    "repository rule violations": (f"a rule of the base does not allow it ({_RULES})"),
    "protected branch": (f"the base's protection does not allow it ({_RULES})"),
    "pull request already exists": (
        "its branch has an open pull request by somebody who may not write to the repository: "
        "close that one, and the next run opens its own"
    ),
    "archived": (
        "the repository is archived: unarchive it (Settings → General), or stop the schedule"
    ),
    "issues has been disabled": (
        "the dashboard needs issues: switch on “Issues” (Settings → General → Features), or set "
        "`github.dashboard: false`"
    ),
}


def advice_for(message: str) -> str:
    """A sentence for people; GitHub's own words where no setting is known for them."""
    said = message.lower()
    found = next((text for words, text in _ADVICE.items() if words in said), None)
    return found or f"GitHub says: {message}"
