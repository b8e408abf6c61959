"""`remediator fix`: rewrite a checkout, from the code alone or from findings and states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from remediator import loop
from remediator.checkout import Checkout
from remediator.commands import assembly
from remediator.commands.run import Console
from remediator.commands.states import Fetch, StateReader
from remediator.config import load
from remediator.detect.code import findings_in
from remediator.detect.findings_file import read_findings
from remediator.model import ConfigurationError, Disposition, Finding, Kind, Outcome, Refusal
from remediator.outcomes import document
from remediator.remediate.world_open import evidence_of
from remediator.show import diffs, summary
from remediator.terraform.backend import read_file
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules, Root, discover
from remediator.texts import listed
from remediator.tree import Tree
from remediator.workplace import Preview, Workplace
from remediator.worktree import WorkTree

_LEFT = {Kind.REFUSED, Kind.DRIFTED, Kind.UNMANAGED}


def fix(
    path: Path,
    config_path: Path | None,
    findings: Sequence[Path],
    states: Sequence[str],
    review: bool,
    diff: bool,
    console: Console,
) -> int:
    """0 when nothing is left for a person, else 1."""
    started = assembly.now()
    config = load(config_path, path)
    rules = assembly.rules_of(config)
    tree = WorkTree(path)
    wanted, problems = _findings(tree, findings)
    for problem in problems:
        console.complain(problem)
    preview = Preview(tree, apply_reviews=review)
    checkout = Checkout(tree, reviews=review)
    place: Workplace = preview if diff else checkout
    reader = StateReader(_from_files(_state_files(tree, states)))
    job = assembly.job(place, reader, rules, config.limits.push_attempts, console.outcome)
    if not states:
        job = assembly.without_states(job)
    outcomes = loop.run(job, wanted)
    if diff:
        shown = [c for c in preview.changes if review or c.decision.disposition is Disposition.AUTO]
        console.print("".join(diffs(shown)).rstrip("\n"))
    console.note(summary(outcomes))
    mode = "diff" if diff else "fix"
    console.finish(document(mode, started, assembly.now(), outcomes))
    left = any(_left(o, review, diff) for o in outcomes)
    return 1 if left or problems else 0


def _left(outcome: Outcome, review: bool, diff: bool) -> bool:
    if outcome.kind is Kind.PROPOSED:
        return diff or not review
    return outcome.kind in _LEFT or (diff and outcome.kind is Kind.MERGED)


def _findings(tree: Tree, files: Sequence[Path]) -> tuple[list[Finding], list[str]]:
    if not files:
        found, broken = findings_in(Sources(tree), assembly.class_name, evidence_of, assembly.now())
        return list(found), [str(error) for error in broken]
    findings: list[Finding] = []
    problems: list[str] = []
    for path in files:
        some, unusable = read_findings(path)
        findings += some
        problems += unusable
    return findings, problems


def _state_files(tree: Tree, states: Sequence[str]) -> dict[str, list[Path]]:
    """By root directory; a state without a name needs the only root there is."""
    roots = [r.directory for r in discover(tree, Modules(tree))] if states else []
    found: dict[str, list[Path]] = {}
    for entry in states:
        root, file = _split(entry, roots)
        if root not in roots:
            raise ConfigurationError(
                f"--state {entry}: {root!r} is no root module here; the root modules are "
                f"{listed(roots) or 'none'}"
            )
        found.setdefault(root, []).append(file)
    return found


def _split(entry: str, roots: Sequence[str]) -> tuple[str, Path]:
    root, separator, file = entry.partition("=")
    if separator:
        directory = root.removeprefix("./").strip("/")
        return "" if directory == "." else directory, Path(file)
    if len(roots) != 1:
        raise ConfigurationError(
            f"--state {entry}: there are {len(roots)} root modules here; "
            "say whose state it is, as ROOT=FILE"
        )
    return roots[0], Path(entry)


def _from_files(files: Mapping[str, Sequence[Path]]) -> Fetch:
    def fetch(root: Root) -> list[bytes | Refusal]:
        named = files.get(root.directory, ())
        none = Refusal("locate", "no-state", f"no --state for {root.directory or 'the top'}")
        return [read_file(path) for path in named] or [none]

    return fetch
