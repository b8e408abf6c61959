"""What grows with the repository: `fix` and `run` on 1,000, 10,000 and 50,000 files.

    python -m benchmarks.growth

The findings are the same at every size. `fix` reads every file, as tree-sitter beside it does;
what `run` takes from a finding to its pushed merge stands beside the same edit made with git.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.generate import build
from benchmarks.live import make_groups
from benchmarks.measure import PYTHON, REMEDIATOR, Promise, Series, alternate, report, run
from benchmarks.run_speed import BY_HAND, Bench
from remediator.embedded.aws import EmbeddedAws

SIZES = (1_000, 10_000, 50_000)
FINDINGS, RESOURCES = 10, 20_000
LEAVES_SOMETHING = 1
_TOP = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Time fix and run as the repository grows.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    given, _ = parser.parse_known_args()
    broken = [_size(files, given.rounds) for files in given.sizes]
    return int(any(broken))


def _size(files: int, rounds: int) -> int:
    parse, fix = "tree-sitter alone", "remediator fix --diff"
    whole, inside = "remediator run, 1 finding", "of it, from finding to pushed merge"
    with tempfile.TemporaryDirectory() as scratch:
        built = build(Path(scratch) / "fix", files, FINDINGS, FINDINGS)
        plain = [PYTHON, "-m", "benchmarks.plain_parse", str(built.checkout)]
        ours = [REMEDIATOR, "fix", str(built.checkout), "--diff"]
        taken = alternate(
            rounds,
            {
                parse: lambda: run(plain, folder=_TOP),
                fix: lambda: run(ours, codes=(0, LEAVES_SOMETHING)),
            },
        )
    with tempfile.TemporaryDirectory() as scratch, EmbeddedAws() as aws:
        ids = make_groups(aws.endpoint, 1)
        place = Path(scratch) / "run"
        bench = Bench(
            build(place, files, RESOURCES, 1, group_ids=ids, endpoint=aws.endpoint), scratch
        )
        taken |= alternate(rounds, {BY_HAND: bench.by_hand, whole: bench.by_run})
        taken[inside] = Series(inside, tuple(bench.inside[1:]))
    promises = [Promise("memory", max(s.peak_mb for s in taken.values()), 500, "MB")]
    return report(f"{files} files, {FINDINGS} findings in them", list(taken.values()), promises)


if __name__ == "__main__":
    raise SystemExit(main())
