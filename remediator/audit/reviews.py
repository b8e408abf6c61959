"""What the forge says of each merge, beside what git proves: columns of the register. Pure."""

from __future__ import annotations

from dataclasses import replace

from remediator.audit.report import Report, iso
from remediator.forge.github.merges import Merge, Merges
from remediator.model import Json

COLUMNS = ("pull_request", "reviewers", "forge_merged_by", "forge_merged_at", "auto_merge")


def with_merges(report: Report, told: Merges | str) -> Report:
    """`told` is a sentence where the forge could not be asked: the columns are null then."""
    if isinstance(told, str):
        return _with(report, {}, told)
    everything = (*((r.merge or r.commit) for r in report.records),
                  *(u.commit for u in report.unrecorded))  # fmt: skip
    known = sum(commit in told.of for commit in everything)
    text = f"GitHub has a pull request for {known} of {len(everything)} commits on the base"
    if not told.whole:
        text += "; it has more merged ones than were read"
    return _with(report, {c: _columns(m) for c, m in told.of.items()}, text)


def _with(report: Report, by_commit: dict[str, dict[str, Json]], text: str) -> Report:
    nothing: dict[str, Json] = dict.fromkeys(COLUMNS)
    on_base = {r.commit: r.merge or r.commit for r in report.records}
    on_base |= {u.commit: u.commit for u in report.unrecorded}
    more = {
        own: {**report.more.get(own, {}), **by_commit.get(base, nothing)}
        for own, base in on_base.items()
    }
    return replace(report, more=more, about={**report.about, "forge": text})


def _columns(merge: Merge) -> dict[str, Json]:
    reviewers: list[Json] = [
        approval.login if approval.of_merged else f"{approval.login} (an earlier commit)"
        for approval in merge.approvals
    ]
    return {
        "pull_request": merge.url,
        "reviewers": reviewers,
        "forge_merged_by": merge.merged_by,
        "forge_merged_at": iso(merge.merged_at),
        "auto_merge": merge.auto_merge,
    }
