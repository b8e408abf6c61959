"""docs/setup.md names what `init` writes and what `doctor` looks at, and no more."""

from __future__ import annotations

import re
from pathlib import Path

from commandline import remediator
from documents import page

from remediator.aws.permissions import Permission
from remediator.commands import checkup_aws, checkup_github
from remediator.commands.scaffold import MODULE, Answers, files

TEXT = page("docs/setup.md")
WRITTEN = files(
    Answers("acme/infrastructure", "main", ("eu-central-1",), "remediator"),
    [Permission("ec2:DescribeVpcs", "an example")],
)


def test_every_file_that_is_written_is_named() -> None:
    first = TEXT.partition("## The AWS side")[0]
    named = set(re.findall(r"`([\w./-]+\.(?:ya?ml|tf))`", first))
    assert named == set(WRITTEN)


def test_every_variable_and_secret_of_the_workflows_is_named() -> None:
    text = "\n".join(WRITTEN.values())
    used = set(re.findall(r"(?:vars|secrets)\.(REMEDIATOR_\w+)", text))
    assert used == set(re.findall(r"`(REMEDIATOR_\w+)`", TEXT))


def test_the_modules_inputs_that_are_told_are_there(tmp_path: Path) -> None:
    inputs = set(re.findall(r'variable "(\w+)"', WRITTEN[f"{MODULE}/variables.tf"]))
    said = TEXT.partition("## The AWS side")[2].partition("## The GitHub side")[0]
    told = set(re.findall(r"`(\w+_\w+)(?: = \w+)?`", said)) - {"repository_dispatch"}
    assert told
    assert told <= inputs
    (example,) = re.findall(r"```hcl\n(.*?)```", TEXT, re.DOTALL)
    assert set(re.findall(r"^  (\w+) +=", example, re.MULTILINE)) - {"source"} <= inputs


def test_the_areas_of_doctor_are_its_own() -> None:
    table = TEXT.partition("| area |")[2]
    areas = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert areas == ["configuration", "git", checkup_aws.AREA, "states", checkup_github.AREA]


def test_the_examples_are_calls_that_work(tmp_path: Path) -> None:
    calls = re.findall(r"^remediator (\w+)(.*)$", TEXT, re.MULTILINE)
    assert [name for name, _ in calls] == ["init", "doctor"]
    for name, rest in calls:
        more = ["--repository", "acme/x", "--install", "x"] if name == "init" else []
        ran = remediator(name, *rest.split(), *more, folder=tmp_path)
        assert ran.status == (0 if name == "init" else 1)


def test_no_page_installs_by_a_name_that_anybody_may_register() -> None:
    top = Path(__file__).parents[2]
    for file in (*top.glob("*.md"), *(top / "docs").glob("*.md")):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"(install|uvx?|pipx)( \S+)* [\"']?remediator\b(?! @)", line) or (
                "Never" in line
            ), f"{file.name}: {line}"
