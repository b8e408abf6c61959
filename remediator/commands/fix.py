"""`remediator fix`: rewrite a checkout, from the code alone or from findings and states."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from remediator import loop
from remediator.checkout import Checkout
from remediator.commands import assembly, reports
from remediator.commands.in_force import in_force
from remediator.commands.judge import judge_of
from remediator.commands.run import Console
from remediator.commands.states import Fetch, StateReader
from remediator.config import load, up_to_the_top
from remediator.detect.evaluated_code import all_findings_in
from remediator.detect.policies_in_code import policy_findings
from remediator.detect.reports.recognise import FindingsFile
from remediator.loop import Job
from remediator.model import ConfigurationError, Disposition, Finding, Kind, Outcome, Refusal
from remediator.outcomes import document
from remediator.remediate.world_open import WIDER, evidence_of
from remediator.show import diffs, summary
from remediator.terraform.backend import read_file
from remediator.terraform.configurations import Configurations
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
    terraform: bool = False,
) -> int:
    """0 when nothing is left for a person, else 1."""
    started = assembly.now()
    config = load(config_path, path)
    rules = assembly.rules_of(config)
    console.note(in_force(config_path, path, config))
    top, within = _top(path)
    rules = replace(rules, settings=replace(rules.settings, within=within))
    tree = WorkTree(top)
    var_files = config.terraform.files()
    given = reports.read_files(findings) if findings else _in_the_code(tree, var_files, within)
    for problem in given.problems:
        console.complain(problem)
    for note in given.notes:
        console.note(note)
    preview = Preview(tree, apply_reviews=review, folder=True)
    checkout = Checkout(tree, reviews=review)
    place: Workplace = preview if diff else checkout
    fetch = _from_files(_state_files(tree, states, within))
    reader, judging = StateReader(fetch, (), var_files), judge_of(config, terraform, fetch)
    job = assembly.job(place, reader, rules, config.limits.push_attempts, console.outcome)
    if not states:
        job = assembly.without_states(job, var_files)
    more = assembly.expanded(given.reported, lambda: job.estate_of(place), live_unread=False)
    for outcome in more.outcomes:
        console.outcome(outcome)
    with judging as judge:
        job = replace(job, judge=judge)
        ended = loop.run(job, (*given.findings, *more.findings))
        if not findings:
            ended += loop.run(job, _kept_open(job, ended, review, var_files, within))
    outcomes = (*more.outcomes, *ended)
    if diff:
        shown = [c for c in preview.changes if review or c.decision.disposition is Disposition.AUTO]
        console.print("".join(diffs(shown)).rstrip("\n"))
    console.note(summary(outcomes))
    mode = "diff" if diff else "fix"
    console.finish(document(mode, started, assembly.now(), outcomes))
    left = any(_left(o, review, diff) for o in outcomes)
    return 1 if left or given.problems else 0


def _left(outcome: Outcome, review: bool, diff: bool) -> bool:
    if outcome.kind is Kind.PROPOSED:
        return diff or not review
    return outcome.kind in _LEFT or (diff and outcome.kind is Kind.MERGED)


def _kept_open(
    job: Job,
    ended: Sequence[Outcome],
    review: bool,
    var_files: Mapping[str, Sequence[str]],
    within: str,
) -> list[Finding]:
    """What a change keeps of a wider rule is a finding of its own class. It is looked for at once,
    or running again would close what this run has kept."""
    made = {Kind.MERGED, Kind.PROPOSED} if review else {Kind.MERGED}
    changed = {o.finding.id: o.finding for o in ended if o.kind in made}
    if not any(_opens_more(finding, job) for finding in changed.values()):
        return []
    told = {o.finding.id for o in ended} - changed.keys()
    found = _in_the_code(job.workplace.tree(), var_files, within)
    return [f for f in found.findings if f.id not in told]


def _opens_more(finding: Finding, job: Job) -> bool:
    cls = job.rules.registry.get(finding.finding_class)
    return cls is not None and WIDER in cls.traits_of(finding)


def _top(path: Path) -> tuple[Path, str]:
    """The top of the checkout that a folder is in, and the folder below it.

    Who else uses a module or a file is only known from the whole repository.
    """
    top = list(up_to_the_top(path))[-1]
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(top))
    return top, "" if below == "." else Path(below).as_posix()


def _in_the_code(tree: Tree, var_files: Mapping[str, Sequence[str]], within: str) -> FindingsFile:
    configurations = Configurations(Sources(tree), Modules(tree), var_files)
    found, broken = all_findings_in(
        configurations, assembly.class_name, evidence_of, assembly.now()
    )
    found += tuple(policy_findings(configurations, assembly.now()))
    here = tuple(f for f in found if _is_within(f, within))
    problems = tuple(str(e) for e in broken if e.path.startswith(f"{within}/" if within else ""))
    return FindingsFile(here, problems=problems)


def _is_within(finding: Finding, within: str) -> bool:
    """The block that a folder has, or that a root module in it calls."""
    places = (finding.file or "", f"{finding.root}/" if finding.root is not None else "")
    return not within or any(place.startswith(f"{within}/") for place in places)


def _state_files(tree: Tree, states: Sequence[str], within: str) -> dict[str, list[Path]]:
    """By root directory, named from the top or from the folder that is fixed; a state without a
    name needs the only root there is."""
    known = [r.directory for r in discover(tree, Modules(tree))] if states else []
    roots = [r for r in known if f"{r}/".startswith(f"{within}/" if within else "")]
    found: dict[str, list[Path]] = {}
    for entry in states:
        root, file = _split(entry, roots)
        root = f"{within}/{root}".rstrip("/") if within and root not in roots else root
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
