"""The base branch's history, read as an auditor would: what each change says, and whether it holds.

Only the first-parent line counts: what was merged, when, by whom. A record is a commit with our
trailers, either merged by itself (a merge with exactly this one commit on its side) or standing
on the line (a squash or a rebase). Git alone proves digests and order; who clicked, and which
reviews there were, only the forge's API knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from remediator.audit.digests import moved, problems_of
from remediator.forge import commits, diffs, trailer
from remediator.forge.commits import Commit
from remediator.forge.diffs import FileChange
from remediator.forge.repository import Repository
from remediator.model import ConfigurationError, Record, UpstreamError
from remediator.texts import listed

FORGED, DIGEST, MERGE = "forged-trailer", "changed-digest", "changed-merge"
"""What is wrong with a record: its form, its digests, or the merge that took it."""
_ONCE = (
    *("Remediator-Version", "Finding-Class", "Finding-Source", "Finding-Created", "Evaluated-At"),
    *("Disposition", "Policy-Row", "Before", "After"),
)
# What decides about a change, and what shows it: the program leaves none of them out.
_ALWAYS = (
    *("Finding-Class", "Evaluated-At", "Terraform-Address", "Disposition", "Policy-Row"),
    *("Check", "Proof", "Before", "After"),
)
TERRAFORM = (
    *(".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"),
    ".tftpl",
)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A commit on the base that changed Terraform, or the rules of this program, and carries no
    record of ours. `direct`: it is
    no merge, so it was pushed, squashed or rebased onto the base."""

    commit: str
    actor: str
    time: datetime
    subject: str
    files: tuple[str, ...]
    direct: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """A commit on the first-parent line, and the commit that carries its record, if any."""

    commit: Commit
    carrier: Commit | None
    trailers: tuple[tuple[str, str], ...]

    @property
    def before(self) -> str | None:
        return self.commit.parents[0] if self.commit.parents else None

    @property
    def merge(self) -> Commit | None:
        return self.commit if self.carrier and self.carrier.id != self.commit.id else None


def records(path: Path, commit: str, *, verify: bool = True) -> Iterator[Record]:
    """The merged records in a commit's history, latest first.

    Each one's `problems` say what does not hold; without `verify`, nobody looked. Raises
    ConfigurationError for a clone whose history is cut short, UpstreamError where git cannot
    read it.
    """
    with closing(Repository(path)) as repository:
        steps = [step for step in _steps(repository, commit) if step.carrier]
        found = _verified(repository, steps) if verify else map(_record, steps)
        yield from found


def carried(
    repository: Repository, names: Sequence[str]
) -> Iterator[tuple[Record, tuple[FileChange, ...]]]:
    """The records that these commits carry, merged or not, each with what its commit changed; what
    does not hold of it by itself is in its `problems`."""
    steps = [
        _Step(it, it, trailers)
        for it in _commits(repository, names)
        if len(it.parents) == 1 and (trailers := trailer.decode(it.message))
    ]
    changed = diffs.changes(repository, [(step.commit.id, step.before) for step in steps])
    for step in steps:
        record, own = _record(step), changed[step.commit.id]
        found = [(FORGED, text) for text in _format_problems(record)]
        found += [(DIGEST, text) for text in problems_of(record, own, repository.objects)]
        yield _with_problems(record, found), own


def unrecorded(path: Path, commit: str, also: Set[str] = frozenset()) -> Iterator[Unrecorded]:
    """The commits of a history's first-parent line that changed Terraform without a record.
    `also` are further files that count, from the repository's top."""
    with closing(Repository(path)) as repository:
        steps = [step for step in _steps(repository, commit) if not step.carrier]
        changed = diffs.changes(repository, [(s.commit.id, s.before) for s in steps])
        for it in (step.commit for step in steps):
            files = tuple(
                c.path for c in changed[it.id] if c.path.endswith(TERRAFORM) or c.path in also
            )
            if files:
                direct, time = len(it.parents) <= 1, it.committer.time
                yield Unrecorded(it.id, str(it.author), time, it.subject, files, direct)


def hidden(
    repository: Repository, commit: str, known: Set[str], since: str | None = None
) -> Iterator[str]:
    """Commits of a history, without that of `since`, that carry a record and are not `known` from
    its first-parent line. An ordinary push does that to all of them, of a merge whose first parent
    is another branch."""
    asked = ["rev-list", f"--grep=^{trailer.MARK}: ", "--end-of-options", commit]
    names = repository.run(*asked, *([f"^{since}"] if since else [])).decode("ascii").split()
    for it in _commits(repository, [name for name in names if name not in known]):
        if len(it.parents) == 1 and trailer.decode(it.message):
            yield it.id


