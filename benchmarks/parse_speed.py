"""`remediator fix` over a big repository, beside tree-sitter parsing the same files.

    python -m benchmarks.parse_speed

`--diff`, so that both sides read everything, write nothing, and each round meets the same files.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.generate import build
from benchmarks.measure import PYTHON, REMEDIATOR, Promise, alternate, report, run

LEAVES_SOMETHING = 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Time `remediator fix` against tree-sitter.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--findings", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    given, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as scratch:
        built = build(Path(scratch) / "big", given.files, given.findings, given.findings)
        return compare(built.checkout, given.rounds, f"{given.files} files")


def compare(checkout: Path, rounds: int, what: str) -> int:
    parse, fix = "tree-sitter alone", "remediator fix --diff"
    plain = [PYTHON, "-m", "benchmarks.plain_parse", str(checkout)]
    ours = [REMEDIATOR, "fix", str(checkout), "--diff"]
    taken = alternate(
        rounds,
        {
            parse: lambda: run(plain, folder=Path(__file__).parents[1]),
            fix: lambda: run(ours, codes=(0, LEAVES_SOMETHING)),
        },
    )
    ratio = Promise("against parsing alone", taken[fix].seconds / taken[parse].seconds, 1.5, "x")
    return report(f"fix, {what}, whole processes", list(taken.values()), [ratio])


if __name__ == "__main__":
    raise SystemExit(main())
