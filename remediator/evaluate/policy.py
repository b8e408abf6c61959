"""policy.yaml: what may happen to a finding of a class, and why. Read once, never guessed.

A user's own policy may be stricter or laxer than the packaged one; its digest is recorded with
every decision, so that what was automatic can be told from history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from remediator import yamlfile
from remediator.fields import Name, OneLine, Strict, Version, listed
from remediator.model import ConfigurationError, Disposition
from remediator.sentences import instead, shown
from remediator.yamlfile import Document, InvalidFile, Problem

PACKAGED = Path(__file__).with_name("policy.yaml")
_WORDS = {d.word: d for d in Disposition}


@dataclass(frozen=True, slots=True)
class Row:
    """One disposition. It holds for findings of `finding_class` with every trait of `when`."""

    id: str
    finding_class: str
    when: frozenset[str]
    disposition: Disposition
    rationale: str
    source: str


@dataclass(frozen=True, slots=True)
class Policy:
    """`digest` is the sha256 of the file's bytes."""

    rows: tuple[Row, ...]
    digest: str
    path: str

    def verdict(self, finding_class: str, traits: frozenset[str]) -> Row:
        """The lowest of the matching rows; of equals the most specific, then the first.

        Raises ConfigurationError for a class without a row, which no loaded policy leaves.
        """
        rows = matching(self.rows, finding_class, traits)
        if not rows:
            raise ConfigurationError(f"{self.path}: no row holds for the class {finding_class}")
        return min(rows, key=lambda row: (row.disposition, -len(row.when)))


def matching(rows: Iterable[Row], finding_class: str, traits: frozenset[str]) -> tuple[Row, ...]:
    return tuple(r for r in rows if r.finding_class == finding_class and r.when <= traits)


def load_policy(path: Path | None, known: Mapping[str, frozenset[str]]) -> Policy:
    """The policy in `path`, or the packaged one.

    `known` has the traits that a finding of each class may have, markers included. Raises
    ConfigurationError, a sentence for each thing wrong, where the file and the classes differ.
    """
    document = yamlfile.read(path or PACKAGED)
    if path is None:
        document = _named_as_shipped(document)
    return policy_of(document, known)


def policy_of(document: Document, known: Mapping[str, frozenset[str]]) -> Policy:
    """As `load_policy`, of a document that was read already. Pure."""
    rows = yamlfile.validate(_PolicyFile, document).rows
    problems = [*_unknown(document, rows, known), *_clashes(document, rows)]
    problems += _uncovered(document, rows, known)
    if problems:
        raise InvalidFile(*sorted(problems))
    return Policy(tuple(_row(row) for row in rows), document.digest, document.path)


def _disposition(value: Any) -> Any:
    if not isinstance(value, str) or value not in _WORDS:
        raise ValueError(f"{shown(value)} is not a disposition; {instead(str(value), _WORDS)}")
    return _WORDS[value]


class _RowEntry(Strict):
    id: Name = Field(examples=["open-admin-port-bastion"])
    finding_class: OneLine = Field(alias="class", examples=["open-admin-port"])
    when: Annotated[tuple[OneLine, ...], BeforeValidator(listed)] = Field(default=())
    disposition: Annotated[Disposition, BeforeValidator(_disposition)] = Field(examples=["review"])
    rationale: OneLine = Field(examples=["why this is the disposition"])
    source: OneLine = Field(examples=["CIS AWS Foundations Benchmark v3.0.0, 5.2"])


class _PolicyFile(Strict):
    version: Version = Field(examples=[1])
    rows: tuple[_RowEntry, ...] = Field(examples=["the list of rows"])


def _row(entry: _RowEntry) -> Row:
    return Row(
        entry.id,
        entry.finding_class,
        frozenset(entry.when),
        entry.disposition,
        entry.rationale,
        entry.source,
    )


def _named_as_shipped(document: Document) -> Document:
    """Named without the folder of this installation: the name is kept in records."""
    return Document("policy.yaml (packaged)", document.value, document.lines, document.digest)


def _unknown(
    document: Document, rows: Sequence[_RowEntry], known: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    for i, row in enumerate(rows):
        traits = known.get(row.finding_class)
        if traits is None:
            text = f"there is no class {shown(row.finding_class)}"
            hint = instead(row.finding_class, known)
            yield document.problem(("rows", i, "class"), f"{text}; {hint}")
            continue
        for j, trait in enumerate(row.when):
            if trait not in traits:
                text = f"{row.finding_class} has no trait {shown(trait)}"
                hint = instead(trait, traits) if traits else "remove it"
                yield document.problem(("rows", i, "when", j), f"{text}; {hint}")


def _clashes(document: Document, rows: Sequence[_RowEntry]) -> Iterator[Problem]:
    ids: dict[str, int] = {}
    cases: dict[tuple[str, frozenset[str]], str] = {}
    for i, row in enumerate(rows):
        if row.id in ids:
            first = document.line(("rows", ids[row.id], "id"))
            text = f"{row.id} is the id of the row on line {first} too; write another"
            yield document.problem(("rows", i, "id"), text)
        ids.setdefault(row.id, i)
        case = (row.finding_class, frozenset(row.when))
        if case in cases:
            text = f"has the class and the traits of {cases[case]}; remove one of the two"
            yield document.problem(("rows", i), text)
        cases.setdefault(case, row.id)


def _uncovered(
    document: Document, rows: Sequence[_RowEntry], known: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    always = {row.finding_class for row in rows if not row.when}
    for name in sorted(set(known) - always):
        text = f"no row holds for every {name}; write a row with class: {name} and without when"
        yield document.problem(("rows",), text)
