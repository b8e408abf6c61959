"""`remediator fix --diff` beside Checkov and tree-sitter, on the same folder.

    python -m benchmarks.beside_checkov [--folder FOLDER] [--checkov PATH]

Without a folder it makes 6,800 files, 15 MB. Checkov looks for what `fix` looks for: SSH, RDP,
web and other ports open to the world. Without a path it is installed from the package index into
an environment of its own below build/.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.generate import build
from benchmarks.measure import PYTHON, REMEDIATOR, Promise, Series, alternate, report, run

VERSION = "3.3.30"
CHECKS = "CKV_AWS_24,CKV_AWS_25,CKV_AWS_260,CKV_AWS_277"
FILES, FINDINGS = 6_800, 10
LEAVES_SOMETHING = 1
_TOP = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Time `remediator fix` against Checkov.")
    parser.add_argument("--folder", type=Path, help="a folder of Terraform; it is only read")
    parser.add_argument("--checkov", type=Path, help="a checkov that is installed already")
    parser.add_argument("--rounds", type=int, default=3)
    given, _ = parser.parse_known_args()
    checkov = given.checkov or installed(_TOP / "build" / "checkov")
    if given.folder:
        return compare(given.folder, checkov, given.rounds)
    with tempfile.TemporaryDirectory() as scratch:
        built = build(Path(scratch) / "big", FILES, FINDINGS, FINDINGS)
        return compare(built.checkout, checkov, given.rounds)


def installed(environment: Path) -> Path:
    checkov = environment / "bin" / "checkov"
    if not checkov.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "-qq"]
        subprocess.run([*pip, f"checkov=={VERSION}"], check=True)
    return checkov


def compare(folder: Path, checkov: Path, rounds: int) -> int:
    files = [p for p in folder.rglob("*.tf") if p.is_file()]
    size = sum(p.stat().st_size for p in files) / 1e6
    parse, fix = "tree-sitter alone", "remediator fix --diff"
    plain = [PYTHON, "-m", "benchmarks.plain_parse", str(folder)]
    ours = [REMEDIATOR, "fix", str(folder), "--diff"]
    taken = alternate(
        rounds,
        {
            parse: lambda: run(plain, folder=_TOP),
            fix: lambda: run(ours, codes=(0, LEAVES_SOMETHING)),
        },
    )
    options = ["--check", CHECKS, "--framework", "terraform", "--quiet", "--compact"]
    theirs = [str(checkov), "-d", str(folder), *options]
    name = f"checkov -d, {VERSION}"
    once = run(theirs, codes=(0, LEAVES_SOMETHING))  # it takes minutes, and no cache helps it
    taken[name] = Series(name, (once,))
    seconds = taken[fix].seconds
    promises = [
        Promise("against parsing alone", seconds / taken[parse].seconds, 1.5, "x"),
        Promise("memory", taken[fix].peak_mb, 400, "MB"),
        Promise("share of Checkov's time", seconds / taken[name].seconds, 1 / 20, "x"),
    ]
    return report(f"fix, {len(files)} files, {size:.1f} MB", list(taken.values()), promises)


if __name__ == "__main__":
    raise SystemExit(main())
