"""Hostile input, and what must hold for it: it is refused or it is understood, and nothing else.

What is asked here of every repository: no exception but SourceError, only values that are values,
and a tree in which every finding that was refused has left its files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from remediator import loop
from remediator.commands.assembly import class_name, rules_of, without_states
from remediator.config import Config
from remediator.detect.evaluated_code import all_findings_in
from remediator.loop import Job
from remediator.model import Kind, Outcome, SourceError
from remediator.remediate.world_open import evidence_of
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules, discover
from remediator.tree import MemoryTree
from remediator.workplace import Preview

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEEDS = {
    path.relative_to(folder).as_posix(): path.read_bytes()
    for folder in [Path(__file__).with_name("seeds")]
    for path in sorted(folder.rglob("*"))
    if path.is_file()
}
RULES = rules_of(
    Config.model_validate({"version": 1, "exemptions": []}, context={"directory": Path(".")})
)
Repository = Mapping[str, bytes]


def evaluated(files: Repository) -> None:
    """Every root comes to something."""
    tree = MemoryTree(files)
    modules = Modules(tree)
    configurations = Configurations(Sources(tree), modules, {})
    for root in discover(tree, modules):
        configurations.snapshot(root.directory)


def fixed(files: Repository) -> tuple[Outcome, ...]:
    """The whole loop; what is written, a change has written."""
    tree = MemoryTree(files)
    here = Configurations(Sources(tree), Modules(tree), {})
    findings, broken = all_findings_in(here, class_name, evidence_of, NOW)
    assert all(isinstance(error, SourceError) for error in broken)
    place = Preview(tree, apply_reviews=True)
    job = without_states(
        Job(place, lambda _: None, RULES, lambda: NOW, lambda: 0.0)  # type: ignore[arg-type,return-value]  # replaced at once
    )
    outcomes = loop.run(job, findings)
    written = {path for change in place.changes for path in change.patch.files}
    after = place.tree()
    assert [*after.paths()] == [*tree.paths()]
    assert all(after.read(p) == files[p] for p in after.paths() if p not in written)
    if not {o.kind for o in outcomes} & {Kind.MERGED, Kind.PROPOSED}:
        assert not written
    return outcomes


# Mutations ---------------------------------------------------------------------------------

_PIECES = [
    *(bytes((c,)) for c in b"(){}[]\"'\\#.,:;=?!*/%&|<>~^@\n\r\t\0\x7f\xff"),
    *(b"${", b"%{", b"$${", b"%{ for a in b }", b"%{ endif }", b"<<EOT\n", b"<<-EOT\n", b"\nEOT\n"),
    *(
        b"/*",
        b"*/",
        b"//",
        b"...",
        b"=>",
        b"[*]",
        b".*",
        b"[0]",
        b".0",
        b"for a in ",
        b" if ",
        b" : ",
    ),
    *(b"null", b"true", b"each.value", b"count.index", b"self", b"var.cidrs", b"local.open"),
    *(b"9" * 400, b"-1", b"1e999999", b"0.1", b"0x10", b"0.0.0.0/0", b"::/0", b"-1/0"),
    *(b"\xef\xbb\xbf", "é".encode(), "\u2028".encode(), b"\xed\xa0\x80", b"\\ud800", b"\\u0000"),
    *(b"try(", b"toset(", b"concat(", b"jsondecode(", b"lookup(", b"range(1e9)", b"count = 1e9\n"),
    *(
        b'dynamic "ingress" {\n',
        b"ingress = []\n",
        b"ingress {\n}\n",
        b'source = ".."\n',
        b"locals {",
    ),
]
Mutation = Callable[[bytes], bytes]


@st.composite
def _mutation(draw: st.DrawFn) -> Mutation:
    """What it does to a text is fixed by numbers, so that it shrinks."""
    kind = draw(st.sampled_from(["flip", "delete", "double", "insert", "cut", "move"]))
    where, length = draw(st.floats(0, 1)), draw(st.integers(1, 60))
    piece, to = draw(st.sampled_from(_PIECES)), draw(st.floats(0, 1))
    byte = draw(st.integers(0, 255))

    def mutate(data: bytes) -> bytes:
        at = int(where * len(data))
        span, rest = data[at : at + length], data[at + length :]
        other = int(to * len(data))
        return {
            "flip": data[:at] + bytes((byte,)) + data[at + 1 :],
            "delete": data[:at] + rest,
            "double": data[:at] + span + span + rest,
            "insert": data[:at] + piece + data[at:],
            "cut": data[:at],
            "move": data[:other] + span + data[other:],
        }[kind]

    return mutate


@st.composite
def mutated_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """One of the seeds, no longer what it was."""
    path = draw(st.sampled_from(sorted(SEEDS)))
    data = SEEDS[path]
    for mutate in draw(st.lists(_mutation(), min_size=1, max_size=4)):
        data = mutate(data)
    return path, data


@st.composite
def mutated_repositories(draw: st.DrawFn) -> Repository:
    changed = draw(st.lists(mutated_files(), min_size=1, max_size=3))
    return {**SEEDS, **dict(changed)}
