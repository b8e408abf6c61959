"""How a finding ended, once it is known what became of its pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from remediator.forge.github.desk import Result
from remediator.forge.github.reconcile import Fate, Settled
from remediator.forge.github.texts import objected
from remediator.forge.github.there import Pull
from remediator.model import Kind, Outcome, Refusal, UpstreamError
from remediator.workplace import Delivered


def amended(
    outcomes: Sequence[Outcome],
    settled: Mapping[str, Settled],
    results: Mapping[str, Result],
    heads: Mapping[str, str],
    fault: UpstreamError | None = None,
) -> tuple[Outcome, ...]:
    """`fault`: what ended the delivery as a whole, for what was not settled then."""
    return tuple(_amended(o, settled, results, heads, fault) for o in outcomes)


def failed(fault: UpstreamError) -> Refusal:
    return Refusal("deliver", "remote-failed", f"{fault}; the next run tries again")


def but(moved: str) -> str:
    return f"; {moved}" if moved else ""


def _amended(
    outcome: Outcome,
    settled: Mapping[str, Settled],
    results: Mapping[str, Result],
    heads: Mapping[str, str],
    fault: UpstreamError | None,
) -> Outcome:
    branch = outcome.branch
    if branch is None:
        return outcome
    result = results.get(branch) or Result()
    it = settled.get(branch)
    pull = result.pull or (it.pull if it else None)
    known = replace(outcome, pull_request=pull.url if pull else None)
    if result.merged is not None:
        text = (
            outcome.text
            if outcome.kind is Kind.MERGED
            else f"merged as {result.merged[:12]}{but(result.moved)}"
        )
        return replace(known, kind=Kind.MERGED, code="merged", text=text, commit=result.merged)
    problem = result.fault or (fault if it is None else None)
    if problem is not None:
        return _refused(known, failed(problem))
    if it is None:
        return known
    head = heads.get(branch) or (pull.head or pull.recorded if pull else None)
    answer = _blocked(result, pull) if result.blocked else _by_fate(it, branch, known.pull_request)
    if isinstance(answer, Refusal):
        return _refused(known, answer)
    return replace(known, kind=answer.kind, code=answer.code, text=answer.text, commit=head)


def _by_fate(it: Settled, branch: str, url: str | None) -> Delivered | Refusal:
    where = url or branch
    if it.fate is Fate.LIMITED:
        text = "waits for room: the limit of open or of new pull requests is reached"
        return Refusal("deliver", "limited", text)
    if it.fate is Fate.IGNORED:
        until = f" until {it.ignored.until}" if it.ignored and it.ignored.until else ""
        text = f"its pull request was closed, so it is ignored{until}"
        return Refusal("deliver", "ignored", f"{text}; write an exemption, or tick the dashboard")
    if it.fate is Fate.FOREIGN:
        text = f"somebody else pushed to {branch}; it is left as it is. Merge or close it"
        return Refusal("deliver", "foreign-branch", text)
    if it.fate is Fate.OBJECTED:
        said = objected(it.pull.objections if it.pull else ())
        return Delivered(Kind.PROPOSED, "blocked", f"waits in {where}: {said}", False)
    if it.fate is Fate.BLOCKED:
        text = f"waits for a person, as the repository's settings keep it from merging: {where}"
        return Delivered(Kind.PROPOSED, "blocked", text, False)
    if it.fate is Fate.WAITS:
        text = f"merges by itself when the base's rules are met: {where}"
        return Delivered(Kind.PROPOSED, "auto-merge", text, False)
    if it.operations:
        return Delivered(Kind.PROPOSED, "review", f"waits for review: {where}", False)
    return Delivered(Kind.PROPOSED, "waiting", f"waits for review, unchanged: {where}", False)


def _blocked(result: Result, pull: Pull | None) -> Delivered | Refusal:
    if pull is None:
        return Refusal("deliver", "not-allowed", result.blocked)
    text = f"waits in {pull.url}: {result.blocked}"
    return Delivered(Kind.PROPOSED, "blocked", text, False)


def _refused(known: Outcome, why: Refusal) -> Outcome:
    return replace(known, kind=Kind.REFUSED, code=why.code, text=why.text, commit=None)
