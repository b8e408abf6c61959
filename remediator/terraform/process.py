"""A program with an end: its output, or its death together with everything that it started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finished:
    status: int
    out: bytes
    err: bytes


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> Finished:
    """Raises OSError where it cannot be started, and TimeoutExpired once it was killed."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        if process.poll() is None:
            _kill(process)
    return Finished(process.returncode, out, err)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its children: a provider outlives a terraform that is killed alone."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