# The first-parent line ---------------------------------------------------------------------


def _steps(repository: Repository, commit: str) -> Iterator[_Step]:
    """Two git processes, however long the history is."""
    if repository.is_shallow:
        hint = "fetch it whole with `git fetch --unshallow` (actions/checkout: fetch-depth: 0)"
        raise ConfigurationError(f"{repository.path}: the history is cut short; {hint}")
    listed = repository.run("rev-list", "--first-parent", "--end-of-options", commit, "--")
    names = listed.decode("ascii").split()
    line = [*_commits(repository, names)]
    on_line = {*names}
    sides = [it.parents[1] for it in line if len(it.parents) == 2]
    carriers = {it.id: it for it in _commits(repository, sides)}
    for it in line:
        yield _step(it, carriers.get(it.parents[1]) if len(it.parents) == 2 else None, on_line)


def _step(it: Commit, side: Commit | None, on_line: Set[str]) -> _Step:
    if len(it.parents) <= 1:
        trailers = trailer.decode(it.message)
        return _Step(it, it if trailers else None, trailers)
    # One commit on the side: made straight on top of something that the base already had.
    alone = side is not None and len(side.parents) == 1 and side.parents[0] in on_line
    trailers = trailer.decode(side.message) if side and alone else ()
    return _Step(it, side if trailers else None, trailers)


def _commits(repository: Repository, names: Sequence[str]) -> Iterator[Commit]:
    for name, found in zip(names, repository.objects.read_many(names), strict=True):
        if found is None or found.data is None or found.kind != "commit":
            raise UpstreamError("git cat-file", f"the commit {name} is missing from this clone")
        yield commits.parse(found.id, found.data)


def _record(step: _Step) -> Record:
    carrier, merge = step.carrier, step.merge
    assert carrier is not None
    merged = step.commit.committer
    return Record(
        carrier.id,
        merge.id if merge else None,
        str(carrier.author),
        str(merged),
        carrier.committer.time,
        merged.time,
        carrier.subject,
        step.trailers,
    )


# What holds of it --------------------------------------------------------------------------


def _verified(repository: Repository, steps: Sequence[_Step]) -> Iterator[Record]:
    changed = diffs.changes(repository, _asked(steps))
    for step in steps:
        record = _record(step)
        assert step.carrier is not None
        own = changed[step.carrier.id]
        alone = step.merge is None and step.before is not None
        hold = moved(record, own, repository, step.before or "") if alone else frozenset[str]()
        yield _with_problems(
            record,
            [
                *((FORGED, text) for text in _format_problems(record)),
                *((DIGEST, text) for text in problems_of(record, own, repository.objects, hold)),
                *((MERGE, text) for text in _merge_problems(step, own, changed[step.commit.id])),
            ],
        )


def _with_problems(record: Record, found: Sequence[tuple[str, str]]) -> Record:
    codes, texts = tuple(code for code, _ in found), tuple(text for _, text in found)
    return replace(record, problems=texts, codes=codes)


def _asked(steps: Iterable[_Step]) -> Iterator[tuple[str, str | None]]:
    for step in steps:
        yield step.commit.id, step.before
        if step.merge and step.carrier:
            yield step.carrier.id, step.carrier.parents[0]


def _format_problems(record: Record) -> Iterator[str]:
    version = record.one(trailer.MARK)
    if version != "1":
        yield f"the record's format {version!r} is not known; this program knows version 1"
    if not record.one("Finding-Id"):
        yield "the record names no finding"
    missing = [key for key in _ALWAYS if not record.one(key)]
    if missing:
        yield f"the record has no {listed(missing)}"
    for key in _ONCE:
        if len(record.all(key)) > 1:
            yield f"the record has {key} {len(record.all(key))} times"


def _merge_problems(
    step: _Step, own: Sequence[FileChange], merged: Sequence[FileChange]
) -> Iterator[str]:
    """A merge may combine with what came in between, but only in the change's own files."""
    if step.merge is None or step.carrier is None:
        return
    if step.carrier.parents[0] == step.before and step.carrier.tree != step.merge.tree:
        yield "the merge's files are not the change's, though the base had not moved"
    foreign = {c.path for c in merged} - {c.path for c in own}
    for path in sorted(foreign):
        yield f"{path} is changed by the merge, and not by the change that it merges"
