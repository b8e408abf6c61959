"""What `remediator --version` takes, beside a Python that does nothing.

python -m benchmarks.startup
"""

from __future__ import annotations

from benchmarks.measure import PYTHON, REMEDIATOR, Promise, alternate, report, run

ROUNDS = 15


def main() -> int:
    nothing, version = "python -c pass", "remediator --version"
    taken = alternate(
        ROUNDS,
        {
            nothing: lambda: run([PYTHON, "-c", "pass"]),
            version: lambda: run([REMEDIATOR, "--version"]),
        },
    )
    answered = Promise("the version is told", taken[version].seconds * 1000, 150, "ms")
    return report("Start-up, whole processes", list(taken.values()), [answered])


if __name__ == "__main__":
    raise SystemExit(main())
