"""The whole register of one base branch: every change with all that is known of it, recomputed.

Who reviewed and who clicked merge, git cannot prove: that is the forge's to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from remediator import __version__
from remediator.audit import alarms, walk
from remediator.audit.alarms import Alarm, fingerprint
from remediator.audit.history import Unrecorded, hidden, records, unrecorded
from remediator.audit.origin import Origins
from remediator.audit.ownership import Ownership, ownership
from remediator.audit.report import Report, iso
from remediator.forge import diffs, notes
from remediator.forge.commit_tree import CommitTree
from remediator.forge.notes import Note
from remediator.forge.repository import Repository
from remediator.model import Json, Record, SourceError
from remediator.terraform.address import Address, countless
from remediator.tree import MAX_FILE_BYTES


@dataclass(frozen=True, slots=True)
class Options:
    """`policy` is the policy file's path from the repository's top, None where it is not there;
    `rules` are those of the configuration, the policy and the exemptions, whose changes count.
    `last` is the last report's JSON. `keys`: the tags of the team and of the cost centre."""

    authors: Sequence[str]
    policy: str | None = None
    rules: Sequence[str] = ()
    allowed_signers: Path | None = None
    keys: tuple[Sequence[str], Sequence[str]] = ((), ())
    var_files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    anchor: str | None = None
    last: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """The branch's name, its commit, and the commit of the notes on it, if there are any."""

    name: str
    commit: str
    notes: str | None


@dataclass(frozen=True, slots=True)
class Proven:
    """What evaluating records again came to. `counts`: of `hold`, `wrong` and `unknown` records;
    None where nothing was evaluated."""

    alarms: Sequence[Alarm] = ()
    counts: Mapping[str, int] | None = None


def register(
    repository: Repository,
    base: Base,
    options: Options,
    now: datetime,
    prove: Callable[[Sequence[Record]], Proven],
) -> Report:
    """`prove` evaluates again what the listed records claim. Raises as `history.records` does."""
    everything = tuple(records(repository.path, base.commit))
    there = notes.notes_of(repository, base.notes)
    ours = {path for r in everything for path in _files(r)}
    others = unrecorded(repository.path, base.commit, {*ours, *options.rules})
    asked = Report.of(everything, others, options.since, options.until)
    inside = _since_anchor(repository, base, options.anchor)
    if inside is not None:
        asked = replace(
            asked,
            records=tuple(r for r in asked.records if (r.merge or r.commit) in inside),
            unrecorded=tuple(u for u in asked.unrecorded if u.commit in inside),
        )
    signatures = _signatures(repository, asked.records, options.allowed_signers)
    proven = prove(asked.records)
    found = [
        *_anchored(repository, base, options, everything),
        *(alarms.of_last_report(options.last, everything) if options.last else ()),
        *alarms.of_records(asked.records),
        *alarms.of_authors(asked.records, options.authors),
        *alarms.of_notes(there, everything, notes.rewritten(repository, base.notes), now),
        *alarms.of_note_authors(notes.authors(repository, base.notes), options.authors),
        *alarms.of_signatures(signatures),
        *proven.alarms,
    ]
    gathered = _Gathered(repository, base, options, there, signatures)
    columns = {r.commit: gathered.of(r) for r in asked.records}
    columns |= {u.commit: _other(u, ours) for u in asked.unrecorded}
    told: list[Json] = [{"code": a.code, "commit": a.commit, "text": a.text} for a in found]
    about: dict[str, Json] = {
        "program": __version__,
        "generated_at": iso(now),
        "base": base.name,
        "anchor": base.commit,
        "notes_anchor": base.notes,
        "since": iso(options.since) if options.since else None,
        "until": iso(options.until) if options.until else None,
        "since_anchor": options.anchor,
        "proven": {**proven.counts} if proven.counts is not None else None,
        "alarms": told,
    }
    return replace(asked, more=columns, about=about, alarms=tuple(found))


def _anchored(
    repository: Repository, base: Base, options: Options, its: Iterable[Record]
) -> Iterator[Alarm]:
    anchor, since = options.anchor, None
    if anchor:
        is_ancestor = _is_in(repository, anchor, base.commit)
        on_line = is_ancestor and _is_on_line(repository, anchor, base.commit)
        yield from alarms.of_anchor(anchor, base.commit, is_ancestor, on_line)
        since = anchor if is_ancestor else None
    listed = {record.commit for record in its}
    yield from alarms.of_hidden(hidden(repository, base.commit, listed, since))
    last = options.last.get("notes_anchor") if options.last else None
    if isinstance(last, str) and last:
        known = base.notes is not None and not last.startswith("-")
        answer = repository.ask("merge-base", "--is-ancestor", last, base.notes or last)
        if not known or answer.status:
            text = "the notes' history was rewritten: that of the last report is not in it"
            yield Alarm(alarms.NOTE_REWRITTEN, last[:64], text)


def _is_in(repository: Repository, commit: str, base: str) -> bool:
    return repository.ask("merge-base", "--is-ancestor", commit, base).status == 0


def _is_on_line(repository: Repository, commit: str, base: str) -> bool:
    name = repository.run("rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}")
    line = repository.run("rev-list", "--first-parent", "--end-of-options", base)
    return name.strip() in line.split()


def _since_anchor(repository: Repository, base: Base, anchor: str | None) -> frozenset[str] | None:
    if anchor is None:
        return None
    asked = ["rev-list", "--first-parent", "--end-of-options", f"{anchor}..{base.commit}"]
    answer = repository.ask(*asked)
    # An anchor that is not there any more is an alarm, and the whole history is listed.
    return frozenset(answer.out.decode("ascii").split()) if answer.status == 0 else None


