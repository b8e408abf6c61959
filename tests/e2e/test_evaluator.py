"""The evaluator against the real terraform: no value that it claims to know may differ.

The folders in configurations/ need no provider; those in configurations/aws are another test's.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from judged import (
    Verdict,
    applied,
    configuration,
    judged,
    need_terraform,  # noqa: F401  # a fixture
    terraform,
)

from remediator.terraform.value import Unknown

pytestmark = pytest.mark.e2e

CONFIGURATIONS = Path(__file__).parent / "configurations"
NAMES = sorted(p.name for p in CONFIGURATIONS.iterdir() if p.is_dir() and p.name != "aws")
VAR_FILES = {"var_files": ("env/common.tfvars", "env/prod.tfvars.json")}
WITH_CARRIAGE_RETURNS = (
    "comments",
    "files",
    "heredoc_directives",
    "heredocs",
    "heredocs_indented",
    "json_syntax",
    "template_files",
    "templates",
    "tfvars",
    "yaml",
)
CRLF = "_crlf"
UNKNOWN = {
    "functions_texts": 1,  # what `ß` is in capitals
    "operators": 3,  # whether a tuple equals a list
    "partial": 64,
    "resource_references": 20,
    "workspace": 6,
    "yaml": 3,  # `on` as a key
}
"""By configuration, how many values the evaluator may not know: of all others, it knows all."""


def played(name: str, folder: Path) -> Verdict:
    shutil.copytree(CONFIGURATIONS / name.removesuffix(CRLF), folder, dirs_exist_ok=True)
    if name.endswith(CRLF):
        end_lines_with_crlf(folder)
    given = VAR_FILES.get(name, ())
    of = configuration(folder, given)
    return judged(of, applied(folder, given))


def end_lines_with_crlf(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes().replace(b"\r\n", b"\n")
            path.write_bytes(data.replace(b"\n", b"\r\n"))


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict | BaseException]:
    names = [*NAMES, *(name + CRLF for name in WITH_CARRIAGE_RETURNS)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = {n: pool.submit(played, n, tmp_path_factory.mktemp(n)) for n in names}
        return {n: future.exception() or future.result() for n, future in futures.items()}


@pytest.mark.parametrize("name", [*NAMES, *(name + CRLF for name in WITH_CARRIAGE_RETURNS)])
def test_no_known_value_differs(name: str, verdicts: dict[str, Verdict | BaseException]) -> None:
    verdict = verdicts[name]
    if isinstance(verdict, BaseException):
        raise verdict
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert verdict.known > 0
    assert verdict.unknown <= UNKNOWN.get(name.removesuffix(CRLF), 0)


def test_most_values_are_known(verdicts: dict[str, Verdict | BaseException]) -> None:
    found: Iterable[Verdict] = [v for v in verdicts.values() if isinstance(v, Verdict)]
    total = Verdict()
    for verdict in found:
        total.add(verdict)
    values = total.known + total.unknown
    sys.stdout.write(
        f"{len(verdicts)} configurations: {values} values, {total.unknown} of them unknown\n"
    )
    assert len(verdicts) >= 60
    assert total.unknown <= values * 0.05


def calling(source: str, root: Path) -> None:
    root.mkdir()
    call = f'module "far" {{\n  source = "{source}"\n  name   = "far"\n  ports  = ["22"]\n}}\n'
    output = 'output "all" {\n  value = module.far.object\n}\n'
    (root / "main.tf").write_text(call + output, "utf-8")


def test_a_linked_module_is_opaque(tmp_path: Path) -> None:
    """`terraform init` links an absolute path into .terraform/modules; links are not followed."""
    shutil.copytree(CONFIGURATIONS / "modules" / "group", tmp_path / "elsewhere")
    calling((tmp_path / "elsewhere").as_posix(), tmp_path / "root")
    terraform(tmp_path / "root", "init")
    value = configuration(tmp_path / "root", installed=True).root.output("all")
    assert isinstance(value, Unknown)
    assert not value.fails


def test_an_installed_module_is_evaluated(tmp_path: Path) -> None:
    """`terraform init` copies it into .terraform/modules."""
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "root"
    shutil.copytree(CONFIGURATIONS / "modules" / "group", elsewhere)
    for arguments in (
        ("init", "--quiet"),
        ("add", "--all"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "one"),
    ):
        subprocess.run(["git", "-C", str(elsewhere), *arguments], check=True, timeout=60)
    calling(f"git::file://{elsewhere.as_posix()}", root)
    terraform(root, "init")
    verdict = judged(configuration(root, installed=True), applied(root))
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert (verdict.known > 0, verdict.unknown) == (True, 0)
