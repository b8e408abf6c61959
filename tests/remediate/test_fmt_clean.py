"""`terraform fmt` as the judge: what was clean before an edit is clean after it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import test_approved_cidrs
import test_open_admin_port
import test_other_ports
import test_wider_ports
from tables import Case

CASES: tuple[Case, ...] = (
    *test_open_admin_port.REWRITTEN,
    *test_wider_ports.REWRITTEN,
    *test_approved_cidrs.REWRITTEN,
    *test_other_ports.REWRITTEN,
)


def unclean(folder: Path, texts: list[str]) -> set[int]:
    """Which of the texts `terraform fmt` would change."""
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.tf").write_text(text, encoding="utf-8")
    command = ["terraform", "fmt", "-check", "-list=true", "-no-color"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 3), run.stderr
    return {int(Path(line).stem) for line in run.stdout.split()}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform on PATH")
def test_what_was_clean_stays_clean(tmp_path: Path) -> None:
    before = unclean(tmp_path / "before", [case.before for case in CASES])
    after = unclean(tmp_path / "after", [case.after for case in CASES])
    assert {CASES[n].name for n in before} == {c.name for c in CASES if not c.tidy}
    assert {CASES[n].name for n in after - before} == set()
