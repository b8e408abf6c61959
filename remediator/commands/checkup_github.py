"""doctor, GitHub: the token's rights, the repository's settings, and what the base asks for.

Whether a token may write cannot be asked, so it is tried with writes that cannot be done: a ref to
a commit that no repository has, a pull request of a branch that is not there, an issue without a
title. GitHub refuses the first thing that is missing: the right, or what is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from remediator.commands import checkup_signing
from remediator.commands.checkup import Item, Level
from remediator.config import Config, GitHub
from remediator.forge.github.calls import Calls, RefusedError
from remediator.forge.github.payloads import NO_RECORD, QUEUE_SQUASHES, SQUASHED

AREA = "github"
_GENERAL = "Settings → General → Pull Requests"
_RULES = "Settings → Rules → Rulesets"
_ABSENT = "remediator/doctor-no-such-branch"


def look(calls: Calls, settings: GitHub, config: Config) -> Iterator[Item]:
    root, base = f"/repos/{settings.repository}", config.repository.base
    try:
        about = calls.get(root)
    except RefusedError as refused:
        yield Item(AREA, Level.FAIL, f"{settings.repository}: {refused}", _unseen(refused.status))
        return
    yield Item(AREA, Level.OK, f"{about['full_name']} answers at {settings.api_url}")
    if about.get("archived"):
        advice = "unarchive it (Settings → General), or stop the schedule"
        yield Item(AREA, Level.FAIL, "the repository is archived, and takes no change", advice)
        return
    yield from _rights(calls, root, base)
    yield from _settings(about, settings)
    if settings.sign_commits:
        yield checkup_signing.author(calls, config.identity.email)
    branch = _branch(calls, root, base)
    if branch is None:
        advice = "correct `repository.base`, or push the branch"
        yield Item(AREA, Level.FAIL, f"there is no branch {base}", advice)
        return
    if about["default_branch"] != base:
        text = f"the base is {base}, and the default branch {about['default_branch']}"
        advice = "schedule and repository_dispatch run the workflow of the default branch"
        yield Item(AREA, Level.WARN, text, advice)
    yield from _rules(calls, root, base, branch, about)
    yield from _owners(calls, root, base)


def _unseen(status: int) -> str:
    if status == 401:
        return "GitHub does not take this token or key: make a new one"
    if status == 404:
        return "correct `github.repository`, or install the App on it: who may not see it gets this"
    return ""


def _rights(calls: Calls, root: str, base: str) -> Iterator[Item]:
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("contents", "git/refs", {"ref": f"refs/heads/{_ABSENT}", "sha": "0" * 40}),
        ("pull-requests", "pulls", {"title": "doctor", "head": _ABSENT, "base": base}),
        ("issues", "issues", {"title": ""}),
    ]
    missing = [right for right, path, body in tries if not _may(calls, f"{root}/{path}", body)]
    for right in missing:
        text = f"the token lacks `{right}: write`"
        advice = "add it to the App's permissions (and accept them where it is installed), or to "
        advice += "the token's; in the workflow, to what the step asks for"
        yield Item(AREA, Level.FAIL, text, advice)
    if not missing:
        text = "the token may write contents, pull requests and issues"
        yield Item(AREA, Level.OK, text)


def _may(calls: Calls, path: str, body: Mapping[str, Any]) -> bool:
    try:
        calls.write("POST", path, body)
    except RefusedError as refused:
        # Of a disabled feature GitHub says 410: that is a setting, and told as one.
        return refused.status not in (401, 403, 404)
    return True


def _settings(about: Mapping[str, Any], settings: GitHub) -> Iterator[Item]:
    if about.get("allow_auto_merge") is False:
        text = (
            "auto-merge is off: automatic changes wait for a person where the base asks for checks"
        )
        yield Item(AREA, Level.WARN, text, f"switch on “Allow auto-merge” ({_GENERAL})")
    ways = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge")
    if about.get("allow_merge_commit") is False:
        left = [w.removeprefix("allow_").removesuffix("_merge") for w in ways if about.get(w)]
        text = f"merge commits are off, so changes are merged by {' or '.join(left)}"
        advice = f"“Allow merge commits” ({_GENERAL}) keeps each record in a commit of its own"
        yield Item(AREA, Level.WARN, text, advice)
    if about.get("allow_squash_merge") and about.get("squash_merge_commit_message") in NO_RECORD:
        text, _, advice = SQUASHED.partition(": ")
        yield Item(AREA, Level.WARN, text, advice)
    if settings.dashboard and not about.get("has_issues", True):
        advice = (
            "switch on “Issues” (Settings → General → Features), or set `github.dashboard: false`"
        )
        yield Item(AREA, Level.FAIL, "the dashboard needs issues, and they are off", advice)


def _branch(calls: Calls, root: str, base: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = calls.get(f"{root}/branches/{quote(base, safe='')}")
    except RefusedError as refused:
        if refused.status == 404:
            return None
        raise
    return found


def _rules(
    calls: Calls, root: str, base: str, branch: Mapping[str, Any], about: Mapping[str, Any]
) -> Iterator[Item]:
    rules = _asked(calls, root, base)
    given = {rule["type"]: rule.get("parameters") or {} for rule in rules}
    checks = {c["context"] for c in given.get("required_status_checks", {})
              .get("required_status_checks", ())}  # fmt: skip
    protection = branch.get("protection") or {}
    checks |= set((protection.get("required_status_checks") or {}).get("contexts") or ())
    if "verify" in checks:
        yield Item(AREA, Level.OK, f"{base} requires the check verify")
    else:
        text = f"{base} does not require the check verify: people can open again what was closed"
        advice = f"require the status checks `verify` and `exemptions` on {base} ({_RULES})"
        yield Item(AREA, Level.WARN, text, advice)
    approvals = given.get("pull_request", {}).get("required_approving_review_count", 0)
    if approvals:
        text = f"{base} asks for {approvals} approval(s), also of automatic changes"
        advice = f"let people approve them, or make the App a bypass actor of that rule ({_RULES})"
        yield Item(AREA, Level.WARN, text, advice)
    if about.get("allow_auto_merge") and checks and not _is_strict(given, protection):
        text = f"auto-merge may merge onto a {base} that nobody has proven the change on"
        advice = "switch on “Require branches to be up to date before merging”, under the required "
        yield Item(AREA, Level.WARN, text, f"{advice}status checks of {base} ({_RULES})")
    if given.get("merge_queue", {}).get("merge_method") == "SQUASH":
        text, _, advice = QUEUE_SQUASHES.partition(": ")
        yield Item(AREA, Level.WARN, text, advice)
    elif "merge_queue" in given:
        text = f"{base} has a merge queue: its checks must run on merge_group, as those of init do"
        yield Item(AREA, Level.OK, text)


def _is_strict(given: Mapping[str, Any], protection: Mapping[str, Any]) -> bool:
    """Whether it is, or nobody can see it: a branch's protection does not tell all who may read. A
    merge queue makes it so by itself."""
    if "merge_queue" in given:
        return True
    checks = given.get("required_status_checks")
    if checks is None:
        return bool((protection.get("required_status_checks") or {}).get("strict", True))
    return bool(checks.get("strict_required_status_checks_policy"))


def _asked(calls: Calls, root: str, base: str) -> list[Mapping[str, Any]]:
    """403: a plan without rulesets; 404: an older Enterprise Server."""
    try:
        return [*calls.pages(f"{root}/rules/branches/{quote(base, safe='')}")]
    except RefusedError as refused:
        if refused.status in (403, 404):
            return []
        raise


def _owners(calls: Calls, root: str, base: str) -> Iterator[Item]:
    try:
        errors = calls.get(f"{root}/codeowners/errors", ref=base)["errors"]
    except RefusedError as refused:
        if refused.status != 404:
            raise
        advice = "write .github/CODEOWNERS, so that reviews find the people who decide"
        yield Item(AREA, Level.WARN, "without a CODEOWNERS file nobody is asked to review", advice)
        return
    for error in errors[:10]:
        where = f"{error['path']}:{error['line']}"
        advice = error.get("suggestion") or ""
        yield Item(AREA, Level.WARN, f"{where}: {error['kind']}: {error.get('source', '')}", advice)
    if not errors:
        yield Item(AREA, Level.OK, "CODEOWNERS names people and teams that are there")
