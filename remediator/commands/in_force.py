"""Which files decide, said where the user did not have to name them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from remediator.config import DEFAULT_EXEMPTIONS, DEFAULT_FILE, Config, governing, up_to_the_top
from remediator.settings import is_there


def in_force(path: Path | None, directory: Path, config: Config) -> str:
    """`config` as `load(path, directory)` has read it."""
    file = path or governing(directory) / DEFAULT_FILE
    parts = [
        f"configuration: {file}" if is_there(file) else f"no {DEFAULT_FILE}: the defaults hold"
    ]
    if config.policy is not None:
        parts.append(f"policy: {config.policy}")
    lists = ", ".join(str(p) for p in config.exemptions)
    parts.append(f"exemptions: {lists}" if lists else "nothing is exempt")
    parts += [f"{file} is not read: no configuration names it" for file in _idle(directory, config)]
    return "; ".join(parts)


def _idle(directory: Path, config: Config) -> Iterator[Path]:
    """Lists of exemptions on the way up that somebody may believe to hold."""
    read = {os.path.realpath(file) for file in config.exemptions}
    for place in up_to_the_top(directory):
        file = place / DEFAULT_EXEMPTIONS
        if is_there(file) and os.path.realpath(file) not in read:
            yield file
