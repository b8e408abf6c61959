"""The evaluator against the real terraform, on configurations that nobody thought of."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from generated import FAILED, HIDDEN, Made, configurations
from hypothesis import HealthCheck, Phase, given, settings
from judged import Verdict, applied, configuration, need_terraform, output  # noqa: F401

pytestmark = pytest.mark.e2e

MORE = "REMEDIATOR_EXAMPLES"
BATCH = 300
"""Configurations that one terraform evaluates together."""
UNKNOWN = 0.2
LENIENT = 0.03
"""What terraform refuses, and the evaluator does not: it knows no types of empty lists."""


def drawn(count: int, at_random: bool) -> list[Made]:
    found: list[Made] = []

    @settings(
        max_examples=count,
        derandomize=not at_random,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(configurations())
    def collect(one: Made) -> None:
        found.append(one)

    collect()
    return found


def judged_together(folder: Path, made: list[Made]) -> list[tuple[str, bool, Verdict]]:
    """Of every output: the text that it belongs to, whether terraform refuses it, the verdict."""
    written = [one.named(number) for number, one in enumerate(made)]
    (folder / "main.tf").write_text(HIDDEN + "\n".join(tf for tf, _ in written), "utf-8")
    (folder / "terraform.tfvars").write_text("\n".join(vars for _, vars in written), "utf-8")
    of = configuration(folder)
    outputs = applied(folder)["outputs"]
    found = []
    for number, (text, assigned) in enumerate(written):
        refused = False
        for position, (name, _) in enumerate(made[number].outputs):
            verdict = Verdict()
            output(of, outputs, f"n{number}_{name}", verdict)
            failed = outputs.get(f"n{number}_{name}", {}).get("value") == json.loads(FAILED)
            found.append((text + assigned, failed or refused, verdict))
            if position < made[number].locals:  # a local that is refused fails others
                refused |= failed and bool(verdict.wrong)
    return found


def test_no_known_value_differs(tmp_path: Path) -> None:
    """REMEDIATOR_EXAMPLES=5000 tries as many, others each time."""
    more = os.environ.get(MORE)
    made = drawn(int(more or BATCH), at_random=more is not None)
    total = Verdict()
    lenient: list[str] = []
    for start in range(0, len(made), BATCH):
        folder = tmp_path / str(start)
        folder.mkdir()
        for text, refused, verdict in judged_together(folder, made[start : start + BATCH]):
            found = [f"{text}\n{w}" for w in verdict.wrong]
            lenient += found if refused else []
            total.add(Verdict(verdict.known, verdict.unknown, [] if refused else found))
    said = f"{len(made)} configurations: {total.known} values known, {total.unknown} not"
    sys.stdout.write(f"{said}; {len(lenient)} refused by terraform alone\n")
    assert not total.wrong, shortest(total.wrong)
    assert len(lenient) <= len(made) * LENIENT, shortest(lenient)
    assert total.unknown <= (total.known + total.unknown) * UNKNOWN


def shortest(found: list[str]) -> str:
    return "\n\n".join(sorted(found, key=len)[:10])
