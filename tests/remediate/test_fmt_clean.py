"""`terraform fmt` as the judge: what was clean before an edit is clean after it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import test_approved_cidrs
import test_open_admin_port
import test_other_ports
import test_wider_ports
from cases import by_path
from rewrites import SHAPES
from tables import Case

CASES: tuple[Case, ...] = (
    *test_open_admin_port.REWRITTEN,
    *test_wider_ports.REWRITTEN,
    *test_approved_cidrs.REWRITTEN,
    *test_other_ports.REWRITTEN,
)
TRACED: tuple[Case, ...] = tuple(case for shape in SHAPES[4:] for case in shape.rewritten)
ENDINGS = {".tf": ".tf", ".tofu": ".tf", ".tfvars": ".tfvars"}


def changed(cases: Sequence[Case]) -> Iterator[tuple[Case, str, str, str]]:
    """Each file that a case changes and fmt knows: its ending, and its text before and after."""
    for case in cases:
        before = by_path(case.before)
        for path, after in by_path(case.after).items():
            ending = ENDINGS.get(Path(path).suffix)
            if ending is not None:
                yield case, ending, before[path], after


def unclean(folder: Path, texts: Sequence[str]) -> set[int]:
    """Which of the texts `terraform fmt` would change."""
    return unclean_files(folder, [(".tf", text) for text in texts])


def unclean_files(folder: Path, texts: Sequence[tuple[str, str]]) -> set[int]:
    """The same of texts with the endings of their files."""
    folder.mkdir()
    for number, (ending, text) in enumerate(texts):
        (folder / f"{number}{ending}").write_text(text, encoding="utf-8", newline="")
    command = ["terraform", "fmt", "-check", "-list=true", "-no-color"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 3), run.stderr
    return {int(Path(line).stem) for line in run.stdout.split()}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform on PATH")
@pytest.mark.parametrize("cases", [CASES, TRACED], ids=["literal", "traced"])
def test_what_was_clean_stays_clean(cases: tuple[Case, ...], tmp_path: Path) -> None:
    files = [*changed(cases)]
    before = unclean_files(tmp_path / "before", [(ending, was) for _, ending, was, _ in files])
    after = unclean_files(tmp_path / "after", [(ending, now) for _, ending, _, now in files])
    assert {files[n][0].name for n in before} == {c.name for c, *_ in files if not c.tidy}
    assert {files[n][0].name for n in after - before} == set()
