"""`remediator exemptions check`: lints the lists, with line numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from remediator.commands import assembly
from remediator.config import load
from remediator.evaluate.exemptions import lint
from remediator.model import ConfigurationError
from remediator.remediate.registry import registry
from remediator.texts import plain


def check(files: Sequence[Path], config_path: Path | None) -> int:
    """1 where an entry is wrong or expired; entries that expire soon are only told."""
    paths = tuple(files) or load(config_path).exemptions
    if not paths:
        raise ConfigurationError(
            "there is no exemption list: name a file, or write exemptions.yaml beside the "
            "configuration (docs/configuration.md has the format)"
        )
    today = assembly.now().date()
    problems = lint(paths, registry().known(), today)
    for problem in problems:
        click.echo(plain(str(problem), 2000))
    if not problems:
        click.echo(f"{', '.join(plain(str(p)) for p in paths)}: nothing to correct")
    serious = [p for p in problems if p.severity == "error" or "expired on" in p.text]
    return 1 if serious else 0
