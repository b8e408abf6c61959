"""All benchmarks, one after another: `python -m benchmarks`. Status 1: a promise is broken."""

from __future__ import annotations

from benchmarks import parse_speed, run_speed, startup


def main() -> int:
    broken = [bench.main() for bench in (startup, parse_speed, run_speed)]
    return int(any(broken))


if __name__ == "__main__":
    raise SystemExit(main())
