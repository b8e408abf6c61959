"""README.md shows nothing that the program does not do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import click
import pytest
from commandline import SmallStage, remediator, run
from documents import KNOWN, TOP, code, fenced, page, rows, section, yaml_examples
from sourcecode import calls

from remediator import yamlfile
from remediator.aws import session as aws_session
from remediator.cli import DONE, LEFT, UPSTREAM, USAGE, main
from remediator.config import load
from remediator.detect import aws_config, live
from remediator.evaluate.exemptions import exemptions_of
from remediator.evaluate.policy import load_policy
from remediator.model import Kind
from remediator.terraform import backend

README = page("README.md")
EDITED = "live/prod/admin.tf"
PERMISSIONS = (
    *aws_session.PERMISSIONS,
    *aws_config.PERMISSIONS,
    *live.PERMISSIONS,
    *backend.PERMISSIONS,
)


@pytest.fixture(scope="module")
def infrastructure() -> Iterator[Path]:
    """The repository of the demo."""
    with as_file(files("remediator.embedded") / "infrastructure") as folder:
        yield folder


# Examples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", yaml_examples(README, "remediator.yaml"))
def test_the_configuration_loads(tmp_path: Path, text: str) -> None:
    (tmp_path / "remediator.yaml").write_text(text)
    assert load(tmp_path / "remediator.yaml").version == 1


def test_the_exemptions_load() -> None:
    (text,) = yaml_examples(README, "exemptions.yaml")
    assert len(exemptions_of([yamlfile.parse("e.yaml", text.encode())], KNOWN).entries) == 1


def test_there_is_a_configuration_that_only_observes(tmp_path: Path) -> None:
    (text,) = yaml_examples(README, "remediator.yaml")
    (tmp_path / "remediator.yaml").write_text(text)
    assert load(directory=tmp_path).mode == "observe"


# Commands ----------------------------------------------------------------------------------


def command_lines(text: str) -> list[str]:
    """In blocks for a shell, and in code spans: `remediator fix --diff`."""
    blocks = [line for block in fenced(text, "sh") for line in block.splitlines()]
    lines = [line for line in blocks if line.startswith("remediator ")]
    return list(dict.fromkeys(lines + re.findall(r"`(remediator [^`]+)`", text)))


def understood(line: str) -> click.Command:
    """The command line as click reads it: a command that is there, with options it has."""
    words = shlex.split(line.partition(">")[0], comments=True)[1:]
    name: str | None = "remediator"
    command: click.Command | None = main
    while isinstance(command, click.Group):
        context = click.Context(command, **command.context_settings)
        name, command, words = command.resolve_command(context, words)
    assert command is not None
    context = click.Context(main, **main.context_settings)
    command.make_context(name, [word for word in words if word != "--help"], context)
    return command


@pytest.mark.parametrize("line", command_lines(README))
def test_every_command_line_is_understood(line: str) -> None:
    assert f" {understood(line).name}" in line


def test_there_are_command_lines() -> None:
    told = {line.split()[1] for line in command_lines(README)}
    assert told >= {"run", "fix", "audit", "explain", "exemptions"}


@pytest.mark.parametrize(
    "line",
    [
        "remediator mend",
        "remediator fix --dif",
        "remediator audit --format pdf",
        "remediator run x",
    ],
)
def test_what_is_wrong_would_be_seen(line: str) -> None:
    with pytest.raises(click.UsageError):
        understood(line)


def test_the_targets_of_make_are_there() -> None:
    targets = re.findall(r"^make ([a-z]+)", "".join(fenced(README, "sh")), re.MULTILINE)
    assert targets == ["demo", "test"]
    assert all(re.search(rf"^{t}:", page("Makefile"), re.MULTILINE) for t in targets)


# What a change looks like --------------------------------------------------------------------


def hunks(diff: str) -> tuple[str, list[str]]:
    """The two lines that name the file, and each hunk of it."""
    head, *rest = re.split(r"^(?=@@ )", diff, flags=re.MULTILINE)
    return head, [hunk.rstrip("\n") for hunk in rest]


def test_the_diff_is_what_fix_makes_of_the_demos_repository(
    infrastructure: Path, tmp_path: Path
) -> None:
    (shown,) = fenced(README, "diff")
    copytree(infrastructure, tmp_path / "infrastructure")
    out = remediator("fix", "--diff", tmp_path / "infrastructure").out
    (made,) = [d for d in re.split(r"^(?=--- a/)", out, flags=re.MULTILINE) if EDITED in d[:60]]
    head, shown_hunks = hunks(shown)
    assert head == hunks(made)[0]
    assert shown_hunks == hunks(made)[1][: len(shown_hunks)] != []


def settled(message: str) -> str:
    """Without what differs from run to run, or with any edit of the policy."""
    message = re.sub(r"sg-[0-9a-f]{17}", "sg-…", message)
    message = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "(time)", message)
    message = re.sub(r"^Remediator-Program: .*", "", message, flags=re.MULTILINE)
    return re.sub(r"^(Policy-Row: \S+ sha256:).*", r"\1…", message, flags=re.MULTILINE)


def test_the_commit_message_is_the_one_that_a_run_writes(
    infrastructure: Path, tmp_path: Path
) -> None:
    (shown,) = fenced(README, "text")
    names = (EDITED, "live/prod/terraform.tf")
    with SmallStage(tmp_path, {n: (infrastructure / n).read_text() for n in names}) as stage:
        stage.configure(mode="enforce")
        outcomes = run(stage).outcomes
        (ours,) = [o for o in outcomes if o["terraform"]["address"].endswith(".web_admin")]
        message = stage.git("log", "-1", "--format=%B", ours["branch"], folder=stage.remote)
    assert settled(shown).rstrip() == settled(message).rstrip()


# Tables and lists ----------------------------------------------------------------------------


def test_the_dispositions_are_those_of_the_policy() -> None:
    shown = [
        (code(row), code(cls), set(re.findall(r"`([^`]+)`", when)), disposition, why)
        for row, cls, when, disposition, why in rows(section(README, "## How it decides"))
    ]
    policy = load_policy(None, KNOWN)
    expected = [
        (r.id, r.finding_class, set(r.when), r.disposition.word, r.rationale) for r in policy.rows
    ]
    assert shown == expected


def test_the_proofs_are_those_that_are_made() -> None:
    heading = "## What is proven before anything is written"
    names = ("prove.py", "proof_steps.py", "terraform/judge.py")
    places = [TOP / "remediator" / name for name in names]
    made = {
        name
        for place in places
        for call in calls("Check.passed", below=place)
        for name in call.texts(0, "name")
    }
    assert [code(name) for name, _ in rows(section(README, heading))] == re.findall(
        r"^Proof: ([a-z-]+):", README, re.MULTILINE
    )
    assert {code(name) for name, _ in rows(section(README, heading))} == made


def test_the_outcomes_are_all_there_are() -> None:
    table = rows(section(README, "## Point it at an account"))
    assert [code(outcome) for outcome, _ in table] == [kind.value for kind in Kind]


def test_the_permissions_are_those_that_are_needed() -> None:
    shown = re.findall(r"`([a-z0-9]+:[A-Z]\w+)`", section(README, "## Point it at an account"))
    extra = ["kms:Decrypt"]  # the reader's key, not ours to ask for
    assert sorted({*shown} - {*extra}) == sorted({p.action for p in PERMISSIONS})


def test_the_exit_statuses_are_those_of_the_commands() -> None:
    text = section(README, "## Exit status")
    assert re.findall(r"\b(\d): ", text) == [str(n) for n in (DONE, LEFT, USAGE, UPSTREAM)]


def test_the_generated_table_has_its_place() -> None:
    text = section(README, "## What it can rewrite")
    table = text.partition("<!-- rewrites:begin -->")[2].partition("<!-- rewrites:end -->")[0]
    assert rows(table)


@pytest.mark.parametrize(
    "name",
    [
        *("README.md", "CHANGELOG.md", "docs/json.md", "docs/refusals.md"),
        *("docs/configuration.md", "docs/findings.md", "docs/record.md"),
    ],
)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page(name)):
        if "://" not in target:
            assert (TOP / name).parent.joinpath(target).exists(), target


def test_it_names_no_machine() -> None:
    assert not re.search(r"(?<![\w.])/(?:work|tmp|home|root|opt|usr)/", README)
