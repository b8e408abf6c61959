"""Whole processes, measured alternately so that a busy machine is busy for both sides."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median

import remediator

PYTHON = sys.executable
REMEDIATOR = str(Path(sys.executable).with_name("remediator"))
_LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Sample:
    """`peak_mb` is the largest resident set of the process, or of a child that it waited for."""

    seconds: float
    peak_mb: float

    def __add__(self, other: Sample) -> Sample:
        return Sample(self.seconds + other.seconds, max(self.peak_mb, other.peak_mb))


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        return median(s.seconds for s in self.samples)

    @property
    def peak_mb(self) -> float:
        return max(s.peak_mb for s in self.samples)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the project about a measured value, kept where `value` is at most `limit`."""

    text: str
    value: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        verdict = "kept  " if self.kept else "BROKEN"
        value, limit = f"{self.value:.2f} {self.unit}", f"{self.limit:g} {self.unit}"
        return f"  {verdict}  {self.text}: {value} (at most {limit})"


def run(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Sample:
    """One process from start to end. Raises RuntimeError, with its stderr, for another status."""
    _compiled()
    done = subprocess.run(
        [PYTHON, "-I", "-S", str(_LAUNCHER), *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    measured = json.loads(done.stdout)
    if measured["status"] not in codes:
        text = f"{' '.join(command)} ended with {measured['status']}"
        raise RuntimeError(f"{text}:\n{done.stderr[-4000:]}")
    return Sample(measured["seconds"], measured["peak"] / 1e6)


@lru_cache(maxsize=1)
def _compiled() -> None:
    """The package's bytecode, which pip leaves beside what it installs: a checkout has it only
    where Python may write it (PYTHONDONTWRITEBYTECODE)."""
    package = Path(remediator.__file__).parent
    subprocess.run([PYTHON, "-m", "compileall", "-q", str(package)], check=True)


def alternate(rounds: int, sides: Mapping[str, Callable[[], Sample]]) -> dict[str, Series]:
    """A B A B …, after one round of each that does not count: caches are warm for both."""
    for side in sides.values():
        side()
    taken: dict[str, list[Sample]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            taken[name].append(side())
    return {name: Series(name, tuple(samples)) for name, samples in taken.items()}


def report(title: str, series: Sequence[Series], promises: Sequence[Promise]) -> int:
    """Prints the table. The exit status: 1 where a promise is broken."""
    wide = max(len(s.name) for s in series)
    print(f"\n{title}")
    print(f"  {'':{wide}}  {'min':>9} {'median':>9} {'max':>9} {'ratio':>7} {'peak':>8}   rounds")
    for one in series:
        times = [s.seconds for s in one.samples]
        low, mid, high = (f"{t * 1000:.0f} ms" for t in (min(times), one.seconds, max(times)))
        ratio = f"{one.seconds / series[0].seconds:.2f}x"
        print(
            f"  {one.name:{wide}}  {low:>9} {mid:>9} {high:>9} {ratio:>7} "
            f"{one.peak_mb:>5.0f} MB   {len(times)}"
        )
    for promise in promises:
        print(promise)
    return int(not all(p.kept for p in promises))
