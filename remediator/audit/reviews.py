"""What the forge says of each merge, beside what git proves: columns of the register. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from remediator.audit.alarms import UNSEEN, Alarm
from remediator.audit.report import Report, iso
from remediator.forge.github.merges import Merge, Merges
from remediator.model import Disposition, Json, Record
from remediator.texts import plain

COLUMNS = ("pull_request", "reviewers", "forge_merged_by", "forge_merged_at", "auto_merge")


def with_merges(report: Report, told: Merges | str, also: Iterable[Alarm] = ()) -> Report:
    """`told` is a sentence where the forge could not be asked: the columns are null then. `also`:
    alarms of what it told."""
    if isinstance(told, str):
        return _with(report, {}, told)
    everything = (*((r.merge or r.commit) for r in report.records),
                  *(u.commit for u in report.unrecorded))  # fmt: skip
    known = sum(commit in told.of for commit in everything)
    text = f"GitHub has a pull request for {known} of {len(everything)} commits on the base"
    if not told.whole:
        text += "; it has more merged ones than were read"
    found = [
        a for r in report.records if (m := told.of.get(r.merge or r.commit)) for a in _of(r, m)
    ]
    found += also
    return _with(_alarmed(report, found), {c: _columns(m) for c, m in told.of.items()}, text)


def _of(record: Record, merge: Merge) -> Iterator[Alarm]:
    """What is for review, a person merges, or lets it be merged."""
    if merge.unseen and record.one("Disposition") == Disposition.REVIEW.word:
        by = plain(merge.merged_by or "", 60)
        text = (
            f"its record says that it is for review; {by} opened and merged it, and nobody approved"
        )
        yield Alarm(UNSEEN, record.commit, text)


def _alarmed(report: Report, found: list[Alarm]) -> Report:
    alarms = (*report.alarms, *found)
    told: list[Json] = [{"code": a.code, "commit": a.commit, "text": a.text} for a in alarms]
    return replace(report, alarms=alarms, about={**report.about, "alarms": told})


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
