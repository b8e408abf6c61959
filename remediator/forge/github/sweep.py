"""Pull requests and branches that no change of this run is for: closed, kept or deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from remediator.forge.github.operations import (
    Answer,
    AutoMerge,
    Close,
    Delete,
    Ignore,
    Operation,
)
from remediator.forge.github.there import (
    Branch,
    Ending,
    Pull,
    State,
    There,
    Word,
)
from remediator.forge.markdown import escaped
from remediator.model import Kind

_WHY = {
    Kind.RESOLVED: "the finding is gone",
    Kind.MERGED: "the base has the change already",
    Kind.DRIFTED: "the code does not cause it any more",
    Kind.UNMANAGED: "no Terraform state has the resource any more",
    Kind.EXEMPTED: "it is exempt now",
    Kind.ALERTED: "the policy only reports it now",
    Kind.PROPOSED: "another pull request closes it now",
}
_UNSEEN = "not everything could be looked at in this run"
_NOT_ASKED = "its finding came from a file that this run was not given"
_UNKNOWN = "its branch does not say which findings it closes"


@dataclass(frozen=True, slots=True)
class Swept:
    groups: tuple[tuple[Operation, ...], ...]
    kept: Mapping[str, str]


def left_over(
    wanted: Set[str], there: There, endings: Mapping[str, Ending], complete: bool
) -> Swept:
    groups: list[tuple[Operation, ...]] = []
    kept: dict[str, str] = {}
    open_ones = {p.branch for p in there.pulls if p.state is State.OPEN}
    commanded = {c.branch for c in there.commands}
    names = sorted((open_ones | commanded | there.branches.keys()) - wanted)
    for name in names:
        pull, branch = there.latest(name), there.branches.get(name)
        why = _why(branch, endings, complete)
        if name in open_ones and why.keep:
            kept[name] = why.text
        groups.append((*_one(name, pull, branch, there, why), *_answers(name, there, why)))
    return Swept(tuple(g for g in groups if g), kept)


@dataclass(frozen=True, slots=True)
class _Why:
    keep: bool
    text: str


def _why(branch: Branch | None, endings: Mapping[str, Ending], complete: bool) -> _Why:
    if branch is None:
        return _Why(True, "its branch is gone")
    if not branch.ours:
        return _Why(True, "somebody else pushed to its branch")
    if not branch.findings:
        return _Why(True, _UNKNOWN)
    ended = [endings.get(f) for f in branch.findings]
    refused = next((e for e in ended if e and e.kind is Kind.REFUSED), None)
    if refused is not None:
        return _Why(True, refused.text)
    if None in ended and not complete:
        return _Why(True, _UNSEEN)
    if None in ended and not branch.asked:
        return _Why(True, _NOT_ASKED)
    kinds = {e.kind if e else Kind.RESOLVED for e in ended}
    return _Why(False, "; ".join(_WHY[kind] for kind in Kind if kind in kinds))


def _one(
    name: str, pull: Pull | None, branch: Branch | None, there: There, why: _Why
) -> Iterator[Operation]:
    ignore = next(
        (c for c in there.commands if c.branch == name and c.word is Word.IGNORE and not c.problem),
        None,
    )
    if pull is not None and pull.state is State.OPEN:
        if ignore is not None:
            yield Ignore(name, ignore.reason, ignore.until, ignore.by)
        elif why.keep:
            # Not proven again in this run, so it must not merge by itself.
            if pull.by_itself:
                yield AutoMerge(name, on=False)
        else:
            yield Close(name, why.text)
            if branch is not None:
                yield Delete(name, branch.head)
    elif branch is not None and _spent(pull, branch, why):
        yield Delete(name, branch.head)


def _spent(pull: Pull | None, branch: Branch, why: _Why) -> bool:
    """Nobody needs the branch: merged, closed by us, or never proposed and its finding gone."""
    if branch.merged:
        return branch.ours
    if pull is not None and pull.state is State.CLOSED:
        return pull.closed_by_us and branch.ours
    return pull is None and not why.keep


def _answers(name: str, there: There, why: _Why) -> Iterator[Operation]:
    for command in there.commands:
        if command.branch != name or command.comment is None:
            continue
        if command.problem:
            yield Answer(command, command.problem)
        elif command.word is Word.IGNORE:
            yield Answer(command, f"Ignored until {command.until}, and listed as such.")
        else:
            yield Answer(command, f"There is no change for this now: {escaped(why.text, 600)}.")
