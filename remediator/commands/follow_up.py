"""After a run: what became of the changes that were merged before. Noted once, and pushed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from remediator.audit.follow import Followed, Looked, Waiting, document, follow
from remediator.audit.follow_analyzer import resolved_notes, unresolved
from remediator.audit.follow_policies import CLASSES, follow_policies
from remediator.audit.grounds import Grounds, grounds
from remediator.audit.history import records
from remediator.audit.live_places import Placed
from remediator.commands.live_policies import LivePolicies
from remediator.commands.proven_again import faults_of, moved, notes_of
from remediator.config import Config
from remediator.detect.sweep import Swept
from remediator.estate import Estate
from remediator.forge.git import GitForge
from remediator.loop import Rules
from remediator.model import Json, Record, UpstreamError, sha256
from remediator.texts import listed
from remediator.tree import Tree

Resolved = Callable[[frozenset[str]], tuple[frozenset[str], tuple[UpstreamError, ...]]]
_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a run saw, and whom it may ask more. `resolved_of` asks the analyzers which of their
    findings are resolved, None where not all of them were looked at; `live` are policies, whose
    addresses the estate's states say, None where nobody is to be asked."""

    swept: Swept
    resolved_of: Resolved | None
    live: LivePolicies | None
    estate: Callable[[], Estate]
    rules: Rules
    merged_elsewhere: frozenset[str] = frozenset()
    """Merges of this run that GitHub made onto another base than the change was proven on."""


def follow_up(
    config: Config,
    forge: GitForge,
    sight: Sight,
    at: datetime,
    enforced: bool,
    note: Callable[[str], None],
) -> tuple[list[Json], list[UpstreamError]]:
    """What is merged and not applied, for the `--json` output, and the faults of finding out and
    of writing notes. Writes nothing unless `enforced`."""
    notes = forge.notes()
    there = notes.all()

    def noted(commit: str, key: str) -> bool:
        return commit in there and there[commit].one(key) is not None

    merged = tuple(records(config.repository.path, forge.base_commit, verify=False))
    place = _Place(sight.estate, forge)
    found = [_groups(merged, noted, sight.swept, at, config, place)]
    faults: list[UpstreamError] = []
    if sight.live is not None and any(r.one("Finding-Class") in CLASSES for r in merged):
        limit = config.limits.apply_within
        placed, in_code = place.placed, place.is_in_code
        found.append(follow_policies(merged, noted, placed, sight.live, in_code, at, limit))
        faults += sight.live.problems
    waiting = [one for part in found for one in part.waiting]
    for one in waiting:
        if one.overdue:
            note(_overdue(one))
    if not enforced:
        return document(waiting), faults
    resolved, problems = _resolved(merged, noted, sight, at)
    again = moved(config, sight.rules, merged, noted, sight.merged_elsewhere, at)
    faults += faults_of(again)
    wanted = _together([*(part.notes for part in found), resolved, notes_of(again)])
    written, more = _written(config, forge, wanted, at)
    if written:
        note(f"noted what became of merged changes: {written}")
    return document(waiting), [*faults, *problems, *more]


@dataclass(frozen=True)
class _Place:
    """The states and the files of this run, read when they are first asked for."""

    estate: Callable[[], Estate]
    forge: GitForge

    @cached_property
    def placed(self) -> Placed:
        estate = self.estate()
        index, single = estate.states.index, estate.states.single
        told = (r for r in single if not estate.modules.has_workspaces(r) and index.has(r))
        return Placed(index, frozenset(told))

    @cached_property
    def _tree(self) -> tuple[Tree, frozenset[str]]:
        tree = self.forge.tree(self.forge.base_commit)
        return tree, frozenset(tree.paths())

    def is_in_code(self, record: Record) -> bool:
        """Whether the files are as the record left them; one that names none says nothing."""
        tree, there = self._tree
        pairs = [value.partition(" ") for value in record.all("After-SHA256")]
        same = (p in there and sha256(tree.read(p)) == digest for digest, _, p in pairs)
        return bool(pairs) and all(same)


def _groups(
    merged: Sequence[Record],
    noted: Callable[[str, str], bool],
    swept: Swept,
    at: datetime,
    config: Config,
    place: _Place,
) -> Followed:
    late = tuple(outcome.finding for outcome in swept.resolved)
    there = (*swept.findings, *swept.unasked)  # open is open, whoever asks for it
    looked = Looked(there, late, swept.looked_into, not swept.problems, at)

    def grounds_of(record: Record) -> Grounds | None:
        return grounds(record, place.placed, place.is_in_code)

    return follow(merged, noted, looked, config.limits.apply_within, grounds_of)


def _resolved(
    merged: Sequence[Record], noted: Callable[[str, str], bool], sight: Sight, at: datetime
) -> tuple[dict[str, _Pairs], tuple[UpstreamError, ...]]:
    if sight.resolved_of is None:
        return {}, ()
    asked = unresolved(merged, noted, {f.id for f in sight.swept.findings})
    resolved, problems = sight.resolved_of(frozenset(i for ids in asked.values() for i in ids))
    return resolved_notes(asked, resolved, at), problems


def _together(parts: Sequence[Mapping[str, _Pairs]]) -> dict[str, _Pairs]:
    """Of one commit, what each part says of it."""
    found: dict[str, _Pairs] = {}
    for part in parts:
        for commit, pairs in part.items():
            found[commit] = (*found.get(commit, ()), *pairs)
    return found


def _written(
    config: Config, forge: GitForge, wanted: Mapping[str, _Pairs], at: datetime
) -> tuple[int, list[UpstreamError]]:
    if not wanted:
        return 0, []
    try:
        return forge.notes().add(wanted, at, config.limits.push_attempts), []
    except UpstreamError as fault:
        return 0, [fault]


def _overdue(waiting: Waiting) -> str:
    where = listed([*waiting.record.all("Terraform-Address")], 3)
    why = "apply it, or see why the pipeline did not"
    if waiting.other:
        why = "what is live is neither what was before nor what is after; see who changed it"
    since = _days(waiting.since)
    return f"merged as {waiting.commit[:12]} {since} ago and not applied: {where}; {why}"


def _days(span: timedelta) -> str:
    return f"{span.days} d {span.seconds // 3600} h"