def _signatures(
    repository: Repository, its: Iterable[Record], signers: Path | None
) -> dict[str, str]:
    """git's letter by commit (git-log(1), %G?); empty where there are no allowed signers."""
    if signers is None:
        return {}
    names = list(dict.fromkeys(n for r in its for n in (r.commit, r.merge) if n))
    if not names:
        return {}
    setting = f"gpg.ssh.allowedSignersFile={signers.absolute()}"
    asked = ["-c", setting, "log", "--no-walk=unsorted", "--stdin", "--format=%H %G?"]
    out = repository.run(*asked, stdin="".join(f"{n}\n" for n in names).encode())
    pairs = (line.split(" ") for line in out.decode("ascii", "replace").splitlines())
    return dict(pairs)


def _files(record: Record) -> tuple[str, ...]:
    return tuple(value[65:] for value in record.all("Before-SHA256"))


def _other(commit: Unrecorded, ours: set[str]) -> dict[str, Json]:
    touched: list[Json] = [path for path in commit.files if path in ours]
    return {"direct": commit.direct, "touches": touched}


class _Gathered:
    """What is known of one record besides itself."""

    def __init__(
        self,
        repository: Repository,
        base: Base,
        options: Options,
        there: Mapping[str, Note],
        signatures: Mapping[str, str],
    ) -> None:
        self._repository, self._base, self._options = repository, base, options
        self._notes, self._signatures = there, signatures
        path = options.policy
        self._origins = Origins(repository, path, base.commit) if path else None

    def of(self, record: Record) -> dict[str, Json]:
        parent = self._parent(record.commit)
        paths = self._changed(record.commit, parent)
        note = self._notes.get(record.merge or record.commit)
        applied, resolved = (alarms.time(note.one(k)) if note else None for k in _LATER)
        created = alarms.time(record.one("Finding-Created"))
        steps: list[Json] = [
            {"what": s.what, "command": s.command, "path": s.path or None}
            for s in walk.steps(record, parent, paths, self._base.commit)
        ]
        return {
            "record_sha256": fingerprint(record),
            "parent": parent,
            "changed": self._files(record, parent, paths),
            **self._origin(record),
            **self._owner(record, parent, paths),
            "applied_at": iso(applied) if applied else None,
            "applied_how": note.one("Applied-How") if note else None,
            "resolved_at": iso(resolved) if resolved else None,
            "resolved_how": note.one("Resolved-How") if note else None,
            "merged_to_applied_seconds": _seconds(record.merged_at, applied),
            "open_to_resolved_seconds": _seconds(created, resolved),
            "signature": self._signature(record.commit),
            "steps": steps,
        }

    def _parent(self, commit: str) -> str:
        return self._repository.run("rev-parse", f"{commit}^").decode("ascii").strip()

    def _changed(self, commit: str, parent: str) -> tuple[str, ...]:
        return tuple(c.path for c in diffs.changes(self._repository, [(commit, parent)])[commit])

    def _files(self, record: Record, parent: str, paths: Sequence[str]) -> list[Json]:
        """Each changed file with its text before and after, where it is one."""
        found: list[Json] = []
        for path in paths[: walk.SHOWN_FILES]:
            texts: list[Json] = []
            for commit in (parent, record.commit):
                blob = self._repository.objects.read(f"{commit}:{path}", MAX_FILE_BYTES)
                data = blob.data if blob else None
                texts.append(data.decode("utf-8", "replace") if data is not None else None)
            found.append({"path": path, "before": texts[0], "after": texts[1]})
        return found

    def _origin(self, record: Record) -> dict[str, Json]:
        row, _, digest = (record.one("Policy-Row") or "").partition(" sha256:")
        found = self._origins.of(row, digest) if self._origins else None
        if found is None:
            return dict.fromkeys(_POLICY)
        said = (found.commit, found.merged_by, iso(found.time), found.author, found.subject)
        return dict(zip(_POLICY, said, strict=True))

    def _owner(self, record: Record, parent: str, paths: Sequence[str]) -> dict[str, Json]:
        merged = record.merge or record.commit
        trees = (CommitTree(self._repository, merged), CommitTree(self._repository, parent))
        places = [split_place(text) for text in record.all("Terraform-Address")]
        try:
            found = ownership(trees, places, paths, self._options.keys, self._options.var_files)
        except SourceError:
            found = Ownership()  # the tree has a file that nobody could read then, either
        owners: list[Json] = [*found.code_owners]
        return {"team": found.team, "cost_center": found.cost, "code_owners": owners}

    def _signature(self, commit: str) -> str | None:
        letter = self._signatures.get(commit)
        words = {"G": "good", "N": "none", "B": "bad"}
        return words.get(letter, "unknown signer") if letter else None


_LATER = ("Applied", "Resolved")
_POLICY = (
    "policy_commit",
    "policy_merged_by",
    "policy_merged_at",
    "policy_author",
    "policy_subject",
)


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None or end < start:
        return None
    return int((end - start).total_seconds())


def split_place(text: str) -> tuple[str, str]:
    """The root and the address of what `model.place` has put together."""
    at = text.find(":")
    while at >= 0:
        try:
            Address.parse(countless(text[at + 1 :]))
        except ValueError:
            at = text.find(":", at + 1)
            continue
        return text[:at], text[at + 1 :]
    return "", text
