"""A merged change, proven again on what it was merged onto where that is another base.

GitHub's `sha` guards the head of a pull request alone, and auto-merge waits: the base may move
meanwhile. Of what was merged the two trees are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from remediator.audit.history import DIGEST, carried
from remediator.config import Config
from remediator.forge.pair import changed_paths, tree_of
from remediator.forge.repository import Repository
from remediator.loop import Rules
from remediator.model import Disposition, Record, SourceError, UpstreamError
from remediator.texts import listed
from remediator.verify import claims
from remediator.verify.claims import Again
from remediator.verify.trees import Side

MOVED, AGAIN = "Base-Moved", "Proven-Again"
"""The keys of its note."""
WINDOW = timedelta(days=14)
MOST = 20
"""Merges that are proven again in one run: the latest, of at most so long ago."""
_OF_THE_TREES = frozenset({"addresses", "access", "narrower"})


@dataclass(frozen=True, slots=True)
class Reproof:
    """`parent`: what it was merged onto."""

    parent: str
    again: Again
    text: str

    @property
    def sentence(self) -> str:
        what = {
            Again.PASS: "it holds on the merged tree, too",
            Again.WRONG: "on the merged tree it does NOT hold",
            Again.UNKNOWN: "whether it holds on the merged tree cannot be told",
        }[self.again]
        return (
            f"the base had moved to {self.parent[:12]}, and it was proven again: {what}{self._why}"
        )

    @property
    def _why(self) -> str:
        return "" if self.again is Again.PASS else f": {self.text}; look at it, or revert it"


def proven_again(path: Path, merge: str, rules: Rules, config: Config) -> Reproof:
    """`merge`: on the base's first-parent line. Raises UpstreamError for what is not there."""
    with closing(Repository(path)) as repository:
        parents = repository.run("rev-parse", f"{merge}^@").decode("ascii").split()
        if not parents:
            raise UpstreamError("git rev-parse", f"{merge} is a history's first commit")
        carrier = parents[1] if len(parents) == 2 else merge
        record = next((r for r, _ in carried(repository, [carrier])), None)
        if record is None:
            return Reproof(parents[0], Again.UNKNOWN, "it carries no record")
        try:
            parts = _parts(repository, record, (parents[0], merge), rules, config)
        except (SourceError, UpstreamError) as why:
            return Reproof(parents[0], Again.UNKNOWN, str(why))
    good = listed([p.detail for p in parts if p.again is Again.PASS], 3)
    for word in (Again.WRONG, Again.UNKNOWN):
        found = listed([p.detail for p in parts if p.again is word], 3)
        if found:
            return Reproof(parents[0], word, f"{found}; but {good}" if good else found)
    return Reproof(parents[0], Again.PASS, good)


def _parts(
    repository: Repository, record: Record, names: tuple[str, str], rules: Rules, config: Config
) -> list[claims.Part]:
    before, after = (Side(tree_of(repository, n), config.terraform.files()) for n in names)
    paths = changed_paths(repository, *names)
    told = claims.Rules(rules.registry, rules.policy)
    # Of a base that moved the files' digests are others, which says nothing.
    claim = claims.prove_again(replace(record, problems=()), paths, before, after, told)
    return [part for part in claim.parts if part.name in _OF_THE_TREES]


def moved(
    config: Config,
    rules: Rules,
    merged: Sequence[Record],
    noted: Callable[[str, str], bool],
    known: frozenset[str],
    at: datetime,
) -> dict[str, Reproof]:
    """By the commit of the merge. `known`: those that this run has seen merged onto another base.
    What a person merged was theirs to look at."""
    recent = [
        r
        for r in merged
        if r.one("Disposition") == Disposition.AUTO.word
        and at - r.merged_at <= WINDOW
        and not noted(r.merge or r.commit, AGAIN)
    ]
    path = config.repository.path
    if not recent:
        return {}
    with closing(Repository(path)) as repository:
        found = [c for c in _elsewhere(repository, recent) if c not in known]
    wanted = [c for r in recent if (c := r.merge or r.commit) in known or c in found]
    return {commit: proven_again(path, commit, rules, config) for commit in wanted[:MOST]}


def _elsewhere(repository: Repository, records: Sequence[Record]) -> Iterator[str]:
    """The merges whose first parent is not their change's. Of a squash or a rebase only the
    files tell it."""
    names = list(dict.fromkeys(n for r in records for n in (r.commit, r.merge) if n))
    out = repository.run("rev-list", "--no-walk=unsorted", "--parents", "--end-of-options", *names)
    lines = (line.split(" ") for line in out.decode("ascii").splitlines())
    first: Mapping[str, str] = {name: parents[0] for name, *parents in lines if parents}
    alone = [r.commit for r in records if r.merge is None]
    broken = {r.commit for r, _ in carried(repository, alone) if DIGEST in r.codes}
    for record in records:
        if record.merge is None:
            if record.commit in broken:
                yield record.commit
        elif first.get(record.merge) != first.get(record.commit):
            yield record.merge


def notes_of(found: Mapping[str, Reproof]) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        commit: ((MOVED, it.parent), (AGAIN, f"{it.again}: {it.text}"))
        for commit, it in found.items()
    }


def faults_of(found: Mapping[str, Reproof]) -> list[UpstreamError]:
    return [
        UpstreamError(f"merged as {commit[:12]}", it.sentence)
        for commit, it in found.items()
        if it.again is not Again.PASS
    ]
