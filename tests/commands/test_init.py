"""`remediator init`: what it writes, what it keeps, and what it will not write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from commandline import Ran, remediator

from remediator.aws.permissions import Permission
from remediator.commands.permissions import DECLARED
from remediator.config import Mode, load

TOP = Path(__file__).parents[2]
WORKFLOWS = ("remediator", "remediator-schedule", "remediator-verify")
WRITTEN = {
    "remediator.yaml",
    "exemptions.yaml",
    *(f".github/workflows/{name}.yml" for name in WORKFLOWS),
    *(f"remediator-aws/{n}.tf" for n in ("events", "main", "outputs", "variables", "versions")),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "infrastructure"
    git(folder.parent, "init", "--quiet", "-b", "trunk", str(folder))
    git(folder, "remote", "add", "origin", "git@github.com:acme/infrastructure.git")
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


PINNED = f"git+https://git.example.com/acme/remediator@{'0' * 40}"


def init(place: Path, *arguments: str) -> Ran:
    more = () if "--install" in arguments else ("--install", PINNED)
    return remediator("init", place, "--region", "eu-central-1", *more, *arguments)


def there(place: Path) -> dict[str, str]:
    return {
        path.relative_to(place).as_posix(): path.read_text()
        for path in sorted(place.rglob("*"))
        if path.is_file() and ".git/" not in f"{path.as_posix()}/"
    }


def test_everything_is_written_and_told(place: Path) -> None:
    ran = init(place)
    assert ran.status == 0
    assert set(there(place)) == WRITTEN
    assert {line.split()[1] for line in ran.out.splitlines() if line.startswith("written")} == (
        WRITTEN
    )
    assert "REMEDIATOR_ROLE_ARN" in ran.out
    assert "remediator doctor" in ran.out


def test_the_configuration_is_one_and_observes(place: Path) -> None:
    init(place, "--region", "us-east-1")
    config = load(place / "remediator.yaml")
    assert config.mode is Mode.OBSERVE
    assert config.repository.base == "trunk"
    assert config.aws.regions == ("eu-central-1", "us-east-1")
    assert config.github is not None
    assert config.github.repository == "acme/infrastructure"
    assert remediator("exemptions", "check", folder=place).status == 0


def test_again_it_changes_nothing(place: Path) -> None:
    init(place)
    before = there(place)
    ran = init(place)
    assert ran.status == 0
    assert {line.split()[0] for line in ran.out.splitlines()[: len(WRITTEN)]} == {"unchanged"}
    assert there(place) == before


def test_a_file_that_differs_is_kept_until_it_is_told_otherwise(place: Path) -> None:
    (place / "exemptions.yaml").write_text("version: 1\nexemptions: [] # ours\n")
    ran = init(place)
    assert ran.status == 1
    assert "kept       exemptions.yaml" in ran.out
    assert (place / "exemptions.yaml").read_text().endswith("# ours\n")
    ran = init(place, "--force")
    assert ran.status == 0
    assert "replaced   exemptions.yaml" in ran.out
    assert (place / "exemptions.yaml").read_text() == (TOP / "exemptions.yaml").read_text()


@pytest.mark.parametrize("name", ["remediator.yaml", ".github/workflows", ".github"])
def test_a_link_out_of_the_repository_is_not_followed(
    place: Path, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).symlink_to(outside if name.startswith(".") else outside / "file")
    ran = init(place)
    assert ran.status == 2
    assert "is a link" in ran.err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "repository", "api"),
    [
        ("https://github.com/acme/infrastructure", "acme/infrastructure", None),
        ("https://x-access-token:secret@github.com/acme/a.b.git", "acme/a.b", None),
        ("ssh://git@github.com/acme/infrastructure.git", "acme/infrastructure", None),
        ("git@git.example.com:acme/x.git", "acme/x", "https://git.example.com/api/v3"),
    ],
)
def test_the_repository_is_that_of_the_remote(
    place: Path, url: str, repository: str, api: str | None
) -> None:
    git(place, "remote", "set-url", "origin", url)
    assert init(place).status == 0
    written = yaml.safe_load((place / "remediator.yaml").read_text())["github"]
    assert written == {"repository": repository} | ({"api_url": api} if api else {})
    variables = (place / "remediator-aws" / "variables.tf").read_text()
    assert ("git.example.com/_services/token" in variables) == (api is not None)
    assert "secret" not in "".join(there(place).values()).replace("secrets", "").replace(
        "secretsmanager", ""
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--repository", "acme"], "owner/name"),
        (["--repository", "acme/x\ny"], "owner/name"),
        (["--repository", 'acme/x"${{ secrets.A }}'], "owner/name"),
        (["--base", "a b"], "a branch such as main"),
        (["--base", "${{ github.token }}"], "a branch such as main"),
        (["--region", "Ireland"], "is not a region"),
        (["--api-url", "file:///etc"], "an address"),
        (["--install", "remediator; rm -rf /"], "a requirement for pip"),
    ],
)
def test_what_cannot_stand_in_the_files_is_refused(
    place: Path, arguments: list[str], text: str
) -> None:
    ran = init(place, *arguments)
    assert ran.status == 2
    assert text in ran.err
    assert there(place) == {}


def test_what_nobody_can_know_is_asked_for(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    asked = ("init", tmp_path, "--install", PINNED)
    ran = remediator(*asked, "--region", "eu-central-1")
    assert ran.status == 2
    assert "--repository owner/name" in ran.err
    ran = remediator(*asked, "--repository", "acme/x")
    assert ran.status == 2
    assert "--region eu-central-1" in ran.err
    ran = remediator(*asked, "--repository", "acme/x", env={"AWS_REGION": "eu-west-3"})
    assert ran.status == 0


# The workflows --------------------------------------------------------------------------------


def ours() -> list[Path]:
    return sorted((TOP / ".github" / "workflows").glob("*.yml"))


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("infrastructure")
    ran = init(folder, "--repository", "acme/x")
    assert ran.status == 0
    return sorted((folder / ".github" / "workflows").glob("*.yml"))


def test_zizmor_finds_nothing(written: list[Path]) -> None:
    done = tool("zizmor", "--offline", "--format", "json", *written, *ours())
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout) == []


def test_zizmor_would_find_something(written: list[Path], tmp_path: Path) -> None:
    (verify,) = (path for path in written if "verify" in path.name)
    text = verify.read_text().replace('"$BASE"', "${{ github.event.pull_request.title }}")
    (tmp_path / "bad.yml").write_text(text)
    assert tool("zizmor", "--offline", tmp_path / "bad.yml").returncode != 0


def test_they_fit_githubs_schema(written: list[Path]) -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")
    done = tool("check-jsonschema", *schema, *written, *ours())
    assert done.returncode == 0, done.stdout


def workflows(paths: list[Path]) -> list[tuple[str, dict[str, object]]]:
    return [(path.name, yaml.safe_load(path.read_text())) for path in paths]


def test_every_action_is_pinned_and_its_version_is_told(written: list[Path]) -> None:
    for path in (*written, *ours()):
        for line in path.read_text().splitlines():
            used = re.search(r"uses: (\S+)(.*)", line)
            if used and not used[1].startswith("./"):
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used[1]), line
                assert re.match(r" # v\d+\.\d+\.\d+\b", used[2]), line


def test_rights_are_given_by_the_job_and_the_least(written: list[Path]) -> None:
    allowed = {"contents": {"read"}, "id-token": {"write"}, "security-events": {"write"}}
    for name, document in workflows(written):
        assert document["permissions"] == {}, name
        jobs = document["jobs"]
        assert isinstance(jobs, dict)
        for job in jobs.values():
            for right, level in job["permissions"].items():
                assert level in allowed[right], (name, right)


def test_the_schedule_is_off_the_hour_in_a_file_of_its_own(written: list[Path]) -> None:
    with_schedule = [(n, d) for n, d in workflows(written) if "schedule" in str(d.get(True))]
    ((name, document),) = with_schedule
    assert name == "remediator-schedule.yml"
    triggers = document[True]  # type: ignore[index]
    assert set(triggers) == {"schedule"}
    minute = int(triggers["schedule"][0]["cron"].split()[0])
    assert 5 <= minute <= 55


def test_no_expression_stands_in_a_shell_line(written: list[Path]) -> None:
    for name, document in workflows([*written, *ours()]):
        jobs = document["jobs"]
        assert isinstance(jobs, dict)
        for job in jobs.values():
            for step in job.get("steps", ()):
                assert "${{" not in step.get("run", ""), name


def test_pull_requests_meet_no_secret(written: list[Path]) -> None:
    for _, document in workflows(written):
        if "pull_request" in document[True]:  # type: ignore[index]
            assert "secrets." not in str(document)
        assert "pull_request_target" not in document[True]  # type: ignore[index]


def test_the_commands_in_the_workflows_are_valid(written: list[Path]) -> None:
    from remediator.cli import main

    text = "\n".join(path.read_text() for path in written)
    called = set(re.findall(r"run: remediator (\w+)(.*)", text))
    assert {name for name, _ in called} == {"run", "verify", "exemptions"}
    for name, rest in called:
        command = main.commands[name]
        known = {option for p in command.params for option in p.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known


def test_what_is_wrong_is_annotated_though_it_fails(written: list[Path]) -> None:
    """`verify` ends with 1 where a record is wrong, whatever `--fail-on` says."""
    document = dict(workflows(written))["remediator-verify.yml"]
    *_, made, upload = document["jobs"]["annotate"]["steps"]  # type: ignore[index]
    assert "--format sarif" in made["run"]
    assert f"steps.{made['id']}.outcome == 'failure'" in upload["if"]
    assert "upload-sarif@" in upload["uses"]


@pytest.mark.parametrize(
    ("set_to", "called", "given"),
    [
        ({}, "run --json T/outcomes.json", ""),
        ({"OBSERVE": "yes"}, "run --json T/outcomes.json --observe", ""),
        ({"EVENT": "T/a b.json"}, "run --json T/outcomes.json --event -", "{payload}"),
    ],
)
def test_an_event_is_given_to_the_run_and_the_schedule_looks_at_everything(
    written: list[Path], tmp_path: Path, set_to: dict[str, str], called: str, given: str
) -> None:
    """The very line of the workflow, with another program in the place of ours."""
    (tmp_path / "remediator").write_text('#!/bin/sh\necho "$@"\ncat\n')
    (tmp_path / "remediator").chmod(0o755)
    (tmp_path / "a b.json").write_text("{payload}")
    document = dict(workflows(written))["remediator.yml"]
    (step,) = (s for s in document["jobs"]["run"]["steps"] if s.get("name") == "Run")  # type: ignore[index]
    there = {k: v.replace("T/", f"{tmp_path}/") for k, v in set_to.items()}
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path), **there}
    command = ["bash", "-e", "-c", step["run"]]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.replace(str(tmp_path), "T") == f"{called}\n{given}"
    only = "github.event_name == 'repository_dispatch' && github.event.client_payload.event &&"
    assert only in step["env"]["EVENT"]


def test_an_event_does_not_take_the_place_of_a_run_that_looks_at_everything(
    written: list[Path],
) -> None:
    """GitHub keeps one waiting run of a group, and drops it for a newer one."""
    group = dict(workflows(written))["remediator.yml"]["concurrency"]["group"]  # type: ignore[index]
    assert "github.event_name == 'repository_dispatch' && 'event' || 'everything'" in group


def test_this_projects_own_are_the_same(written: list[Path], tmp_path: Path) -> None:
    """Rendered for this repository: what is installed is the checkout, and no AWS is set up yet."""
    from remediator.commands.scaffold import Answers, files

    answers = Answers("remediator/remediator", "main", ("eu-central-1",), ".", guarded=True)
    rendered = files(answers, DECLARED)
    for name in WORKFLOWS:
        path = f".github/workflows/{name}.yml"
        assert (TOP / path).read_text() == rendered[path], f"{path}: render it again"
    assert (TOP / "exemptions.yaml").read_text() == rendered["exemptions.yaml"]


# The permissions ------------------------------------------------------------------------------


def test_what_every_reader_declares_is_in_the_policy() -> None:
    """But for states: those are read from the objects that the module is told of."""
    declared = set()
    for path in (TOP / "remediator").rglob("*.py"):
        if re.search(r"^PERMISSIONS(:.*)? = (tuple)?\(", path.read_text(), re.MULTILINE):
            name = path.relative_to(TOP).with_suffix("").as_posix().replace("/", ".")
            found = import_module(name).PERMISSIONS
            declared |= {p.action for p in found if isinstance(p, Permission)}
    assert declared - {"s3:GetObject"} == {p.action for p in DECLARED}


def test_the_role_reads_and_does_nothing_else(place: Path) -> None:
    init(place)
    text = (place / "remediator-aws" / "main.tf").read_text()
    actions = set(re.findall(r'"([a-z0-9-]+:[A-Z]\w+)"', text))
    assert actions >= {p.action for p in DECLARED}
    others = {a for a in actions if not re.match(r"[\w-]+:(Describe|Generate|Get|List|Lookup)", a)}
    assert others == {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"}
