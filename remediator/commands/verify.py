"""`remediator verify`: what a pull request makes of rule sets and policies, from two commits."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import click

from remediator.audit.history import carried
from remediator.commands import assembly
from remediator.config import DEFAULT_EXEMPTIONS, DEFAULT_FILE, Config, load
from remediator.forge import pair as pairs
from remediator.forge.commit_tree import CommitTree
from remediator.forge.repository import Repository
from remediator.model import ConfigurationError, SourceError
from remediator.terraform.module import JSON, NATIVE
from remediator.texts import listed, plain
from remediator.verify import claims, sarif, told
from remediator.verify.claims import Claim
from remediator.verify.difference import Difference
from remediator.verify.reopened import Written
from remediator.verify.report import NEVER, Report, document
from remediator.verify.trees import Side, affected, differences


def verify(
    base: str,
    head: str,
    path: Path,
    config_path: Path | None,
    fail_on: Sequence[str],
    form: str,
) -> int:
    """1 where something fails the check, else 0."""
    changed: dict[str, list[int]] = {}
    with closing(Repository(path)) as repository:
        pair = pairs.pair(repository, base, head)
        tree = pairs.tree_of(repository, pair.base)
        if config_path is not None:
            report = _report(repository, pair, _Rules(load(config_path)), fail_on)
        else:
            with tempfile.TemporaryDirectory(prefix="remediator-") as folder:
                written = _of_the_base(tree, Path(folder))
                report = _report(repository, pair, written, fail_on)
        if form == "sarif":
            sides = pair.before, pair.after
            files = {d.file for d in report.differences if d.file and sarif.told(d)}
            said = {file for c in report.claims if c.is_wrong for file in sarif.named(c)}
            files |= said & {*pairs.changed_paths(repository, *sides)}
            changed = {f: pairs.changed_lines(repository, *sides, f) for f in sorted(files)}
    _print(report, form, changed)
    return 1 if report.failures else 0


class _Rules:
    """What was written down before the change."""

    def __init__(self, config: Config) -> None:
        rules = assembly.rules_of(config)
        self.var_files = config.terraform.files()
        self.written = Written(rules.policy, rules.exemptions, rules.markers, assembly.now())
        self.accounts = {*config.trusted_accounts, *config.aws.accounts}
        self.claims = claims.Rules(rules.registry, rules.policy)
        self.files = {
            DEFAULT_FILE,
            DEFAULT_EXEMPTIONS,
            *(str(p) for p in (*config.exemptions, config.policy) if p),
        }


def _of_the_base(tree: CommitTree, folder: Path) -> _Rules:
    """Configuration, policy and exemptions as the base has them: a change cannot excuse itself."""
    for path in _own_files(tree):
        file = folder / path
        try:
            data = tree.read(path)
        except SourceError:
            continue  # larger than any configuration
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    try:
        return _Rules(load(None, folder))
    except ConfigurationError as error:
        named = f"{tree.commit[:12]}:"
        texts = (problem.replace(f"{folder}/", named) for problem in error.problems)
        raise ConfigurationError(*texts) from None


def _own_files(tree: CommitTree) -> Iterator[str]:
    """The configuration, the usual exemption list, and every file that the configuration may
    name: by its path from the top, as it stands there."""
    paths, text = tree.paths(), ""
    if DEFAULT_FILE in paths:
        with suppress(SourceError):  # larger than any configuration
            text = tree.read(DEFAULT_FILE).decode("utf-8", "replace")
    yield from (p for p in paths if p in (DEFAULT_FILE, DEFAULT_EXEMPTIONS) or p in text)


def _report(
    repository: Repository, pair: pairs.Pair, rules: _Rules, fail_on: Sequence[str]
) -> Report:
    before, after = (
        Side(pairs.tree_of(repository, name), rules.var_files) for name in (pair.before, pair.after)
    )
    paths = pairs.changed_paths(repository, pair.before, pair.after)
    written = replace(rules.written, knows=lambda a: a in rules.accounts or _names(before, a))
    found: list[Difference] = []
    for root in affected(before, after, paths):
        found += differences(before, after, root, written)
    names = pairs.commits_between(repository, pair.base, pair.head)
    return Report(
        pair.base,
        pair.head,
        pair.how,
        tuple(found),
        tuple(_claims(repository, names, rules)),
        frozenset(fail_on) - {NEVER},
        tuple(_notes(paths, rules)),
    )


def _names(side: Side, account: str) -> bool:
    """Whether the code before names an account: then somebody has let it in already."""
    return bool(side.tree.grep([account], (*NATIVE, *JSON, ".tfvars")))


def _claims(repository: Repository, names: Sequence[str], rules: _Rules) -> Iterator[Claim]:
    for record, changed in carried(repository, names):
        parent = repository.run("rev-parse", f"{record.commit}^").decode("ascii").strip()
        before, after = (
            Side(pairs.tree_of(repository, name), rules.var_files)
            for name in (parent, record.commit)
        )
        paths = [change.path for change in changed]
        yield claims.prove_again(record, paths, before, after, rules.claims)


def _notes(paths: Sequence[str], rules: _Rules) -> Iterator[str]:
    written = sorted({p for p in paths for f in rules.files if Path(f).name == Path(p).name})
    if written:
        yield (
            f"{listed(written)} changes here: what counted is how the base has it, and the change "
            "counts once it is merged"
        )


def _print(report: Report, form: str, changed: Mapping[str, Sequence[int]]) -> None:
    if form == "terminal":
        for line, colour in told.lines(report):
            click.echo(click.style(line, fg=colour or None))
        return
    if form == "markdown":
        click.echo(told.markdown(report), nl=False)
    else:
        made = document(report) if form == "json" else sarif.document(report, changed)
        click.echo(json.dumps(made, indent=2))
    for text in report.failures:
        click.echo(f"fails: {plain(text, 600)}", err=True)
