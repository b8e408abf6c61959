"""`terraform fmt` on a folder of copies, and which of them it would not leave alone."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_UNREADABLE = re.compile(r"^ +on (\S+) line \d+", re.MULTILINE)


def formatted(texts: Mapping[str, bytes], folder: Path) -> dict[str, bytes | None]:
    """By name, each text as terraform writes it; None for one that it cannot read."""
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    done = subprocess.run(
        ["terraform", "fmt", "-no-color", "-list=false", "."],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # it quotes the line that it cannot read
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull},
    )
    refused = {Path(name).name for name in _UNREADABLE.findall(done.stderr)}
    if done.returncode and not refused:
        raise RuntimeError(f"terraform fmt: {done.stderr[:2000]}")
    made = {n: None if n in refused else (folder / n).read_bytes() for n in texts}
    for name in texts:
        (folder / name).unlink()
    return made
